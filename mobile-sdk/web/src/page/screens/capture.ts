import type { View } from '../../sdk/types';
import { h } from '../dom';
import { fill } from '../language';
import { button, moreKeys, phraseHeading } from '../page';
import type { Page, Screen } from '../page';

/** How far it has come, once a face was seen; nothing is counted before. */
function progress(page: Page): { node: HTMLElement; update(view: View): void } {
  const words = h('span', {});
  const marks = h('span', { class: 'marks', 'aria-hidden': 'true' });
  const node = h('p', { class: 'progress' }, words, marks);
  let shown = '';
  const update = ({ faceSeen, actionsDone, actionsTotal }: View): void => {
    const now = faceSeen && actionsTotal > 0 ? `${actionsDone}/${actionsTotal}` : '';
    if (now === shown) return;
    shown = now;
    node.classList.toggle('none', now === '');
    const step = Math.min(actionsDone + 1, actionsTotal);
    words.textContent = fill(page.texts.stepOf, { n: step, m: actionsTotal });
    marks.replaceChildren(...Array.from({ length: actionsTotal },
      (_, at) => h('span', { class: at < actionsDone ? 'mark-done' : 'mark-open' })));
  };
  node.classList.add('none');
  update(page.view);
  return { node, update };
}

/** One instruction beside the camera's picture. */
export function captureScreen(page: Page): Screen {
  const { texts } = page;
  const phrase = phraseHeading(page);
  const steps = progress(page);
  const keys = moreKeys(page, button(texts.pause, () => page.verification?.pause(), { sign: 'pause' }));
  return {
    words: h('div', { class: 'words' }, phrase.node, steps.node),
    keys: h('div', { class: 'keys' }, keys),
    heading: phrase.heading,
    update(view) {
      phrase.update(view);
      steps.update(view);
    },
  };
}
