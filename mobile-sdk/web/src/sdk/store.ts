/** What a reload needs, kept under the session's id until the session is over. */

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
