/** Camera frames into the queue: chosen, encoded, hashed, signed one after the other, pushed. */
import type { Chooser } from './chooser';
import { Push } from './codes';
import type { Core } from './core';
import type { Frames } from './frames';
import { digest, sign } from './key';
import type { LightShow } from './light';
import type { Queue } from './queue';

const FIRST_QUALITY = 60;

export interface CaptureParts {
  core: Core;
  queue: Queue;
  chooser: Chooser;
  frames: Frames;
  /** A frame is in the queue. */
  onPushed(): void;
  onFull(): void;
}

export class Capture {
  /** Frames that may wait in the queue before no more are taken. */
  room = Infinity;
  key: CryptoKeyPair | undefined;
  light: LightShow | undefined;
  private readonly parts: CaptureParts;
  private running = false;
  private busy = false;
  private quality = FIRST_QUALITY;
  private lastCapturedMs = 0;
  /** Grows with each capture: a frame of the one before is not pushed. */
  private number = 0;

  constructor(parts: CaptureParts) {
    this.parts = parts;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.parts.frames.start(() => this.look());
  }

  stop(): void {
    this.running = false;
    this.parts.frames.stop();
  }

  /** Another capture, or none. */
  reset(light?: LightShow): void {
    this.number++;
    this.light = light;
  }

  private look(): void {
    const { queue, chooser, frames } = this.parts;
    this.light?.start(performance.now());
    if (this.busy || !this.key || queue.waiting >= this.room) return;
    const plan = queue.plan;
    if (!chooser.take(frames.small(), plan.periodMs)) return;
    this.busy = true;
    this.keep(plan.jpegBytes).catch(() => undefined).then(() => {
      this.busy = false;
    });
  }

  private async keep(aimBytes: number): Promise<void> {
    const { core, queue, frames } = this.parts;
    const { number, key } = this;
    const lightShownMs = this.light?.shownMs(performance.now()) ?? 0;
    const capturedAtMs = Math.max(Date.now(), this.lastCapturedMs + 1);
    const jpeg = await frames.jpeg(this.quality);
    this.quality = core.exports.imi_core_jpeg_quality(this.quality, jpeg.length, aimBytes);
    const hash = await digest(jpeg);
    if (number !== this.number) return;
    const message = queue.message(capturedAtMs, hash);
    if (!message) return;
    const signature = await sign(key!, message);
    if (number !== this.number) return;
    const verdict = queue.push({ capturedAtMs, lightShownMs, jpeg, signature });
    if (verdict === Push.OK) {
      this.lastCapturedMs = capturedAtMs;
      this.parts.onPushed();
    } else if (verdict === Push.FULL) {
      this.parts.onFull();
    }
  }
}
