// Parts of the page that need no browser.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unfit, unfitOf } from '../harness/words.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { build } = createRequire(join(here, '../../../mobile-sdk/web/package.json'))('esbuild');
const { outputFiles } = await build({
  entryPoints: [join(here, 'parts.ts')], bundle: true, write: false, format: 'esm', logLevel: 'warning' });
const { familyOf, readConfig, fill, LANGUAGES, languageOf, preferredTag, tagOfText, joinLinkOf } =
  await import('data:text/javascript;base64,' + Buffer.from(outputFiles[0].contents).toString('base64'));

test('the first language that the page speaks is taken, traditional characters for Cantonese', () => {
  for (const [wanted, tag] of [[['zh-HK', 'en'], 'zh-HK'], [['zh-Hant-TW'], 'zh-HK'], [['yue'], 'zh-HK'],
    [['zh'], 'zh-CN'], [['zh-SG', 'en'], 'zh-CN'], [['zh-Hans-HK'], 'zh-CN'], [['fr', 'zh-MO'], 'zh-HK'],
    [['en-AU', 'zh'], 'en'], [['fr'], 'en'], [[], 'en']]) {
    assert.equal(preferredTag(wanted), tag, wanted.join());
  }
});

test('an unknown setting of the language is English', () => {
  assert.equal(languageOf('de').tag, 'en');
});

test('a text of the server is marked by its letters, or not at all', () => {
  assert.equal(tagOfText('同意', 'en'), 'zh');
  assert.equal(tagOfText('同意', 'zh-HK'), 'zh-HK');
  assert.equal(tagOfText('Agree', 'en'), 'en');
  assert.equal(tagOfText('Agree', 'zh-CN'), '');
});

test('a name without a value leaves nothing behind', () => {
  assert.equal(fill('{n} of {m}{x}', { n: 0, m: 3 }), '0 of 3');
});

test('only a complete link is one', () => {
  const secret = 'A'.repeat(43);
  assert.deepEqual(joinLinkOf(`https://a.example/j#ses_1-x.${secret}`),
    { href: `https://a.example/j#ses_1-x.${secret}`, sessionId: 'ses_1-x' });
  for (const href of ['https://a.example/j', 'https://a.example/j#', 'https://a.example/j#ses_1',
    `https://a.example/j#.${secret}`, `https://a.example/j#ses_1.${secret}A`, `https://a.example/j#ses_1.${secret.slice(1)}`,
    `https://a.example/j#ses 1.${secret}`, `https://a.example/j#${'s'.repeat(65)}.${secret}`]) {
    assert.equal(joinLinkOf(href), undefined, href);
  }
});

test('browsers are told apart where they ask for the camera in another place', () => {
  const android = 'Mozilla/5.0 (Linux; Android 11; SM-A125F) AppleWebKit/537.36 (KHTML, like Gecko)';
  const apple = 'Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
  assert.equal(familyOf(`${android} Chrome/90.0.4430.91 Mobile Safari/537.36`), 'chrome');
  assert.equal(familyOf(`${android} Version/4.0 Chrome/90.0 Mobile Safari/537.36; wv) `), 'inApp');
  assert.equal(familyOf(`${android} Chrome/86.0 Mobile Safari/537.36 MicroMessenger/8.0`), 'inApp');
  assert.equal(familyOf(`${apple} Version/15.0 Mobile/15E148 Safari/604.1`), 'safari');
  assert.equal(familyOf(`${apple} Mobile/15E148`), 'inApp');
  assert.equal(familyOf(`${apple} Mobile/15E148 MicroMessenger/8.0 Safari/604.1`), 'inApp');
  assert.equal(familyOf('Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36'), 'computer');
});

test('a configuration keeps what is right and drops what is not', () => {
  assert.deepEqual(readConfig(null), {});
  assert.deepEqual(readConfig('text'), {});
  const { name, logo, theme, staff } = readConfig({
    name: { en: 'Office', 'zh-CN': 7 }, logo: '//evil.example/x.svg', theme: '/theme.css',
    staff: { telephone: '+852 2345 6789', page: 'javascript:alert(1)', text: 'no object' },
  });
  assert.deepEqual(name, { en: 'Office' });
  assert.equal(logo, undefined);
  assert.equal(theme, '/theme.css');
  assert.deepEqual(staff, { text: undefined, telephone: '+852 2345 6789', page: undefined });
  for (const logo of ['https://evil.example/x.svg', '/\\evil.example/x.svg', 'x.svg']) {
    assert.equal(readConfig({ logo }).logo, undefined, logo);
  }
  assert.equal(readConfig({ staff: { telephone: 'call me' } }).staff.telephone, undefined);
});

/** Every text with its path. */
function texts(value, path = '') {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(value).flatMap(([key, part]) => texts(part, `${path}.${key}`));
}

test('texts have the same names to fill in every language, and as many steps', () => {
  const names = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join();
  const [mandarin, cantonese, english] = LANGUAGES.map((language) => texts(language.texts));
  for (const other of [mandarin, cantonese]) {
    assert.deepEqual(other.map(([path]) => path), english.map(([path]) => path));
    other.forEach(([path, text], i) => assert.equal(names(text), names(english[i][1]), path));
  }
});

test('no text is empty, and none of a Chinese page was left in English', () => {
  for (const { tag, texts: all } of LANGUAGES) {
    for (const [path, text] of texts(all)) {
      assert.notEqual(text.trim(), '', `${tag} ${path}`);
      if (tag !== 'en' && path !== '.voiceLanguage') assert.match(text, /[\u3400-\u9fff]/, `${tag} ${path}`);
    }
  }
});

test('simplified and traditional characters are not mixed', () => {
  const [mandarin, cantonese] = LANGUAGES.map((language) => texts(language.texts).map(([, text]) => text).join(''));
  assert.doesNotMatch(mandarin, /[這會說們個對來時電話機開關請給讓頭臉為過還沒麼聲聽]/);
  assert.doesNotMatch(cantonese, /[这会说们个对来时电话机开关请给让头脸为过还没么声听]/);
});

test('what a helper reads is about phrases that exist', () => {
  for (const { texts: { helper }, phrases } of LANGUAGES) {
    for (const phrase of Object.keys(helper)) assert.ok(phrase in phrases, phrase);
  }
});

/** All texts in a tree of them. */
const leaves = (tree) => typeof tree === 'string' ? [tree] : Object.values(tree).flatMap(leaves);

test('no text that the page or its voice has accuses, or is a code', () => {
  for (const { tag, texts, phrases } of LANGUAGES) {
    const all = leaves([texts, phrases]).map((text) => text.replace(/\{\w+\}/g, ''));
    assert.ok(all.length > 200, tag);
    assert.deepEqual(unfitOf(all), [], tag);
  }
});

test('words that accuse and codes are known in each language', () => {
  for (const text of ['Suspected fraud', 'This looks like an attack', 'Verification failed', 'Your face does not match',
    'This is not you', 'Somebody else’s photo', '您不是本人', '验证失败', '照片是假的', '驗證失敗', '懷疑係冒充', '唔係本人',
    '偵測到攻擊', 'frame_refused', 'UNAVAILABLE', 'Error 14', 'PERMISSION_DENIED', 'You have {n} tries', 'undefined']) {
    assert.match(unfit(text) ?? 'fit', /accuses|code/, text);
  }
  for (const text of ['For office staff: link_refused', '供職員參考：link_refused', 'You have done nothing wrong.',
    'Nothing is lost', 'https://imi.example/j#abc', '+852 2345 6789']) {
    assert.equal(unfit(text), undefined);
  }
});
