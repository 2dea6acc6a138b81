/**
 * The join link in the address bar: https://GATEWAY/j#SESSION_ID.SECRET
 *
 * Once a phone has joined, the secret leaves address bar and history, so that nobody passes it on
 * with the address; this tab keeps it until the session is over, as a reload before consent needs it.
 */

export interface JoinLink {
  href: string;
  sessionId: string;
}

const COMPLETE = /#([\w-]{1,64})\.[\w-]{43}$/;
const HIDDEN = /#([\w-]{1,64})$/;
const KEPT = 'imi.link';
/** Opens nothing. */
const NO_SECRET = '0'.repeat(43);

/** The link of an address, or what this tab kept of one whose secret is hidden. */
export function joinLinkOf(address: string): JoinLink | undefined {
  const sessionId = COMPLETE.exec(address)?.[1];
  if (sessionId !== undefined) return { href: address, sessionId };
  const hidden = HIDDEN.exec(address)?.[1];
  try {
    const href = sessionStorage.getItem(KEPT) ?? '';
    return hidden !== undefined && COMPLETE.exec(href)?.[1] === hidden ? { href, sessionId: hidden } : undefined;
  } catch {
    return undefined;
  }
}

/** Leaves the session's id in the address bar; the whole link where the tab cannot keep it. */
export function hideSecret({ href, sessionId }: JoinLink): void {
  try {
    sessionStorage.setItem(KEPT, href);
    history.replaceState(null, '', '#' + sessionId);
  } catch {
    // A reload would be worse than an address that stays.
  }
}

/** A reload still finds how the session ended, which needs no secret. */
export function forgetSecret({ href, sessionId }: JoinLink): void {
  try {
    if (sessionStorage.getItem(KEPT) !== href) return;
    sessionStorage.setItem(KEPT, href.replace(COMPLETE, `#${sessionId}.${NO_SECRET}`));
  } catch {
    // Where the tab keeps nothing, there is nothing to forget.
  }
}
