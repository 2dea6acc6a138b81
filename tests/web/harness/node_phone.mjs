// The SDK for browsers in Node: the real session, key, queue and core; a camera that is played.
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const { IMI_PAGE, IMI_WORK } = process.env;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

async function buildSdk(folder) {
  const { build } = createRequire(here("../../../mobile-sdk/web/package.json"))("esbuild");
  mkdirSync(join(folder, "wasm32"), { recursive: true });
  copyFileSync(join(IMI_PAGE, "imi_core.wasm"), join(folder, "wasm32/imi_core.wasm"));
  await build({ entryPoints: [here("../unit/sdk.ts")], outfile: join(folder, "sdk.mjs"), bundle: true,
    format: "esm", target: "es2020", logLevel: "warning" });
}

const folder = join(IMI_WORK, "node-sdk");
await buildSdk(folder);
process.env.IMI_OUT = folder; // where the parts of the unit tests look for it
const { Phone } = await import("../unit/phone.mjs");

const COMMENT = 0xfe; // JPEG's marker
const START_BYTES = 2;

/** The JPEG with a comment: another file of the same picture, about as large as a phone's. */
function withComment(jpeg, number, bytes) {
  const comment = Buffer.alloc(bytes - jpeg.length, number & 0xff);
  comment.writeUInt16BE(0xff00 | COMMENT);
  comment.writeUInt16BE(comment.length - 2, 2);
  comment.writeUInt32BE(number, 4);
  return new Uint8Array(Buffer.concat(
    [jpeg.subarray(0, START_BYTES), comment, jpeg.subarray(START_BYTES)]));
}

/** A phone whose camera shows one picture; through: { origin } of its way to the gateway. */
export function openNodePhone(t, through, session, jpeg) {
  const phone = new Phone(t, through);
  const [sessionId, secret] = new URL(session.link).hash.slice(1).split(".");
  Object.assign(phone.link, { sessionId, secret });
  phone.frames.jpeg = async () => withComment(jpeg, ++phone.frames.taken, phone.frames.bytes);
  return phone;
}
