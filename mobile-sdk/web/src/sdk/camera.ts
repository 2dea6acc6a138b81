/** The camera: opened, watched, closed. */
import { Reason } from './codes';

export type Facing = 'user' | 'environment';

export interface Camera {
  /** By its name, it is a program and no camera. A hint, nothing more. */
  readonly isVirtual: boolean;
  close(): void;
}

export class CameraFailed extends Error {
  /** A number of Reason. */
  readonly reason: number;

  constructor(reason: number) {
    super(`imi: no camera for reason ${reason}`);
    this.reason = reason;
  }
}

/** Of the picture, however the phone is held. */
const LONG_SIDE = 640;
const SHORT_SIDE = 480;
/** A camera that has not shown a picture by then will not. */
const FIRST_PICTURE_MS = 10000;
/** A call takes the camera away for good, a notice only for a moment. */
const MUTED_MS = 1500;
const VIRTUAL = /virtual|\bobs\b|manycam|xsplit|splitcam|v4l2loopback|dummy video|snap camera|vcam/i;

function reasonOf(error: unknown): number {
  switch ((error as DOMException | undefined)?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return Reason.CAMERA_DENIED;
    case 'NotFoundError':
    case 'OverconstrainedError':
    case 'TypeError':
      return Reason.CAMERA_MISSING;
    default:
      return Reason.CAMERA_TAKEN;
  }
}

function firstPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new CameraFailed(Reason.CAMERA_TAKEN)), FIRST_PICTURE_MS);
    const look = () => {
      if (video.videoWidth === 0 || video.readyState < 2) return;
      clearTimeout(timer);
      video.removeEventListener('loadeddata', look);
      resolve();
    };
    video.addEventListener('loadeddata', look);
    look();
  });
}

async function show(stream: MediaStream, video: HTMLVideoElement): Promise<void> {
  video.muted = true;
  video.playsInline = true;
  video.autoplay = true;
  video.srcObject = stream;
  // Where playing waits for a touch the picture still comes with autoplay and muted.
  video.play().catch(() => undefined);
  await firstPicture(video);
}

/** Calls onLost once when the camera goes away by itself. */
function watch(track: MediaStreamTrack, onLost: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const mute = () => {
    timer = setTimeout(onLost, MUTED_MS);
  };
  const unmute = () => clearTimeout(timer);
  track.addEventListener('ended', onLost);
  track.addEventListener('mute', mute);
  track.addEventListener('unmute', unmute);
  return () => {
    clearTimeout(timer);
    track.removeEventListener('ended', onLost);
    track.removeEventListener('mute', mute);
    track.removeEventListener('unmute', unmute);
  };
}

/** The frame rate is enough for a blink; more only warms the phone. */
const wanted = (facingMode: Facing, side: (size: number) => ConstrainULong) => ({
  audio: false,
  video: {
    facingMode, width: side(LONG_SIDE), height: side(SHORT_SIDE), frameRate: { ideal: 24, max: 30 },
  },
});

/** A camera that has no picture so large gives what it has. */
async function openStream(facing: Facing): Promise<MediaStream> {
  const devices = navigator.mediaDevices;
  try {
    return await devices.getUserMedia(wanted(facing, (size) => ({ min: size, ideal: size })));
  } catch (error) {
    if ((error as DOMException).name !== 'OverconstrainedError') throw error;
    return devices.getUserMedia(wanted(facing, (size) => ({ ideal: size })));
  }
}

const isLarge = (one = 0, other = 0): boolean =>
  Math.max(one, other) >= LONG_SIDE && Math.min(one, other) >= SHORT_SIDE;

/** The picture is small though the camera has larger ones: another app holds it, in its own size. */
function isHeldSmall(stream: MediaStream, video: HTMLVideoElement): boolean {
  const { width, height } = stream.getVideoTracks()[0]!.getCapabilities?.() ?? {};
  return !isLarge(video.videoWidth, video.videoHeight) && isLarge(width?.max, height?.max);
}

function attach(stream: MediaStream, video: HTMLVideoElement, onLost: () => void): Camera {
  const [track] = stream.getVideoTracks();
  const unwatch = watch(track!, onLost);
  return {
    isVirtual: VIRTUAL.test(track!.label),
    close() {
      unwatch();
      stream.getTracks().forEach((each) => each.stop());
      if (video.srcObject === stream) video.srcObject = null;
    },
  };
}

/** Rejects with CameraFailed. Aborting closes what has come to be opened meanwhile. */
export async function openCamera(facing: Facing, video: HTMLVideoElement, onLost: () => void,
  signal: AbortSignal): Promise<Camera> {
  let stream: MediaStream | undefined;
  try {
    stream = await openStream(facing);
    if (!signal.aborted) await show(stream, video);
    if (signal.aborted) throw new CameraFailed(Reason.NONE);
    if (isHeldSmall(stream, video)) throw new CameraFailed(Reason.CAMERA_TAKEN);
    return attach(stream, video, onLost);
  } catch (error) {
    stream?.getTracks().forEach((track) => track.stop());
    throw error instanceof CameraFailed ? error : new CameraFailed(reasonOf(error));
  }
}

/** Calls back when a camera that could not be had may be there now; returns how to end that. */
export function watchForCamera(onMaybe: () => void): () => void {
  const devices = navigator.mediaDevices;
  let permission: PermissionStatus | undefined;
  let over = false;
  devices?.addEventListener?.('devicechange', onMaybe);
  const granted = () => {
    if (permission?.state === 'granted') onMaybe();
  };
  // Not every browser knows this name.
  navigator.permissions?.query({ name: 'camera' as PermissionName }).then((status) => {
    if (over) return;
    permission = status;
    status.addEventListener('change', granted);
  }).catch(() => undefined);
  return () => {
    over = true;
    devices?.removeEventListener?.('devicechange', onMaybe);
    permission?.removeEventListener('change', granted);
  };
}
