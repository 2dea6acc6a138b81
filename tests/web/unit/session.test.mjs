import assert from 'node:assert/strict';
import test from 'node:test';
import { sdk, until } from './fixture.mjs';
import { Gateway } from './gateway.mjs';
import { page, Phone } from './phone.mjs';

async function meet(t) {
  const gateway = await Gateway.start(t);
  const phone = new Phone(t, gateway);
  await phone.begin();
  const reaches = (...states) => until(() => states.includes(phone.view.state),
    () => JSON.stringify(phone.view));
  return { gateway, phone, reaches };
}

/** Up to the first frames. */
async function capture(t, prepare = () => undefined) {
  const met = await meet(t);
  met.gateway.framesWanted = Infinity;
  prepare(met);
  const { phone, gateway, reaches } = met;
  phone.session.start();
  await reaches('consent');
  phone.session.agree(['birthdate']);
  await reaches('capturing');
  await until(() => gateway.frames.length >= 2, () => 'frames');
  return met;
}

test('a whole journey: joined, agreed, captured, done', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  assert.equal(phone.view.state, 'new');
  assert.equal(phone.view.phrase, 'welcome');
  phone.session.start();
  await reaches('consent');
  assert.equal(phone.view.consent.text, 'Text');
  assert.equal(phone.view.consent.claims[0].name, 'birthdate');
  assert.equal(phone.view.expiresAtMs, gateway.expiresAtMs);
  phone.session.agree(['birthdate']);
  await reaches('done');
  assert.equal(gateway.agreed, true);
  assert.ok(gateway.frames.length >= gateway.framesWanted);
  assert.equal(phone.view.over, true);
  assert.equal(phone.open, 0, 'the camera is closed');
});

test('onChange comes after methods, with views that differ', async (t) => {
  const { phone, reaches } = await meet(t);
  let within = true;
  const { length } = phone.views;
  phone.session.start();
  assert.equal(phone.views.length, length);
  within = false;
  await reaches('consent');
  assert.equal(within, false);
  phone.views.forEach((view, i) => assert.notDeepEqual(view, phone.views[i + 1]));
});

test('at the end nothing stays in the browser but how it ended', async (t) => {
  const { phone, reaches } = await capture(t, ({ gateway }) => {
    gateway.framesWanted = 3;
  });
  await reaches('done');
  await until(() => phone.store.kept.ended, () => 'the end');
  assert.deepEqual(Object.keys(phone.store.kept), ['ended']);
  await phone.reload();
  assert.equal(phone.view.state, 'done');
  assert.equal(phone.view.over, true);
});

test('receipts and the kept reference work after the end', async (t) => {
  const { phone, reaches } = await capture(t, ({ gateway }) => {
    gateway.framesWanted = 3;
    gateway.keepReference = 1;
  });
  await reaches('done');
  assert.deepEqual(phone.view.keepReference, { state: 'offered', text: 'Keep it?' });
  assert.deepEqual(await phone.session.receipts(),
    { consent: '{"consent":1}', consentReceipt: '{"receipt":1}', decision: '' });
  phone.session.keepReference(true);
  await until(() => phone.view.keepReference?.state === 'kept', () => JSON.stringify(phone.view));
  phone.session.keepReference(false);
  await until(() => !phone.view.keepReference, () => JSON.stringify(phone.view));
});

test('consent is taken back after the end, and who cannot be told of it hears so', async (t) => {
  const { gateway, phone, reaches } = await capture(t, ({ gateway }) => {
    gateway.framesWanted = 3;
  });
  await reaches('done');
  gateway.failing.WithdrawConsent = { status: 14, times: 1 };
  await assert.rejects(phone.session.withdraw());
  await phone.session.withdraw();
  assert.equal(gateway.count('WithdrawConsent'), 2);
});

test('no to the consent text ends it without a camera', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  phone.session.start();
  await reaches('consent');
  phone.session.disagree();
  await reaches('withdrawn');
  assert.equal(gateway.agreed, false);
  assert.deepEqual(phone.opened, []);
});

test('consent taken back in a capture closes the camera and drops the frames', async (t) => {
  const { phone, reaches } = await capture(t);
  phone.session.disagree();
  await reaches('withdrawn');
  assert.equal(phone.open, 0);
  assert.equal(phone.view.framesWaiting, 0);
});

test('a camera that is denied is helped with, and tried again', async (t) => {
  const { phone, reaches } = await meet(t);
  phone.refusal = sdk.Reason.CAMERA_DENIED;
  phone.session.start();
  await reaches('consent');
  phone.session.agree([]);
  await reaches('camera_help');
  assert.equal(phone.view.reason, 'camera_denied');
  await until(() => phone.view.phrase === 'camera_help', () => phone.view.phrase);
  phone.refusal = 0;
  phone.session.again();
  await reaches('capturing');
  assert.equal(phone.view.reason, 'none');
});

test('a camera that is missing leads to another way', async (t) => {
  const { phone, reaches } = await meet(t);
  phone.refusal = sdk.Reason.CAMERA_MISSING;
  phone.session.start();
  await reaches('consent');
  phone.session.agree([]);
  await reaches('camera_help');
  await until(() => phone.view.phrase === 'another_way', () => phone.view.phrase);
});

test('a camera that a call takes away pauses; resuming begins again', async (t) => {
  const { gateway, phone, reaches } = await capture(t);
  phone.loseCamera();
  await reaches('paused');
  assert.equal(phone.view.reason, 'camera_taken');
  phone.session.resume();
  await reaches('capturing');
  assert.equal(gateway.captures, 2);
});

test('a page that is hidden pauses and goes on by itself when it is seen again', async (t) => {
  const { phone, reaches } = await capture(t);
  page.show(false);
  await reaches('paused');
  assert.equal(phone.open, 0);
  page.show(true);
  await reaches('capturing');
});

test('what was filmed is sent though the page is hidden, and the camera waits to be seen', async (t) => {
  const { gateway, phone, reaches } = await capture(t);
  gateway.failing.SubmitFrame = { status: 14 };
  await until(() => phone.view.framesWaiting > 1, () => JSON.stringify(phone.view));
  await phone.reload();
  await reaches('sending');
  page.show(false);
  delete gateway.failing.SubmitFrame;
  await until(() => phone.view.framesWaiting === 0, () => JSON.stringify(phone.view));
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(phone.view.state, 'sending');
  assert.equal(phone.open, 0);
  page.show(true);
  await reaches('capturing');
  assert.equal(gateway.captures, 1, 'it is the same capture');
});

test('who pressed pause goes on only by pressing again', async (t) => {
  const { phone, reaches } = await capture(t);
  phone.session.pause();
  await reaches('paused');
  page.show(false);
  page.show(true);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(phone.view.state, 'paused');
  phone.session.resume();
  await reaches('capturing');
});

test('a reload in a capture goes on with the same capture and chain', async (t) => {
  const { gateway, phone, reaches } = await capture(t);
  const before = gateway.frames.length;
  const { quality } = phone.frames;
  await phone.reload();
  await reaches('capturing');
  await until(() => gateway.frames.length > before + 2, () => 'frames');
  assert.equal(gateway.captures, 1);
  assert.equal(gateway.count('Join'), 1);
  assert.equal(phone.frames.quality, quality, 'one quality for one capture');
  gateway.framesWanted = 1;
  await reaches('done');
});

test('a reload before the answer to the consent text asks again without joining again', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  phone.session.start();
  await reaches('consent');
  await phone.reload();
  await reaches('consent');
  assert.equal(phone.view.consent.text, 'Text');
  assert.equal(gateway.count('Join'), 1);
});

test('a reload before Join was answered joins with the same key', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  gateway.failing.Join = { status: 14 };
  phone.session.start();
  await until(() => phone.store.kept.key, () => 'a key');
  const { publicKey } = phone.store.kept.key;
  await phone.reload();
  delete gateway.failing.Join;
  phone.session.start();
  await reaches('consent');
  const spki = Buffer.from(await crypto.subtle.exportKey('spki', publicKey));
  assert.deepEqual(gateway.spki, spki);
});

test('a capture whose frames are damaged in the store begins again', async (t) => {
  const { gateway, phone, reaches } = await capture(t);
  await phone.session.dispose();
  phone.store.kept.saved[20] ^= 1;
  await phone.begin();
  await reaches('capturing');
  assert.equal(gateway.captures, 2);
  assert.equal(gateway.count('Join'), 1);
  assert.equal(gateway.count('GiveConsent'), 1);
});

test('a session that was kept is over when its time is up, wherever it had come to', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  gateway.expiresAtMs = Date.now() + 1500;
  phone.session.start();
  await reaches('consent');
  phone.session.dispose();
  delete phone.store.kept.beside;
  await phone.begin();
  assert.equal(phone.view.state, 'new');
  await reaches('expired');
  await until(() => Object.keys(phone.store.kept).length === 0, () => Object.keys(phone.store.kept));
});

test('kept frames whose calls fail are sent in the end, with the camera off', async (t) => {
  const { gateway, phone, reaches } = await capture(t);
  gateway.failing.SubmitFrame = { status: 14 };
  await until(() => phone.view.framesWaiting === sdk.SEND_WINDOW + 1,
    () => JSON.stringify(phone.view));
  await phone.reload();
  await reaches('sending');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(phone.open, 0);
  delete gateway.failing.SubmitFrame;
  await reaches('capturing');
  assert.equal(gateway.captures, 1);
});

test('a reload while colours are shown begins the capture again', async (t) => {
  const { gateway, phone, reaches } = await capture(t, (met) => {
    met.gateway.begun = [[7, [[1, 1000], [2, Buffer.from([0xff, 0x01])]]]];
  });
  await until(() => phone.view.light === 0xff, () => JSON.stringify(phone.view));
  await until(() => gateway.frames.at(-1)[5] > 0, () => 'frames tell how long light is shown');
  await phone.reload();
  await until(() => gateway.captures === 2, () => JSON.stringify(phone.view));
  await reaches('capturing');
});

test('no colour is shown before a face is seen', async (t) => {
  const { gateway, phone } = await capture(t, (met) => {
    met.gateway.guidance = 1;
    met.gateway.begun = [[7, [[1, 1000], [2, Buffer.from([0xff, 0x01])]]]];
  });
  await until(() => gateway.frames.length > 5, () => 'frames');
  assert.ok(phone.views.every((view) => view.light === undefined && !view.faceSeen));
  assert.ok(gateway.frames.every((frame) => frame[5] === undefined));
  gateway.guidance = 6;
  await until(() => phone.view.light === 0xff, () => JSON.stringify(phone.view));
});

test('a join whose answer is lost is tried again with the same key', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  gateway.failing.Join = { status: 14, times: 2 };
  const keys = new Set();
  const join = gateway.Join.bind(gateway);
  gateway.Join = (request) => {
    keys.add(request[3].toString('hex'));
    return join(request);
  };
  phone.session.start();
  await until(() => phone.view.reason === 'server_busy', () => phone.view.reason);
  await reaches('consent');
  assert.equal(gateway.count('Join'), 3);
  assert.equal(keys.size, 1);
  assert.equal(phone.view.reason, 'none');
});

for (const [status, why] of [[16, 'a refused link'], [3, 'a link that is none']]) {
  test(`${why} is said to be of no use`, async (t) => {
    const { gateway, phone, reaches } = await meet(t);
    gateway.failing.Join = { status };
    phone.session.start();
    await reaches('blocked');
    assert.equal(phone.view.reason, 'link_refused');
    await until(() => phone.view.phrase === 'ask_for_new_link', () => phone.view.phrase);
  });
}

test('without a network frames are kept, and sent when it is back', async (t) => {
  const { gateway, phone, reaches } = await capture(t);
  gateway.away = true;
  await reaches('capturing_offline');
  assert.equal(phone.view.reason, 'no_network');
  await until(() => phone.view.framesWaiting > 3, () => JSON.stringify(phone.view));
  gateway.away = false;
  gateway.framesWanted = gateway.frames.length + 3;
  await reaches('done');
  assert.equal(gateway.captures, 1);
});

test('joining without a network goes on when it is back', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  gateway.away = true;
  phone.session.start();
  await until(() => phone.view.reason === 'no_network', () => phone.view.reason);
  gateway.away = false;
  await reaches('consent');
});

test('a busy server is asked again for the same frame, which is taken once', async (t) => {
  const { gateway, phone } = await capture(t);
  gateway.failing.SubmitFrame = { status: 14, times: 3 };
  const before = gateway.frames.length;
  await until(() => gateway.frames.length > before + 2, () => JSON.stringify(phone.view));
  const sequences = gateway.frames.map((frame) => frame[1]);
  assert.deepEqual(sequences, sequences.map((_, i) => i + 1));
});

test('a capture that the server has dropped is begun again', async (t) => {
  const { gateway, reaches } = await capture(t);
  gateway.failing.SubmitFrame = { status: 3, times: 1 };
  await until(() => gateway.captures === 2, () => 'a second capture');
  await reaches('capturing');
});

test('a phone whose frames are always refused is shown another way', async (t) => {
  const { gateway, phone, reaches } = await capture(t);
  gateway.failing.SubmitFrame = { status: 3 };
  await reaches('camera_help');
  assert.equal(phone.view.reason, 'not_supported');
  await until(() => phone.view.phrase === 'another_way', () => phone.view.phrase);
});

test('who is to try again sees advice, and does', async (t) => {
  const { gateway, phone, reaches } = await capture(t, (met) => {
    met.gateway.framesWanted = 3;
    met.gateway.outcomes = [3, 2];
  });
  await reaches('try_again');
  assert.equal(phone.view.advice, 'more_light');
  assert.equal(phone.view.attemptsLeft, 1);
  phone.session.setCannot(['blink']);
  phone.session.again();
  await reaches('done');
  assert.equal(phone.view.advice, undefined);
  assert.equal(gateway.captures, 2);
  assert.deepEqual([...gateway.cannot], [5]);
});

test('an outcome that is not there yet is asked for again', async (t) => {
  const { gateway, reaches } = await capture(t, (met) => {
    met.gateway.framesWanted = 3;
    met.gateway.outcomes = [1, 1, 4];
  });
  await reaches('staff_review');
  assert.equal(gateway.count('GetOutcome'), 3);
});

test('who has tried too often waits, and the camera is off meanwhile', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  gateway.begun = [[8, 700]];
  phone.session.start();
  await reaches('consent');
  phone.session.agree([]);
  await reaches('waiting');
  assert.equal(phone.view.reason, 'tried_too_often');
  assert.ok(phone.view.waitUntilMs > Date.now());
  assert.equal(phone.open, 0);
  gateway.begun = [];
  await reaches('capturing');
  assert.equal(phone.view.waitUntilMs, undefined);
});

test('a tab for which another goes on says that it rests, whatever it asked for last', async (t) => {
  const { gateway, phone } = await capture(t);
  gateway.guidance = 5;
  await until(() => phone.view.phrase === 'centre_face', () => phone.view.phrase);
  phone.store.onTaken();
  await until(() => phone.view.phrase === 'paused', () => phone.view.phrase);
  assert.equal(phone.view.state, 'paused');
});

test('who waits for others is told no more, and it goes on by itself', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  gateway.begun = [[8, 700], [9, 1]];
  phone.session.start();
  await reaches('consent');
  phone.session.agree([]);
  await reaches('waiting');
  assert.equal(phone.view.reason, 'server_busy');
  assert.equal(phone.open, 0);
  await until(() => gateway.count('BeginCapture') > 1, () => 'asked again');
  await reaches('waiting');
  gateway.begun = [];
  await reaches('capturing');
  assert.equal(phone.view.reason, 'none');
  assert.ok(phone.views.every((view) => !['wait_a_while', 'try_again'].includes(view.phrase)));
});

test('a page that is hidden while others have their turn opens no camera until it is seen', async (t) => {
  const { gateway, phone, reaches } = await meet(t);
  gateway.begun = [[8, 300], [9, 1]];
  phone.session.start();
  await reaches('consent');
  phone.session.agree([]);
  await reaches('waiting');
  page.show(false);
  await reaches('paused');
  const { length } = phone.opened;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(phone.opened.length, length);
  gateway.begun = [];
  page.show(true);
  await reaches('capturing');
});

test('when the time is up it is over', async (t) => {
  const { phone, reaches } = await capture(t, ({ gateway }) => {
    gateway.expiresAtMs = Date.now() + 3000;
  });
  await reaches('expired');
  assert.equal(phone.view.reason, 'session_expired');
  assert.equal(phone.open, 0);
});

test('a session that is decided elsewhere shows its outcome', async (t) => {
  const { gateway, reaches } = await capture(t, (met) => {
    met.gateway.outcomes = [4];
  });
  gateway.failing.SubmitFrame = { status: 9 };
  await reaches('staff_review');
});

test('hints tell of a virtual camera and of automation', async (t) => {
  Object.defineProperty(navigator, 'webdriver', { value: true, configurable: true });
  t.after(() => delete navigator.webdriver);
  const { gateway } = await capture(t, ({ phone }) => {
    phone.isVirtual = true;
  });
  assert.deepEqual({ ...gateway.hints }, { 1: 1, 3: 1 });
});

test('without anything to hint at nothing is hinted', async (t) => {
  const { gateway } = await capture(t);
  assert.equal(gateway.hints, undefined);
});

test('another camera begins the capture again with it', async (t) => {
  const { gateway, phone } = await capture(t);
  phone.session.setCamera('environment');
  await until(() => gateway.captures === 2, () => JSON.stringify(phone.view));
  assert.deepEqual(phone.opened, ['user', 'environment']);
  assert.equal(phone.open, 1);
});

test('guidance is shown, spoken, and says that a face was seen', async (t) => {
  const { phone } = await capture(t);
  await until(() => phone.view.phrase === 'look_straight', () => phone.view.phrase);
  assert.ok(phone.view.spoken > 0);
  assert.equal(phone.view.faceSeen, true);
});

test('what a person reads in their own time is spoken once', async (t) => {
  const { phone, reaches } = await meet(t);
  phone.session.start();
  await reaches('consent');
  await until(() => phone.view.phrase === 'read_consent' && phone.view.spoken > 0,
    () => JSON.stringify(phone.view));
  const { spoken } = phone.view;
  t.mock.method(performance, 'now', () => 1e7);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(phone.view.spoken, spoken);
});

test('few frames wait while the server guides', async (t) => {
  const { gateway, phone } = await capture(t);
  const submit = gateway.SubmitFrame.bind(gateway);
  gateway.SubmitFrame = async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    return submit(request);
  };
  const most = gateway.frames.length + 4;
  let waiting = 0;
  await until(() => {
    waiting = Math.max(waiting, phone.view.framesWaiting);
    return gateway.frames.length >= most;
  }, () => 'frames');
  assert.ok(waiting <= sdk.SEND_WINDOW + 1, waiting);
});

test('frames that are too large for a slow uplink make the capture begin again, smaller', async (t) => {
  const { gateway, phone } = await capture(t, (met) => {
    met.phone.frames.bytes = 40 * 1024;
    const submit = met.gateway.SubmitFrame.bind(met.gateway);
    met.gateway.SubmitFrame = async (request) => {
      await new Promise((resolve) => setTimeout(resolve, met.gateway.captures === 1 ? 1500 : 0));
      return submit(request);
    };
  });
  await until(() => gateway.captures >= 2, () => JSON.stringify(phone.view));
});

test('after dispose nothing happens any more', async (t) => {
  const { gateway, phone } = await capture(t);
  phone.session.dispose();
  assert.equal(phone.open, 0);
  const { length } = phone.views;
  const calls = gateway.called.length;
  phone.session.start();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(phone.views.length, length);
  assert.ok(gateway.called.length <= calls + 1, 'a call that was under way may arrive');
});

test('one frame is sent until the first answer tells how fast the link is', async (t) => {
  const { gateway } = await capture(t, ({ gateway }) => {
    gateway.frameMs = 1200;
  });
  // The answer to the first comes with the next full period.
  const [first, second] = gateway.arrivals.map((at) => (performance.timeOrigin + at) / 1200);
  assert.ok(Math.floor(second) > Math.floor(first), 'the second waits for the first');
});
