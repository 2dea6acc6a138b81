/**
 * Takes a picture of every screen.
 *
 *     node shoot.mjs OUT_FOLDER [NAMES, by commas] [LANGUAGES] [SIZES: phone,computer,lying,large and others]
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGES, SIZES, withHarness } from './browser.mjs';

const [out, names = '', languages = LANGUAGES.join(), sizes = 'phone'] = process.argv.slice(2);
if (!out) {
  console.error('usage: node shoot.mjs OUT_FOLDER [NAMES] [LANGUAGES] [SIZES]');
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const VIEWPORTS = { ...SIZES, large: SIZES.phone };
for (const size of sizes.split(',')) {
  const told = await withHarness(VIEWPORTS[size], size === 'large' ? 32 : 16, async (page) => {
    const wanted = names ? names.split(',') : await page.evaluate(() => window.pictures.names);
    for (const language of languages.split(',')) {
      for (const name of wanted) {
        await page.evaluate(([n, l]) => window.pictures.show(n, l), [name, language]);
        await page.screenshot({ path: join(out, `${name}-${language}-${size}.png`), fullPage: true, animations: 'disabled' });
      }
    }
  });
  told.forEach((line) => console.error(line));
}
