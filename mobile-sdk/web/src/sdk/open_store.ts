/**
 * The store of a session: in the browser, sealed. Where that refuses (some private windows), it is
 * in memory.
 */
import { BrowserStore } from './browser_store';
import { MemoryStore } from './memory_store';
import { SealedStore } from './sealed_store';
import type { Store } from './store';
import { Tab } from './tab';

export async function openStore(session: string): Promise<Store> {
  try {
    return await SealedStore.open(await BrowserStore.open(session), new Tab(session));
  } catch {
    return new MemoryStore();
  }
}
