// usage: node vectors_wasm.mjs FILE.wasm
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const differences = instance.exports.vectors_differences() >>> 0;
const pixels = instance.exports.vectors_pixels() >>> 0;
console.log(`${pixels} pixels by vectors, ${differences} sums differ`);
process.exit(differences === 0 && pixels > 0 ? 0 : 1);
