/**
 * What belongs to one tab: a secret that the browser forgets when the tab is closed, and the right
 * to go on with a session, which is the tab's that was opened last.
 */

/** A tab before that is awake answers at once. */
const ANSWER_MS = 300;
const SECRET_SIZE = 32;
/** What a tab says that goes on; what is answered is the secret. */
const MINE = '';

export class Tab {
  /** Another tab goes on with the session; resolves when it may. */
  onTaken: () => Promise<unknown> = async () => undefined;
  private readonly name: string;
  /** None where the browser has none, or after the end. */
  private channel: BroadcastChannel | undefined;

  constructor(session: string) {
    this.name = `imi.${session}`;
    // Safari has it since 15.4.
    if ('BroadcastChannel' in globalThis) this.channel = new BroadcastChannel(this.name);
  }

  /** isKnown: this browser has met the session, so that a tab before may have the secret. */
  async take(isKnown: boolean): Promise<Uint8Array<ArrayBuffer>> {
    const own = sessionStorage.getItem(this.name);
    this.channel?.postMessage(MINE);
    const heard = own ?? (isKnown ? await this.answer() : undefined);
    const secret = heard ?? String.fromCharCode(...crypto.getRandomValues(new Uint8Array(SECRET_SIZE)));
    sessionStorage.setItem(this.name, secret);
    this.listen((said) => {
      if (said === MINE) void this.onTaken().then(() => this.channel?.postMessage(secret));
    });
    return Uint8Array.from(secret, (character) => character.charCodeAt(0));
  }

  /** The secret means nothing any more. */
  forget(): void {
    sessionStorage.removeItem(this.name);
  }

  close(): void {
    this.channel?.close();
    this.channel = undefined;
  }

  private answer(): Promise<string | undefined> {
    return new Promise((resolve) => {
      setTimeout(resolve, ANSWER_MS);
      this.listen((said) => {
        if (said !== MINE) resolve(said);
      });
    });
  }

  private listen(heard: (said: string) => void): void {
    if (this.channel) this.channel.onmessage = ({ data }) => heard(data as string);
  }
}
