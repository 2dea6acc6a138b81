/** What the person chose: how the page looks and sounds for good, the rest for this visit. */
import type { Action } from '../sdk/types';
import { preferredTag } from './language';
import type { LanguageTag } from './language';

export interface Settings {
  language: LanguageTag;
  sound: boolean;
  leftHand: boolean;
}

export interface Visit {
  /** Somebody else holds the phone. */
  helper: boolean;
  cannot: readonly Action[];
}

/** A store of the browser, or none where the browser refuses it. */
function store(kind: 'localStorage' | 'sessionStorage'): Storage | undefined {
  try {
    return window[kind];
  } catch {
    return undefined;
  }
}

function read<T extends object>(kind: 'localStorage' | 'sessionStorage', name: string, otherwise: T): T {
  try {
    return { ...otherwise, ...JSON.parse(store(kind)?.getItem(name) ?? '{}') as Partial<T> };
  } catch {
    return otherwise;
  }
}

function write(kind: 'localStorage' | 'sessionStorage', name: string, value: object): void {
  try {
    store(kind)?.setItem(name, JSON.stringify(value));
  } catch {
    // A full or forbidden store only means that it is asked again next time.
  }
}

export function loadSettings(): Settings {
  return read('localStorage', 'imi.settings',
    { language: preferredTag(navigator.languages), sound: true, leftHand: false });
}

export const saveSettings = (settings: Settings): void => write('localStorage', 'imi.settings', settings);

export const loadVisit = (): Visit => read('sessionStorage', 'imi.visit', { helper: false, cannot: [] });

export const saveVisit = (visit: Visit): void => write('sessionStorage', 'imi.visit', visit);
