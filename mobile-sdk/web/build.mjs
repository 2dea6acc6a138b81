/**
 * Builds page, desk and SDK into a folder that the gateway serves.
 *
 *     node build.mjs OUT_FOLDER CORE_FOLDER
 *
 * CORE_FOLDER: where core/build-targets.sh put imi_core.wasm and imi_core_scalar.wasm.
 * OUT/index.html and the other pages; OUT/assets/NAME-HASH.*, which browsers keep for good;
 * OUT/imi-sdk.js beside the core for integrators; .gz and .br beside all of them.
 * Fails when what a phone loads is over its budget.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
/** Page, SDK and core together, compressed; without recordings and without the desk. */
const BUDGET_BYTES = 50 * 1024;
const PAGES = ['index.html', 'src/desk/desk.html'];
const DESK = 'src/desk/main.ts';
/** With vectors and without; a phone loads one, and the first is the larger. */
const CORES = ['imi_core.wasm', 'imi_core_scalar.wasm'];
const COMPRESSED = ['.html', '.js', '.css', '.wasm', '.json', '.svg', '.txt', '.webmanifest'];
const options = {
  absWorkingDir: here, bundle: true, format: 'esm', minify: true, metafile: true,
  target: ['es2020', 'chrome90', 'safari15'], legalComments: 'none', charset: 'utf8',
  loader: { '.svg': 'file', '.png': 'file', '.mp3': 'file', '.html': 'text' },
  logLevel: 'warning',
};

const hashed = (name, bytes) => {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  return `${basename(name, extname(name))}-${hash}${extname(name)}`;
};

const gzipSize = (bytes) => gzipSync(bytes, { level: 9 }).length;

/** Files of ours that a page refers to: not addresses, not what the gateway serves by itself. */
const references = (html) => [...html.matchAll(/\b(?:src|href)="\.?\/?((?!\/)[^":#]+)"/g)]
  .map((found) => found[1]).filter((file) => existsSync(join(here, file)));

/** Everything that one output loads at once: { scripts, styles }. */
function closure(outputs, file, found = new Set()) {
  found.add(file);
  if (outputs[file].cssBundle) found.add(outputs[file].cssBundle);
  for (const next of outputs[file].imports) {
    if (next.kind === 'import-statement' && !found.has(next.path)) closure(outputs, next.path, found);
  }
  return found;
}

/** Every output that can come to be loaded from one, but not through stop. */
function reachable(outputs, file, stop, found = new Set()) {
  if (file === stop || found.has(file) || !outputs[file]) return found;
  found.add(file);
  if (outputs[file].cssBundle) found.add(outputs[file].cssBundle);
  for (const next of outputs[file].imports) reachable(outputs, next.path, stop, found);
  return found;
}

/** core: what to load ahead; none on a page that has no camera. */
function page(html, outputs, out, core) {
  const at = (file) => '/' + relative(out, join(here, file));
  const entry = (source) => Object.keys(outputs).find((o) => outputs[o].entryPoint === source);
  const links = new Set(core ? [`<link rel="preload" href="/${core}" as="fetch" crossorigin>`] : []);
  for (const source of references(html)) {
    const file = entry(source);
    let address;
    if (file) {
      address = at(file);
      for (const other of closure(outputs, file)) {
        if (other === file) continue;
        links.add(other.endsWith('.css') ? `<link rel="stylesheet" href="${at(other)}">`
          : `<link rel="modulepreload" href="${at(other)}">`);
      }
    } else {
      const bytes = readFileSync(join(here, source));
      address = '/assets/' + hashed(source, bytes);
      writeFileSync(join(out, address), bytes);
    }
    html = html.replace(new RegExp(`(src|href)="\\.?/?${source}"`, 'g'), `$1="${address}"`);
  }
  return html.replace('</head>', [...links].join('\n') + '\n</head>').replace(/\n\s+/g, '\n');
}

/** What the licences of packages that are part of the pages ask to be told. */
function placeLicences(out) {
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const texts = Object.entries(dependencies).map(([name, version]) =>
    `${name} ${version}\n\n${readFileSync(join(here, 'node_modules', name, 'LICENSE'), 'utf8')}`);
  writeFileSync(join(out, 'licences.txt'), texts.join('\n'));
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

function compress(out) {
  for (const file of files(out)) {
    if (!COMPRESSED.includes(extname(file))) continue;
    const bytes = readFileSync(file);
    writeFileSync(file + '.gz', gzipSync(bytes, { level: 9 }));
    writeFileSync(file + '.br', brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }));
  }
}

/** One line a file, and whether the phone's part keeps its budget. */
function report(out, counted) {
  let total = 0;
  const row = (name, raw, packed, mark) =>
    console.log(`${name.padEnd(36)} ${String(raw).padStart(8)} ${String(packed).padStart(8)} ${mark}`);
  console.log(`${'file'.padEnd(36)} ${'bytes'.padStart(8)} ${'gzip'.padStart(8)}`);
  for (const file of files(out).sort()) {
    if (['.gz', '.br'].includes(extname(file))) continue;
    const name = relative(out, file);
    const packed = COMPRESSED.includes(extname(file)) ? gzipSize(readFileSync(file))
      : statSync(file).size;
    total += counted.has(name) ? packed : 0;
    row(name, statSync(file).size, packed, counted.has(name) ? '' : 'not counted');
  }
  row('page, SDK and core', '', total, `of ${BUDGET_BYTES}`);
  return total <= BUDGET_BYTES;
}

/** Both of the core's files, under their own names and under hashed ones. */
function placeCore(out, folder) {
  const names = {};
  for (const name of CORES) {
    const bytes = readFileSync(join(folder, name));
    names[name] = 'assets/' + hashed(name, bytes);
    writeFileSync(join(out, name), bytes);
    writeFileSync(join(out, names[name]), bytes);
  }
  return names;
}

const coreNames = ([vectors, scalar]) => ({
  IMI_CORE_FILE: JSON.stringify(basename(vectors)),
  IMI_CORE_SCALAR_FILE: JSON.stringify(basename(scalar)),
});

async function main(out, coreFolder) {
  const pages = PAGES.filter((name) => existsSync(join(here, name)));
  const texts = new Map(pages.map((name) => [name, readFileSync(join(here, name), 'utf8')]));
  const entries = new Set([DESK]);
  for (const html of texts.values()) {
    references(html).filter((file) => /\.(ts|js|css)$/.test(file)).forEach((f) => entries.add(f));
  }
  mkdirSync(join(out, 'assets'), { recursive: true });
  const cores = placeCore(out, coreFolder);
  const core = cores[CORES[0]];
  const { metafile } = await build({
    ...options, entryPoints: [...entries], outdir: out, outbase: join(here, 'src'), splitting: true,
    entryNames: 'assets/[dir]-[hash]', chunkNames: 'assets/[name]-[hash]',
    assetNames: 'assets/[name]-[hash]', publicPath: '/', define: coreNames(Object.values(cores)),
  });
  await build({
    ...options, entryPoints: ['src/sdk/index.ts'], outfile: join(out, 'imi-sdk.js'),
    define: coreNames(CORES),
  });
  const { outputs } = metafile;
  const counted = new Set(['index.html', core]);
  const desk = Object.keys(outputs).find((o) => outputs[o].entryPoint === DESK);
  for (const [name, html] of texts) {
    writeFileSync(join(out, basename(name)), page(html, outputs, out, name === 'index.html' && core));
    if (name !== 'index.html') continue;
    for (const source of references(html)) {
      const file = Object.keys(outputs).find((o) => outputs[o].entryPoint === source);
      for (const output of file ? reachable(outputs, file, desk) : []) {
        counted.add(relative(out, join(here, output)));
      }
    }
  }
  placeLicences(out);
  compress(out);
  return report(out, counted);
}

const [out, core] = process.argv.slice(2);
if (!out || !core) {
  console.error('usage: node build.mjs OUT_FOLDER CORE_FOLDER');
  process.exit(2);
}
if (!await main(out, core)) {
  console.error(`error: over the budget of ${BUDGET_BYTES} bytes; see what grew above`);
  process.exit(1);
}
