/**
 * Camera frames into the queue: chosen, encoded, hashed, signed one after the other, pushed.
 *
 * A capture has one JPEG quality: the server takes files that are made in two ways for two
 * sources. So the quality is found with the first frames, which are not sent.
 */
import type { Chooser } from './chooser';
import { Push } from './codes';
import type { Core } from './core';
import type { Frames } from './frames';
import { digest, sign } from './key';
import type { LightShow } from './light';
import type { Captured, Plan, Queue } from './queue';

const FIRST_QUALITY = 60;
/** Frames that the quality may take to be found. */
const TRIALS_MAX = 5;
/** A frame that is on its way for longer, and is larger than planned, had better be smaller. */
const SLOW_FRAME_MS = 700;
const TOO_LARGE = 1.4;
/** However many wait: a face not seen for 3 s is lost, and the server may pass over a frame. */
const GAP_MAX_MS = 1200;

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
  /** Frames that may wait in the queue before hardly any are taken. */
  room = Infinity;
  key: CryptoKeyPair | undefined;
  light: LightShow | undefined;
  private readonly parts: CaptureParts;
  private running = false;
  private busy = false;
  /** Of the JPEGs, in percent. */
  quality = FIRST_QUALITY;
  private trialsLeft = TRIALS_MAX;
  private jpegBytes = 0;
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
    if (!this.running) return;
    this.running = false;
    this.parts.frames.stop();
    this.parts.chooser.wipe();
  }

  /** Another capture, or none. */
  reset(light?: LightShow): void {
    this.number++;
    this.light = light;
    this.trialsLeft = TRIALS_MAX;
  }

  /** The capture of before a reload goes on. */
  resume(quality: number): void {
    this.quality = quality;
    this.trialsLeft = 0;
  }

  /** The frames are so large for the uplink that it is worth beginning again with smaller ones. */
  isTooSlow(plan: Plan): boolean {
    return this.jpegBytes > TOO_LARGE * plan.jpegBytes &&
      this.jpegBytes * 1000 > SLOW_FRAME_MS * plan.rateBytesPerS;
  }

  private look(): void {
    const { queue, chooser, frames } = this.parts;
    if (this.busy || !this.key || this.hasEnough()) return;
    const plan = queue.plan;
    const isTrial = this.trialsLeft > 0;
    if (!isTrial && !chooser.take(frames.small(), plan.periodMs)) return;
    this.busy = true;
    const work = isTrial ? this.findQuality(plan.jpegBytes) : this.keep();
    work.catch(() => undefined).then(() => {
      this.busy = false;
    });
  }

  private hasEnough(): boolean {
    return this.parts.queue.waiting >= this.room && Date.now() - this.lastCapturedMs < GAP_MAX_MS;
  }

  private async findQuality(aimBytes: number): Promise<void> {
    const { core, frames } = this.parts;
    const { number } = this;
    const jpeg = await frames.jpeg(this.quality);
    jpeg.fill(0);
    if (number !== this.number) return;
    const better = core.exports.imi_core_jpeg_quality(this.quality, jpeg.length, aimBytes);
    this.trialsLeft = better === this.quality ? 0 : this.trialsLeft - 1;
    this.quality = better;
  }

  private async keep(): Promise<void> {
    const lightShownMs = this.light?.shownMs(performance.now()) ?? 0;
    const capturedAtMs = Math.max(Date.now(), this.lastCapturedMs + 1);
    const { number } = this;
    const jpeg = await this.parts.frames.jpeg(this.quality);
    await this.push(number, { capturedAtMs, lightShownMs, jpeg }).finally(() => jpeg.fill(0));
  }

  private async push(number: number, frame: Omit<Captured, 'signature'>): Promise<void> {
    const { queue } = this.parts;
    const { key } = this;
    const { capturedAtMs, jpeg } = frame;
    const hash = await digest(jpeg);
    const message = number === this.number ? queue.message(capturedAtMs, hash) : undefined;
    if (!message) return;
    const signature = await sign(key!, message);
    if (number !== this.number) return;
    const verdict = queue.push({ ...frame, signature });
    if (verdict === Push.OK) {
      this.lastCapturedMs = capturedAtMs;
      this.jpegBytes = jpeg.length;
      this.parts.onPushed();
    } else if (verdict === Push.FULL) {
      this.parts.onFull();
    }
  }
}
