/** The three languages: their texts, phrases and recordings. */
import phrasesCmn from '../../../phrases/cmn.json';
import phrasesEn from '../../../phrases/en.json';
import phrasesYue from '../../../phrases/yue.json';
import { cmn } from './texts/cmn';
import { en } from './texts/en';
import type { Texts } from './texts/en';
import { yue } from './texts/yue';

/** As BCP 47 has them, for the lang attribute. */
export type LanguageTag = 'zh-CN' | 'zh-HK' | 'en';

export interface Phrase {
  text: string;
  spoken: string;
}

export interface Language {
  tag: LanguageTag;
  /** Its own name, in full and as short as a narrow screen needs. */
  name: string;
  shortName: string;
  /** Folder of its recordings. */
  voice: string;
  texts: Texts;
  phrases: Readonly<Record<string, Phrase>>;
}

export const LANGUAGES: readonly Language[] = [
  { tag: 'zh-CN', name: '普通话', shortName: '普', voice: 'cmn', texts: cmn, phrases: phrasesCmn },
  { tag: 'zh-HK', name: '廣東話', shortName: '廣', voice: 'yue', texts: yue, phrases: phrasesYue },
  { tag: 'en', name: 'English', shortName: 'En', voice: 'en', texts: en, phrases: phrasesEn },
];

/** Traditional characters are read by those who speak Cantonese, and in Taiwan. */
const TRADITIONAL = /^(yue|zh-(hk|mo|tw|hant))/i;

export function languageOf(tag: string): Language {
  return LANGUAGES.find((language) => language.tag === tag) ?? LANGUAGES[2]!;
}

/** The first of a browser's languages that the page speaks; English when there is none. */
export function preferredTag(wanted: readonly string[]): LanguageTag {
  for (const tag of wanted) {
    if (TRADITIONAL.test(tag)) return 'zh-HK';
    if (/^(zh|cmn)/i.test(tag)) return 'zh-CN';
    if (/^en/i.test(tag)) return 'en';
  }
  return 'en';
}

/** Language of a text that somebody else wrote; '' where its letters do not tell. */
export function tagOfText(text: string, page: LanguageTag): string {
  if (/[\u3400-\u9fff]/.test(text)) return page === 'en' ? 'zh' : page;
  return page === 'en' ? 'en' : '';
}

/** A text with its {names} filled in. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
