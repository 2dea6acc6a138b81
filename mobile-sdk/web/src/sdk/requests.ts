/** The calls of a session besides frames, and what their answers leave behind. */
import { Calls } from './calls';
import type { Core } from './core';
import { exportPublicKey, makeKey } from './key';
import type { Link } from './link';
import type { Begun, Joined, Result } from './messages';
import {
  readBegun, readConsented, readConsentRecord, readDecisionReceipt, readJoined, readKept,
  readResult, writeBegin, writeConsent, writeJoin,
} from './messages';
import type { Event } from './codes';
import type { Saver } from './saver';
import type { Kept } from './store';
import type { Consent, KeepReference } from './types';

const EMPTY = new Uint8Array(0);
/** enum KeepReference. */
const KEEP_STATES: readonly (KeepReference['state'] | undefined)[] = [undefined, 'offered', 'kept'];

export class Requests {
  readonly calls: Calls;
  key: CryptoKeyPair | undefined;
  consentText: Consent | undefined;
  reference: KeepReference | undefined;
  /** A phrase; what to do better. */
  advice = 0;
  /** Names that the person agreed to. */
  claims: readonly string[] = [];
  private readonly core: Core;
  private readonly link: Link;
  private readonly saver: Saver;
  private joined: Joined | undefined;

  constructor(core: Core, link: Link, saver: Saver) {
    this.core = core;
    this.link = link;
    this.saver = saver;
    this.calls = new Calls(core, link.origin);
  }

  /** Who has joined need not join again: after consent the link opens nothing any more. */
  async join(signal: AbortSignal): Promise<void> {
    if (this.joined) return this.take(this.joined);
    if (!this.key) {
      this.key = await makeKey();
      this.saver.keep('key', this.key);
    }
    const { sessionId, secret } = this.link;
    const request = writeJoin(this.core, sessionId, secret, await exportPublicKey(this.key));
    const joined = await this.calls.call('SubjectService/Join', request, readJoined, signal);
    joined.expiresAtMs -= this.calls.skewMs;
    this.saver.keep('joined', joined);
    this.take(joined);
  }

  async consent(accepted: boolean, signal: AbortSignal): Promise<Event> {
    const request = writeConsent(this.core, accepted, this.claims);
    await this.calls.call('SubjectService/GiveConsent', request, readConsented, signal);
    return 'answer_recorded';
  }

  begin(cannotMask: number, hints: number, signal: AbortSignal): Promise<Begun> {
    const request = writeBegin(this.core, cannotMask, hints);
    return this.calls.call('SubjectService/BeginCapture', request, readBegun, signal);
  }

  async outcome(signal: AbortSignal): Promise<Result> {
    const result = await this.calls.call('SubjectService/GetOutcome', EMPTY, readResult, signal);
    this.advice = result.advice;
    this.setReference(result.keepReference, result.keepReferenceText);
    return result;
  }

  async keepReference(accepted: boolean): Promise<void> {
    const request = writeConsent(this.core, accepted, []);
    const state = await this.calls.call('SubjectService/AnswerAdditionalReference', request,
      readKept);
    this.setReference(state, this.reference?.text ?? '');
  }

  async receipts(): Promise<{ consent: string; consentReceipt: string; decision: string }> {
    const [agreed, decision] = await Promise.all([
      this.calls.call('HolderService/GetConsent', EMPTY, readConsentRecord),
      this.calls.call('HolderService/GetDecisionReceipt', EMPTY, readDecisionReceipt),
    ]);
    return { consent: agreed.consent, consentReceipt: agreed.receipt, decision };
  }

  /** Of a session that is over. */
  async withdraw(): Promise<void> {
    await this.calls.call('HolderService/WithdrawConsent', EMPTY, () => true);
  }

  restore(kept: Kept): void {
    this.key = kept.key;
    if (kept.key && kept.joined) this.take(kept.joined as Joined);
  }

  forgetKey(): void {
    this.key = undefined;
  }

  private take(joined: Joined): void {
    this.joined = joined;
    this.saver.expiresAtMs = joined.expiresAtMs;
    this.calls.credential = joined.credential;
    this.consentText = joined.consent;
  }

  private setReference(state: number, text: string): void {
    const name = KEEP_STATES[state];
    this.reference = name && { state: name, text };
  }
}
