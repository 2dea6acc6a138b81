/**
 * What a reload needs, kept in IndexedDB under the session's id until the session is over.
 *
 * Where the browser refuses (some private windows), it is kept in memory: then a reload begins anew.
 */

import { SealedStore } from './sealed_store';
import { Tab } from './tab';

/** What is kept of a session; every part by itself, as each is written at its own pace. */
export interface Kept {
  key?: CryptoKeyPair;
  /** The credential and what was answered to Join. */
  joined?: { expiresAtMs: number };
  /** State and frames (imi_core/saved_state.h), sealed. */
  saved?: Uint8Array;
  /** What goes with them: small things that the core's bytes do not hold. */
  beside?: unknown;
  /** How it ended: alone and without secrets, so that a reload shows the end again. */
  ended?: { state: number; expiresAtMs: number };
}

export type Part = keyof Kept;

export interface Store {
  load(): Promise<Kept>;
  put<P extends Part>(part: P, value: NonNullable<Kept[P]>): Promise<void>;
  /** Erases all parts. */
  forget(): Promise<void>;
  close(): void;
  /** To be called when another tab goes on with the session; what is put meanwhile is kept. */
  onTaken?: () => void;
}

const DATABASE = 'imi';
const PARTS = 'parts';

const done = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(PARTS);
  return done(request);
}

export class MemoryStore implements Store {
  private kept: Kept = {};

  async load(): Promise<Kept> {
    return { ...this.kept };
  }

  async put<P extends Part>(part: P, value: NonNullable<Kept[P]>): Promise<void> {
    this.kept[part] = value;
  }

  async forget(): Promise<void> {
    this.kept = {};
  }

  close(): void {}
}

class BrowserStore implements Store {
  private readonly database: IDBDatabase;
  private readonly session: string;

  constructor(database: IDBDatabase, session: string) {
    this.database = database;
    this.session = session;
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
  async sweep(): Promise<void> {
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

export async function openStore(session: string): Promise<Store> {
  try {
    const store = new BrowserStore(await open(), session);
    await store.sweep();
    return await SealedStore.open(store, new Tab(session));
  } catch {
    return new MemoryStore();
  }
}
