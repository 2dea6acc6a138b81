import type { Claim, Consent } from '../../sdk/types';
import { h } from '../dom';
import { fill, tagOfText } from '../language';
import { button, clockTime, paragraph, phraseScreen } from '../page';
import type { Page, Screen } from '../page';
import { canSpeak, hush, speak } from '../speech';

const DAYS_A_YEAR = 365;

function retention(days: number, page: Page): string {
  const { texts } = page;
  if (days === 0) return texts.notKept;
  if (days === 1) return texts.keptDay;
  if (days === DAYS_A_YEAR) return texts.keptYear;
  if (days % DAYS_A_YEAR === 0) return fill(texts.keptYears, { n: days / DAYS_A_YEAR });
  return fill(texts.keptDays, { n: days });
}

/** What the server wrote, marked as being in its own language. */
function theirs(tag: 'p' | 'span' | 'strong', text: string, page: Page): HTMLElement {
  return h(tag, { lang: tagOfText(text, page.language.tag), class: 'theirs' }, text);
}

function claimItem(claim: Claim, page: Page): HTMLElement {
  const { texts, ticked } = page;
  const about = [
    claim.purpose !== '' && theirs('span', claim.purpose, page),
    h('span', {}, retention(claim.retentionDays, page)),
  ];
  const title = theirs('strong', claim.title || claim.name, page);
  if (claim.required) {
    return h('li', { class: 'claim' }, title, h('span', { class: 'mark' }, texts.needed), ...about);
  }
  const box = h('input', { type: 'checkbox', change: () => {
    if (box.checked) ticked.add(claim.name);
    else ticked.delete(claim.name);
  } });
  box.checked = ticked.has(claim.name);
  return h('li', { class: 'claim' },
    h('label', { class: 'tick' }, box, h('span', {}, title, h('span', { class: 'mark' }, texts.notNeeded))), ...about);
}

/** Everything on the screen, as it is read aloud. */
function aloud(consent: Consent, page: Page): string {
  const { texts } = page;
  return [texts.whoAsks, consent.receiver, texts.whatFor, consent.purposeTitle, consent.text,
    consent.claims.length > 0 ? texts.whatIsTold : texts.nothingTold,
    ...consent.claims.flatMap((claim) => [claim.title || claim.name,
      claim.required ? texts.needed : texts.notNeeded, claim.purpose, retention(claim.retentionDays, page)]),
  ].filter((text) => text !== '').join('\n');
}

function readKey(consent: Consent, page: Page): HTMLElement {
  const { texts } = page;
  let reading = false;
  const label = (): void => { key.lastChild!.textContent = reading ? texts.stopReading : texts.readAloud; };
  const key = button(texts.readAloud, () => {
    reading = !reading;
    label();
    if (!reading) return hush();
    // Whoever wrote the text chose its language; most of what is read is theirs.
    const tag = tagOfText(consent.text, page.language.tag);
    speak(aloud(consent, page), tag && tag !== page.language.tag ? tag : texts.voiceLanguage, () => {
      reading = false;
      label();
    });
  }, { sign: 'sound' });
  return key;
}

/** Who asks, what for, what would be told: then a yes and a no that weigh the same. */
export function consentScreen(page: Page): Screen {
  const { texts, view } = page;
  const consent = view.consent ?? { purposeTitle: '', text: '', receiver: '', claims: [] };
  return phraseScreen(page, [
    canSpeak() && readKey(consent, page),
    h('h2', {}, texts.whoAsks), theirs('p', consent.receiver, page),
    h('h2', {}, texts.whatFor), consent.purposeTitle !== '' && theirs('p', consent.purposeTitle, page),
    theirs('p', consent.text, page),
    h('h2', {}, texts.whatIsTold),
    consent.claims.length > 0
      ? h('ul', { class: 'claims' }, ...consent.claims.map((claim) => claimItem(claim, page)))
      : paragraph(texts.nothingTold),
    view.expiresAtMs > 0 && paragraph(fill(texts.linkUntil, { time: clockTime(view.expiresAtMs, page) })),
  ], [
    h('div', { class: 'pair' },
      button(texts.yes, () => page.agree(), { kind: 'even' }),
      button(texts.no, () => page.open('stop'), { kind: 'even' })),
  ]);
}
