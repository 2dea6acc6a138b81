/** Which browser this is, as far as it changes what to press. */

export type BrowserFamily = 'chrome' | 'safari' | 'inApp' | 'computer';

export function familyOf(userAgent: string): BrowserFamily {
  const isApple = /iPhone|iPad|iPod/.test(userAgent);
  // An Android WebView says so; one of Apple's leaves out the word Safari.
  const isInside = /MicroMessenger|; wv\)|FBAN|FBAV|Line\/|AlipayClient|QQ\//.test(userAgent)
    || (isApple && !/Safari\//.test(userAgent));
  if (isInside) return 'inApp';
  if (isApple) return 'safari';
  return /Android/.test(userAgent) ? 'chrome' : 'computer';
}

/** Whether the browser's question about the camera has been answered with yes before. */
export async function isCameraAllowed(): Promise<boolean> {
  try {
    const answer = await navigator.permissions.query({ name: 'camera' as PermissionName });
    return answer.state === 'granted';
  } catch {
    return false;
  }
}

/** Puts a text where it can be pasted from; false where the browser does not let the page. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Offers a file to be kept. */
export function offerFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Some browsers read the file only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
