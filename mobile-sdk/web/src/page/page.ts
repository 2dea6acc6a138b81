/** What the screens see of the page, and the parts that they are built of. */
import type { Verification, View } from '../sdk/types';
import type { BrowserFamily } from './browser';
import type { Config, Translated } from './config';
import { h } from './dom';
import type { Child } from './dom';
import type { Language } from './language';
import { icon, picture } from './pictures';
import type { Settings, Visit } from './settings';
import type { Texts } from './texts/en';

/** Screens that the person opens by themselves, over the one of the verification's state. */
export type Sheet = 'ways' | 'cannot' | 'prepare' | 'stop';

export interface Page {
  readonly view: View;
  /** None where the page could not even begin. */
  readonly verification: Verification | undefined;
  readonly language: Language;
  readonly texts: Texts;
  readonly settings: Readonly<Settings>;
  readonly visit: Readonly<Visit>;
  readonly config: Config;
  readonly family: BrowserFamily;
  /** The join link, as long as it can still be opened elsewhere. */
  readonly link: string | undefined;
  /** Optional claims that the person has ticked. */
  readonly ticked: Set<string>;
  /** Whether consent was taken back after the end, as far as the server could be told. */
  readonly withdrawal: 'none' | 'told' | 'failed';
  /** The session ended while this page was open: what is offered after the end still works. */
  readonly endedHere: boolean;
  /** The picture is that of a mirror: the person holds the phone. */
  readonly mirrored: boolean;

  open(sheet: Sheet): void;
  close(): void;
  agree(): void;
  withdraw(): void;
  chooseVisit(visit: Partial<Visit>): void;
  chooseSettings(settings: Partial<Settings>): void;
  /** Says the phrase once more. */
  listen(): void;
}

export interface Screen {
  /** What is told; holds the heading. */
  words: HTMLElement;
  /** What can be pressed. */
  keys: HTMLElement;
  heading: HTMLElement;
  update?(view: View): void;
}

export type ScreenMaker = (page: Page) => Screen;

interface ButtonOptions {
  kind?: 'main' | 'even' | 'plain';
  sign?: string;
}

/** A button; main: what most will press, even: one of equals, plain: what is always there. */
export function button(label: string, press: () => void, { kind = 'plain', sign }: ButtonOptions = {}):
    HTMLButtonElement {
  return h('button', { type: 'button', class: `key ${kind}`, click: press },
    sign !== undefined && icon(sign), h('span', {}, label));
}

/** The phrase in the words of whoever looks at the screen. */
export function phraseText(page: Page, phrase: string): string {
  const helper: Readonly<Record<string, string>> = page.texts.helper;
  const { phrases } = page.language;
  return (page.visit.helper && helper[phrase])
    || (phrases[phrase] ?? phrases.connecting)?.text || '';
}

function setHeading(heading: HTMLElement, text: string): void {
  heading.textContent = text;
  heading.classList.toggle('clauses', /[，」】]/.test(text));
}

export function headingOf(text: string): HTMLElement {
  const heading = h('h1', { tabindex: -1 });
  setHeading(heading, text);
  return heading;
}

/** The view's phrase as picture and heading, which is read out when it changes. */
export function phraseHeading(page: Page): Pick<Screen, 'heading'> & { node: HTMLElement; update(view: View): void } {
  const heading = headingOf(phraseText(page, page.view.phrase));
  let drawn: Element = picture(page.view.phrase, page.mirrored);
  let shown = page.view.phrase;
  const node = h('div', { class: 'phrase' }, drawn, h('div', { 'aria-live': 'polite' }, heading));
  const update = ({ phrase }: View): void => {
    if (phrase === shown) return;
    shown = phrase;
    setHeading(heading, phraseText(page, phrase));
    const next = picture(phrase, page.mirrored);
    drawn.replaceWith(next);
    drawn = next;
  };
  return { node, heading, update };
}

/** The usual screen: the phrase, something to read, something to press. */
export function phraseScreen(page: Page, words: readonly Child[], keys: readonly Child[]): Screen {
  const phrase = phraseHeading(page);
  return {
    words: h('div', { class: 'words' }, phrase.node, ...words),
    keys: h('div', { class: 'keys' }, ...keys, moreKeys(page)),
    heading: phrase.heading,
    update: phrase.update,
  };
}

/** To somebody or something else: on every screen. */
export const wayKey = (page: Page): HTMLElement =>
  button(page.texts.anotherWay, () => page.open('ways'), { sign: 'way' });

/** What can be pressed on every screen of a state. */
export function moreKeys(page: Page, ...others: readonly Child[]): HTMLElement {
  const { texts } = page;
  return h('div', { class: 'more' }, ...others,
    button(texts.listen, () => page.listen(), { sign: 'listen' }),
    !page.view.over && button(texts.cannot, () => page.open('cannot'), { sign: 'cannot' }),
    wayKey(page));
}

export function paragraph(text: string | undefined, kind?: string): HTMLElement | undefined {
  return text ? h('p', { class: kind }, text) : undefined;
}

/** A deployment's text in the person's language, or in any. */
export function translation(texts: Translated | undefined, page: Page): string | undefined {
  return texts?.[page.language.tag] ?? Object.values(texts ?? {})[0];
}

export function clockTime(ms: number, page: Page): string {
  return new Intl.DateTimeFormat(page.language.tag, { hour: 'numeric', minute: '2-digit' }).format(ms);
}
