/** What a browser must have; Chrome 90 and Safari 15 have all of it. */
import type { MissingFeatures } from './types';

const tests: Record<string, () => unknown> = {
  secure_context: () => isSecureContext,
  webassembly: () => WebAssembly.instantiate,
  bigint: () => BigInt64Array,
  webcrypto: () => crypto.subtle,
  indexeddb: () => indexedDB,
  fetch: () => typeof fetch === 'function' && AbortController,
  camera: () => navigator.mediaDevices.getUserMedia,
  canvas: () => HTMLCanvasElement.prototype.toBlob,
  blob: () => Blob.prototype.arrayBuffer,
};

function has(test: () => unknown): boolean {
  try {
    return Boolean(test());
  } catch {
    return false;
  }
}

export const missingFeatures = (): MissingFeatures =>
  Object.keys(tests).filter((name) => !has(tests[name]!));
