// What the phone and the server say to each other, read off the wire: enough of protobuf and of
// gRPC-Web to know what a person is told, and nothing more.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;
const TRAILERS = 0x80, HEADER_BYTES = 5;

function readVarint(bytes, at) {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error("a varint is cut");
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [Number(value), at];
  }
}

/** Fields of a message by number, each a list: numbers, floats of 32 bits, or bytes. */
export function readMessage(bytes) {
  const fields = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    let key, value;
    [key, at] = readVarint(bytes, at);
    switch (key & 7) {
      case VARINT: [value, at] = readVarint(bytes, at); break;
      case FIXED64: at += 8; break;
      case FIXED32: value = view.getFloat32(at, true); at += 4; break;
      case BYTES: {
        const [size, from] = readVarint(bytes, at);
        at = from + size;
        if (at > bytes.length) throw new Error("a field is cut");
        value = bytes.subarray(from, at);
        break;
      }
      default: throw new Error(`no wire type: ${key & 7}`);
    }
    (fields[key >>> 3] ??= []).push(value);
  }
  return fields;
}

/** A repeated number, packed or not. */
export function numbers(values = []) {
  return values.flatMap((value) => {
    if (typeof value === "number") return [value];
    const out = [];
    for (let at = 0, one; at < value.length; out.push(one)) [one, at] = readVarint(value, at);
    return out;
  });
}

/** {messages, trailers} of a body of gRPC-Web. */
export function readBody(body) {
  const messages = [], trailers = {};
  for (let at = 0; at < body.length;) {
    const size = body.readUInt32BE(at + 1);
    const payload = body.subarray(at + HEADER_BYTES, at + HEADER_BYTES + size);
    if (payload.length !== size) throw new Error("the body is cut");
    if (body[at] === TRAILERS) {
      for (const line of payload.toString("ascii").split("\r\n")) {
        const [name, value] = line.split(": ");
        if (value !== undefined) trailers[name] = value;
      }
    } else {
      messages.push(payload);
    }
    at += HEADER_BYTES + size;
  }
  return { messages, trailers };
}

/** Names of an enum of the protocol by number, in lower case; 0 is "none". */
function namesOf(prefix) {
  const proto = readFileSync(join(process.env.IMI_PROTO, "imi/v1/common.proto"), "utf8");
  const names = ["none"];
  for (const [, name, number] of proto.matchAll(new RegExp(` ${prefix}_(\\w+) = (\\d+);`, "g"))) {
    if (number !== "0") names[Number(number)] = name.toLowerCase();
  }
  return names;
}

export const GUIDANCE = namesOf("GUIDANCE");
const ACTIONS = namesOf("CHALLENGE_ACTION");

/** The script of a capture, as the server's tools write it: "near_far@2,blink". */
export function readScript(response) {
  const fields = readMessage(response);
  const targets = numbers(fields[6]);
  return numbers(fields[3])
    .map((action, i) => ACTIONS[action] + (targets[i] ? `@${targets[i]}` : "")).join(",");
}

/** Answer to a frame, out of the response of SubmitFrame. */
export function readFeedback(response) {
  const fields = readMessage(readMessage(response)[1]?.[0] ?? Buffer.alloc(0));
  const oval = fields[6] && readMessage(fields[6][0]);
  return {
    sequence: fields[1]?.[0] ?? 0,
    guidance: GUIDANCE[fields[2]?.[0] ?? 0],
    done: fields[3]?.[0] ?? 0,
    skipped: fields[7]?.[0] === 1,
    oval: oval && [1, 2, 3].map((number) => oval[number]?.[0] ?? 0),
  };
}

/** What a request of SubmitFrame holds: capture, sequence, size of the image. */
export function readFrame(body) {
  const fields = readMessage(readBody(body).messages[0]);
  const frame = readMessage(fields[2][0]);
  return {
    capture: fields[1][0].toString("ascii"),
    sequence: frame[1][0],
    jpegBytes: frame[3][0].length,
  };
}
