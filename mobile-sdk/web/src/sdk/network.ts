/** Whether the gateway is within reach: told by the browser, by failed calls, and by asking. */

/** One lost call may be chance. */
const FAILURES_UNTIL_LOST = 2;

export interface NetworkParts {
  probe(signal: AbortSignal): Promise<boolean>;
  backoffMs(failures: number): number;
  onLost(): void;
  onBack(): void;
}

export class Network {
  private readonly parts: NetworkParts;
  private readonly over = new AbortController();
  private failures = 0;
  private probes = 0;
  private lost = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly onOffline = () => this.lose();
  private readonly onOnline = () => this.askNow();

  constructor(parts: NetworkParts) {
    this.parts = parts;
    globalThis.addEventListener?.('offline', this.onOffline);
    globalThis.addEventListener?.('online', this.onOnline);
  }

  /** A call was answered. */
  answered(): void {
    this.failures = 0;
    if (!this.lost) return;
    clearTimeout(this.timer);
    this.lost = false;
    this.parts.onBack();
  }

  /** A call got no answer. */
  failed(): void {
    if (++this.failures >= FAILURES_UNTIL_LOST || navigator.onLine === false) this.lose();
  }

  stop(): void {
    this.over.abort();
    clearTimeout(this.timer);
    globalThis.removeEventListener?.('offline', this.onOffline);
    globalThis.removeEventListener?.('online', this.onOnline);
  }

  private lose(): void {
    if (this.lost) return;
    this.lost = true;
    this.probes = 0;
    this.parts.onLost();
    this.askLater();
  }

  private askLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.askNow(), this.parts.backoffMs(++this.probes));
  }

  private async askNow(): Promise<void> {
    if (!this.lost) return;
    const there = await this.parts.probe(this.over.signal);
    if (this.over.signal.aborted || !this.lost) return;
    if (there) this.answered();
    else this.askLater();
  }
}
