/** Keeps the store up to what a reload needs. */
import { STATES } from './codes';
import type { Queue } from './queue';
import type { Kept, Store } from './store';

/** Frames that were sent are kept before; those that wait for the network can wait for this, too. */
const OFFLINE_EVERY_MS = 2000;

interface Beside {
  state: number;
  pausedByHiding: boolean;
  hasLight: boolean;
  jpegQuality: number;
}

const OVER = STATES.indexOf('done');

export class Saver {
  expiresAtMs = 0;
  /** The page was hidden, and nobody pressed pause. */
  pausedByHiding = false;
  /** The capture asks for coloured light. */
  hasLight = false;
  /** Of the capture's frames, in percent; 0 before the first. */
  jpegQuality = 0;
  private readonly store: Store;
  private readonly queue: Queue;
  private over = false;
  private lastMs = -Infinity;

  constructor(store: Store, queue: Queue) {
    this.store = store;
    this.queue = queue;
  }

  /** To be called after each frame and each event. */
  save(state: number): void {
    if (this.over || this.expiresAtMs === 0) return;
    const offline = STATES[state] === 'capturing_offline';
    if (offline && performance.now() - this.lastMs < OFFLINE_EVERY_MS) return;
    this.lastMs = performance.now();
    const saved = this.queue.save(state, this.expiresAtMs);
    if (!saved) return;
    this.keep('saved', saved);
    const { pausedByHiding, hasLight, jpegQuality } = this;
    this.keep('beside', { state, pausedByHiding, hasLight, jpegQuality } satisfies Beside);
  }

  /** A part that the store cannot take is lost with the page; that must not stop anybody. */
  keep<P extends keyof Kept>(part: P, value: NonNullable<Kept[P]>): void {
    this.store.put(part, value).catch(() => undefined);
  }

  /** Where to go on, and with its frames or without; undefined for a session that is not known here. */
  restore(kept: Kept): { state: number; ended?: true; whole?: boolean } | undefined {
    if (kept.ended && kept.ended.expiresAtMs > Date.now()) {
      this.over = true;
      this.expiresAtMs = kept.ended.expiresAtMs;
      return { state: kept.ended.state, ended: true };
    }
    if (!kept.beside || !kept.joined || !kept.key) return undefined;
    const { state, ...beside } = kept.beside as Beside;
    Object.assign(this, beside);
    const loaded = kept.saved && this.queue.load(kept.saved);
    return { state: loaded?.state ?? state, whole: loaded !== undefined };
  }

  /** Erases everything; what remains is how it ended. */
  forget(state: number): void {
    const { expiresAtMs } = this;
    this.over = true;
    this.store.forget().then(() => {
      const worthKeeping = expiresAtMs > Date.now() && state >= OVER;
      return worthKeeping ? this.store.put('ended', { state, expiresAtMs }) : undefined;
    }).catch(() => undefined);
  }

  close(): void {
    this.store.close();
  }
}
