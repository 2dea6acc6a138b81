/** The computer's page: shows the join link as a code, then how far the phone is. */
import type { Link } from '../sdk/link';
import { offerFile } from '../page/browser';
import type { Config } from '../page/config';
import { h, setText } from '../page/dom';
import type { Child } from '../page/dom';
import { fill, LANGUAGES, languageOf } from '../page/language';
import type { Language } from '../page/language';
import { picture } from '../page/pictures';
import { loadSettings, saveSettings } from '../page/settings';
import { drawCode } from './code';
import { goOnHere, phoneAddress } from './route';
import { DESK_TEXTS } from './texts';
import type { DeskTexts } from './texts';
import type { Told } from './follow';
import type { News, Step } from './wire';

/** How many marks of the way are behind in a step; the rest are not on it. */
const PAST: Partial<Record<Step, number>> = {
  phone_joined: 1, consented: 2, capturing: 2, try_again: 2, done: 4, staff_review: 4,
};

/** Ends, and the phrase that tells of each. */
const ENDS: Partial<Record<Step | 'refused', string>> = {
  done: 'finished', staff_review: 'staff_will_look', expired: 'time_is_up',
  withdrawn: 'stopped_as_asked', refused: 'ask_for_new_link',
};

export class Desk {
  private readonly settings = loadSettings();
  private readonly main = h('main', {});
  /** Read out when it changes; the focus stays where the person left it. */
  private readonly heading = h('h1', {});
  private readonly words = h('div', { class: 'words' });
  private readonly away = h('p', { class: 'note none', role: 'status' });
  private readonly timeLeft = h('p', {});
  private readonly languageKeys: readonly HTMLButtonElement[];
  /** What is drawn; news that change none of it leave it, and the focus in it, alone. */
  private shown = '';
  private news: News | undefined;
  private isRefused = false;

  constructor(root: HTMLElement, private readonly config: Config, private readonly link: Link | undefined) {
    this.languageKeys = LANGUAGES.map((language) => h('button', {
      type: 'button', class: 'key language', lang: language.tag, 'aria-label': language.name,
      click: () => this.choose(language),
    }, language.name));
    root.replaceChildren(h('header', {}, ...this.languageKeys), this.main);
    this.main.append(h('div', { 'aria-live': 'polite' }, this.heading), this.away, this.words);
    this.render();
  }

  tell(told: Told): void {
    this.away.classList.toggle('none', told !== 'away');
    if (told === 'away') return;
    if (told === 'refused') this.isRefused = true;
    else this.news = told;
    this.render();
  }

  private get language(): Language {
    return languageOf(this.settings.language);
  }

  private get texts(): DeskTexts {
    return DESK_TEXTS[this.language.tag];
  }

  private choose(language: Language): void {
    this.settings.language = language.tag;
    saveSettings(this.settings);
    this.render();
  }

  private render(): void {
    const step = this.news?.step;
    const end = this.isRefused || !this.link ? ENDS.refused : step && ENDS[step];
    setText(this.timeLeft, this.linkUntil());
    const shown = [this.language.tag, end ?? (step && PAST[step] ? step : ''), this.news?.receipt].join(' ');
    if (shown === this.shown) return;
    this.shown = shown;
    if (end) this.fill(this.language.phrases[end]!.text, ...this.endWords(end));
    else if (step && PAST[step]) this.fill(this.onPhoneTitle(step), ...this.followWords(step));
    else this.fill(this.texts.scanTitle, this.scanWords(this.link!));
    this.label();
  }

  private fill(title: string, ...words: readonly Child[]): void {
    setText(this.heading, title);
    this.words.replaceChildren(...words.filter((word): word is Node | string => Boolean(word)));
  }

  private label(): void {
    const about = this.config.name?.[this.language.tag] ?? this.language.texts.title;
    document.documentElement.lang = this.language.tag;
    document.title = `${this.heading.textContent} – ${about}`;
    this.away.textContent = this.texts.away;
    this.languageKeys.forEach((key, at) =>
      key.setAttribute('aria-pressed', String(LANGUAGES[at] === this.language)));
  }

  private scanWords(link: Link): HTMLElement {
    const { texts } = this;
    return h('div', { class: 'scan' },
      drawCode(phoneAddress(link), texts.codeLabel),
      h('p', {}, texts.scanText),
      h('ol', {}, ...texts.scanSteps.map((text) => h('li', {}, text))),
      h('p', { class: 'note' }, texts.scanOnce),
      this.timeLeft,
      h('p', {}, texts.useHereText),
      h('button', { type: 'button', class: 'key plain', click: () => goOnHere(link) }, texts.useHere));
  }

  private linkUntil(): string {
    if (!this.news) return '';
    const time = new Intl.DateTimeFormat(this.language.tag, { hour: 'numeric', minute: '2-digit' })
      .format(this.news.expiresAtMs);
    return fill(this.language.texts.linkUntil, { time });
  }

  private onPhoneTitle(step: Step): string {
    return step === 'try_again' ? this.language.phrases.try_again!.text : this.texts.onPhoneTitle;
  }

  private followWords(step: Step): Child[] {
    const { texts } = this;
    const told: Partial<Record<Step, string>> = {
      phone_joined: texts.readOnPhone, try_again: texts.againOnPhone,
    };
    return [
      picture('show_face', true), h('p', {}, told[step] ?? texts.doOnPhone), this.way(step),
      h('p', { class: 'note' }, texts.leaveOpen), this.timeLeft,
    ];
  }

  private way(step: Step): HTMLElement {
    const past = PAST[step] ?? 0;
    return h('ol', { class: 'way', 'aria-label': this.texts.progress },
      ...this.texts.way.map((text, at) => h('li', {
        class: at < past ? 'past' : undefined, 'aria-current': at === past ? 'step' : undefined,
      }, text)));
  }

  private endWords(phrase: string): Child[] {
    const { texts } = this.language;
    const told: Readonly<Record<string, string>> = {
      finished: texts.doneText, staff_will_look: texts.staffText, time_is_up: texts.expiredText,
      stopped_as_asked: texts.withdrawnText, ask_for_new_link: this.link ? texts.blockedText : texts.noLinkText,
    };
    const step = this.news?.step;
    const hasReceipt = step === 'done' || step === 'staff_review';
    return [picture(phrase, true), h('p', {}, told[phrase]), hasReceipt && this.receipt(this.news!)];
  }

  private receipt({ receipt }: News): HTMLElement {
    const { texts } = this.language;
    const told = h('p', { role: 'status' }, receipt === '' ? this.texts.receiptLater : '');
    const save = (): void => {
      offerFile(`imi-receipt-${new Date().toISOString().slice(0, 10)}.json`,
        JSON.stringify({ decision: JSON.parse(receipt) as unknown }, undefined, 1));
      told.textContent = texts.copySaved;
    };
    return h('section', {}, h('h2', {}, texts.copyTitle), h('p', {}, this.texts.receiptText),
      receipt !== '' && h('button', { type: 'button', class: 'key even', click: save }, texts.copyKeep),
      told);
  }
}
