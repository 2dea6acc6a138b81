/** The camera's troubles; its pictures are tested in a browser (../sdk.test.mjs). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { sdk } from './fixture.mjs';

class Track extends EventTarget {
  stopped = false;

  constructor(label) {
    super();
    this.label = label;
  }

  stop() {
    this.stopped = true;
  }

  getCapabilities() {
    return this.capabilities ?? {};
  }

  tell(event) {
    this.dispatchEvent(new Event(event));
  }
}

const streamOf = (track) => ({ getTracks: () => [track], getVideoTracks: () => [track] });

/** A video element that has a picture at once. */
const newVideo = (width = 640, height = 480) => Object.assign(new EventTarget(), {
  videoWidth: width, videoHeight: height, readyState: 4, play: async () => undefined,
});

function useDevices(t, getUserMedia) {
  Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia }, configurable: true });
  t.after(() => delete navigator.mediaDevices);
}

async function open(t, label = 'camera 0, facing front') {
  const track = new Track(label);
  const video = newVideo();
  let lost = 0;
  useDevices(t, async () => streamOf(track));
  const camera = await sdk.openCamera('user', video, () => lost++, new AbortController().signal);
  return { track, video, camera, lost: () => lost };
}

for (const [name, reason] of [['NotAllowedError', 'CAMERA_DENIED'], ['SecurityError', 'CAMERA_DENIED'],
  ['NotFoundError', 'CAMERA_MISSING'], ['OverconstrainedError', 'CAMERA_MISSING'],
  ['NotReadableError', 'CAMERA_TAKEN'], ['AbortError', 'CAMERA_TAKEN']]) {
  test(`${name} is ${reason}`, async (t) => {
    useDevices(t, async () => {
      throw new DOMException('no', name);
    });
    const error = await sdk.openCamera('user', newVideo(), () => undefined,
      new AbortController().signal).catch((failed) => failed);
    assert.ok(error instanceof sdk.CameraFailed);
    assert.equal(error.reason, sdk.Reason[reason]);
  });
}

test('a browser without cameras has none', async () => {
  await assert.rejects(sdk.openCamera('user', newVideo(), () => undefined,
    new AbortController().signal), { reason: sdk.Reason.CAMERA_MISSING });
});

test('the camera that was asked for is asked for, without sound', async (t) => {
  let asked;
  useDevices(t, async (wanted) => {
    asked = wanted;
    return streamOf(new Track(''));
  });
  await sdk.openCamera('environment', newVideo(), () => undefined, new AbortController().signal);
  assert.equal(asked.audio, false);
  assert.equal(asked.video.facingMode, 'environment');
});

test('at least 640 by 480 are asked for, and what there is where there is no more', async (t) => {
  const asked = [];
  useDevices(t, async ({ video }) => {
    asked.push([video.width, video.height]);
    if (video.width.min) throw new DOMException('no', 'OverconstrainedError');
    return streamOf(new Track(''));
  });
  const signal = new AbortController().signal;
  const camera = await sdk.openCamera('user', newVideo(352, 288), () => undefined, signal);
  assert.deepEqual(asked, [[{ min: 640, ideal: 640 }, { min: 480, ideal: 480 }],
    [{ ideal: 640 }, { ideal: 480 }]]);
  camera.close();
});

test('a camera that is denied is asked for once', async (t) => {
  let asked = 0;
  useDevices(t, async () => {
    asked++;
    throw new DOMException('no', 'NotAllowedError');
  });
  await assert.rejects(sdk.openCamera('user', newVideo(), () => undefined,
    new AbortController().signal));
  assert.equal(asked, 1);
});

for (const [what, sides, capabilities, taken] of [
  ['a small picture of a camera that has larger ones', [320, 240], [1280, 720], true],
  ['a small picture of a phone that is held upright', [240, 320], [1280, 720], true],
  ['a wide picture that is too low', [640, 360], [1280, 720], true],
  ['a small picture of a small camera', [320, 240], [320, 240], false],
  ['a small picture of a camera that does not tell', [320, 240], [undefined, undefined], false],
  ['a picture that is large enough, upright', [480, 640], [1280, 720], false],
]) {
  test(`${what} is ${taken ? 'said to be in use' : 'taken'}`, async (t) => {
    const track = new Track('');
    track.capabilities = { width: { max: capabilities[0] }, height: { max: capabilities[1] } };
    useDevices(t, async () => streamOf(track));
    const opening = sdk.openCamera('user', newVideo(...sides), () => undefined,
      new AbortController().signal);
    if (taken) await assert.rejects(opening, { reason: sdk.Reason.CAMERA_TAKEN });
    else (await opening).close();
    assert.equal(track.stopped, true);
  });
}

test('the video is silent, in its place, and empty when closed', async (t) => {
  const { video, camera, track } = await open(t);
  assert.equal(video.muted && video.playsInline, true);
  camera.close();
  assert.equal(video.srcObject, null);
  assert.equal(track.stopped, true);
});

test('a camera that ends is lost', async (t) => {
  const { track, lost } = await open(t);
  track.tell('ended');
  assert.equal(lost(), 1);
});

const noClock = Number(process.versions.node.split('.')[0]) < 20 && 'needs Node 20';

test('a camera that is silent for a moment is not lost, for longer it is', { skip: noClock }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { track, lost } = await open(t);
  track.tell('mute');
  t.mock.timers.tick(1000);
  track.tell('unmute');
  t.mock.timers.tick(5000);
  assert.equal(lost(), 0);
  track.tell('mute');
  t.mock.timers.tick(2000);
  assert.equal(lost(), 1);
});

test('a camera that was closed is not lost', async (t) => {
  const { track, camera, lost } = await open(t);
  camera.close();
  track.tell('ended');
  assert.equal(lost(), 0);
});

test('a camera that opens when nobody waits any more is closed', async (t) => {
  const track = new Track('');
  const abort = new AbortController();
  useDevices(t, async () => {
    abort.abort();
    return streamOf(track);
  });
  await assert.rejects(sdk.openCamera('user', newVideo(), () => undefined, abort.signal));
  assert.equal(track.stopped, true);
});

test('virtual cameras are known by name, others are not', async (t) => {
  for (const [label, isVirtual] of [['OBS Virtual Camera', true], ['ManyCam Video Source', true],
    ['Dummy video device (0x0000)', true], ['camera2 1, facing front', false], ['Rückkamera', false],
    ['FaceTime HD Camera', false], ['', false]]) {
    const { camera } = await open(t, label);
    assert.equal(camera.isVirtual, isVirtual, label);
  }
});
