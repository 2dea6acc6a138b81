/** Where the browser refuses to keep anything: a reload begins anew. */
import type { Kept, Part, Store } from './store';

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
