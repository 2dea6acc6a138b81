import assert from 'node:assert/strict';
import test from 'node:test';
import { newCore, sdk, until } from './fixture.mjs';

const begun = {
  captureId: Buffer.from('cap_1'), nonce: new Uint8Array(32), actions: [], attemptsLeft: 1,
  maxFrameBytes: 1 << 20, retryAfterMs: 0,
};

/** A camera whose JPEGs have bytesPerPercent for each percent of quality. */
class PlayedFrames {
  bytesPerPercent = 250;
  qualities = [];
  shown = 0;

  start(onFrame) {
    this.timer = setInterval(onFrame, 5);
  }

  stop() {
    clearInterval(this.timer);
  }

  small() {
    const data = new Uint8ClampedArray(16 * 16 * 4).fill(++this.shown & 0xff);
    return { width: 16, height: 16, data };
  }

  async jpeg(quality) {
    this.qualities.push(quality);
    await this.delay;
    return new Uint8Array(this.size(quality)).fill(this.qualities.length);
  }

  size(quality) {
    return quality * this.bytesPerPercent;
  }
}

async function newCapture(t) {
  const core = await newCore();
  const queue = new sdk.Queue(core);
  const frames = new PlayedFrames();
  let pushed = 0;
  const capture = new sdk.Capture({
    core, queue, frames, chooser: new sdk.Chooser(core),
    onPushed: () => pushed++, onFull: () => undefined,
  });
  capture.key = await sdk.makeKey();
  queue.begin(begun);
  t.after(() => capture.stop());
  return { core, queue, frames, capture, pushed: () => pushed };
}

const reach = (pushed, count) => until(() => pushed() >= count, () => `${pushed()} frames`);

test('the quality is found with frames that are not sent, and then stays', async (t) => {
  const { frames, capture, pushed } = await newCapture(t);
  capture.start();
  await reach(pushed, 1);
  const settled = frames.qualities.at(-1);
  const trials = frames.qualities.length - pushed();
  assert.ok(trials >= 2, `${trials} trials`);
  assert.ok(settled > frames.qualities[0], 'frames were too small');
  frames.bytesPerPercent = 1000;
  await reach(pushed, 3);
  assert.equal(frames.qualities.at(-1), settled);
});

test('a camera that fits no quality does not hold up the capture', async (t) => {
  const { frames, capture, pushed } = await newCapture(t);
  frames.bytesPerPercent = 10;
  capture.start();
  await reach(pushed, 1);
  assert.ok(frames.qualities.length <= 6);
});

// As a camera's JPEGs grow with their quality: by 4 % a step.
for (const [what, bytesAt60] of [['plain', 9000], ['usual', 15000], ['busy', 40000]]) {
  for (const [uplink, jpegBytes] of [['slow', 15 * 1024], ['fast', 60 * 1024]]) {
    test(`a ${what} picture has 15 to 60 KB on a ${uplink} uplink`, async (t) => {
      const { frames, capture, queue, pushed } = await newCapture(t);
      frames.size = (quality) => Math.round(bytesAt60 * 1.04 ** (quality - 60));
      Object.defineProperty(queue, 'plan', { value: { jpegBytes, periodMs: 1, rateBytesPerS: 1 } });
      capture.start();
      await reach(pushed, 1);
      const size = frames.size(frames.qualities.at(-1));
      assert.ok(size >= 15 * 1024 && size <= 60 * 1024, `${size} bytes`);
      assert.ok(size <= 1.2 * jpegBytes, `${size} bytes`);
    });
  }
}

test('another capture finds its quality anew, one that goes on does not', async (t) => {
  const { frames, capture, queue, pushed } = await newCapture(t);
  capture.resume(77);
  capture.start();
  await reach(pushed, 1);
  assert.deepEqual(new Set(frames.qualities), new Set([77]));
  queue.begin(begun);
  capture.reset();
  await until(() => frames.qualities.at(-1) !== 77, () => 'another quality');
});

test('a frame of the capture before is not pushed into the next', async (t) => {
  const { frames, capture, queue, pushed } = await newCapture(t);
  capture.resume(60);
  let release;
  frames.delay = new Promise((resolve) => {
    release = resolve;
  });
  capture.start();
  await until(() => frames.qualities.length === 1, () => 'a frame');
  capture.stop();
  queue.begin(begun);
  capture.reset();
  release();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(pushed(), 0);
  assert.equal(queue.waiting, 0);
});

test('no more frames are taken than there is room for', async (t) => {
  const { frames, capture, queue } = await newCapture(t);
  capture.resume(60);
  capture.room = 2;
  capture.start();
  await until(() => queue.waiting === 2, () => `${queue.waiting}`);
  const { length } = frames.qualities;
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.equal(frames.qualities.length, length);
});

test('a face is not out of sight for long, however many frames wait', async (t) => {
  const { frames, capture, queue } = await newCapture(t);
  let now = Date.now();
  t.mock.method(Date, 'now', () => now);
  capture.resume(60);
  capture.room = 1;
  capture.start();
  await until(() => queue.waiting === 1, () => `${queue.waiting}`);
  now += 1500;
  await until(() => queue.waiting === 2, () => `${queue.waiting}`);
  assert.equal(frames.qualities.length, 2);
});

test('without a key nothing is taken', async (t) => {
  const { frames, capture } = await newCapture(t);
  capture.key = undefined;
  capture.start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(frames.qualities.length, 0);
});

test('frames are too slow when they are larger than planned and long on their way', async (t) => {
  const { frames, capture, pushed } = await newCapture(t);
  frames.bytesPerPercent = 400;
  capture.resume(90);
  capture.start();
  await reach(pushed, 1);
  const plan = { jpegBytes: 15 * 1024, periodMs: 1000, rateBytesPerS: 20 * 1024 };
  assert.equal(capture.isTooSlow(plan), true);
  assert.equal(capture.isTooSlow({ ...plan, rateBytesPerS: 100 * 1024 }), false);
  assert.equal(capture.isTooSlow({ ...plan, jpegBytes: 30 * 1024 }), false);
});
