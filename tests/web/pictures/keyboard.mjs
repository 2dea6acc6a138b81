/** Walks over a screen with the Tab key, as who has no mouse does. */

const OUTLINE_MIN_PX = 3;
const CONTRAST_MIN = 3; // WCAG 1.4.11

/** Runs in the page: remembers what can be pressed, in the order of the document; how much it is. */
function remember() {
  const seen = (element) => element.getClientRects().length > 0 && !element.closest('.off');
  window.walked = [...document.querySelectorAll(
    'button, a[href], input, select, textarea, summary, [tabindex], video[controls]')]
    .filter((element) => seen(element) && !element.disabled && element.getAttribute('tabindex') !== '-1');
  const faults = [];
  for (const element of document.querySelectorAll('#page *')) {
    if (element.tabIndex > 0) faults.push(`tabindex ${element.tabIndex}: ${element.tagName}`);
    const pressed = seen(element) && getComputedStyle(element).cursor === 'pointer';
    if (pressed && !element.closest('button, a[href], label, input')) {
      faults.push(`pressed by pointers only: ${element.tagName} "${element.textContent.slice(0, 30)}"`);
    }
  }
  window.walked[0]?.focus();
  return { count: window.walked.length, faults };
}

/** Runs in the page: on what the keyboard is, as its number (-1: on nothing), and what is wrong there. */
function look([outlineMin, contrastMin]) {
  const at = document.activeElement;
  const number = window.walked.indexOf(at);
  if (number < 0) return { number, on: at?.tagName, faults: [] };
  const on = `${at.tagName} "${(at.textContent || at.closest('label')?.textContent || '').trim().slice(0, 30)}"`;
  const faults = [];
  const channels = (colour) => (/^rgba?\(([^)]*)\)$/.exec(colour)?.[1] ?? '0,0,0').split(',').map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(at);
  const [dark, bright] = [light(outlineColor), light(getComputedStyle(document.body).backgroundColor)]
    .sort((a, b) => a - b);
  const isDrawn = outlineStyle === 'solid' && parseFloat(outlineWidth) >= outlineMin;
  if (!isDrawn || (bright + 0.05) / (dark + 0.05) < contrastMin) faults.push(`focus is not seen: ${on}`);
  const box = at.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const top = document.elementFromPoint(x, y);
  if (!at.contains(top)) faults.push(`focus is out of sight or covered: ${on}`);
  return {
    number, on, faults, rightToLeft: getComputedStyle(at.parentElement).direction === 'rtl',
    box: { top: box.top + scrollY, bottom: box.bottom + scrollY, left: box.left, right: box.right },
  };
}

/** Whether b comes after a for who reads by lines; keys for the left hand stand the other way round. */
function follows(a, b) {
  if (b.box.top >= a.box.bottom - 1) return true;
  if (b.box.bottom <= a.box.top + 1) return false;
  return b.rightToLeft ? b.box.left <= a.box.left : b.box.left >= a.box.left;
}

/** What is wrong with how the keyboard goes over the screen that is shown. */
export async function keyboard(page) {
  const { count, faults } = await page.evaluate(remember);
  const met = [];
  for (let i = 0; i < count; i++) {
    met.push(await page.evaluate(look, [OUTLINE_MIN_PX, CONTRAST_MIN]));
    await page.keyboard.press('Tab');
  }
  const after = await page.evaluate(look, [OUTLINE_MIN_PX, CONTRAST_MIN]);
  if (after.number > 0) faults.push(`does not let go: ${after.on}`);
  const missing = Array.from({ length: count }, (_, i) => i).filter((i) => !met.some((one) => one.number === i));
  if (missing.length > 0) faults.push(`not reached: ${missing.length} of ${count}`);
  met.forEach((one, i) => {
    faults.push(...one.faults);
    const before = met[i - 1];
    if (!before || one.number < 0 || before.number < 0) return;
    if (one.number !== before.number && !follows(before, one)) faults.push(`not in the order that is seen: ${one.on}`);
  });
  if (count === 0) faults.push('nothing can be pressed');
  return faults;
}
