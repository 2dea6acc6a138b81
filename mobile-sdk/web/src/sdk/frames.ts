/** Pictures out of a video element: small ones to measure, JPEGs to send. */
import type { Pixels } from './chooser';
import { LUMA_WIDTH } from './chooser';

/** The shorter side of what is sent: more is not looked at. */
const SENT_SHORT_SIDE = 480;
/** What a phone measures of its camera: often enough to find a sharp frame. */
const LOOK_EVERY_MS = 60;

export interface Frames {
  /** Calls back for camera frames until stopped; while called, still() and jpeg() mean that frame. */
  start(onFrame: () => void): void;
  stop(): void;
  /** The frame made small, to be measured. */
  small(): Pixels;
  /** Keeps the frame and encodes it; quality in percent. */
  jpeg(quality: number): Promise<Uint8Array>;
}

function canvas(options?: CanvasRenderingContext2DSettings): CanvasRenderingContext2D {
  const context = document.createElement('canvas').getContext('2d', options);
  if (!context) throw new Error('imi: the browser gives no canvas');
  return context;
}

/** Draw the video in a size; a canvas that has it already is not made anew. */
function draw(context: CanvasRenderingContext2D, video: HTMLVideoElement, scale: number): void {
  const width = Math.round(video.videoWidth * scale);
  const height = Math.round(video.videoHeight * scale);
  if (context.canvas.width !== width) context.canvas.width = width;
  if (context.canvas.height !== height) context.canvas.height = height;
  context.drawImage(video, 0, 0, width, height);
}

export class VideoFrames implements Frames {
  private readonly video: HTMLVideoElement;
  private readonly sent = canvas({ alpha: false });
  private readonly measured = canvas({ alpha: false, willReadFrequently: true });
  private running = 0;
  private lastLookMs = 0;

  constructor(video: HTMLVideoElement) {
    this.video = video;
  }

  start(onFrame: () => void): void {
    const run = ++this.running;
    const each = () => {
      if (run !== this.running) return;
      const now = performance.now();
      if (this.video.videoWidth > 0 && now - this.lastLookMs >= LOOK_EVERY_MS) {
        this.lastLookMs = now;
        onFrame();
      }
      this.request(each);
    };
    this.request(each);
  }

  stop(): void {
    this.running++;
    // A canvas without pixels shows nobody.
    for (const { canvas: each } of [this.sent, this.measured]) each.width = 0;
  }

  small(): Pixels {
    const { videoWidth, videoHeight } = this.video;
    draw(this.measured, this.video, LUMA_WIDTH / Math.max(videoWidth, videoHeight));
    const { width, height } = this.measured.canvas;
    return this.measured.getImageData(0, 0, width, height);
  }

  jpeg(quality: number): Promise<Uint8Array> {
    const short = Math.min(this.video.videoWidth, this.video.videoHeight);
    draw(this.sent, this.video, Math.min(1, SENT_SHORT_SIDE / short));
    return new Promise((resolve, reject) => {
      this.sent.canvas.toBlob((blob) => {
        if (!blob) reject(new Error('imi: the browser made no JPEG'));
        else blob.arrayBuffer().then((bytes) => resolve(new Uint8Array(bytes)), reject);
      }, 'image/jpeg', quality / 100);
    });
  }

  /** Safari before 15.4 cannot say when a camera's frame is new. */
  private request(each: () => void): void {
    if ('requestVideoFrameCallback' in this.video) this.video.requestVideoFrameCallback(each);
    else requestAnimationFrame(each);
  }
}
