/** The harness in Chromium, under the rules that the gateway gives to browsers. */
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const web = join(root, 'mobile-sdk/web');

/** As rpc/gateway/headers.c has it: what only works without it must fail here. */
const POLICY = /policy_start\[\] =((?:\s*"[^"]*")+)/.exec(readFileSync(join(root, 'rpc/gateway/headers.c'), 'utf8'))[1]
  .match(/"([^"]*)"/g).map((part) => part.slice(1, -1)).join('') + " 'none'";

async function bundle() {
  const { build } = createRequire(join(web, 'package.json'))('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(here, 'harness.ts'), join(web, 'src/page/page.css')], outdir: '/', bundle: true, write: false,
    format: 'esm', target: ['es2020', 'chrome90', 'safari15'], charset: 'utf8', logLevel: 'warning',
  });
  const text = (ending) => outputFiles.find((file) => file.path.endsWith(ending)).text;
  const html = readFileSync(join(web, 'index.html'), 'utf8')
    .replace('src/page/page.css', '/page.css').replace('src/page/main.ts', '/harness.js');
  return {
    '/': ['text/html; charset=utf-8', html],
    '/harness.js': ['text/javascript; charset=utf-8', text('.js')],
    '/page.css': ['text/css; charset=utf-8', text('.css')],
    '/voice/lengths.json': ['application/json', '{"en":{"nod":2345,"allow_camera":3456}}'],
  };
}

async function serve() {
  const files = await bundle();
  const server = createServer((request, response) => {
    const [type, body] = files[request.url] ?? ['text/plain', undefined];
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': type, 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** A profile in which the person has set the size of letters. */
function profile(fontPx) {
  const folder = mkdtempSync(join(tmpdir(), 'imi-pictures-'));
  mkdirSync(join(folder, 'Default'));
  writeFileSync(join(folder, 'Default/Preferences'),
    JSON.stringify({ webkit: { webprefs: { default_font_size: fontPx } } }));
  return folder;
}

export const LANGUAGES = ['zh-CN', 'zh-HK', 'en'];
const CHROME = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36';
const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) '
  + 'Version/15.0 Mobile/15E148 Safari/604.1';
/** What the browser calls itself; the last ones are computers whose pages are zoomed to 200 and 400 %. */
export const SIZES = {
  phone: { width: 360, height: 640, agent: CHROME }, lying: { width: 640, height: 360, agent: CHROME },
  computer: { width: 1024, height: 768 }, upright: { width: 768, height: 1024, agent: SAFARI },
  inApp: { width: 412, height: 732, agent: CHROME + ' MicroMessenger/8.0' },
  zoomed: { width: 512, height: 384 }, reflown: { width: 320, height: 256 },
};

/** Colours that fade have come to their end. */
export const settled = (page) => page.evaluate(() =>
  Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))).then(() => undefined));

/** Runs the work with the harness in a browser of this size, whose letters have that one (16 is usual). */
export async function withHarness(size, fontPx, work) {
  const server = await serve();
  const folder = profile(fontPx);
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, timezoneId: 'Asia/Hong_Kong',
    viewport: { width: size.width, height: size.height }, userAgent: size.agent,
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'], reducedMotion: 'reduce',
  });
  const told = [];
  try {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) told.push(message.text());
    });
    page.on('pageerror', (error) => told.push(String(error)));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => 'pictures' in window);
    await work(page);
  } finally {
    await context.close();
    server.close();
    // Chromium may still be writing there.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  return told;
}
