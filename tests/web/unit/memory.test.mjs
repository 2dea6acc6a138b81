import assert from 'node:assert/strict';
import test from 'node:test';
import { newCore, sdk, wasm } from './fixture.mjs';

test('scratch is wiped and used again', async () => {
  const { memory } = await newCore();
  const first = memory.scratch((allocate) => memory.copy(allocate, new Uint8Array([1, 2, 3])));
  assert.deepEqual([...memory.bytes(first, 3)], [0, 0, 0]);
  assert.equal(memory.scratch((allocate) => allocate(1)), first);
});

test('scratch is wiped when the body throws', async () => {
  const { memory } = await newCore();
  let at = 0;
  assert.throws(() => memory.scratch((allocate) => {
    at = memory.copy(allocate, new Uint8Array([9]));
    throw new Error('no');
  }), /no/);
  assert.equal(memory.u8(at), 0);
});

test('scratch within scratch leaves what is outside', async () => {
  const { memory } = await newCore();
  memory.scratch((allocate) => {
    const outer = memory.copy(allocate, new Uint8Array([7]));
    memory.scratch((more) => memory.copy(more, new Uint8Array([8])));
    assert.equal(memory.u8(outer), 7);
  });
});

test('storage that stays cannot lie in scratch', async () => {
  const { memory } = await newCore();
  assert.throws(() => memory.scratch(() => memory.keep(8)), /cannot lie in scratch/);
});

test('memory grows and keeps what it holds', async () => {
  const { memory } = await newCore();
  const small = memory.keep(4);
  memory.setU32(small, 12345);
  const large = memory.keep(8 << 20);
  memory.bytes(large, 8 << 20).fill(1);
  assert.equal(memory.u32(small), 12345);
});

test('storage is aligned to 8 bytes', async () => {
  const { memory } = await newCore();
  memory.keep(3);
  assert.equal(memory.keep(1) % 8, 0);
});

test('times below and above 32 bits come back', async () => {
  const { memory } = await newCore();
  const at = memory.keep(8);
  for (const value of [0, 1795414645502, -5]) {
    memory.setI64(at, value);
    assert.equal(memory.i64(at), value);
  }
});

test('both builds of the core are the same core', async () => {
  const scalar = await sdk.instantiateCore(wasm('imi_core_scalar.wasm'));
  const vectors = await newCore();
  assert.equal(scalar.exports.imi_core_version(), vectors.exports.imi_core_version());
  assert.deepEqual(Object.keys(scalar.exports), Object.keys(vectors.exports));
});

test('vectors are found where they are', () => {
  assert.equal(sdk.hasVectors(), true);
});
