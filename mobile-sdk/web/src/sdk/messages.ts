/** Messages of the protocol, written and read by the core. */
import type { Core } from './core';
import * as layout from './layout';
import type { Claim, Consent, Oval } from './types';

/** More than any request without an image needs. */
const REQUEST_MAX = 8 * 1024;

export interface Joined {
  credential: string;
  consent: Consent;
  expiresAtMs: number;
}

/** Colours in order, each shown for stepMs. */
export interface Light {
  stepMs: number;
  colours: readonly number[];
}

export interface Begun {
  captureId: Uint8Array;
  nonce: Uint8Array;
  actions: readonly number[];
  attemptsLeft: number;
  maxFrameBytes: number;
  retryAfterMs: number;
  /** Reason why to wait. */
  waitReason: number;
  light?: Light;
}

export interface Feedback {
  sequence: number;
  guidance: number;
  actionsDone: number;
  actionsTotal: number;
  outcome: number;
  oval?: Oval;
}

export interface Result {
  outcome: number;
  advice: number;
  attemptsLeft: number;
  /** enum KeepReference. */
  keepReference: number;
  keepReferenceText: string;
}

/** Read an answer that lies at a view; undefined if it is malformed. */
export type Read<T> = (core: Core, answer: number) => T | undefined;

type Writer = (allocate: (size: number) => number, out: number) => number;

function write(core: Core, writer: Writer): Uint8Array {
  const { memory } = core;
  return memory.scratch((allocate) => {
    const out = allocate(REQUEST_MAX);
    const size = writer(allocate, out);
    if (size === 0) throw new Error('imi: an argument is out of its bounds');
    return memory.bytes(out, size).slice();
  });
}

export function writeJoin(core: Core, id: string, secret: string, spki: Uint8Array): Uint8Array {
  const { memory, exports } = core;
  return write(core, (allocate, out) => {
    const join = allocate(layout.join.SIZE);
    memory.setView(allocate, join + layout.join.session_id, id);
    memory.setView(allocate, join + layout.join.join_secret, secret);
    memory.setView(allocate, join + layout.join.device_public_key, spki);
    return exports.imi_core_write_join(join, out, REQUEST_MAX);
  });
}

export function writeConsent(core: Core, accepted: boolean, claims: readonly string[]): Uint8Array {
  const { memory, exports } = core;
  // A plain no is an empty message, as protobuf leaves out what is false.
  if (!accepted) return new Uint8Array(0);
  return write(core, (allocate, out) => {
    const views = allocate(layout.view.SIZE * claims.length);
    claims.forEach((name, i) => memory.setView(allocate, views + i * layout.view.SIZE, name));
    return exports.imi_core_write_consent(1, views, claims.length, out, REQUEST_MAX);
  });
}

export function writeBegin(core: Core, cannotMask: number, hints: number): Uint8Array {
  const { memory, exports } = core;
  return memory.scratch((allocate) => {
    const out = allocate(REQUEST_MAX);
    const written = allocate(4);
    const begin = allocate(layout.begin.SIZE);
    memory.setU32(begin + layout.begin.cannot_mask, cannotMask);
    memory.setU32(begin + layout.begin.hints, hints);
    if (exports.imi_core_write_begin(begin, out, REQUEST_MAX, written) === 0) {
      throw new Error('imi: an argument is out of its bounds');
    }
    return memory.bytes(out, memory.u32(written)).slice();
  });
}

function readClaim(core: Core, at: number): Claim {
  const { memory } = core;
  return {
    name: memory.viewedText(at + layout.claim.name),
    title: memory.viewedText(at + layout.claim.title),
    purpose: memory.viewedText(at + layout.claim.purpose),
    retentionDays: memory.u32(at + layout.claim.retention_days),
    required: memory.u8(at + layout.claim.required) !== 0,
  };
}

/** Read into scratch; none when the core's reader says that it is malformed. */
function read<T>(core: Core, size: number, reader: (out: number) => number,
  take: (out: number) => T): T | undefined {
  return core.memory.scratch((allocate) => {
    const out = allocate(size);
    return reader(out) !== 0 ? take(out) : undefined;
  });
}

export const readJoined: Read<Joined> = (core, answer) => {
  const { memory, exports } = core;
  const reader = (out: number) => exports.imi_core_read_joined(answer, out);
  return read(core, layout.joined.SIZE, reader, (at) => ({
    credential: memory.viewedText(at + layout.joined.credential),
    consent: {
      purposeTitle: memory.viewedText(at + layout.joined.purpose_title),
      text: memory.viewedText(at + layout.joined.consent_text),
      receiver: memory.viewedText(at + layout.joined.receiver),
      claims: Array.from({ length: memory.u32(at + layout.joined.claim_count) },
        (_, i) => readClaim(core, at + layout.joined.claims + i * layout.claim.SIZE)),
    },
    expiresAtMs: memory.i64(at + layout.joined.expires_at_unix_ms),
  }));
};

/** enum SessionState. */
export const readConsented: Read<number> = (core, answer) =>
  read(core, 4, (out) => core.exports.imi_core_read_consented(answer, out),
    (at) => core.memory.u32(at));

export const readBegun: Read<Begun> = (core, answer) => {
  const { memory, exports } = core;
  const numbers = (at: number, count: number) =>
    Array.from({ length: count }, (_, i) => memory.u32(at + 4 * i));
  return read(core, layout.begun.SIZE, (out) => exports.imi_core_read_begun(answer, out), (at) => {
    const colours = numbers(at + layout.begun.colours, memory.u32(at + layout.begun.colour_count));
    const stepMs = memory.u32(at + layout.begun.light_step_ms);
    return {
      captureId: memory.viewed(at + layout.begun.capture_id),
      nonce: memory.viewed(at + layout.begun.nonce),
      actions: numbers(at + layout.begun.actions, memory.u32(at + layout.begun.action_count)),
      attemptsLeft: memory.u32(at + layout.begun.attempts_left),
      maxFrameBytes: memory.u32(at + layout.begun.max_frame_bytes),
      retryAfterMs: memory.u32(at + layout.begun.retry_after_ms),
      waitReason: memory.u32(at + layout.begun.wait_reason),
      ...(colours.length > 0 && stepMs > 0 ? { light: { stepMs, colours } } : {}),
    };
  });
};

function readOval(core: Core, at: number): Oval {
  const { memory } = core;
  return {
    centreX: memory.i32(at + layout.oval.centre_x_permille) / 1000,
    centreY: memory.i32(at + layout.oval.centre_y_permille) / 1000,
    height: memory.i32(at + layout.oval.height_permille) / 1000,
  };
}

export const readFeedback: Read<Feedback> = (core, answer) => {
  const { memory, exports } = core;
  const reader = (out: number) => exports.imi_core_read_feedback(answer, out);
  return read(core, layout.feedback.SIZE, reader, (at) => ({
    sequence: memory.i64(at + layout.feedback.sequence),
    guidance: memory.u32(at + layout.feedback.guidance),
    actionsDone: memory.u32(at + layout.feedback.actions_done),
    actionsTotal: memory.u32(at + layout.feedback.actions_total),
    outcome: memory.u32(at + layout.feedback.outcome),
    ...(memory.u8(at + layout.feedback.has_target) !== 0
      ? { oval: readOval(core, at + layout.feedback.target) } : {}),
  }));
};

export const readResult: Read<Result> = (core, answer) => {
  const { memory, exports } = core;
  const reader = (out: number) => exports.imi_core_read_result(answer, out);
  return read(core, layout.result.SIZE, reader, (at) => ({
    outcome: memory.u32(at + layout.result.outcome),
    advice: memory.u32(at + layout.result.advice),
    attemptsLeft: memory.u32(at + layout.result.attempts_left),
    keepReference: memory.u32(at + layout.result.keep_reference),
    keepReferenceText: memory.viewedText(at + layout.result.keep_reference_text),
  }));
};

/** enum KeepReference. */
export const readKept: Read<number> = (core, answer) =>
  read(core, 4, (out) => core.exports.imi_core_read_kept(answer, out),
    (at) => core.memory.u32(at));

/** The record of what was agreed to, as JSON. */
export const readConsentRecord: Read<{ consent: string; receipt: string }> = (core, answer) => {
  const { memory, exports } = core;
  return read(core, layout.consent_record.SIZE,
    (out) => exports.imi_core_read_consent_record(answer, out), (at) => ({
      consent: memory.viewedText(at + layout.consent_record.consent_json),
      receipt: memory.viewedText(at + layout.consent_record.receipt_json),
    }));
};

export const readDecisionReceipt: Read<string> = (core, answer) =>
  read(core, layout.view.SIZE, (out) => core.exports.imi_core_read_decision_receipt(answer, out),
    (at) => core.memory.viewedText(at));
