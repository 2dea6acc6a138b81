import { h } from '../dom';
import { button, headingOf, moreKeys, paragraph, phraseScreen, phraseText } from '../page';
import type { Page, Screen } from '../page';
import { questionPicture } from '../pictures';

function question(page: Page): readonly Node[] {
  const { texts } = page;
  return [h('p', {}, texts.prepareText), h('p', { class: 'clauses' }, h('strong', {}, texts.prepareDo)),
    questionPicture(texts.allow, texts.block)];
}

/** Of the screen before the browser asks, while the verification still waits for the answer to its text. */
export const PREPARE_PHRASE = 'allow_camera';

/** Before the browser asks: what to press. */
export function prepareScreen(page: Page): Screen {
  const heading = headingOf(phraseText(page, PREPARE_PHRASE));
  return {
    words: h('div', { class: 'words' }, heading, ...question(page)),
    keys: h('div', { class: 'keys' },
      button(page.texts.prepareGoOn, () => page.agree(), { kind: 'main' }),
      button(page.texts.back, () => page.close()), moreKeys(page)),
    heading,
  };
}

/** While the browser asks. */
export function askCameraScreen(page: Page): Screen {
  return phraseScreen(page, question(page), []);
}

/** There is no camera: what to press in this browser. */
export function cameraHelpScreen(page: Page): Screen {
  const { texts, view } = page;
  const again = button(texts.tryAgain, () => page.verification?.again(), { kind: 'main' });
  if (view.reason === 'camera_missing') return phraseScreen(page, [paragraph(texts.missingText)], [again]);
  if (view.reason === 'camera_taken') return phraseScreen(page, [paragraph(texts.takenText)], [again]);
  if (view.reason === 'not_supported') return phraseScreen(page, [paragraph(texts.unsupportedText)], [again]);
  return phraseScreen(page, [
    paragraph(texts.deniedText),
    h('ol', {}, ...texts.cameraSteps[page.family].map((step) => h('li', {}, step))),
    questionPicture(texts.allow, texts.block),
  ], [again]);
}
