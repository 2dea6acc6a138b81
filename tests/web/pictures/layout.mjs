/** How a screen is laid out: sizes of letters and keys, and that all of it can be read and pressed. */

const LETTERS_MIN_PX = 20;
const TARGET_MIN_PX = 48;

/** Runs in the page: what is wrong with how the screen is laid out. */
function measure([lettersMin, targetMin]) {
  const wrong = [];
  const isHeardOnly = (element) => getComputedStyle(element).clipPath === 'inset(50%)';
  const seen = (element) => element.getClientRects().length > 0 && !element.closest('.off') && !isHeardOnly(element);
  /** A word whose letters stand in more than one line. */
  const brokenWord = (text) => [...text.data.matchAll(/[A-Za-z’]+/g)].find(({ 0: word, index }) => {
    const letters = document.createRange();
    letters.setStart(text, index);
    letters.setEnd(text, index + word.length);
    return new Set([...letters.getClientRects()].map((box) => Math.round(box.top))).size > 1;
  })?.[0];
  const label = (element) => `${element.tagName} "${element.textContent.slice(0, 30)}"`;
  /** Something else lies over it once it was scrolled to. */
  const isCovered = (element) => {
    element.scrollIntoView({ block: 'center' });
    const [{ left, right, top, bottom }] = element.getClientRects();
    const met = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return !met || !(met.contains(element) || element.contains(met));
  };
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) wrong.push(`wider than the screen: ${scrollWidth}`);
  for (const element of document.querySelectorAll('#page *')) {
    if (!seen(element)) continue;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const words = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim() !== '');
    const hasText = words.length > 0;
    const isDrawing = element.namespaceURI.endsWith('svg');
    if (isDrawing) continue;
    const broken = words.map(brokenWord).find(Boolean);
    if (broken) wrong.push(`broken word ${broken}: ${label(element)}`);
    if (hasText && parseFloat(style.fontSize) < lettersMin) wrong.push(`small letters: ${label(element)}`);
    if (hasText && (box.left < -1 || box.right > innerWidth + 1)) wrong.push(`cut off: ${label(element)}`);
    const isTooFull = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
    if (style.display !== 'inline' && style.overflow !== 'visible' && isTooFull) wrong.push(`hidden in part: ${label(element)}`);
    if (element.matches('button, a, label') && (box.width < targetMin || box.height < targetMin)) {
      wrong.push(`hard to hit, ${box.width.toFixed()}x${box.height.toFixed()}: ${label(element)}`);
    }
    if (element.matches('button, a') && isTooFull) wrong.push(`does not fit: ${label(element)}`);
    if ((hasText || element.matches('button, a, input')) && isCovered(element)) wrong.push(`covered: ${label(element)}`);
  }
  window.scrollTo(0, 0);
  const headings = document.querySelectorAll('h1');
  if (headings.length !== 1) wrong.push(`${headings.length} main headings`);
  if (headings[0]?.textContent === '') wrong.push('the heading is empty');
  if (!document.title.includes(headings[0]?.textContent ?? '?')) wrong.push(`title: ${document.title}`);
  return wrong;
}

export const layout = (page) => page.evaluate(measure, [LETTERS_MIN_PX, TARGET_MIN_PX]);
