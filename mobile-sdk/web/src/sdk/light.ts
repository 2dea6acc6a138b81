/** The slow sequence of colours that fills the page, and how long it has been shown. */
import type { Light } from './messages';

export class LightShow {
  private readonly light: Light;
  private startedMs: number | undefined;

  constructor(light: Light) {
    this.light = light;
  }

  /** The first colour is shown from now on; again does nothing. */
  start(nowMs: number): void {
    this.startedMs ??= nowMs;
  }

  /** Milliseconds since then, counted from 1; 0 while no colour is shown. */
  shownMs(nowMs: number): number {
    if (this.startedMs === undefined) return 0;
    const shown = Math.floor(nowMs - this.startedMs);
    return shown < this.light.colours.length * this.light.stepMs ? shown + 1 : 0;
  }

  /** 0xRRGGBB; undefined while none is shown. The page fades from one to the next. */
  colour(nowMs: number): number | undefined {
    const shown = this.shownMs(nowMs);
    return shown === 0 ? undefined : this.light.colours[Math.floor((shown - 1) / this.light.stepMs)];
  }
}
