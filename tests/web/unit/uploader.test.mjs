import assert from 'node:assert/strict';
import test from 'node:test';
import { sdk } from './fixture.mjs';

/** How many of two frames that wait set out at once. */
function setOut(periodMs) {
  const waiting = [{ sequence: 1 }, { sequence: 2 }];
  let calls = 0;
  const uploader = new sdk.Uploader({
    queue: { plan: { periodMs }, waiting: 2, reconnected() {}, next: () => waiting.shift() },
    calls: { call: () => new Promise(() => { calls++; }) },
  });
  uploader.start();
  return calls;
}

test('over a slow link a frame does not set out together with another', () => {
  assert.equal(setOut(700), 1);
});

test('over a fast link frames need not wait for each other', () => {
  assert.equal(setOut(250), 2);
});
