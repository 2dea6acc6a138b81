/** What a deployment says about itself: /config.json, every part of which may be left out. */
import type { LanguageTag } from './language';

/** One text in each language. */
export type Translated = Partial<Readonly<Record<LanguageTag, string>>>;

export interface Config {
  /** Name of the office, for the page's title. */
  name?: Translated;
  /** Picture above the first screen; a path of this server. */
  logo?: string;
  /** Style sheet with the deployment's colours; a path of this server. */
  theme?: string;
  /** How to do it with a member of staff: in words, by telephone, on a page for appointments. */
  staff?: { text?: Translated; telephone?: string; page?: string };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** A path of this server: nothing of elsewhere is loaded. Browsers take \ for a slash. */
const path = (value: unknown): string | undefined =>
  isText(value) && /^\/(?![\/\\])/.test(value) ? value : undefined;

const telephone = (value: unknown): string | undefined =>
  isText(value) && /^[+\d][\d ()-]{2,30}$/.test(value) ? value : undefined;

const address = (value: unknown): string | undefined =>
  isText(value) && value.startsWith('https://') ? value : undefined;

function translated(value: unknown): Translated | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([, text]) => isText(text))) as Translated;
}

/** The parts that can be used; what is wrong counts as left out. */
export function readConfig(value: unknown): Config {
  if (!isObject(value)) return {};
  const staff = isObject(value.staff) ? value.staff : {};
  return {
    name: translated(value.name),
    logo: path(value.logo),
    theme: path(value.theme),
    staff: { text: translated(staff.text), telephone: telephone(staff.telephone), page: address(staff.page) },
  };
}

/** The page does without it where it is missing or slow to come. */
export async function loadConfig(timeoutMs: number): Promise<Config> {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), timeoutMs);
  try {
    const answer = await fetch('/config.json', { signal: cut.signal });
    return answer.ok ? readConfig(await answer.json()) : {};
  } catch {
    return {};
  } finally {
    clearTimeout(timer);
  }
}
