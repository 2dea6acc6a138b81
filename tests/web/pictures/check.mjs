/**
 * Every screen: rules of WCAG at A, AA and AAA by axe, and what axe does not see.
 *
 *     node check.mjs accessibility   axe on every screen
 *     node check.mjs layout          size of letters and of what is pressed, nothing cut off, at
 *                                    100 % and 200 % text, in each language
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { LANGUAGES, SIZES, withHarness } from './browser.mjs';

const LETTERS_MIN_PX = 20;
const TARGET_MIN_PX = 48;
const RULES = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag2aaa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  // Those of AAA are off unless they are named.
  rules: { 'color-contrast-enhanced': { enabled: true }, 'identical-links-same-purpose': { enabled: true },
    'meta-refresh-no-exceptions': { enabled: true }, 'target-size': { enabled: true } },
  resultTypes: ['violations'],
};

async function accessibility(page, name, language) {
  const { violations } = await page.evaluate((rules) => window.axe.run(document, rules), RULES);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${name} ${language}: ${id}: ${node.html.slice(0, 90)}: ${node.failureSummary.split('\n')[1]}`));
}

/** Runs in the page: what is wrong with how the screen is laid out. */
function measure([lettersMin, targetMin]) {
  const wrong = [];
  const seen = (element) => element.getClientRects().length > 0 && !element.closest('.off');
  /** A word whose letters stand in more than one line. */
  const brokenWord = (text) => [...text.data.matchAll(/[A-Za-z’]+/g)].find(({ 0: word, index }) => {
    const letters = document.createRange();
    letters.setStart(text, index);
    letters.setEnd(text, index + word.length);
    return new Set([...letters.getClientRects()].map((box) => Math.round(box.top))).size > 1;
  })?.[0];
  const label = (element) => `${element.tagName} "${element.textContent.slice(0, 30)}"`;
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
  for (const element of document.querySelectorAll('#page *')) {
    if (!seen(element)) continue;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const words = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim() !== '');
    const hasText = words.length > 0;
    const isDrawing = element.namespaceURI.endsWith('svg');
    const broken = isDrawing ? undefined : words.map(brokenWord).find(Boolean);
    if (broken) wrong.push(`broken word ${broken}: ${label(element)}`);
    if (hasText && !isDrawing && parseFloat(style.fontSize) < lettersMin) wrong.push(`small letters: ${label(element)}`);
    if (hasText && !isDrawing && (box.left < -1 || box.right > innerWidth + 1)) wrong.push(`cut off: ${label(element)}`);
    if (element.matches('button, a, label') && (box.width < targetMin || box.height < targetMin)) {
      wrong.push(`hard to hit, ${box.width.toFixed()}x${box.height.toFixed()}: ${label(element)}`);
    }
    if (element.matches('button, a') && element.scrollWidth > element.clientWidth + 1) wrong.push(`does not fit: ${label(element)}`);
  }
  const headings = document.querySelectorAll('h1');
  if (headings.length !== 1) wrong.push(`${headings.length} main headings`);
  if (headings[0]?.textContent === '') wrong.push('the heading is empty');
  if (!document.title.includes(headings[0]?.textContent ?? '?')) wrong.push(`title: ${document.title}`);
  return wrong;
}

async function layout(page, name, language) {
  return (await page.evaluate(measure, [LETTERS_MIN_PX, TARGET_MIN_PX])).map((fault) => `${name} ${language}: ${fault}`);
}

async function show(page, name, language) {
  await page.evaluate(([n, l]) => window.pictures.show(n, l), [name, language]);
}

/** Puts what is wrong into a screen: a check that does not see it would see nothing. */
async function seesWhatIsPlanted(page, check, expected) {
  await show(page, 'welcome', 'en');
  await page.evaluate(() => {
    const wrong = document.createElement('a');
    wrong.textContent = 'ab';
    Object.assign(wrong.style, { fontSize: '12px', marginLeft: '2000px', display: 'block', width: '4px' });
    const pale = document.createElement('p');
    pale.textContent = 'Enough for AA, too little for AAA';
    pale.style.color = '#6a6a6a';
    document.querySelector('.words').append(pale, document.createElement('h1'),
      document.createElement('button'), wrong);
  });
  const found = await check(page, 'planted', 'en');
  return expected.filter((fault) => !found.some((line) => line.includes(fault)))
    .map((fault) => `not noticed: ${fault}`);
}

/** All screens in some languages, in a browser whose letters have this size. */
async function walk(size, fontPx, check, languages, planted) {
  const faults = [];
  faults.push(...await withHarness(size, fontPx, async (page) => {
    if (check === accessibility) {
      await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    }
    const names = await page.evaluate(() => window.pictures.names);
    for (const language of languages) {
      for (const name of names) {
        await show(page, name, language);
        faults.push(...await check(page, name, language));
      }
    }
    console.log(`${names.length} screens in ${languages.join(', ')} at ${size.width}x${size.height}, ${fontPx} px: ${faults.length} faults`);
    faults.push(...await seesWhatIsPlanted(page, check, planted));
  }));
  return faults;
}

const CHECKS = {
  // Roles, names and contrast do not hang on the language, but for its attribute.
  accessibility: async () => {
    const planted = ['color-contrast-enhanced', 'empty-heading', 'button-name'];
    return [...await walk(SIZES.phone, 16, accessibility, ['zh-HK'], planted),
      ...await walk(SIZES.lying, 16, accessibility, ['en'], planted)];
  },
  layout: async () => {
    const planted = ['wider than the screen', 'small letters', 'cut off', 'broken word', 'hard to hit', '2 main headings'];
    return [...await walk(SIZES.phone, 16, layout, LANGUAGES, planted),
      ...await walk(SIZES.lying, 16, layout, ['en', 'zh-HK'], planted),
      ...await walk(SIZES.phone, 32, layout, ['en', 'zh-HK'], planted)];
  },
};

const check = CHECKS[process.argv[2]];
if (!check) {
  console.error('usage: node check.mjs accessibility|layout');
  process.exit(2);
}
const faults = await check();
for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);
