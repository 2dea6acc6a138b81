/** The core's pacer: one phrase at a time. */
import type { Core } from './core';
import { nowMs } from './core';
import * as layout from './layout';

/** The core wants to be asked at least so often. */
export const PACE_TICK_MS = 100;

export interface Cue {
  phrase: number;
  speak: boolean;
}

export class Pacer {
  private readonly core: Core;
  private readonly at: number;

  constructor(core: Core) {
    this.core = core;
    const size = core.exports.imi_core_pacer_size();
    this.at = core.exports.imi_core_pacer_init(core.memory.keep(size), size);
  }

  offer(phrase: number): void {
    this.core.exports.imi_core_pacer_offer(this.at, phrase, nowMs());
  }

  speaking(lengthMs: number): void {
    const length = Number.isFinite(lengthMs) ? Math.max(Math.round(lengthMs), 0) : 0;
    this.core.exports.imi_core_pacer_speaking(this.at, length, nowMs());
  }

  tick(): Cue {
    const { memory, exports } = this.core;
    return memory.scratch((allocate) => {
      const out = allocate(layout.cue.SIZE);
      exports.imi_core_pacer_tick(this.at, nowMs(), out);
      return {
        phrase: memory.u32(out + layout.cue.phrase),
        speak: memory.u8(out + layout.cue.speak) !== 0,
      };
    });
  }
}
