// What a page shows in its whole life, with its own clock.

/** Runs in the page: everything that can be read or heard of it, each once. */
export function textsNow() {
  const texts = new Set([document.title]);
  const root = document.body ?? document.documentElement;
  if (!root) return [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) texts.add(node.data.trim());
    else for (const name of ['aria-label', 'alt', 'title', 'placeholder']) texts.add(node.getAttribute(name) ?? '');
  }
  texts.delete('');
  return [...texts];
}

/** Runs in every page before its own code: tells each new text, and each press, as it comes. */
function watch(textsNow) {
  const known = new Set();
  const tell = (kind, text) => window.imiShown({ kind, text, atMs: performance.timeOrigin + performance.now() });
  const look = () => textsNow().filter((text) => !known.has(text)).forEach((text) => {
    known.add(text);
    tell('text', text);
  });
  new MutationObserver(look).observe(document,
    { subtree: true, childList: true, characterData: true, attributeFilter: ['aria-label', 'alt', 'title', 'placeholder'] });
  document.addEventListener('click', (event) => {
    const key = event.target instanceof Element && event.target.closest('button, a, label');
    if (key) tell('press', key.textContent.trim());
  }, { capture: true });
}

export class Shown {
  /** Texts, each with the moment when it was shown first, and presses with that of the last. */
  texts = new Map();
  presses = new Map();

  /** From the next document on. */
  static async of(page) {
    const shown = new Shown();
    await page.exposeFunction('imiShown', ({ kind, text, atMs }) => {
      if (kind === 'press') shown.presses.set(text, atMs);
      else shown.#note(text, atMs);
    });
    await page.addInitScript(`(${watch})(${textsNow})`);
    return shown;
  }

  /** What is shown now: what the page told by itself may be on its way. */
  async look(page) {
    for (const text of await page.evaluate(textsNow)) this.#note(text, Date.now());
  }

  #note(text, atMs) {
    if (!this.texts.has(text)) this.texts.set(text, atMs);
  }
}
