/** Frames of gRPC-Web and the two messages of FollowSession (rpc/proto/imi/v1/subject.proto). */

/** enum FollowStep, by number. */
const STEPS = ['unspecified', 'waiting_for_phone', 'phone_joined', 'consented', 'capturing',
  'try_again', 'done', 'staff_review', 'expired', 'withdrawn'] as const;
export type Step = typeof STEPS[number];

export interface News {
  step: Step;
  /** Milliseconds since 1970 at which the session ends. */
  expiresAtMs: number;
  /** JSON; empty while there is none. */
  receipt: string;
}

export interface Frame {
  /** The last one: trailers. */
  isEnd: boolean;
  payload: Uint8Array;
}

const HEADER_SIZE = 5;
const END = 0x80;
/** Far more than a receipt needs. */
const FRAME_MAX = 1 << 20;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function framed(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_SIZE + payload.length);
  new DataView(frame.buffer).setUint32(1, payload.length);
  frame.set(payload, HEADER_SIZE);
  return frame;
}

/** Both are shorter than 128 bytes, as parseLink has seen to. */
export function encodeRequest(sessionId: string, secret: string): Uint8Array<ArrayBuffer> {
  const fields = [sessionId, secret].flatMap((text, at) => {
    const bytes = encoder.encode(text);
    return [(at + 1) << 3 | 2, bytes.length, ...bytes];
  });
  return framed(Uint8Array.from(fields));
}

/** Puts together what the network has cut anywhere. */
export class FrameReader {
  private rest = new Uint8Array(0);

  take(bytes: Uint8Array): Frame[] {
    const all = new Uint8Array(this.rest.length + bytes.length);
    all.set(this.rest);
    all.set(bytes, this.rest.length);
    const frames: Frame[] = [];
    let at = 0;
    while (all.length - at >= HEADER_SIZE) {
      const size = new DataView(all.buffer, at).getUint32(1);
      if (size > FRAME_MAX) throw new Error('a frame is too large');
      if (all.length - at < HEADER_SIZE + size) break;
      const payload = all.slice(at + HEADER_SIZE, at + HEADER_SIZE + size);
      frames.push({ isEnd: (all[at]! & END) !== 0, payload });
      at += HEADER_SIZE + size;
    }
    this.rest = all.slice(at);
    return frames;
  }
}

/** grpc-status of trailers; 2, unknown, where they lack it. */
export function statusOf(trailers: Uint8Array): number {
  const found = /^grpc-status: *(\d+) *\r?$/m.exec(decoder.decode(trailers));
  return found ? Number(found[1]) : 2;
}

/** Reads varints and what they measure. */
class Fields {
  private at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 63; factor *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Error('a message is cut');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new Error('a number has no end');
  }

  piece(): Uint8Array {
    const size = this.number();
    if (size > this.bytes.length - this.at) throw new Error('a message is cut');
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}

/** Throws where it is none; what a later server adds is passed over. */
export function decodeNews(message: Uint8Array): News {
  const news: News = { step: 'unspecified', expiresAtMs: 0, receipt: '' };
  const fields = new Fields(message);
  while (!fields.isAtEnd) {
    const tag = fields.number();
    if (tag === (1 << 3)) news.step = STEPS[fields.number()] ?? 'unspecified';
    else if (tag === (2 << 3)) news.expiresAtMs = fields.number();
    else if (tag === (3 << 3 | 2)) news.receipt = decoder.decode(fields.piece());
    else if ((tag & 7) === 0) fields.number();
    else if ((tag & 7) === 2) fields.piece();
    else throw new Error('a field is of no kind that is used');
  }
  return news;
}
