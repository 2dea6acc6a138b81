/** The page: one screen at a time for the view of a verification. */
import type { Sdk, State, Verification, View } from '../sdk/types';
import { familyOf, isCameraAllowed } from './browser';
import type { Config } from './config';
import { h } from './dom';
import { LANGUAGES, languageOf } from './language';
import type { Language } from './language';
import { forgetSecret, hideSecret, joinLinkOf } from './link';
import type { JoinLink } from './link';
import { translation } from './page';
import type { Page, Screen, ScreenMaker, Sheet } from './page';
import { icon } from './pictures';
import { captureScreen } from './screens/capture';
import { askCameraScreen, cameraHelpScreen, PREPARE_PHRASE, prepareScreen } from './screens/camera';
import { busyScreen, isOthersTurn, pausedScreen, tryAgainScreen, waitingScreen } from './screens/between';
import { consentScreen } from './screens/consent';
import { blockedScreen, doneScreen, expiredScreen, staffScreen, withdrawnScreen } from './screens/over';
import { cannotScreen, stopScreen, waysScreen } from './screens/sheets';
import { welcomeScreen } from './screens/welcome';
import { loadSettings, loadVisit, saveSettings, saveVisit } from './settings';
import type { Settings, Visit } from './settings';
import { hush } from './speech';
import { Stage } from './stage';
import type { Texts } from './texts/en';
import { Voice } from './voice';

/** Of each state its screen, and the phrase until the paced one comes. */
const SCREENS: Readonly<Record<State, readonly [ScreenMaker, string]>> = {
  new: [welcomeScreen, 'welcome'], joining: [busyScreen, 'connecting'],
  consent: [consentScreen, 'read_consent'], consenting: [busyScreen, 'connecting'],
  ready: [askCameraScreen, 'allow_camera'], camera_help: [cameraHelpScreen, 'camera_help'],
  beginning: [captureScreen, 'connecting'], waiting: [waitingScreen, 'wait_a_while'],
  capturing: [captureScreen, 'show_face'], capturing_offline: [captureScreen, 'keep_going_offline'],
  holding: [busyScreen, 'no_connection'], sending: [busyScreen, 'sending'],
  sending_offline: [busyScreen, 'no_connection'], judging: [busyScreen, 'checking'],
  try_again: [tryAgainScreen, 'try_again'], paused: [pausedScreen, 'paused'],
  withdrawing: [busyScreen, 'connecting'], done: [doneScreen, 'finished'],
  staff_review: [staffScreen, 'staff_will_look'], withdrawn: [withdrawnScreen, 'stopped_as_asked'],
  expired: [expiredScreen, 'time_is_up'], blocked: [blockedScreen, 'ask_for_new_link'],
};

const SHEETS: Readonly<Record<Sheet, ScreenMaker>> = {
  ways: waysScreen, cannot: cannotScreen, prepare: prepareScreen, stop: stopScreen,
};

/** States in which the camera is on, or about to be. */
const CAMERA_ON: readonly State[] = ['ready', 'beginning', 'capturing', 'capturing_offline'];
/** States that a sheet stops: whoever reads is not looked at by the camera. */
const STOPPED_BY_SHEET: readonly State[] = [...CAMERA_ON, 'waiting'];
/** States whose phrase is felt as well: what to do now, and how it ended. */
const FELT: readonly State[] = [...CAMERA_ON, 'try_again', 'done', 'staff_review'];
const BEFORE_JOINED: readonly State[] = ['new', 'joining'];

/** Long enough to be felt, short enough not to startle. */
const VIBRATION_MS = 60;

/** What is shown where a verification could not even begin. */
function nothingBegun(reason: string, phrase: string): View {
  return { state: 'blocked', phrase, spoken: 0, reason, actionsDone: 0, actionsTotal: 0, attemptsLeft: 0,
    faceSeen: false, framesWaiting: 0, expiresAtMs: 0, over: true };
}

export class App implements Page {
  view: View;
  verification: Verification | undefined;
  readonly settings: Settings = loadSettings();
  readonly visit: Visit = loadVisit();
  readonly ticked = new Set<string>();
  readonly family = familyOf(navigator.userAgent);
  withdrawal: 'none' | 'told' | 'failed' = 'none';
  endedHere = false;
  private sheet: Sheet | undefined;
  /** Opening a sheet stopped the camera; closing it goes on. */
  private pausedBySheet = false;
  private shown: ScreenMaker | undefined;
  private screen: Screen | undefined;
  private spoken = 0;
  /** The phrase that was told last, and the one that was meant for an earlier screen. */
  private toldPhrase = '';
  private stalePhrase = '';
  /** The browser has said so, or the camera has been on. */
  private cameraAllowed = false;
  private readonly stage = new Stage();
  private readonly voice: Voice;
  private readonly languageKeys: readonly HTMLButtonElement[];
  private readonly soundKey: HTMLButtonElement;
  private readonly main = h('main', {});
  private readonly joinLink: JoinLink | undefined;
  private hasSecret: boolean;
  /** Language and sound that the keys above the screen show. */
  private labelled = '';

  constructor(private readonly root: HTMLElement, readonly config: Config, href: string) {
    this.joinLink = joinLinkOf(href);
    this.hasSecret = this.joinLink !== undefined;
    this.view = nothingBegun('no_link', 'ask_for_new_link');
    this.voice = new Voice(this.language, this.settings.sound);
    this.languageKeys = LANGUAGES.map((language) => h('button',
      { type: 'button', class: 'key language', lang: language.tag,
        click: () => this.chooseSettings({ language: language.tag }) },
      h('span', { class: 'long' }, language.name), h('span', { class: 'short' }, language.shortName)));
    this.soundKey = h('button', { type: 'button', class: 'key sound',
      click: () => this.chooseSettings({ sound: !this.settings.sound }) });
    root.replaceChildren(h('header', {}, ...this.languageKeys, this.soundKey), this.main);
    this.listenForFirstTap();
  }

  get language(): Language {
    return languageOf(this.settings.language);
  }

  get texts(): Texts {
    return this.language.texts;
  }

  get mirrored(): boolean {
    return !this.visit.helper;
  }

  get link(): string | undefined {
    return this.hasSecret ? this.joinLink?.href : undefined;
  }

  /** Opens the verification of the link, or says what to do instead. */
  async begin(sdk: Sdk): Promise<void> {
    if (!this.joinLink) return this.render();
    if (sdk.missingFeatures().length > 0) return this.show(nothingBegun('not_supported', 'another_way'));
    try {
      this.verification = await sdk.openVerification({
        link: this.joinLink.href,
        video: this.stage.video,
        camera: this.camera,
        cannot: this.visit.cannot,
        onChange: (view) => this.show(view),
      });
      this.show(this.verification.view);
    } catch {
      this.show(nothingBegun('no_network', 'no_connection'));
    }
  }

  open(sheet: Sheet): void {
    hush();
    this.voice.stop();
    this.sheet = sheet;
    if (STOPPED_BY_SHEET.includes(this.view.state)) {
      this.pausedBySheet = true;
      this.verification?.pause();
    }
    this.render();
    if (sheet === 'prepare') this.listen();
  }

  close(): void {
    this.sheet = undefined;
    const goOn = this.pausedBySheet;
    this.pausedBySheet = false;
    if (goOn && this.view.state === 'paused') this.verification?.resume();
    this.render();
  }

  /** The first yes leads to the picture of what the browser is about to ask, the next one on. */
  agree(): void {
    hush();
    const send = (): void => {
      this.sheet = undefined;
      const required = this.view.consent?.claims.filter((claim) => claim.required) ?? [];
      this.verification?.agree([...required.map((claim) => claim.name), ...this.ticked]);
      this.render();
    };
    if (this.sheet === 'prepare') return send();
    void isCameraAllowed().then((allowed) => {
      this.cameraAllowed = allowed;
      if (allowed) send();
      else this.open('prepare');
    });
  }

  withdraw(): void {
    this.sheet = undefined;
    this.pausedBySheet = false;
    if (!this.view.over) {
      this.verification?.disagree();
      return this.render();
    }
    const ended = (withdrawal: 'told' | 'failed') => (): void => {
      this.withdrawal = withdrawal;
      this.shown = undefined;
      this.show(this.verification!.view);
    };
    void this.verification?.withdraw().then(ended('told'), ended('failed'));
  }

  chooseVisit(visit: Partial<Visit>): void {
    Object.assign(this.visit, visit);
    saveVisit(this.visit);
    this.verification?.setCamera(this.camera);
    this.verification?.setCannot(this.visit.cannot);
    // A tick alone changes nothing that is shown.
    if (visit.helper === undefined) return;
    this.shown = undefined;
    this.render();
  }

  chooseSettings(settings: Partial<Settings>): void {
    Object.assign(this.settings, settings);
    saveSettings(this.settings);
    this.voice.set(this.language, this.settings.sound);
    if (settings.language !== undefined) {
      hush();
      this.shown = undefined;
      if (this.view.state === 'consent') void this.voice.prepare();
    }
    this.render();
    if (settings.sound) this.voice.unlock();
    if (settings.language !== undefined || settings.sound) this.listen();
  }

  listen(): void {
    const phrase = this.sheet === 'prepare' ? PREPARE_PHRASE : this.view.phrase;
    const lengthMs = this.voice.lengthMs(phrase);
    if (lengthMs > 0) this.verification?.speaking(lengthMs);
    this.voice.say(phrase);
  }

  private get camera(): 'user' | 'environment' {
    return this.visit.helper ? 'environment' : 'user';
  }

  private show(told: View): void {
    const before = this.view;
    const view = this.withdrawal === 'told'
      ? { ...told, state: 'withdrawn' as const, phrase: SCREENS.withdrawn[1] }
      : { ...told, phrase: this.phraseNow(told) };
    this.view = view;
    if (view.over || (this.sheet === 'prepare' && view.state !== 'consent')) this.sheet = undefined;
    if (view.over && !before.over) this.endedHere = true;
    if (view.over && this.verification && this.joinLink) forgetSecret(this.joinLink);
    if (view.state !== before.state) this.entered(view.state);
    this.render();
    if (view.spoken === this.spoken) return;
    this.spoken = view.spoken;
    if (this.sheet || view.phrase !== told.phrase) return;
    this.listen();
    if (FELT.includes(view.state)) navigator.vibrate?.(VIBRATION_MS);
  }

  /** Phrases are paced, screens are not: what was told on the last screen does not belong on the next. */
  private phraseNow(told: View): string {
    const [maker, phrase] = SCREENS[told.state];
    if (maker !== SCREENS[this.view.state][0]) this.stalePhrase = this.toldPhrase;
    if (told.phrase !== this.stalePhrase || told.spoken !== this.spoken) this.stalePhrase = '';
    this.toldPhrase = told.phrase;
    if (told.state === 'ready' && this.cameraAllowed) return 'connecting';
    if (this.stalePhrase === '') return told.phrase;
    return isOthersTurn(told) ? 'connecting' : phrase;
  }

  private entered(state: State): void {
    if (state === 'beginning') this.cameraAllowed = true;
    if (state === 'camera_help') this.cameraAllowed = false;
    if (state === 'consent') void this.voice.prepare();
    // Who could not even join may still open the link elsewhere.
    if (this.hasSecret && this.joinLink && !BEFORE_JOINED.includes(state) && !this.view.over) {
      this.hasSecret = false;
      hideSecret(this.joinLink);
    }
  }

  /** A tap on nothing plays what was silent until now; one on a button only lets it speak later. */
  private listenForFirstTap(): void {
    document.addEventListener('click', (event) => {
      const onKey = event.target instanceof Element && event.target.closest('button, a, label');
      if (onKey) this.voice.unlock();
      else this.listen();
    }, { once: true, capture: true });
  }

  private render(): void {
    const maker = this.sheet ? SHEETS[this.sheet] : this.screenOf(this.view.state);
    if (maker === this.shown) this.screen?.update?.(this.view);
    else this.build(maker);
    const onStage = maker === captureScreen;
    this.stage.show(onStage, this.mirrored, `${this.texts.camera}${this.mirrored ? `, ${this.texts.mirrored}` : ''}`);
    this.stage.setOval(this.view.oval);
    this.main.classList.toggle('capture', onStage);
    this.root.classList.toggle('wide', onStage);
    this.root.classList.toggle('left', this.settings.leftHand);
    this.light(onStage ? this.view.light : undefined);
    this.label();
  }

  private screenOf(state: State): ScreenMaker {
    // Who has allowed the camera is not asked again.
    return state === 'ready' && this.cameraAllowed ? captureScreen : SCREENS[state][0];
  }

  private build(maker: ScreenMaker): void {
    const isFirst = this.screen === undefined;
    const heldFocus = document.activeElement?.closest('header') != null;
    this.shown = maker;
    const screen = maker(this);
    if (isFirst) this.main.append(screen.words, this.stage.node, screen.keys);
    else {
      // The stage stays where it is: a video that is moved stops.
      this.screen!.words.replaceWith(screen.words);
      this.screen!.keys.replaceWith(screen.keys);
    }
    this.screen = screen;
    if (isFirst || heldFocus) return;
    screen.heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  /** What is told outside the screen: title, language, pressed keys. */
  private label(): void {
    const { texts, language, settings: { sound } } = this;
    const about = translation(this.config.name, this) ?? texts.title;
    const title = `${this.screen?.heading.textContent ?? ''} – ${about}`;
    if (document.title !== title) document.title = title;
    // News come several times a second: a key that is drawn anew may miss the finger that is on it.
    const chosen = `${language.tag} ${sound}`;
    if (chosen === this.labelled) return;
    this.labelled = chosen;
    document.documentElement.lang = language.tag;
    this.languageKeys.forEach((key, at) =>
      key.setAttribute('aria-pressed', String(LANGUAGES[at] === language)));
    this.soundKey.setAttribute('aria-pressed', String(sound));
    this.soundKey.setAttribute('aria-label', texts.sound);
    this.soundKey.replaceChildren(icon(sound ? 'sound' : 'silent'));
  }

  /** Coloured light that is asked for: the whole page, faded by the style sheet. */
  private light(colour: number | undefined): void {
    const { classList, style } = document.documentElement;
    classList.toggle('lit', colour !== undefined);
    if (colour === undefined) style.removeProperty('--imi-light');
    else style.setProperty('--imi-light', '#' + colour.toString(16).padStart(6, '0'));
  }
}

/** Builds the page in an element; the harness of the pictures calls it with a verification of its own. */
export async function openPage(root: HTMLElement, sdk: Sdk, config: Config, href: string): Promise<App> {
  const app = new App(root, config, href);
  await app.begin(sdk);
  return app;
}

