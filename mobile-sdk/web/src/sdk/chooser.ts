/** The core's measure of camera frames, and its choice of those that are sent. */
import type { Core } from './core';
import { nowMs } from './core';
import * as layout from './layout';

/** Pixels as a canvas gives them, four bytes each. */
export interface Pixels {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

/** Enough to compare one frame's sharpness with another's. */
export const LUMA_WIDTH = 320;
export const LUMA_HEIGHT = 320;

/** Rec. 601 weights in 256ths. */
function fillLuma(luma: Uint8Array, rgba: Uint8ClampedArray): void {
  for (let from = 0, to = 0; from < rgba.length; from += 4, to++) {
    luma[to] = 77 * rgba[from]! + 150 * rgba[from + 1]! + 29 * rgba[from + 2]! >> 8;
  }
}

export class Chooser {
  private readonly core: Core;
  private readonly at: number;
  /** Of this frame and of the one before. */
  private lumas: [number, number];
  private before = { width: 0, height: 0 };

  constructor(core: Core) {
    this.core = core;
    const size = core.exports.imi_core_chooser_size();
    const luma = () => core.memory.keep(LUMA_WIDTH * LUMA_HEIGHT);
    this.at = core.exports.imi_core_chooser_init(core.memory.keep(size), size);
    this.lumas = [luma(), luma()];
  }

  /** What was measured last is no picture any more. */
  wipe(): void {
    for (const luma of this.lumas) this.core.memory.bytes(luma, LUMA_WIDTH * LUMA_HEIGHT).fill(0);
    this.before = { width: 0, height: 0 };
  }

  /**
   * Whether the frame is to be sent, when one is due each periodMs. Never the same twice: browsers
   * show a slow camera's frame several times, and the server takes a repeated file for a recording.
   */
  take({ data, width, height }: Pixels, periodMs: number): boolean {
    const { memory, exports } = this.core;
    if (width * height > LUMA_WIDTH * LUMA_HEIGHT) return false;
    const [now, last] = this.lumas;
    const comparable = this.before.width === width && this.before.height === height;
    fillLuma(memory.bytes(now, width * height), data);
    this.lumas = [last, now];
    this.before = { width, height };
    return memory.scratch((allocate) => {
      const picture = (pixels: number) => {
        const at = allocate(layout.luma.SIZE);
        memory.setU32(at + layout.luma.pixels, pixels);
        memory.setU32(at + layout.luma.width, width);
        memory.setU32(at + layout.luma.height, height);
        memory.setU32(at + layout.luma.stride_bytes, width);
        return at;
      };
      const quality = allocate(layout.quality.SIZE);
      const measured = exports.imi_core_quality_measure(picture(now),
        comparable ? picture(last) : 0, quality) !== 0;
      const isNew = !comparable || memory.u32(quality + layout.quality.motion_milli) > 0;
      return measured && isNew &&
        exports.imi_core_chooser_take(this.at, quality, periodMs, nowMs()) !== 0;
    });
  }
}
