/** Screens after which nothing follows. None says what a person may have failed. */
import type { KeepReference, View } from '../../sdk/types';
import { copyText, offerFile } from '../browser';
import { h } from '../dom';
import { fill, tagOfText } from '../language';
import { button, paragraph, phraseScreen } from '../page';
import type { Page, Screen } from '../page';

/** The SDK tells no failure of an answer: one that changed nothing by then did not get through. */
const ANSWER_MS = 4000;

/** A part of a screen with a heading of its own. */
const section = (title: string, ...children: readonly (Node | undefined)[]): HTMLElement =>
  h('section', {}, h('h2', { tabindex: -1 }, title), ...children);

/** As values where they are JSON, so that the file can be read. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function keepCopy(page: Page, told: HTMLElement): Promise<void> {
  const { texts } = page;
  try {
    const receipts = Object.entries(await page.verification!.receipts());
    if (receipts.every(([, text]) => text === '')) throw new Error('none yet');
    const day = new Date().toISOString().slice(0, 10);
    const copy = Object.fromEntries(receipts.map(([name, text]) => [name, parsed(text)]));
    offerFile(`imi-receipt-${day}.json`, JSON.stringify(copy, undefined, 1));
    told.textContent = texts.copySaved;
  } catch {
    told.textContent = texts.copyLater;
  }
}

function copySection(page: Page): HTMLElement {
  const { texts } = page;
  const told = h('p', { role: 'status' });
  return section(texts.copyTitle, paragraph(texts.copyText),
    button(texts.copyKeep, () => void keepCopy(page, told), { kind: 'even' }), told);
}

function withdrawSection(page: Page): HTMLElement {
  const { texts } = page;
  return h('section', {},
    page.withdrawal === 'failed' && h('p', { role: 'status' }, texts.notSent),
    button(texts.withdraw, () => page.open('stop')));
}

/** What a page that was loaded after the end cannot do any more: the phone has forgotten its key. */
const afterwards = (page: Page): readonly HTMLElement[] =>
  page.endedHere ? [copySection(page), withdrawSection(page)] : [];

function keepSection(page: Page, keep: KeepReference | undefined): HTMLElement {
  const { texts } = page;
  if (!keep) return h('section', { class: 'none' });
  const told = h('p', { role: 'status' });
  let timer = 0;
  const answer = (label: string, accepted: boolean): HTMLElement => button(label, () => {
    page.verification?.keepReference(accepted);
    told.textContent = '';
    clearTimeout(timer);
    // Once it is answered, another section stands here.
    timer = window.setTimeout(() => { told.textContent = texts.notSent; }, ANSWER_MS);
  }, { kind: 'even' });
  const text = h('p', { lang: tagOfText(keep.text, page.language.tag), class: 'theirs' }, keep.text || texts.keepHint);
  return keep.state === 'kept'
    ? section(texts.keepTitle, h('p', { role: 'status' }, texts.keepKept), answer(texts.keepTakeBack, false), told)
    : section(texts.keepTitle, text,
      h('div', { class: 'pair' }, answer(texts.keepYes, true), answer(texts.keepNo, false)), told);
}

export function doneScreen(page: Page): Screen {
  let keep = page.view.keepReference;
  let asked = keepSection(page, keep);
  const screen = phraseScreen(page,
    [paragraph(page.texts.doneText), asked, ...afterwards(page)], []);
  const update = (view: View): void => {
    screen.update?.(view);
    const isSame = view.keepReference?.state === keep?.state && view.keepReference?.text === keep?.text;
    if (isSame) return;
    keep = view.keepReference;
    const next = keepSection(page, keep);
    const heldFocus = asked.contains(document.activeElement);
    asked.replaceWith(next);
    asked = next;
    // Whoever uses a keyboard is led on, but to no key that would undo what they pressed.
    if (heldFocus) (next.querySelector<HTMLElement>('h2') ?? screen.heading).focus({ preventScroll: true });
  };
  return { ...screen, update };
}

export function staffScreen(page: Page): Screen {
  return phraseScreen(page,
    [paragraph(page.texts.staffText), ...afterwards(page)], []);
}

/** Before the end, or of what was decided. */
export const withdrawnScreen = (page: Page): Screen => phraseScreen(page,
  [paragraph(page.withdrawal === 'told' ? page.texts.withdrawTold : page.texts.withdrawnText)], []);

export const expiredScreen = (page: Page): Screen => phraseScreen(page, [paragraph(page.texts.expiredText)], []);

/** Takes the link to a browser that can do more. */
function copyLinkKey(page: Page, link: string, told: HTMLElement): HTMLElement {
  return button(page.texts.copyLink, () => void copyText(link).then((copied) => {
    told.textContent = copied ? page.texts.copied : link;
  }), { kind: 'main' });
}

/** Nothing can begin here: why, in words that say what to do. */
export function blockedScreen(page: Page): Screen {
  const { texts, view, link } = page;
  const reason = paragraph(fill(texts.forStaff, { reason: view.reason }));
  if (view.reason === 'no_link') return phraseScreen(page, [paragraph(texts.noLinkText)], []);
  if (view.reason === 'no_network') {
    return phraseScreen(page, [paragraph(texts.brokenText)],
      [button(texts.tryAgain, () => location.reload(), { kind: 'main' })]);
  }
  if (view.reason === 'not_supported' || view.reason === 'key_store_failed') {
    const told = h('p', { role: 'status', class: 'theirs' });
    return phraseScreen(page, [
      paragraph(texts.unsupportedText), page.family === 'inApp' && paragraph(texts.inAppSteps), told, reason,
    ], [link !== undefined && copyLinkKey(page, link, told)]);
  }
  return phraseScreen(page, [paragraph(texts.blockedText), reason], []);
}
