import assert from 'node:assert/strict';
import test from 'node:test';
import { built, numbersOf, sdk } from './fixture.mjs';

const { instance } = await WebAssembly.instantiate(built('layout.wasm'));
const { memory, layout_places, layout_sizes } = instance.exports;
const data = new DataView(memory.buffer);
const word = (at) => data.getUint32(at, true);

function text(at) {
  const bytes = new Uint8Array(memory.buffer, at);
  return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
}

test('every field lies where the C compiler puts it', () => {
  const compiled = {};
  for (let at = layout_places.value; word(at) !== 0; at += 12) {
    (compiled[text(word(at))] ??= {})[text(word(at + 4))] = word(at + 8);
  }
  const ours = Object.entries(sdk.layout).filter(([, value]) => typeof value === 'object')
    .map(([name, struct]) => [name, numbersOf(struct)]);
  assert.deepEqual(Object.fromEntries(ours), compiled);
});

test('sizes are those of the headers', () => {
  const { layout } = sdk;
  const sizes = [layout.NONCE_SIZE, layout.SIGNATURE_SIZE, layout.FRAME_MESSAGE_SIZE,
    layout.FRAME_ENVELOPE_MAX, layout.GRPC_WEB_HEADER_SIZE, layout.GRPC_WEB_ANSWER_MAX];
  assert.deepEqual(sizes, sizes.map((_, i) => word(layout_sizes.value + 4 * i)));
});
