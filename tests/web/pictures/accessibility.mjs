/** The rules of WCAG at A, AA and AAA that axe can check. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const RULES = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag2aaa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  // Those of AAA are off unless they are named.
  rules: { 'color-contrast-enhanced': { enabled: true }, 'identical-links-same-purpose': { enabled: true },
    'meta-refresh-no-exceptions': { enabled: true }, 'target-size': { enabled: true } },
  resultTypes: ['violations'],
};
const axe = () => readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** However narrow the screen is, a language's key is called by its whole name. */
export async function languageKeys(page) {
  const keys = ['普通话', '廣東話', 'English'].map((name) => [name, page.getByRole('button', { name })]);
  const counts = await Promise.all(keys.map(([, key]) => key.count()));
  return keys.filter((_, i) => counts[i] !== 1).map(([name]) => `no key is called ${name}`);
}

export async function accessibility(page) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe());
  const { violations } = await page.evaluate((rules) => window.axe.run(document, rules), RULES);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 90)}: ${node.failureSummary.split('\n')[1]}`));
}
