/** Recordings of the phrases: voice/LANGUAGE/PHRASE.mp3, with voice/lengths.json. */
import type { Language } from './language';
import { hush, speak } from './speech';

/** What is said while the camera looks, in about the order in which it is needed. */
const NEEDED_FIRST = ['allow_camera', 'show_face', 'hold_still', 'move_closer', 'move_away', 'fit_oval',
  'turn_left', 'turn_right', 'back_to_centre', 'open_mouth', 'close_mouth', 'blink', 'nod', 'centre_face',
  'look_straight', 'more_light', 'capture_done', 'keep_going_offline', 'no_connection'];

type Lengths = Readonly<Record<string, Readonly<Record<string, number>>>>;

export class Voice {
  private readonly player = new Audio();
  /** Recordings that are here: a phone that loses its network goes on speaking. */
  private readonly kept = new Map<string, Promise<string | undefined>>();
  private lengths: Lengths = {};
  /** What is to be heard now; an answer that comes after it has changed is not played. */
  private wanted = '';

  constructor(private language: Language, private audible: boolean) {
    void fetch('/voice/lengths.json').then(async (answer) => {
      if (answer.ok) this.lengths = await answer.json() as Lengths;
    }).catch(() => undefined);
  }

  set(language: Language, audible: boolean): void {
    this.language = language;
    this.audible = audible;
    if (!audible) this.stop();
  }

  /** How long it takes to say a phrase: also the time to read it. 0 where that is not known. */
  lengthMs(phrase: string): number {
    return this.lengths[this.language.voice]?.[phrase] ?? 0;
  }

  say(phrase: string): void {
    this.stop();
    if (!this.audible) return;
    const file = this.file(phrase);
    this.wanted = file;
    void this.fetch(file).then((url) => {
      if (this.wanted !== file) return;
      if (url) void this.play(url);
      else speak(this.language.phrases[phrase]?.spoken ?? '', this.language.texts.voiceLanguage);
    });
  }

  stop(): void {
    this.wanted = '';
    this.player.pause();
    hush();
  }

  /** To be called in a tap: browsers of Apple let an element speak only after that. */
  unlock(): void {
    if (!this.player.paused) return;
    const silent = new URL('/' + this.file('connecting'), location.href).href;
    const done = (): void => {
      // Something may be spoken by now.
      if (this.player.src === silent) this.player.pause();
      this.player.muted = false;
    };
    this.player.muted = true;
    this.player.src = silent;
    void this.player.play().then(done, done);
  }

  /** Fetches what will be needed, one after the other: the network may be slow. */
  async prepare(): Promise<void> {
    for (const phrase of NEEDED_FIRST) await this.fetch(this.file(phrase));
  }

  private file(phrase: string): string {
    return `voice/${this.language.voice}/${phrase}.mp3`;
  }

  private async play(url: string): Promise<void> {
    this.player.muted = false;
    this.player.src = url;
    // Refused before the first tap; the text is there all the same.
    await this.player.play().catch(() => undefined);
  }

  /** Its address in memory; nothing where there is no recording. */
  private fetch(file: string): Promise<string | undefined> {
    const known = this.kept.get(file);
    if (known) return known;
    const coming = fetch('/' + file).then(async (answer) =>
      answer.ok ? URL.createObjectURL(await answer.blob()) : undefined,
    ).catch(() => {
      this.kept.delete(file);
      return undefined;
    });
    this.kept.set(file, coming);
    return coming;
  }
}
