/** The core's upload queue, and what of it is saved. */
import type { Core } from './core';
import { nowMs, random32 } from './core';
import * as layout from './layout';
import type { Begun } from './messages';

/** Room for what is captured while the network is away: half a minute at the usual size. */
const STORAGE_BYTES = 4 << 20;
/** Unanswered calls at once: two fill a slow link, and the server puts them in order. */
export const SEND_WINDOW = 2;

export interface Plan {
  jpegBytes: number;
  periodMs: number;
  /** Measured; 0 before the first answer. */
  rateBytesPerS: number;
}

/** A frame as it is pushed. */
export interface Captured {
  capturedAtMs: number;
  lightShownMs: number;
  jpeg: Uint8Array;
  signature: Uint8Array;
}

/** A frame as it is sent. */
export interface Sendable {
  sequence: number;
  request: Uint8Array;
}

export class Queue {
  private readonly core: Core;
  private readonly at: number;

  constructor(core: Core, window = SEND_WINDOW) {
    this.core = core;
    const { exports, memory } = core;
    const seed = memory.keep(4);
    memory.setU32(seed, random32() | 1);
    const table = exports.__indirect_function_table;
    const random = table.grow(1);
    table.set(random, exports.imi_core_random_xorshift);
    const size = exports.imi_core_queue_size() + STORAGE_BYTES;
    const storage = memory.keep(size);
    this.at = memory.scratch((allocate) => {
      const options = allocate(layout.queue_options.SIZE);
      memory.setU32(options + layout.queue_options.window, window);
      memory.setU32(options + layout.queue_options.random, random);
      memory.setU32(options + layout.queue_options.user, seed);
      return exports.imi_core_queue_init(storage, size, options);
    });
    if (this.at === 0) throw new Error('imi: the queue cannot be made');
  }

  /** False for a capture that the core does not take. */
  begin(begun: Begun): boolean {
    const { memory, exports } = this.core;
    return memory.scratch((allocate) => exports.imi_core_queue_begin(
      this.at, memory.newView(allocate, begun.captureId), memory.copy(allocate, begun.nonce),
      begun.maxFrameBytes) !== 0);
  }

  drop(): void {
    this.core.exports.imi_core_queue_drop(this.at);
  }

  get waiting(): number {
    return this.core.exports.imi_core_queue_waiting(this.at);
  }

  get plan(): Plan {
    const { memory, exports } = this.core;
    return memory.scratch((allocate) => {
      const out = allocate(layout.plan.SIZE);
      exports.imi_core_queue_plan(this.at, out);
      return {
        jpegBytes: memory.u32(out + layout.plan.jpeg_bytes),
        periodMs: memory.u32(out + layout.plan.period_ms),
        rateBytesPerS: memory.u32(out + layout.plan.rate_bytes_per_s),
      };
    });
  }

  /** What to sign for the frame that is pushed next; undefined without a capture. */
  message(capturedAtMs: number, digest: Uint8Array): Uint8Array | undefined {
    const { memory, exports } = this.core;
    return memory.scratch((allocate) => {
      const out = allocate(layout.FRAME_MESSAGE_SIZE);
      const copy = memory.copy(allocate, digest);
      return exports.imi_core_queue_message(this.at, BigInt(capturedAtMs), copy, out) !== 0
        ? memory.bytes(out, layout.FRAME_MESSAGE_SIZE).slice() : undefined;
    });
  }

  /** A number of Push. */
  push(captured: Captured): number {
    const { memory, exports } = this.core;
    return memory.scratch((allocate) => {
      const frame = allocate(layout.frame.SIZE);
      memory.setI64(frame + layout.frame.captured_at_unix_ms, captured.capturedAtMs);
      memory.setU32(frame + layout.frame.light_shown_ms, captured.lightShownMs);
      memory.setView(allocate, frame + layout.frame.jpeg, captured.jpeg);
      memory.bytes(frame + layout.frame.signature, layout.SIGNATURE_SIZE).set(captured.signature);
      return exports.imi_core_queue_push(this.at, frame);
    });
  }

  /** The frame to send now, as the message of SubmitFrame; undefined if none is due. */
  next(): Sendable | undefined {
    const { memory, exports } = this.core;
    return memory.scratch((allocate) => {
      const frame = allocate(layout.frame.SIZE);
      if (exports.imi_core_queue_next(this.at, nowMs(), frame) === 0) return undefined;
      const jpeg = memory.u32(frame + layout.frame.jpeg + layout.view.size);
      const capacity = jpeg + layout.FRAME_ENVELOPE_MAX;
      const id = allocate(layout.view.SIZE);
      const out = allocate(capacity);
      exports.imi_core_queue_capture_id(id, this.at);
      const size = exports.imi_core_write_frame(id, frame, out, capacity);
      return {
        sequence: memory.i64(frame + layout.frame.sequence),
        request: memory.bytes(out, size).slice(),
      };
    });
  }

  answered(sequence: number): boolean {
    return this.core.exports.imi_core_queue_answered(this.at, BigInt(sequence), nowMs()) !== 0;
  }

  /** Milliseconds until it is sent again. */
  failed(sequence: number): number {
    return this.core.exports.imi_core_queue_failed(this.at, BigInt(sequence), nowMs());
  }

  reconnected(): void {
    this.core.exports.imi_core_queue_reconnected(this.at);
  }

  /** State, end of the session and unanswered frames as bytes; undefined if there is nothing to save. */
  save(state: number, expiresAtMs: number): Uint8Array | undefined {
    const { memory, exports } = this.core;
    return memory.scratch((allocate) => {
      const size = exports.imi_core_state_saved_size(this.at);
      const out = allocate(size);
      const saved = exports.imi_core_state_save(state, BigInt(expiresAtMs), this.at, out, size);
      return saved > 0 ? memory.bytes(out, saved).slice() : undefined;
    });
  }

  /** Undefined for what is damaged or of another version. */
  load(saved: Uint8Array): { state: number; expiresAtMs: number } | undefined {
    const { memory, exports } = this.core;
    return memory.scratch((allocate) => {
      const out = allocate(layout.loaded.SIZE);
      return exports.imi_core_state_load(memory.newView(allocate, saved), this.at, out) === 0
        ? undefined : {
          state: memory.u32(out + layout.loaded.state),
          expiresAtMs: memory.i64(out + layout.loaded.expires_at_unix_ms),
        };
    });
  }
}
