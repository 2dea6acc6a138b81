/** What holds on every screen: another way is offered, nothing flashes, letters follow the phone's setting. */
import { SIZES, withHarness } from './browser.mjs';

/** WCAG 2.3.1 allows three flashes a second; these drawings come and go less than once. */
const HALF_MIN_MS = 1000;
/** WCAG 2.2.2: what moves by itself rests within five seconds. */
const MOVES_MAX_MS = 5000;
const PHONE_SCALE = 1.5;

/** Runs in the page: what is wrong with the screen. */
function look([halfMin, movesMax]) {
  const wrong = [];
  const keys = [...document.querySelectorAll('main button')].map((key) => key.textContent);
  if (document.querySelector('h1').textContent !== 'Another way' && !keys.includes('Another way')) wrong.push('no other way');
  for (const animation of document.getAnimations()) {
    const { duration, endTime } = animation.effect.getComputedTiming();
    // What fades once, from one colour to the next, is docs/light.md's.
    if (animation instanceof CSSTransition) continue;
    if (duration < halfMin || endTime > movesMax) wrong.push(`moves in ${duration} ms for ${endTime} ms`);
  }
  return { wrong, moving: document.getAnimations().length };
}

const faults = [];
let moving = 0;

async function walk(page) {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  for (const name of await page.evaluate(() => window.pictures.names)) {
    await page.evaluate(([n, l]) => window.pictures.show(n, l), [name, 'en']);
    const seen = await page.evaluate(look, [HALF_MIN_MS, MOVES_MAX_MS]);
    faults.push(...seen.wrong.map((fault) => `${name}: ${fault}`));
    moving += seen.moving;
  }
  if (moving === 0) faults.push('nothing moves: animations were not looked at');
}

/** As one sets it for the whole phone, not for the browser. */
async function setLettersOfPhone(page) {
  const letters = () => page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('main p')).fontSize));
  await page.evaluate(() => window.pictures.show('welcome', 'en'));
  const before = await letters();
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setEmulatedOSTextScale', { scale: PHONE_SCALE });
  const after = await letters();
  if (after !== before * PHONE_SCALE) faults.push(`letters of ${before} px become ${after} px on a phone set to ${PHONE_SCALE}`);
}

faults.push(...await withHarness(SIZES.phone, 16, async (page) => {
  await walk(page);
  await setLettersOfPhone(page);
}));
faults.forEach((fault) => console.error(fault));
console.log(`${moving} drawings move; ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
