import assert from 'node:assert/strict';
import test from 'node:test';
import { fields, newCore, sdk } from './fixture.mjs';

const begun = {
  captureId: Buffer.from('cap_1'), nonce: new Uint8Array(32).fill(3), actions: [], attemptsLeft: 1,
  maxFrameBytes: 1 << 20, retryAfterMs: 0,
};
const frame = (capturedAtMs, size = 1000) => ({
  capturedAtMs, lightShownMs: 7, jpeg: new Uint8Array(size).fill(5),
  signature: new Uint8Array(64).fill(capturedAtMs & 0xff),
});

async function newQueue(window) {
  const queue = new sdk.Queue(await newCore(), window);
  assert.equal(queue.begin(begun), true);
  return queue;
}

test('a frame comes out as it went in', async () => {
  const queue = await newQueue();
  assert.equal(queue.push(frame(1795414645502)), sdk.Push.OK);
  const { sequence, request } = queue.next();
  assert.equal(sequence, 1);
  const outer = fields(request);
  const inner = fields(outer[2]);
  assert.equal(Buffer.from(outer[1]).toString(), 'cap_1');
  assert.equal(inner[1], 1);
  assert.equal(inner[2], 1795414645502);
  assert.deepEqual([...inner[3]], Array(1000).fill(5));
  assert.deepEqual([...inner[4]], Array(64).fill(1795414645502 & 0xff));
  assert.equal(inner[5], 7);
});

test('so many calls are under way as the window has room for', async () => {
  for (const [window, sent] of [[undefined, sdk.SEND_WINDOW], [1, 1], [3, 3]]) {
    const queue = await newQueue(window);
    for (let i = 1; i <= 5; i++) queue.push(frame(i));
    let count = 0;
    while (queue.next()) count++;
    assert.equal(count, sent);
  }
});

test('an answered frame is gone, a failed one is sent again after a wait', async () => {
  const queue = await newQueue(1);
  queue.push(frame(1));
  queue.push(frame(2));
  assert.equal(queue.next().sequence, 1);
  assert.equal(queue.answered(1), true);
  assert.equal(queue.waiting, 1);
  assert.equal(queue.next().sequence, 2);
  assert.ok(queue.failed(2) >= 125);
  assert.equal(queue.next(), undefined);
  queue.reconnected();
  assert.equal(queue.next().sequence, 2);
});

test('the message to sign binds nonce, number, time, digest and the signature before', async () => {
  const queue = await newQueue();
  const digest = new Uint8Array(32).fill(9);
  const first = Buffer.from(queue.message(500, digest));
  assert.equal(first.subarray(0, 12).toString(), 'imi-frame-v1');
  assert.deepEqual([...first.subarray(16, 48)], Array(32).fill(3));
  assert.equal(first.readBigUInt64BE(48), 1n);
  assert.equal(first.readBigInt64BE(56), 500n);
  assert.deepEqual([...first.subarray(64, 96)], Array(32).fill(9));
  assert.deepEqual([...first.subarray(96)], Array(64).fill(0));
  queue.push(frame(500));
  assert.deepEqual([...Buffer.from(queue.message(501, digest)).subarray(96)], Array(64).fill(500 & 0xff));
});

test('without a capture there is nothing to sign or to send', async () => {
  const queue = await newQueue();
  queue.drop();
  assert.equal(queue.message(1, new Uint8Array(32)), undefined);
  assert.equal(queue.push(frame(1)), sdk.Push.NO_CAPTURE);
  assert.equal(queue.next(), undefined);
});

test('a capture without an id is not begun', async () => {
  const queue = await newQueue();
  assert.equal(queue.begin({ ...begun, captureId: new Uint8Array(0) }), false);
});

test('frames must be later than those before, and no larger than the server takes', async () => {
  const queue = await newQueue();
  queue.push(frame(10));
  assert.equal(queue.push(frame(10)), sdk.Push.OUT_OF_TIME);
  assert.equal(queue.push(frame(11, (1 << 20) + 1)), sdk.Push.TOO_LARGE);
});

test('half a minute is kept without a network, and no more than there is room', async () => {
  const queue = await newQueue();
  let kept = 0;
  while (queue.push(frame(++kept, 30 * 1024)) === sdk.Push.OK);
  assert.ok(kept > 120, kept);
});

test('what is saved is loaded again, in another core', async () => {
  const queue = await newQueue();
  queue.push(frame(1));
  queue.push(frame(2));
  const saved = queue.save(8, 1795414645502);
  const other = new sdk.Queue(await newCore());
  assert.deepEqual(other.load(saved), { state: 8, expiresAtMs: 1795414645502 });
  assert.equal(other.waiting, 2);
  assert.equal(other.next().sequence, 1);
});

test('what is damaged is not loaded', async () => {
  const queue = await newQueue();
  queue.push(frame(1));
  const saved = queue.save(8, 1000);
  saved[saved.length >> 1] ^= 1;
  assert.equal(queue.load(saved), undefined);
  assert.equal(queue.load(new Uint8Array(3)), undefined);
});

test('the plan begins in the middle', async () => {
  const queue = await newQueue();
  assert.deepEqual(queue.plan, { jpegBytes: 24 * 1024, periodMs: 250, rateBytesPerS: 0 });
});
