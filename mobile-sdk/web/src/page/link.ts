/** The join link in the address bar: https://GATEWAY/j#SESSION_ID.SECRET */

export interface JoinLink {
  href: string;
  sessionId: string;
}

export function joinLinkOf(href: string): JoinLink | undefined {
  const found = /#([\w-]{1,64})(\.[\w-]+)?$/.exec(href);
  return found ? { href, sessionId: found[1]! } : undefined;
}

/** Takes the secret out of address bar and history; the session's id is enough to come back. */
export function hideSecret(link: JoinLink): void {
  history.replaceState(null, '', '#' + link.sessionId);
}
