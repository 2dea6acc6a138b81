/**
 * Chromium's fake camera shows what make-clip made, in its order.
 *
 * usage: node chromium_plays.mjs MAKE_CLIP
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const WEB = new URL("../web/package.json", import.meta.url);
const PACKAGE = new URL("../web/node_modules/playwright-core/package.json", import.meta.url);
const WIDTH = 320, HEIGHT = 240, STEP_MS = 50, LENGTH_MS = 3000, TURN_FROM_MS = 2000;
/** Once through the clip takes 5.5 s. */
const PATIENCE_MS = 60_000;
/** Rests of 3 and 1.5 s about a turn of 1 s; a machine that is busy shows less of either. */
const REST_MIN = 3;

if (!existsSync(CHROMIUM) || !existsSync(PACKAGE)) {
  console.log("skipped: needs chromium and tools/setup-tests");
  process.exit(process.env.IMI_INSIST ? 1 : 77);
}
const { chromium } = createRequire(WEB)("playwright-core");
const folder = mkdtempSync(join(tmpdir(), "imi-testkit-"));
// Cameras are for pages of a server.
const server = createServer((request, response) => response.end("<!doctype html><video></video>"));
await new Promise((done) => server.listen(0, "127.0.0.1", done));

/** Runs work with a page in a browser that was started with these options. */
async function withPage(args, work) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...args] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await work(page);
  } finally {
    await browser.close();
  }
}

/** A picture of one colour, as a JPEG. */
const jpegOf = (page, colour) => page.evaluate(async ([fill, width, height]) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.fillStyle = fill;
  context.fillRect(0, 0, width, height);
  return canvas.toDataURL("image/jpeg").split(",")[1];
}, [colour, WIDTH, HEIGHT]).then((text) => Buffer.from(text, "base64"));

/** A clip in which the person is red at rest and blue while turning. */
async function writeFrames(page) {
  const [rest, turned] = [await jpegOf(page, "#f00000"), await jpegOf(page, "#0000f0")];
  mkdirSync(join(folder, "frames"));
  for (let at = 0; at < LENGTH_MS; at += STEP_MS) {
    writeFileSync(join(folder, "frames", `${at}.jpg`), at < TURN_FROM_MS ? rest : turned);
  }
  writeFileSync(join(folder, "frames/segments.csv"),
    `clip,action,start_ms,end_ms\na,neutral,0,${TURN_FROM_MS - STEP_MS}\na,turn_left,${TURN_FROM_MS},${LENGTH_MS - STEP_MS}\n`);
}

/** In the page: the camera's size, and how many pictures the first whole turn and the rest after it have. */
async function look(patienceMs) {
  const until = performance.now() + patienceMs;
  const video = document.querySelector("video");
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  await video.play();
  const context = document.createElement("canvas").getContext("2d");
  const runs = [];
  let before;
  while (runs.length < 5) {
    await new Promise((done) => video.requestVideoFrameCallback(done));
    if (performance.now() > until) throw new Error(`seen so far: ${JSON.stringify(runs)}`);
    context.drawImage(video, 0, 0);
    const [red, , blue] = context.getImageData(9, 9, 1, 1).data;
    const turns = blue > red;
    if (turns !== before) runs.push({ turns, pictures: 0 });
    before = turns;
    runs[runs.length - 1].pictures++;
  }
  // The first run was under way when the camera was opened.
  const whole = runs.findIndex((run, i) => i > 0 && run.turns);
  return [video.videoWidth, video.videoHeight, runs[whole].pictures, runs[whole + 1].pictures];
}

try {
  await withPage([], writeFrames);
  execFileSync(process.argv[2], ["--frames", join(folder, "frames"), "--script", "turn_left", "--out", join(folder, "clip")]);
  const [width, height, turn, rest] = await withPage(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${join(folder, "clip/camera.mjpeg")}`], (page) => page.evaluate(look, PATIENCE_MS));
  assert.deepEqual([width, height], [WIDTH, HEIGHT]);
  assert.ok(rest > REST_MIN * turn, `${turn} pictures of the turn, ${rest} of the rests about it`);
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
