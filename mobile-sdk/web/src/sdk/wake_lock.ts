/** Keeps the screen on while the camera is; where a browser cannot, nothing happens. */
export class WakeLock {
  private wanted = false;
  private lock: WakeLockSentinel | undefined;

  set(on: boolean): void {
    if (on === this.wanted) return;
    this.wanted = on;
    if (on) this.take().catch(() => undefined);
    else this.release();
  }

  private async take(): Promise<void> {
    const lock = await navigator.wakeLock?.request('screen');
    this.lock = lock;
    if (!this.wanted) this.release();
  }

  private release(): void {
    this.lock?.release().catch(() => undefined);
    this.lock = undefined;
  }
}
