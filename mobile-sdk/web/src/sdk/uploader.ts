/** Frames from the queue to the server, while they may be sent. */
import type { Calls } from './calls';
import { CallFailed } from './calls';
import { Reason } from './codes';
import type { Feedback } from './messages';
import { readFeedback } from './messages';
import type { Queue, Sendable } from './queue';

/** Between frames that a link carries; on faster ones calls need not keep out of each other's way. */
const SLOW_FROM_MS = 350;

export interface UploaderParts {
  calls: Calls;
  queue: Queue;
  onFeedback(feedback: Feedback): void;
  /** A call failed; its frame is sent again unless the session goes elsewhere. */
  onFailure(reason: number): void;
  /** While sending: every frame was answered. */
  onEmpty(): void;
}

export class Uploader {
  private readonly parts: UploaderParts;
  private sending = false;
  private sentMs = -Infinity;
  private capture = new AbortController();

  constructor(parts: UploaderParts) {
    this.parts = parts;
  }

  /** Calls that are under way from before are made again. */
  start(): void {
    if (!this.sending) this.parts.queue.reconnected();
    this.sending = true;
    this.pump();
    this.tellIfEmpty();
  }

  hold(): void {
    this.sending = false;
  }

  /** Another capture, or none: answers to frames of the one before mean nothing. */
  reset(): void {
    this.capture.abort();
    this.capture = new AbortController();
  }

  /** Sends what is due; to be called when a frame was pushed, and often: the queue keeps the waits. */
  pump(): void {
    while (this.sending) {
      if (!this.hasGap()) return;
      const frame = this.parts.queue.next();
      if (!frame) return;
      this.sentMs = performance.now();
      void this.send(frame, this.capture.signal);
    }
  }

  /**
   * Two frames that set out together share a slow link and arrive together: then it rests until
   * both are answered, and the server passes over the older one.
   */
  private hasGap(): boolean {
    const { periodMs } = this.parts.queue.plan;
    return periodMs <= SLOW_FROM_MS || performance.now() - this.sentMs >= periodMs / 2;
  }

  private async send(frame: Sendable, signal: AbortSignal): Promise<void> {
    const { calls, queue } = this.parts;
    try {
      const feedback = await calls.call('SubjectService/SubmitFrame', frame.request, readFeedback,
        signal);
      if (signal.aborted) return;
      // What was told after a later frame counts.
      if (queue.answered(feedback.sequence)) this.parts.onFeedback(feedback);
      this.pump();
      this.tellIfEmpty();
    } catch (error) {
      if (signal.aborted) return;
      queue.failed(frame.sequence);
      this.parts.onFailure(error instanceof CallFailed ? error.reason : Reason.ANSWER_MALFORMED);
    }
  }

  private tellIfEmpty(): void {
    if (this.sending && this.parts.queue.waiting === 0) this.parts.onEmpty();
  }
}
