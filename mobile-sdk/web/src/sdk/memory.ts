/**
 * The core's linear memory: storage that stays, and scratch that lasts for one call.
 *
 * Views of it are valid until the next allocation, which may move the memory.
 */
import * as layout from './layout';

const PAGE_BYTES = 64 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Gives storage of so many bytes, aligned to 8, all zero. */
export type Allocate = (size: number) => number;

export class Memory {
  private readonly memory: WebAssembly.Memory;
  private top: number;
  private inScratch = false;

  constructor(memory: WebAssembly.Memory, heapBase: number) {
    this.memory = memory;
    this.top = heapBase;
  }

  /** Storage that stays. */
  keep(size: number): number {
    if (this.inScratch) throw new Error('imi: storage that stays cannot lie in scratch');
    return this.allocate(size);
  }

  /** Runs body with storage that is wiped when it returns. */
  scratch<T>(body: (allocate: Allocate) => T): T {
    const { top, inScratch } = this;
    this.inScratch = true;
    try {
      return body((size) => this.allocate(size));
    } finally {
      this.bytes(top, this.top - top).fill(0);
      this.top = top;
      this.inScratch = inScratch;
    }
  }

  bytes(at: number, size: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, size);
  }

  u8(at: number): number {
    return this.bytes(at, 1)[0]!;
  }

  u16(at: number): number {
    return this.data.getUint16(at, true);
  }

  u32(at: number): number {
    return this.data.getUint32(at, true);
  }

  i32(at: number): number {
    return this.data.getInt32(at, true);
  }

  /** As a number: exact up to 2^53, and no time or sequence is greater. */
  i64(at: number): number {
    return Number(this.data.getBigInt64(at, true));
  }

  setU32(at: number, value: number): void {
    this.data.setUint32(at, value, true);
  }

  setI64(at: number, value: number): void {
    this.data.setBigInt64(at, BigInt(Math.round(value)), true);
  }

  /** A copy of what an imi_core_view shows. */
  viewed(at: number): Uint8Array {
    const size = this.u32(at + layout.view.size);
    return this.bytes(this.u32(at + layout.view.data), size).slice();
  }

  viewedText(at: number): string {
    return decoder.decode(this.viewed(at));
  }

  /** Text up to its NUL. */
  text(at: number): string {
    const rest = new Uint8Array(this.memory.buffer, at);
    return decoder.decode(rest.slice(0, rest.indexOf(0)));
  }

  /** Fill an imi_core_view with a copy of bytes. */
  setView(allocate: Allocate, at: number, content: Uint8Array | string): void {
    const bytes = typeof content === 'string' ? encoder.encode(content) : content;
    const copy = this.copy(allocate, bytes);
    this.setU32(at + layout.view.data, copy);
    this.setU32(at + layout.view.size, bytes.length);
  }

  newView(allocate: Allocate, content: Uint8Array | string): number {
    const view = allocate(layout.view.SIZE);
    this.setView(allocate, view, content);
    return view;
  }

  copy(allocate: Allocate, content: Uint8Array): number {
    const at = allocate(content.length);
    this.bytes(at, content.length).set(content);
    return at;
  }

  private get data(): DataView {
    return new DataView(this.memory.buffer);
  }

  private allocate(size: number): number {
    const at = this.top + 7 & ~7;
    const end = at + size;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.top = end;
    return at;
  }
}
