/** The join link: https://GATEWAY/j#SESSION_ID.SECRET. */
export interface Link {
  /** Where calls go. */
  origin: string;
  sessionId: string;
  secret: string;
}

/** Throws an Error that says what to do. */
export function parseLink(link: string): Link {
  let url: URL | undefined;
  try {
    url = new URL(link);
  } catch {
    // Told below.
  }
  const parts = /^#([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/.exec(url?.hash ?? '');
  if (!url || !parts) {
    throw new Error('imi: the link is not complete; open it again from where it came');
  }
  return { origin: url.origin, sessionId: parts[1]!, secret: parts[2]! };
}
