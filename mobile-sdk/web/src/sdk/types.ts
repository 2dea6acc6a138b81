/**
 * What a page sees of one verification: a view that changes, and what the person may do.
 *
 * Names of states, phrases, reasons and actions are the core's (imi_core/session.h, codes.h);
 * guidance and outcome never say which check failed.
 */

/** State of the core, as its name in lower case. */
export type State =
  | 'new' | 'joining' | 'consent' | 'consenting' | 'ready' | 'camera_help' | 'beginning'
  | 'waiting' | 'capturing' | 'capturing_offline' | 'holding' | 'sending' | 'sending_offline'
  | 'judging' | 'try_again' | 'paused' | 'withdrawing'
  | 'done' | 'staff_review' | 'withdrawn' | 'expired' | 'blocked';

/** Actions of a challenge; what a person cannot do is named by these. */
export type Action =
  | 'near_far' | 'turn_left' | 'turn_right' | 'open_mouth' | 'blink' | 'follow' | 'nod';

/** One thing that would be told of the person. */
export interface Claim {
  name: string;
  title: string;
  purpose: string;
  /** Days that the receiver keeps it; 0 = not kept. */
  retentionDays: number;
  required: boolean;
}

/** What is asked of the person before any image is taken. */
export interface Consent {
  purposeTitle: string;
  text: string;
  receiver: string;
  claims: readonly Claim[];
}

/** Where the face is to be: shares of the picture as the server sees it, not mirrored. */
export interface Oval {
  centreX: number;
  centreY: number;
  /** Share of the picture's smaller side. */
  height: number;
}

/** Whether this session's template may be kept beside the enrolled one. */
export interface KeepReference {
  state: 'offered' | 'kept';
  text: string;
}

/** What to show now. Objects are new whenever they differ. */
export interface View {
  state: State;
  /** Name of the phrase to show, paced: nothing flips faster than a person reads. */
  phrase: string;
  /** Grows by one each time that the phrase is to be spoken (and the phone is to vibrate). */
  spoken: number;
  /** Why it does not go on, or 'none'; name of the core. Its phrase is shown already. */
  reason: string;
  consent?: Consent;
  oval?: Oval;
  /** 0xRRGGBB to fill the page with while coloured light is asked for. */
  light?: number;
  actionsDone: number;
  actionsTotal: number;
  attemptsLeft: number;
  /** The server saw a face in this capture: only from now on may anything be timed or counted. */
  faceSeen: boolean;
  /** Frames that are kept here and were not answered yet. */
  framesWaiting: number;
  /** Milliseconds since 1970 until which to wait, in state 'waiting'. */
  waitUntilMs?: number;
  /** Milliseconds since 1970 at which the session ends; 0 before it is joined. */
  expiresAtMs: number;
  /** What to do better, in state 'try_again', as the name of a phrase; absent without advice. */
  advice?: string;
  keepReference?: KeepReference;
  /** The session is over; nothing follows any more. */
  over: boolean;
}

export interface Options {
  /** Join link: https://GATEWAY/j#SESSION_ID.SECRET; its origin is where calls go. */
  link: string;
  /** Where the camera is shown. Muted, inline; the SDK sets what it needs. */
  video: HTMLVideoElement;
  /**
   * Where imi_core.wasm lies; browsers without vectors take imi_core_scalar.wasm from the same
   * folder. [beside the SDK's own file]
   */
  core?: string | URL;
  /** 'environment' when a helper holds the phone. ['user'] */
  camera?: 'user' | 'environment';
  /** What the person said they cannot do. */
  cannot?: readonly Action[];
  /** Called after every change, never within a call of a method. */
  onChange(view: View): void;
}

export interface Verification {
  readonly view: View;
  start(): void;
  /** Names of the claims that may be told; must hold the required ones. */
  agree(claims: readonly string[]): void;
  /** No to the consent text, or consent taken back before the session is over. */
  disagree(): void;
  /** Takes consent back after that; rejects where the server could not be told. Works until dispose(). */
  withdraw(): Promise<void>;
  again(): void;
  pause(): void;
  resume(): void;
  /** Takes effect when the next capture begins. */
  setCannot(actions: readonly Action[]): void;
  setCamera(camera: 'user' | 'environment'): void;
  /** A recording that takes so long has begun: the phrase is not cut off. */
  speaking(lengthMs: number): void;
  keepReference(accepted: boolean): void;
  /**
   * The citizen's copies, as JSON texts: of what was agreed to, and of the proofs that consent and
   * decision are in the public log. Empty strings while the server has none. They work until
   * dispose().
   */
  receipts(): Promise<{ consent: string; consentReceipt: string; decision: string }>;
  /** Stops camera and calls; what a reload needs stays unless the session is over. */
  dispose(): void;
}

/** What a browser must have; names of what is missing, none when it will do. */
export type MissingFeatures = readonly string[];

/** What the SDK's file exports beside these types. */
export interface Sdk {
  missingFeatures(): MissingFeatures;
  /** Goes on where a reload left off. Rejects with an Error that says what to do. */
  openVerification(options: Options): Promise<Verification>;
}
