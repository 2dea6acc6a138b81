/** The core as WebAssembly: its exports with types, and its pure functions. */
import type { Event } from './codes';
import { eventNumber } from './codes';
import * as layout from './layout';
import { Memory } from './memory';

type Pointer = number;

/** What the SDK calls of symbols.txt. A struct that is passed by value is passed by its address. */
export interface CoreExports {
  memory: WebAssembly.Memory;
  __heap_base: WebAssembly.Global;
  __indirect_function_table: WebAssembly.Table;
  imi_core_version(): number;
  imi_core_backoff_ms(failures: number, randomBits: number): number;
  imi_core_random_xorshift(state: Pointer): number;
  imi_core_phrase_name(phrase: number): Pointer;
  imi_core_reason_name(reason: number): Pointer;
  imi_core_reason_phrase(reason: number): number;
  imi_core_reason_may_pass(reason: number): number;
  imi_core_session_step(state: number, event: number, out: Pointer): void;
  imi_core_session_phrase(state: number): number;
  imi_core_session_is_over(state: number): number;
  imi_core_offline_phrase(actions: Pointer, count: number, elapsedMs: number): number;
  imi_core_pacer_size(): number;
  imi_core_pacer_init(storage: Pointer, size: number): Pointer;
  imi_core_pacer_offer(pacer: Pointer, phrase: number, nowMs: bigint): void;
  imi_core_pacer_speaking(pacer: Pointer, lengthMs: number, nowMs: bigint): void;
  imi_core_pacer_tick(pacer: Pointer, nowMs: bigint, out: Pointer): void;
  imi_core_chooser_size(): number;
  imi_core_chooser_init(storage: Pointer, size: number): Pointer;
  imi_core_chooser_take(chooser: Pointer, quality: Pointer, periodMs: number, nowMs: bigint): number;
  imi_core_quality_measure(frame: Pointer, before: Pointer, out: Pointer): number;
  imi_core_jpeg_quality(quality: number, sizeBytes: number, aimBytes: number): number;
  imi_core_queue_size(): number;
  imi_core_queue_init(storage: Pointer, size: number, options: Pointer): Pointer;
  imi_core_queue_begin(queue: Pointer, captureId: Pointer, nonce: Pointer, maxBytes: number): number;
  imi_core_queue_drop(queue: Pointer): void;
  imi_core_queue_message(queue: Pointer, capturedAt: bigint, digest: Pointer, out: Pointer): number;
  imi_core_queue_push(queue: Pointer, frame: Pointer): number;
  imi_core_queue_next(queue: Pointer, nowMs: bigint, out: Pointer): number;
  imi_core_queue_answered(queue: Pointer, sequence: bigint, nowMs: bigint): number;
  imi_core_queue_failed(queue: Pointer, sequence: bigint, nowMs: bigint): number;
  imi_core_queue_reconnected(queue: Pointer): void;
  imi_core_queue_waiting(queue: Pointer): number;
  imi_core_queue_capture_id(out: Pointer, queue: Pointer): void;
  imi_core_queue_plan(queue: Pointer, out: Pointer): void;
  imi_core_state_saved_size(queue: Pointer): number;
  imi_core_state_save(state: number, expiresAt: bigint, queue: Pointer, out: Pointer,
    capacity: number): number;
  imi_core_state_load(saved: Pointer, queue: Pointer, out: Pointer): number;
  imi_core_grpc_web_header(size: number, out: Pointer): void;
  imi_core_grpc_web_parse(body: Pointer, out: Pointer): number;
  imi_core_grpc_reason(status: number): number;
  imi_core_write_join(join: Pointer, out: Pointer, capacity: number): number;
  imi_core_write_consent(accepted: number, claims: Pointer, count: number, out: Pointer,
    capacity: number): number;
  imi_core_write_begin(begin: Pointer, out: Pointer, capacity: number, written: Pointer): number;
  imi_core_write_frame(captureId: Pointer, frame: Pointer, out: Pointer, capacity: number): number;
  imi_core_read_joined(answer: Pointer, out: Pointer): number;
  imi_core_read_consented(answer: Pointer, out: Pointer): number;
  imi_core_read_begun(answer: Pointer, out: Pointer): number;
  imi_core_read_feedback(answer: Pointer, out: Pointer): number;
  imi_core_read_result(answer: Pointer, out: Pointer): number;
  imi_core_read_kept(answer: Pointer, out: Pointer): number;
  imi_core_read_consent_record(answer: Pointer, out: Pointer): number;
  imi_core_read_decision_receipt(answer: Pointer, out: Pointer): number;
}

export interface Step {
  next: number;
  handled: boolean;
  /** Bits of Do. */
  actions: number;
}

export const random32 = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;

/** Milliseconds of a clock that never goes back, as the core takes them. */
export const nowMs = (): bigint => BigInt(Math.round(performance.now()));

export class Core {
  readonly exports: CoreExports;
  readonly memory: Memory;

  constructor(instance: WebAssembly.Instance) {
    this.exports = instance.exports as unknown as CoreExports;
    this.memory = new Memory(this.exports.memory, this.exports.__heap_base.value as number);
  }

  step(state: number, event: Event): Step {
    return this.memory.scratch((allocate) => {
      const out = allocate(layout.step.SIZE);
      this.exports.imi_core_session_step(state, eventNumber(event), out);
      return {
        next: this.memory.u8(out + layout.step.next),
        handled: this.memory.u8(out + layout.step.handled) !== 0,
        actions: this.memory.u16(out + layout.step.actions),
      };
    });
  }

  isOver(state: number): boolean {
    return this.exports.imi_core_session_is_over(state) !== 0;
  }

  statePhrase(state: number): number {
    return this.exports.imi_core_session_phrase(state);
  }

  reasonPhrase(reason: number): number {
    return this.exports.imi_core_reason_phrase(reason);
  }

  mayPass(reason: number): boolean {
    return this.exports.imi_core_reason_may_pass(reason) !== 0;
  }

  phraseName(phrase: number): string {
    return this.memory.text(this.exports.imi_core_phrase_name(phrase));
  }

  reasonName(reason: number): string {
    return this.memory.text(this.exports.imi_core_reason_name(reason));
  }

  /** What to tell so long after the network went; CAPTURE_DONE when all was asked for. */
  offlinePhrase(actions: readonly number[], elapsedMs: number): number {
    return this.memory.scratch((allocate) => {
      const at = allocate(4 * actions.length);
      actions.forEach((action, i) => this.memory.setU32(at + 4 * i, action));
      return this.exports.imi_core_offline_phrase(at, actions.length, elapsedMs);
    });
  }

  backoffMs(failures: number): number {
    return this.exports.imi_core_backoff_ms(failures, random32());
  }
}

/** A function with one v128 constant: valid where there are vectors. */
const VECTOR_MODULE = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0x41, 0, 0xfd,
  0x0f, 0x1a, 0x0b,
]);

export const hasVectors = (): boolean => WebAssembly.validate(VECTOR_MODULE);

export async function instantiateCore(bytes: BufferSource): Promise<Core> {
  const { instance } = await WebAssembly.instantiate(bytes);
  return new Core(instance);
}

export async function loadCore(url: string | URL): Promise<Core> {
  const response = await fetch(String(url));
  if (!response.ok) throw new Error(`imi: ${url} answered ${response.status}; see Options.core`);
  return instantiateCore(await response.arrayBuffer());
}
