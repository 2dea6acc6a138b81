/** Checks a built page; its folder is the argument. Prints what is wrong and exits 1. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

const folder = process.argv[2];
const wrong = [];
const complain = (file, what) => wrong.push(`${relative(folder, file)}: ${what}`);

function files(at) {
  return readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    const path = join(at, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

const all = files(folder);
const ending = (...ends) => all.filter((file) => ends.some((end) => file.endsWith(end)));
const text = (file) => readFileSync(file, 'utf8');

/** What Chrome 90 or Safari 15 do not have. What has a fallback beside it is not named here. */
const TOO_NEW = [
  // JavaScript: Chrome 92 to 121, Safari 15.4 to 17.
  /\.at\((?=-?\d)/, /structuredClone\(/, /AbortSignal\.(timeout|any)/, /Object\.(hasOwn|groupBy)\(/,
  /\.(findLast|findLastIndex|toSorted|toReversed|toSpliced)\(/, /Array\.fromAsync/,
  /Promise\.withResolvers/, /crypto\.randomUUID/, /\.showModal\(/, /new OffscreenCanvas/,
  /CompressionStream/, /Intl\.Segmenter/, /scheduler\.(yield|postTask)/, /\(\?<[=!]/,
  /static\s*\{/, /#\w+ in /, /\w#\w+\s*=/,
];
const TOO_NEW_STYLE = [
  // Styles that lose a whole rule where they are not known.
  /:has\(/, /@container/, /@layer/, /@scope/, /@media[^{]*[<>]/, /color-mix\(/, /oklch\(/,
  /\{[^{}]*&[^{}]*\{/, /(^|[;{])(translate|scale|rotate):/,
];

for (const file of ending('.html')) {
  const html = text(file);
  for (const [tag] of html.matchAll(/<script\b[^>]*>/g)) {
    if (!/\bsrc="\/assets\//.test(tag)) complain(file, `a script of no file of ours: ${tag}`);
  }
  if (/<style\b|\sstyle=|\son[a-z]+=|javascript:/i.test(html)) complain(file, 'inline code or style');
  if (/(src|href)="(https?:)?\/\//i.test(html)) complain(file, 'a foreign origin');
  for (const [, address] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    if (!existsSync(join(folder, address))) complain(file, `${address} is not there`);
  }
}

for (const file of ending('.js')) {
  const code = text(file);
  for (const pattern of TOO_NEW) {
    const found = pattern.exec(code);
    if (found) complain(file, `too new: ${code.substr(found.index - 20, 50)}`);
  }
  if (/\beval\(|new Function\(|document\.write\(|\.innerHTML\b/.test(code)) {
    complain(file, 'code out of texts');
  }
  for (const [address] of code.matchAll(/["'`]https?:\/\/\w[^"'`]*/g)) {
    if (!address.includes('//www.w3.org/')) complain(file, `a foreign origin: ${address}`);
  }
}

for (const file of ending('.css')) {
  const styles = text(file);
  for (const pattern of TOO_NEW_STYLE) {
    const found = pattern.exec(styles);
    if (found) complain(file, `too new: ${styles.substr(found.index - 20, 50)}`);
  }
  if (/url\(["']?(https?:)?\/\//.test(styles)) complain(file, 'a foreign origin');
}

for (const file of all.filter((each) => relative(folder, each).startsWith('assets/'))) {
  if (!/-[0-9A-Za-z]{8}\.\w+(\.gz|\.br)?$/.test(file)) complain(file, 'no hash in the name');
}

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
for (const file of ending('.html', '.js', '.css', '.wasm', '.json', '.svg')) {
  const plain = digest(readFileSync(file));
  for (const [end, unpack] of [['.gz', gunzipSync], ['.br', brotliDecompressSync]]) {
    const packed = file + end;
    if (!existsSync(packed)) complain(packed, 'is not there');
    else if (digest(unpack(readFileSync(packed))) !== plain) complain(packed, 'holds something else');
  }
}

for (const name of ['index.html', 'imi-sdk.js', 'imi_core.wasm', 'imi_core_scalar.wasm']) {
  if (!all.includes(join(folder, name))) complain(join(folder, name), 'is not there');
}

wrong.forEach((line) => console.error(line));
process.exit(wrong.length > 0 ? 1 : 0);
