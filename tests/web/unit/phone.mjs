/**
 * A session on the real core, key and HTTP; only what Node has not is played: camera, pictures,
 * and the page that can be hidden.
 */
import { newCore, sdk } from './fixture.mjs';

export const SECRET = 's'.repeat(43);

/** A page that can be hidden. */
class Page extends EventTarget {
  hidden = false;

  show(on) {
    this.hidden = !on;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}
export const page = globalThis.document = new Page();

/** Pictures of which each is new, about as fast as a camera gives them. */
class PlayedFrames {
  bytes = 20 * 1024;
  taken = 0;

  start(onFrame) {
    this.timer = setInterval(onFrame, 20);
  }

  stop() {
    clearInterval(this.timer);
  }

  small() {
    // A clamped array would stay white from the 255th on: no frame is taken that shows nothing new.
    return { width: 16, height: 16, data: new Uint8ClampedArray(16 * 16 * 4).fill(++this.taken & 0xff) };
  }

  async jpeg(quality) {
    this.quality = quality;
    const jpeg = new Uint8Array(this.bytes).fill(++this.taken);
    return jpeg;
  }
}

export class Phone {
  views = [];
  frames = new PlayedFrames();
  store = new sdk.MemoryStore();
  /** Number of Reason for which the camera does not open. */
  refusal = 0;
  isVirtual = false;
  opened = [];
  open = 0;

  constructor(t, gateway) {
    this.link = { origin: gateway.origin, sessionId: 'ses_1', secret: SECRET };
    t.after(() => this.session?.dispose());
  }

  async begin() {
    const video = undefined;
    this.session = new sdk.Session({
      core: await newCore(), store: this.store, kept: await this.store.load(), link: this.link,
      options: { link: '', video, onChange: (view) => this.views.push(view), ...this.options },
      frames: this.frames,
      openCamera: (facing, onLost) => this.openCamera(facing, onLost),
    });
    return this.session;
  }

  async openCamera(facing, onLost) {
    this.opened.push(facing);
    if (this.refusal) throw new sdk.CameraFailed(this.refusal);
    this.open++;
    this.loseCamera = onLost;
    return { isVirtual: this.isVirtual, close: () => this.open-- };
  }

  /** As after a reload: another page, the same store. */
  async reload() {
    this.session.dispose();
    return this.begin();
  }

  get view() {
    return this.session.view;
  }
}
