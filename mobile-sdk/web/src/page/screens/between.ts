/** Screens on which the person waits, rests or tries again. */
import type { View } from '../../sdk/types';
import { h, setText } from '../dom';
import { fill } from '../language';
import { button, clockTime, paragraph, phraseScreen, phraseText } from '../page';
import type { Page, Screen } from '../page';

const OFFLINE = ['holding', 'sending_offline'];
const SENDING = ['sending', ...OFFLINE];
const MAY_REST = [...SENDING, 'judging'];

/** The phone works by itself. */
export function busyScreen(page: Page): Screen {
  const { texts } = page;
  const about = h('p', {});
  const left = h('p', {});
  const screen = phraseScreen(page, [about, left], []);
  const update = (view: View): void => {
    screen.update?.(view);
    const resting = OFFLINE.includes(view.state) ? texts.offlineText : texts.leaveOpen;
    setText(about, MAY_REST.includes(view.state) ? resting : '');
    setText(left, SENDING.includes(view.state) && view.framesWaiting > 0
      ? fill(texts.picturesLeft, { n: view.framesWaiting }) : '');
  };
  update(page.view);
  return { ...screen, update };
}

/** The person waits, but has not tried too often. */
export const isOthersTurn = (view: View): boolean => view.state === 'waiting' && view.reason === 'server_busy';

/** The server said when it may go on; while it is others' turn that is too soon for a clock. */
export function waitingScreen(page: Page): Screen {
  const { texts, view } = page;
  const time = clockTime(view.waitUntilMs ?? Date.now(), page);
  const text = isOthersTurn(view) ? texts.turnText : fill(texts.waitText, { time });
  return phraseScreen(page, [paragraph(text)], []);
}

export function pausedScreen(page: Page): Screen {
  const { texts, view } = page;
  return phraseScreen(page, [
    paragraph(texts.pausedText),
    view.expiresAtMs > 0 && paragraph(fill(texts.linkUntil, { time: clockTime(view.expiresAtMs, page) })),
  ], [button(texts.goOn, () => page.verification?.resume(), { kind: 'main' })]);
}

/** Not enough was seen: what often helps, and another try. */
export function tryAgainScreen(page: Page): Screen {
  const { texts, view } = page;
  const tries = view.attemptsLeft === 1 ? texts.moreTry : fill(texts.moreTries, { n: view.attemptsLeft });
  const advice = view.advice !== undefined && view.advice !== 'none' && phraseText(page, view.advice);
  return phraseScreen(page, [
    advice && h('p', { class: 'note' }, h('strong', {}, advice)),
    h('h2', {}, texts.adviceTitle),
    h('ul', {}, ...texts.advice.map((each) => h('li', {}, each))),
    view.attemptsLeft > 0 && paragraph(tries),
  ], [button(texts.tryAgain, () => page.verification?.again(), { kind: 'main' })]);
}
