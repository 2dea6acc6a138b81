/**
 * Drives the core's session: events in, actions out, and what the page sees.
 *
 * Events are taken one after the other, never within a call of a method; so is onChange.
 */
import type { Calls } from './calls';
import { CallFailed } from './calls';
import type { Camera, Facing } from './camera';
import { CameraFailed, watchForCamera } from './camera';
import { Capture } from './capture';
import { Chooser } from './chooser';
import type { Event } from './codes';
import { actionMask, Do, Hint, Outcome, Phrase, Reason, STATES } from './codes';
import type { Core } from './core';
import type { Frames } from './frames';
import { LightShow } from './light';
import type { Link } from './link';
import type { Begun, Feedback } from './messages';
import { Network } from './network';
import { PACE_TICK_MS, Pacer } from './pacer';
import { Queue, SEND_WINDOW } from './queue';
import { Requests } from './requests';
import { Saver } from './saver';
import type { Kept, Store } from './store';
import type { Action, Options, State, Verification, View } from './types';
import { Uploader } from './uploader';
import { sameView } from './view';
import { WakeLock } from './wake_lock';

/** Pieces of the platform. */
export interface SessionParts {
  core: Core;
  store: Store;
  kept: Kept;
  link: Link;
  options: Options;
  frames: Frames;
  openCamera(facing: Facing, onLost: () => void, signal: AbortSignal): Promise<Camera>;
}

/** Frames beyond the window that may wait while the server guides: more would be old advice. */
const ONLINE_ROOM = SEND_WINDOW + 1;
/** A capture on a slow uplink begins again with smaller frames, if that shows early. */
const RESIZE_UNTIL_FRAME = 3;
const RESIZES_MAX = 2;
/** Captures in a row whose first frames are refused: then this phone will not do. */
const REFUSALS_MAX = 4;
/** Longer waits are begun again; setTimeout holds no more. */
const TIMER_MAX_MS = 2 ** 31 - 1;

const at = (...names: State[]): ReadonlySet<State> => new Set(names);
const TAKING = at('capturing', 'capturing_offline');
const IN_CAPTURE = at('capturing', 'capturing_offline', 'holding', 'sending', 'sending_offline');
/** The camera is off: what was filmed is sent whoever looks on. */
const FILMED = at('holding', 'sending', 'sending_offline');
/** The screen stays on. */
const AWAKE = at('beginning', 'capturing', 'capturing_offline', 'holding', 'sending',
  'sending_offline', 'judging');
/** Where the reason tells more than the state. */
const REASON_TELLS = at('joining', 'consenting', 'camera_help', 'beginning', 'waiting', 'judging',
  'withdrawing', 'blocked');

export class Session implements Verification {
  private readonly parts: SessionParts;
  private readonly core: Core;
  private readonly calls: Calls;
  private readonly queue: Queue;
  private readonly pacer: Pacer;
  private readonly capture: Capture;
  private readonly uploader: Uploader;
  private readonly network: Network;
  private readonly requests: Requests;
  private readonly saver: Saver;
  private readonly wakeLock = new WakeLock();

  private state = 0;
  private reason: number = Reason.NONE;
  private events: [Event, number][] = [];
  private draining = false;
  private told: View;
  private disposed = false;

  private facing: Facing;
  private cannotMask: number;
  private camera: Camera | undefined;
  private opening: AbortController | undefined;
  private unwatchCamera: (() => void) | undefined;

  /** The call that the state waits for. */
  private control: AbortController | undefined;
  private failures = 0;
  private refusals = 0;
  private resizes = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private waitTimer: ReturnType<typeof setTimeout> | undefined;
  private waitUntilMs = 0;
  private waitReason: number = Reason.NONE;
  private expiryTimer: ReturnType<typeof setTimeout> | undefined;
  private ticker: ReturnType<typeof setInterval> | undefined;

  private actions: readonly number[] = [];
  private feedback: Feedback | undefined;
  private attemptsLeft = 0;
  private offlineSinceMs: number | undefined;
  private phrase: number = Phrase.NONE;
  private spoken = 0;
  private faceSeen = false;
  private leaving = false;
  /** Another tab goes on with the session. */
  private elsewhere = false;

  constructor(parts: SessionParts) {
    const { core, options, link, store } = parts;
    this.parts = parts;
    this.core = core;
    this.facing = options.camera ?? 'user';
    this.cannotMask = actionMask(options.cannot ?? []);
    this.queue = new Queue(core);
    this.pacer = new Pacer(core);
    this.saver = new Saver(store, this.queue);
    this.requests = new Requests(core, link, this.saver);
    this.calls = this.requests.calls;
    this.capture = new Capture({
      core, queue: this.queue, chooser: new Chooser(core), frames: parts.frames,
      onPushed: () => this.pushed(),
      onFull: () => this.post('store_full', Reason.STORAGE_FULL),
    });
    this.uploader = new Uploader({
      calls: this.calls, queue: this.queue,
      onFeedback: (feedback) => this.heard(feedback),
      onFailure: (reason) => this.frameFailed(reason),
      onEmpty: () => this.sentAll(),
    });
    this.network = new Network({
      probe: (signal) => this.calls.probe(signal),
      backoffMs: (failures) => core.backoffMs(failures),
      onLost: () => this.post('offline', Reason.NO_NETWORK),
      onBack: () => this.back(),
    });
    this.listen(true);
    store.onTaken = () => this.handOver();
    this.restore(parts.kept);
    this.told = this.look();
    this.ticker = setInterval(() => this.tick(), PACE_TICK_MS);
  }

  // ---- What the page calls ----

  get view(): View {
    return this.told;
  }

  start(): void {
    this.post('start');
  }

  agree(claims: readonly string[]): void {
    this.requests.claims = [...claims];
    this.post('agree');
  }

  disagree(): void {
    this.post('disagree');
  }

  withdraw(): Promise<void> {
    return this.requests.withdraw();
  }

  again(): void {
    this.post('again');
  }

  pause(): void {
    this.saver.pausedByHiding = false;
    this.post('pause');
  }

  resume(): void {
    this.post('resume');
  }

  setCannot(actions: readonly Action[]): void {
    this.cannotMask = actionMask(actions);
  }

  setCamera(facing: Facing): void {
    if (facing === this.facing) return;
    this.facing = facing;
    if (!this.camera && !this.opening) return;
    this.closeCamera();
    // A capture has one camera: it begins again, at no cost.
    if (IN_CAPTURE.has(this.name)) this.post('capture_dropped');
    else this.openCamera();
  }

  speaking(lengthMs: number): void {
    this.pacer.speaking(lengthMs);
  }

  keepReference(accepted: boolean): void {
    this.requests.keepReference(accepted).then(() => this.changed(), () => this.changed());
  }

  receipts(): Promise<{ consent: string; consentReceipt: string; decision: string }> {
    return this.requests.receipts();
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.listen(false);
    this.stop();
    clearInterval(this.ticker);
    this.calls.credential = '';
    this.saver.close();
  }

  // ---- Events ----

  private get name(): State {
    return STATES[this.state]!;
  }

  /** reason: why, where it does not go on. */
  private post(event: Event, reason: number = Reason.NONE): void {
    if (this.disposed) return;
    // Whoever asks this tab for anything wants to go on here.
    if (this.elsewhere) return location.reload();
    this.events.push([event, reason]);
    if (this.draining) return;
    this.draining = true;
    queueMicrotask(() => this.drain());
  }

  private drain(): void {
    for (let next = this.events.shift(); next && !this.disposed; next = this.events.shift()) {
      this.take(...next);
    }
    this.draining = false;
    if (this.disposed) return;
    this.align();
    this.changed();
  }

  private take(event: Event, reason: number): void {
    const step = this.core.step(this.state, event);
    if (!step.handled) return;
    const moved = step.next !== this.state;
    if (moved) this.leave();
    this.state = step.next;
    if (moved || reason !== Reason.NONE) this.reason = reason;
    this.perform(step.actions);
    if (moved || reason !== Reason.NONE) this.tell();
    this.saver.save(this.state);
  }

  /** What belonged to the state that is left. */
  private leave(): void {
    this.control?.abort();
    clearTimeout(this.retryTimer);
    clearTimeout(this.waitTimer);
    this.retryTimer = undefined;
    this.failures = 0;
  }

  private tell(): void {
    this.pacer.offer(this.name === 'capturing' ? this.feedback?.guidance || Phrase.SHOW_FACE : this.ownPhrase);
  }

  /** What the state says, or the reason for it. */
  private get ownPhrase(): number {
    const byReason = this.reason !== Reason.NONE && REASON_TELLS.has(this.name);
    return byReason ? this.core.reasonPhrase(this.reason) : this.core.statePhrase(this.state);
  }

  /** What ends comes before what begins. */
  private perform(actions: number): void {
    const does = (bit: number) => (actions & bit) !== 0;
    if (does(Do.CLOSE_CAMERA)) this.closeCamera();
    if (does(Do.HOLD)) this.uploader.hold();
    if (does(Do.DROP_FRAMES)) this.dropFrames();
    if (does(Do.FORGET)) this.forget();
    if (does(Do.JOIN)) this.request((signal) => this.join(signal));
    if (does(Do.CONSENT)) this.request((signal) => this.requests.consent(true, signal));
    if (does(Do.WITHDRAW)) this.request((signal) => this.requests.consent(false, signal));
    if (does(Do.BEGIN)) this.request((signal) => this.begin(signal));
    if (does(Do.ASK_OUTCOME)) this.request((signal) => this.askOutcome(signal));
    if (does(Do.BACK_OFF)) this.backOff();
    if (does(Do.WAIT)) this.wait();
    if (does(Do.OPEN_CAMERA)) this.openCamera();
    if (does(Do.SEND)) this.uploader.start();
  }

  /** What runs exactly while a state lasts. */
  private align(): void {
    const { name } = this;
    const offline = name === 'capturing_offline';
    this.setRoom();
    if (this.camera && TAKING.has(name)) this.capture.start();
    else this.capture.stop();
    this.offlineSinceMs = offline ? this.offlineSinceMs ?? performance.now() : undefined;
    // Whoever waits for others is soon asked for again.
    this.wakeLock.set(AWAKE.has(name) || this.reason === Reason.SERVER_BUSY);
    if (name === 'camera_help') this.unwatchCamera ??= watchForCamera(() => this.again());
    else {
      this.unwatchCamera?.();
      this.unwatchCamera = undefined;
    }
  }

  private setRoom(): void {
    // Until the first answer tells how fast the link is, more than one would only fill it.
    const online = this.feedback ? ONLINE_ROOM : 1;
    this.capture.room = this.name === 'capturing' ? online : Infinity;
  }

  // ---- Calls ----

  private request(work: (signal: AbortSignal) => Promise<Event>): void {
    this.control?.abort();
    const control = this.control = new AbortController();
    work(control.signal).then((event) => {
      if (control.signal.aborted) return;
      this.network.answered();
      this.post(event, event === 'must_wait' ? this.waitReason : Reason.NONE);
    }, (error: unknown) => {
      if (!control.signal.aborted) this.failed(error);
    });
  }

  private failed(error: unknown): void {
    const reason = error instanceof CallFailed ? error.reason : Reason.KEY_STORE_FAILED;
    if (reason === Reason.NO_NETWORK) this.network.failed();
    const wrongLink = reason === Reason.FRAME_REFUSED && this.name === 'joining';
    if (reason === Reason.SESSION_OVER) this.post('session_over');
    else if (reason === Reason.LINK_REFUSED || wrongLink) this.post('refused', Reason.LINK_REFUSED);
    else if (reason === Reason.KEY_STORE_FAILED) this.post('refused', reason);
    else this.post('call_failed', reason);
  }

  private async join(signal: AbortSignal): Promise<Event> {
    await this.requests.join(signal);
    this.capture.key = this.requests.key;
    this.watchExpiry();
    return 'joined';
  }

  private async begin(signal: AbortSignal): Promise<Event> {
    const hints = (this.camera?.isVirtual ? Hint.VIRTUAL_CAMERA : 0) |
      (navigator.webdriver ? Hint.AUTOMATION : 0);
    const begun = await this.requests.begin(this.cannotMask, hints, signal);
    if (begun.retryAfterMs > 0) {
      this.waitUntilMs = Date.now() + begun.retryAfterMs;
      this.waitReason = begun.waitReason;
      return 'must_wait';
    }
    this.dropFrames();
    if (!this.queue.begin(begun)) throw new CallFailed(Reason.ANSWER_MALFORMED);
    this.begun(begun);
    return 'begun';
  }

  private begun(begun: Begun): void {
    this.actions = begun.actions;
    this.attemptsLeft = begun.attemptsLeft;
    this.saver.hasLight = begun.light !== undefined;
    this.capture.reset(begun.light && new LightShow(begun.light));
  }

  private async askOutcome(signal: AbortSignal): Promise<Event> {
    const { outcome, attemptsLeft } = await this.requests.outcome(signal);
    this.attemptsLeft = attemptsLeft;
    if (outcome === Outcome.DONE) return 'outcome_done';
    if (outcome === Outcome.TRY_AGAIN) return 'outcome_try_again';
    if (outcome === Outcome.STAFF_REVIEW) return 'outcome_staff_review';
    return 'outcome_pending';
  }

  private backOff(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.retry(), this.core.backoffMs(++this.failures));
  }

  private retry(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.post('retry_due');
  }

  private wait(): void {
    const left = this.waitUntilMs - Date.now();
    this.waitTimer = setTimeout(() => {
      if (left > TIMER_MAX_MS) this.wait();
      else this.post('wait_over');
    }, Math.min(Math.max(left, 0), TIMER_MAX_MS));
  }

  private watchExpiry(): void {
    clearTimeout(this.expiryTimer);
    const left = this.saver.expiresAtMs - Date.now();
    this.expiryTimer = setTimeout(() => {
      if (left > TIMER_MAX_MS) this.watchExpiry();
      else this.post('expire', Reason.SESSION_EXPIRED);
    }, Math.min(Math.max(left, 0), TIMER_MAX_MS));
  }

  private back(): void {
    if (this.retryTimer !== undefined) this.retry();
    this.post('online');
  }

  // ---- Camera and frames ----

  private openCamera(): void {
    if (this.camera) this.post('camera_ready');
    if (this.camera || this.opening) return;
    const opening = this.opening = new AbortController();
    this.parts.openCamera(this.facing, () => this.lostCamera(Reason.CAMERA_TAKEN), opening.signal)
      .then((camera) => {
        if (opening.signal.aborted) return camera.close();
        this.opening = undefined;
        this.camera = camera;
        this.post('camera_ready');
      }, (error: unknown) => {
        if (opening.signal.aborted) return;
        this.lostCamera(error instanceof CameraFailed ? error.reason : Reason.CAMERA_TAKEN);
      });
  }

  private lostCamera(reason: number): void {
    this.closeCamera();
    this.post('camera_lost', reason);
  }

  private closeCamera(): void {
    this.opening?.abort();
    this.opening = undefined;
    this.capture.stop();
    this.camera?.close();
    this.camera = undefined;
  }

  private dropFrames(): void {
    this.uploader.reset();
    this.queue.drop();
    this.capture.reset();
    this.saver.hasLight = false;
    this.saver.jpegQuality = 0;
    this.feedback = undefined;
    this.faceSeen = false;
  }

  private pushed(): void {
    this.saver.jpegQuality = this.capture.quality;
    this.saver.save(this.state);
    this.uploader.pump();
    this.changed();
  }

  private heard(feedback: Feedback): void {
    this.refusals = 0;
    this.network.answered();
    const { oval } = feedback;
    const before = this.feedback?.oval;
    const same = before && oval && before.centreX === oval.centreX &&
      before.centreY === oval.centreY && before.height === oval.height;
    this.feedback = same ? { ...feedback, oval: before } : feedback;
    this.setRoom();
    if (this.name === 'capturing') {
      this.pacer.offer(feedback.guidance);
      // The only guidance without a face is to show it: nothing is timed before.
      this.faceSeen ||= feedback.guidance > Phrase.SHOW_FACE;
      if (this.faceSeen) this.capture.light?.start(performance.now());
    }
    if (this.queue.waiting === 0) this.saver.save(this.state);
    if (feedback.guidance === Phrase.CAPTURE_DONE || feedback.outcome > Outcome.IN_PROGRESS) {
      this.post('complete');
    } else if (feedback.sequence <= RESIZE_UNTIL_FRAME && this.resizes < RESIZES_MAX &&
      this.capture.isTooSlow(this.queue.plan)) {
      this.resizes++;
      this.post('capture_dropped');
    }
    this.changed();
  }

  private frameFailed(reason: number): void {
    if (reason === Reason.NO_NETWORK) this.network.failed();
    else if (reason === Reason.SESSION_OVER) this.post('session_over');
    else if (reason === Reason.LINK_REFUSED) this.post('refused', reason);
    else if (reason === Reason.FRAME_REFUSED) {
      this.post('capture_dropped');
      if (++this.refusals >= REFUSALS_MAX) this.lostCamera(Reason.NOT_SUPPORTED);
    }
  }

  /** A page that nobody sees does not open the camera. */
  private sentAll(): void {
    if (!document.hidden) this.post('queue_empty');
  }

  // ---- What outlives the page, and what does not ----

  private restore(kept: Kept): void {
    const resumed = this.saver.restore(kept);
    this.state = resumed?.state ?? this.state;
    this.tell();
    if (resumed?.ended) return;
    this.requests.restore(kept);
    if (this.saver.expiresAtMs > 0) this.watchExpiry();
    if (!resumed) return;
    this.capture.key = this.requests.key;
    if (this.saver.jpegQuality > 0) this.capture.resume(this.saver.jpegQuality);
    this.post('reloaded');
    // Its frames went with the tab that sealed them. Or nobody knows how far the colours had come.
    const begins = !resumed.whole || this.saver.hasLight;
    if (begins && IN_CAPTURE.has(this.name)) this.post('capture_dropped');
    if (this.saver.pausedByHiding) this.onHidden();
  }

  /** Nothing of the session stays in the browser but how it ended. */
  private forget(): void {
    this.requests.forgetKey();
    this.capture.key = undefined;
    clearTimeout(this.expiryTimer);
    this.saver.forget(this.state);
  }

  /** The tab that was opened last goes on, as after a reload; this one when it is looked at again. */
  private handOver(): void {
    if (this.elsewhere || this.core.isOver(this.state)) return;
    this.elsewhere = true;
    this.stop();
    // Only shown: what is saved is what the other goes on with.
    this.state = this.core.step(this.state, 'pause').next;
    this.reason = Reason.NONE;
    this.tell();
    this.align();
    this.changed();
  }

  /** Nothing of what is under way comes to anything any more. */
  private stop(): void {
    this.control?.abort();
    this.closeCamera();
    this.capture.reset();
    this.uploader.hold();
    this.uploader.reset();
    this.network.stop();
    this.wakeLock.set(false);
    this.unwatchCamera?.();
    [this.retryTimer, this.waitTimer, this.expiryTimer].forEach(clearTimeout);
  }

  private readonly onHidden = () => {
    if (this.leaving) return;
    if (this.elsewhere) {
      if (!document.hidden) location.reload();
    } else if (document.hidden) {
      if (this.name === 'paused' || FILMED.has(this.name)) return;
      this.saver.pausedByHiding = true;
      this.post('pause');
    } else if (this.saver.pausedByHiding) {
      this.saver.pausedByHiding = false;
      this.resume();
    } else if (this.name === 'sending') this.uploader.start();
  };

  /** A page that goes away is hidden, too; but who comes back wants to go on. */
  private readonly onLeave = () => {
    this.leaving = true;
  };

  private readonly onReturn = () => {
    this.leaving = false;
  };

  private listen(on: boolean): void {
    const act = on ? 'addEventListener' : 'removeEventListener';
    globalThis.document?.[act]('visibilitychange', this.onHidden);
    globalThis[act]?.('pagehide', this.onLeave);
    globalThis[act]?.('pageshow', this.onReturn);
  }

  // ---- The view ----

  private tick(): void {
    this.uploader.pump();
    if (this.offlineSinceMs !== undefined) this.guideOffline(this.offlineSinceMs);
    const cue = this.pacer.tick();
    // Who reads or decides in their own time is not told again and again.
    if (cue.speak && (cue.phrase !== this.phrase || TAKING.has(this.name))) this.spoken++;
    this.phrase = cue.phrase;
    // The last phrase has been told: nothing is paced any more.
    if (this.told.over && cue.phrase === this.core.statePhrase(this.state)) {
      clearInterval(this.ticker);
    }
    this.changed();
  }

  private guideOffline(sinceMs: number): void {
    const left = this.actions.slice(this.feedback?.actionsDone ?? 0);
    const phrase = this.core.offlinePhrase(left, performance.now() - sinceMs);
    if (phrase === Phrase.CAPTURE_DONE) this.post('enough', Reason.NO_NETWORK);
    else this.pacer.offer(phrase);
  }

  private look(): View {
    const { requests, feedback } = this;
    const light = this.camera && this.capture.light?.colour(performance.now());
    return {
      state: this.name,
      phrase: this.core.phraseName(this.phrase || this.ownPhrase || Phrase.SHOW_FACE),
      spoken: this.spoken,
      reason: this.core.reasonName(this.reason),
      actionsDone: feedback?.actionsDone ?? 0,
      actionsTotal: feedback?.actionsTotal ?? this.actions.length,
      attemptsLeft: this.attemptsLeft,
      faceSeen: this.faceSeen,
      framesWaiting: this.queue.waiting,
      expiresAtMs: this.saver.expiresAtMs,
      over: this.core.isOver(this.state),
      ...(requests.consentText && { consent: requests.consentText }),
      ...(feedback?.oval && this.name === 'capturing' && { oval: feedback.oval }),
      ...(light !== undefined && { light }),
      ...(this.name === 'waiting' && { waitUntilMs: this.waitUntilMs }),
      ...(requests.advice && this.name === 'try_again' && {
        advice: this.core.phraseName(requests.advice),
      }),
      ...(requests.reference && { keepReference: requests.reference }),
    };
  }

  private changed(): void {
    if (this.disposed) return;
    const view = this.look();
    if (sameView(view, this.told)) return;
    this.told = view;
    queueMicrotask(() => {
      if (!this.disposed && this.told === view) this.parts.options.onChange(view);
    });
  }
}
