/**
 * Every screen: rules of WCAG at A, AA and AAA by axe, and what axe does not see.
 *
 *     node check.mjs accessibility   axe
 *     node check.mjs layout          size of letters and of what is pressed, nothing cut off or covered,
 *                                    no word that accuses, no code
 *     node check.mjs keyboard        Tab reaches everything in the order that is seen; a screen reader's order
 *
 * Each in some sizes and languages; with a second word "all", in each language in each size, with
 * letters of 100 % and 200 %.
 */
import { LANGUAGES, settled, SIZES, withHarness } from './browser.mjs';
import { accessibility, languageKeys } from './accessibility.mjs';
import { keyboard } from './keyboard.mjs';
import { layout } from './layout.mjs';
import { reading } from './reading.mjs';
import { textsNow } from '../harness/shown.mjs';
import { unfitOf } from '../harness/words.mjs';

const USUAL_PX = 16, DOUBLE_PX = 32;
const { phone, lying, computer } = SIZES;
const EVERYWHERE = [...Object.values(SIZES).map((size) => [size, USUAL_PX, LANGUAGES]),
  ...[phone, lying, computer].map((size) => [size, DOUBLE_PX, LANGUAGES])];

const wording = async (page) => unfitOf(await page.evaluate(textsNow));

/** Puts what is wrong into a screen, in the page: a check that does not see it would see nothing. */
const PLANTS = {
  layout() {
    const wrong = document.createElement('a');
    wrong.textContent = 'ab';
    Object.assign(wrong.style, { fontSize: '12px', marginLeft: '2000px', display: 'block', width: '4px' });
    const full = document.createElement('p');
    full.textContent = 'Two lines about fraud in the room of less than one';
    Object.assign(full.style, { height: '10px', overflow: 'hidden' });
    const under = document.createElement('p');
    under.textContent = 'Under another, UNAVAILABLE';
    const over = document.createElement('div');
    Object.assign(over.style, { height: '200px', marginTop: '-200px', position: 'relative', background: 'white' });
    document.querySelector('.words').append(document.createElement('h1'), wrong, full, under, over);
  },
  accessibility() {
    const pale = document.createElement('p');
    pale.textContent = 'Enough for AA, too little for AAA';
    Object.assign(pale.style, { color: '#6a6a6a', fontSize: '20px' });
    document.querySelector('.words').append(pale, document.createElement('h1'), document.createElement('button'));
    document.querySelector('.language[lang=en] .long').remove();
  },
  keyboard() {
    const key = (text, style = {}) => {
      const made = document.createElement('button');
      made.textContent = text;
      Object.assign(made.style, { display: 'block', ...style });
      return made;
    };
    const before = document.createElement('p');
    before.textContent = 'Before the heading';
    const turned = document.createElement('div');
    Object.assign(turned.style, { display: 'flex', flexDirection: 'column-reverse' });
    turned.append(key('lower'), key('upper'));
    const div = document.createElement('div');
    div.textContent = 'pressed';
    div.style.cursor = 'pointer';
    const early = key('early');
    early.tabIndex = 1;
    const deep = document.createElement('h5');
    deep.textContent = 'deep';
    const trap = key('trap');
    trap.addEventListener('keydown', (event) => event.preventDefault());
    document.querySelector('main').prepend(before);
    document.querySelector('.words').append(turned, div, early, deep, key('unseen', { outline: 'none' }), key(''),
      key('apart', { pointerEvents: 'none' }), trap, key('behind the trap'));
  },
};

const CHECKS = {
  accessibility: {
    checks: [accessibility, languageKeys],
    planted: ['color-contrast-enhanced', 'empty-heading', 'button-name', 'no key is called English'],
    usual: [[phone, USUAL_PX, ['zh-HK']], [lying, DOUBLE_PX, ['en']], [computer, USUAL_PX, ['zh-CN']]],
  },
  layout: {
    checks: [layout, wording],
    planted: ['wider than the screen', 'small letters', 'cut off', 'broken word', 'hard to hit', '2 main headings',
      'hidden in part', 'covered', 'accuses', 'has the code'],
    usual: [[phone, USUAL_PX, LANGUAGES], [lying, USUAL_PX, ['en', 'zh-HK']], [phone, DOUBLE_PX, LANGUAGES]],
  },
  keyboard: {
    checks: [keyboard, reading],
    planted: ['pressed by pointers only', 'tabindex 1', 'focus is not seen', 'focus is out of sight or covered',
      'does not let go', 'not reached', 'not in the order that is seen',
      'a button has no name', 'read before the heading', 'a level is left out', 'read later than it is seen'],
    usual: [[phone, USUAL_PX, ['en']]],
  },
};

async function show(page, name, language) {
  await page.evaluate(([n, l]) => window.pictures.show(n, l), [name, language]);
  await settled(page);
}

async function seesWhatIsPlanted(page, { checks, planted }, plant) {
  await show(page, 'welcome', 'en');
  await page.evaluate(plant);
  const found = [];
  for (const check of checks) found.push(...await check(page));
  return planted.filter((fault) => !found.some((line) => line.includes(fault)))
    .map((fault) => `not noticed: ${fault}`);
}

/** All screens in some languages, in a browser whose letters have this size. */
async function walk(kind, plant, [size, fontPx, languages]) {
  const faults = [];
  faults.push(...await withHarness(size, fontPx, async (page) => {
    const names = await page.evaluate(() => window.pictures.names);
    for (const language of languages) {
      for (const name of names) {
        await show(page, name, language);
        for (const check of kind.checks) {
          faults.push(...(await check(page)).map((fault) => `${name} ${language}: ${fault}`));
        }
      }
    }
    console.log(`${names.length} screens in ${languages.join(', ')} at ${size.width}x${size.height}, ${fontPx} px: ${faults.length} faults`);
    faults.push(...await seesWhatIsPlanted(page, kind, plant));
  }));
  return faults;
}

const [name, extent] = process.argv.slice(2);
if (!(name in CHECKS) || ![undefined, 'all'].includes(extent)) {
  console.error(`usage: node check.mjs ${Object.keys(CHECKS).join('|')} [all]`);
  process.exit(2);
}
let count = 0;
for (const where of extent ? EVERYWHERE : CHECKS[name].usual) {
  for (const fault of await walk(CHECKS[name], PLANTS[name], where)) {
    count++;
    console.error(`${where[0].width}x${where[0].height}, ${where[1]} px: ${fault}`);
  }
}
process.exit(count > 0 ? 1 : 0);
