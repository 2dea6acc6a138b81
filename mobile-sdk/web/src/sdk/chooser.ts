/** The core's measure of camera frames, and its choice of those that are sent. */
import type { Core } from './core';
import { nowMs } from './core';
import { layout } from './layout';

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
  private readonly luma: number;

  constructor(core: Core) {
    this.core = core;
    const size = core.exports.imi_core_chooser_size();
    this.at = core.exports.imi_core_chooser_init(core.memory.keep(size), size);
    this.luma = core.memory.keep(LUMA_WIDTH * LUMA_HEIGHT);
  }

  /** Whether the frame is to be sent, when one is due each periodMs. */
  take(pixels: Pixels, periodMs: number): boolean {
    const { memory, exports } = this.core;
    const { width, height } = pixels;
    if (width * height > LUMA_WIDTH * LUMA_HEIGHT) return false;
    fillLuma(memory.bytes(this.luma, width * height), pixels.data);
    return memory.scratch((allocate) => {
      const frame = allocate(layout.luma.SIZE);
      const quality = allocate(layout.quality.SIZE);
      memory.setU32(frame + layout.luma.pixels, this.luma);
      memory.setU32(frame + layout.luma.width, width);
      memory.setU32(frame + layout.luma.height, height);
      memory.setU32(frame + layout.luma.stride_bytes, width);
      return exports.imi_core_quality_measure(frame, 0, quality) !== 0 &&
        exports.imi_core_chooser_take(this.at, quality, periodMs, nowMs()) !== 0;
    });
  }
}
