/**
 * Numbers of the core (imi_core/session.h, codes.h, messages.h) that the SDK names.
 *
 * Those that are const enum are only numbers in what is built: their names weigh nothing there.
 */
import type { Action, State } from './types';

/** By number. */
export const STATES: readonly State[] = [
  'new', 'joining', 'consent', 'consenting', 'ready', 'camera_help', 'beginning', 'waiting',
  'capturing', 'capturing_offline', 'holding', 'sending', 'sending_offline', 'judging',
  'try_again', 'paused', 'withdrawing', 'done', 'staff_review', 'withdrawn', 'expired', 'blocked',
];

/** By number. */
const EVENTS = [
  'start', 'joined', 'agree', 'disagree', 'answer_recorded', 'camera_ready', 'camera_lost',
  'begun', 'must_wait', 'wait_over', 'enough', 'queue_empty', 'store_full', 'offline', 'online',
  'complete', 'capture_dropped', 'outcome_pending', 'outcome_done', 'outcome_try_again',
  'outcome_staff_review', 'again', 'pause', 'resume', 'call_failed', 'retry_due', 'session_over',
  'refused', 'expire', 'reloaded',
] as const;

export type Event = typeof EVENTS[number];

export const eventNumber = (event: Event): number => EVENTS.indexOf(event);

/** What to do, as bits. */
export const enum Do {
  JOIN = 1 << 0, CONSENT = 1 << 1, WITHDRAW = 1 << 2, BEGIN = 1 << 3, ASK_OUTCOME = 1 << 4,
  BACK_OFF = 1 << 5, WAIT = 1 << 6, OPEN_CAMERA = 1 << 7, CLOSE_CAMERA = 1 << 8, SEND = 1 << 9,
  HOLD = 1 << 10, DROP_FRAMES = 1 << 11, FORGET = 1 << 12,
}

export const enum Reason {
  NONE = 0, NO_NETWORK = 1, SERVER_BUSY = 2, LINK_REFUSED = 3, SESSION_OVER = 4,
  SESSION_EXPIRED = 5, CAMERA_DENIED = 6, CAMERA_MISSING = 7, CAMERA_TAKEN = 8,
  KEY_STORE_FAILED = 9, FRAME_REFUSED = 10, ANSWER_MALFORMED = 11, STORAGE_FULL = 12,
  TRIED_TOO_OFTEN = 13, NOT_SUPPORTED = 14,
}

/** The phrases that the SDK itself knows; all others come from the core. */
export const enum Phrase { NONE = 0, SHOW_FACE = 1, CAPTURE_DONE = 18 }

export const enum Outcome { IN_PROGRESS = 1, DONE = 2, TRY_AGAIN = 3, STAFF_REVIEW = 4 }

export const enum Push { OK = 0, FULL = 1, TOO_LARGE = 2, OUT_OF_TIME = 3, NO_CAPTURE = 4 }

export const enum Hint { VIRTUAL_CAMERA = 1, AUTOMATION = 4 }

/** enum ChallengeAction of imi/v1/common.proto. */
const ACTIONS: Record<Action, number> = {
  near_far: 1, turn_left: 2, turn_right: 3, open_mouth: 4, blink: 5, follow: 6, nod: 7,
};

/** Bits of what a person cannot do. */
export const actionMask = (actions: readonly Action[]): number =>
  actions.reduce((mask, action) => mask | 1 << (ACTIONS[action] ?? 31) & 0xff, 0);
