import { h } from '../dom';
import { button, paragraph, phraseScreen } from '../page';
import type { Page, Screen } from '../page';

/** Before anything is sent: what will happen, and who holds the phone. */
export function welcomeScreen(page: Page): Screen {
  const { texts, visit, config } = page;
  const screen = phraseScreen(page, [
    paragraph(texts.welcomeText),
    page.family === 'inApp' && paragraph(texts.inAppNote + ' ' + texts.inAppSteps, 'note'),
  ], [
    // What to press is seen without scrolling; the rest is for who wants to know more.
    button(texts.start, () => page.verification?.start(), { kind: 'main' }),
    h('ol', {}, ...texts.welcomeSteps.map((step) => h('li', {}, step))),
    paragraph(visit.helper ? texts.helpingNote : texts.welcomeHelp, 'note'),
    button(visit.helper ? texts.iDoItMyself : texts.iHelp, () => page.chooseVisit({ helper: !visit.helper }),
      { sign: 'person' }),
    handKey(page),
  ]);
  if (config.logo) screen.words.prepend(h('img', { class: 'logo', src: config.logo, alt: '' }));
  return screen;
}

/** Puts what is pressed to the other side. */
function handKey(page: Page): HTMLElement {
  const key = button(page.texts.leftHand, () => {
    page.chooseSettings({ leftHand: !page.settings.leftHand });
    key.setAttribute('aria-pressed', String(page.settings.leftHand));
  });
  key.setAttribute('aria-pressed', String(page.settings.leftHand));
  return key;
}
