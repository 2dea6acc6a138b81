/** What all of these tests share: the SDK as a module, and the core. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { webcrypto } from 'node:crypto';

// Node 18 has them elsewhere, or not at all.
globalThis.crypto ??= webcrypto;
globalThis.navigator ??= {};

const { IMI_OUT, IMI_ROOT } = process.env;

export const sdk = await import(join(IMI_OUT, 'sdk.mjs'));
export const built = (name) => readFileSync(join(IMI_OUT, name));
export const source = (path) => readFileSync(join(IMI_ROOT, path), 'utf8');
export const wasm = (name = 'imi_core.wasm') => built(`wasm32/${name}`);
export const newCore = () => sdk.instantiateCore(wasm());

/** Numbers by name of a TypeScript enum, which has names by number as well. */
export const numbersOf = (enumeration) =>
  Object.fromEntries(Object.entries(enumeration).filter(([, value]) => typeof value === 'number'));

/** Protobuf as little as these tests need: number, text or bytes, nested list of fields. */
export function message(fields) {
  return Buffer.concat(fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [varint(number << 3), varint(value)];
    if (value instanceof Float32Array) return [varint(number << 3 | 5), Buffer.from(value.buffer)];
    const bytes = Array.isArray(value) ? message(value) : Buffer.from(value);
    return [varint(number << 3 | 2), varint(bytes.length), bytes];
  }));
}

function varint(value) {
  const bytes = [];
  for (let left = BigInt(value); ; left >>= 7n) {
    const low = Number(left & 0x7fn);
    if (left < 0x80n) return Buffer.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
}

/** The fields of a message as { number: value of the last }. */
export function fields(bytes) {
  const found = {};
  let at = 0;
  const number = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(value);
    }
  };
  while (at < bytes.length) {
    const key = number();
    if ((key & 7) === 0) found[key >> 3] = number();
    else {
      const size = number();
      found[key >> 3] = bytes.subarray(at, at + size);
      at += size;
    }
  }
  return found;
}

/** A body of gRPC-Web: the message if there is one, then trailers. */
export function answer(status, content) {
  const part = (flag, bytes) => {
    const head = Buffer.alloc(5);
    head[0] = flag;
    head.writeUInt32BE(bytes.length, 1);
    return Buffer.concat([head, bytes]);
  };
  const trailers = part(0x80, Buffer.from(`grpc-status: ${status}\r\n`));
  return content === undefined ? trailers : Buffer.concat([part(0, content), trailers]);
}

/** Resolves when the condition holds; rejects with what was seen when it does not for long. */
export async function until(condition, what, limitMs = 20000) {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`it never came to this: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
