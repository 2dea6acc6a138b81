/** A store in IndexedDB. */
import type { Kept, Part, Store } from './store';

const DATABASE = 'imi';
const PARTS = 'parts';

const done = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(PARTS);
  return done(request);
}

export class BrowserStore implements Store {
  private readonly database: IDBDatabase;
  private readonly session: string;

  private constructor(database: IDBDatabase, session: string) {
    this.database = database;
    this.session = session;
  }

  static async open(session: string): Promise<BrowserStore> {
    const store = new BrowserStore(await openDatabase(), session);
    await store.sweep();
    return store;
  }

  async load(): Promise<Kept> {
    const objects = this.objects('readonly');
    const [keys, values] = await Promise.all(
      [done(objects.getAllKeys(this.range())), done(objects.getAll(this.range()))]);
    return Object.fromEntries(keys.map((key, i) => [(key as string[])[1], values[i]]));
  }

  async put<P extends Part>(part: P, value: NonNullable<Kept[P]>): Promise<void> {
    await done(this.objects('readwrite').put(value, [this.session, part]));
  }

  async forget(): Promise<void> {
    await done(this.objects('readwrite').delete(this.range()));
  }

  close(): void {
    this.database.close();
  }

  /** Erases what other sessions left behind whose time is up. */
  private async sweep(): Promise<void> {
    const objects = this.objects('readwrite');
    const [keys, values] = await Promise.all([done(objects.getAllKeys()), done(objects.getAll())]);
    const parts = keys as [string, Part][];
    const alive = new Set(parts.filter((_, i) => values[i].expiresAtMs > Date.now())
      .map(([session]) => session));
    await Promise.all(parts.filter(([session]) => session !== this.session && !alive.has(session))
      .map((key) => done(objects.delete(key))));
  }

  private range(): IDBKeyRange {
    return IDBKeyRange.bound([this.session], [this.session, []]);
  }

  private objects(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(PARTS, mode).objectStore(PARTS);
  }
}
