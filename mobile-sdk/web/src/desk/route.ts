/** Which page a join link is for: the phone's, or on a computer the one that shows it as a code. */
import { parseLink } from '../sdk/link';
import type { Link } from '../sdk/link';
import { openStore } from '../sdk/open_store';

/** In this tab's storage: the session whose person wants this device's own camera. */
const HERE = 'imi.here';

/** Driven by mouse or touchpad; tablets and phones are not. */
const isComputer = (): boolean => matchMedia('(hover: hover) and (pointer: fine)').matches;

const fragmentOf = ({ sessionId, secret }: Link): string => `#${sessionId}.${secret}`;

export const phoneAddress = (link: Link): string => `${link.origin}/j${fragmentOf(link)}`;

/** Whether this browser is the session's phone, or was. */
export async function hasJoined({ sessionId }: Link): Promise<boolean> {
  const store = await openStore(sessionId);
  try {
    const { joined, ended } = await store.load();
    return joined !== undefined || ended !== undefined;
  } catch {
    return false;
  } finally {
    store.close();
  }
}

function isWantedHere({ sessionId }: Link): boolean {
  try {
    return sessionStorage.getItem(HERE) === sessionId;
  } catch {
    return false;
  }
}

/** To the phone's page, to stay there. */
export function goOnHere(link: Link): void {
  try {
    sessionStorage.setItem(HERE, link.sessionId);
  } catch {
    // The page then offers the code once more.
  }
  location.assign(phoneAddress(link));
}

/** Address of the computer's page where the link belongs there; undefined: it stays here. */
export async function deskAddress(href: string): Promise<string | undefined> {
  if (!isComputer()) return undefined;
  let link: Link;
  try {
    link = parseLink(href);
  } catch {
    return undefined;
  }
  if (isWantedHere(link) || await hasJoined(link)) return undefined;
  return `/desk.html${fragmentOf(link)}`;
}
