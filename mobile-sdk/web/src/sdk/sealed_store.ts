/**
 * A store whose images are sealed with the tab's secret: once the tab of an abandoned session is
 * closed, what lies in the browser's files shows nobody's face.
 */
import type { Kept, Part, Store } from './store';
import type { Tab } from './tab';

const IV_SIZE = 12;

export class SealedStore implements Store {
  private readonly inner: Store;
  private readonly tab: Tab;
  private readonly key: CryptoKey;
  /** Sealing takes a while: nothing overtakes, and nothing comes after what erases it. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(inner: Store, tab: Tab, key: CryptoKey) {
    this.inner = inner;
    this.tab = tab;
    this.key = key;
  }

  /** Other tabs stop, and have put what they had to. */
  static async open(inner: Store, tab: Tab): Promise<SealedStore> {
    const { key } = await inner.load();
    const secret = await tab.take(key !== undefined);
    const usages: KeyUsage[] = ['encrypt', 'decrypt'];
    const sealing = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, usages);
    return new SealedStore(inner, tab, sealing);
  }

  set onTaken(stop: () => void) {
    this.tab.onTaken = () => {
      stop();
      return this.last;
    };
  }

  load(): Promise<Kept> {
    return this.next(async () => {
      const kept = await this.inner.load();
      return { ...kept, saved: kept.saved && await this.unseal(kept.saved) };
    });
  }

  put<P extends Part>(part: P, value: NonNullable<Kept[P]>): Promise<void> {
    return this.next(async () => {
      const sealed = value instanceof Uint8Array ? await this.seal(value) as typeof value : value;
      return this.inner.put(part, sealed);
    });
  }

  forget(): Promise<void> {
    return this.next(() => {
      this.tab.forget();
      return this.inner.forget();
    });
  }

  close(): void {
    void this.next(async () => {
      this.tab.close();
      this.inner.close();
    });
  }

  private next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  private async seal(content: Uint8Array): Promise<Uint8Array> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_SIZE));
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, this.key,
      content as Uint8Array<ArrayBuffer>);
    content.fill(0);
    const bytes = new Uint8Array(IV_SIZE + sealed.byteLength);
    bytes.set(iv);
    bytes.set(new Uint8Array(sealed), IV_SIZE);
    return bytes;
  }

  /** Undefined for what another tab sealed, which is closed. */
  private async unseal(sealed: Uint8Array): Promise<Uint8Array | undefined> {
    const iv = sealed.slice(0, IV_SIZE);
    return crypto.subtle.decrypt({ name: 'AES-GCM', iv }, this.key, sealed.slice(IV_SIZE))
      .then((content) => new Uint8Array(content), () => undefined);
  }
}
