/** The small parts: light, what is asked for offline, links, views, pacing, choice, features. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { newCore, sdk } from './fixture.mjs';

const secret = 's'.repeat(43);

test('light is counted from its first colour, from 1, to its end', () => {
  const show = new sdk.LightShow({ stepMs: 1000, colours: [0xff0000, 0x00ff00] });
  assert.equal(show.shownMs(5000), 0);
  show.start(5000);
  show.start(6000);
  assert.equal(show.shownMs(5000), 1);
  assert.equal(show.colour(5999), 0xff0000);
  assert.equal(show.colour(6000), 0x00ff00);
  assert.equal(show.shownMs(6999.5), 2000);
  assert.equal(show.shownMs(7000), 0);
  assert.equal(show.colour(7000), undefined);
});

test('offline, each action is asked for in turn, then it is enough', async () => {
  const core = await newCore();
  const told = (elapsedMs) => core.phraseName(core.offlinePhrase([2, 5], elapsedMs));
  assert.equal(told(3999.5), 'none');
  assert.equal(told(4000.5), 'turn_left');
  assert.equal(told(11000), 'blink');
  assert.equal(core.offlinePhrase([2, 5], 18000), sdk.Phrase.CAPTURE_DONE);
  assert.equal(core.offlinePhrase([], 4000), sdk.Phrase.CAPTURE_DONE);
});

test('a link gives origin, session and secret', () => {
  assert.deepEqual(sdk.parseLink(`https://gateway.example:7480/j#ses_1.${secret}`),
    { origin: 'https://gateway.example:7480', sessionId: 'ses_1', secret });
});

for (const link of ['', 'https://gateway.example/j', `https://gateway.example/j#ses_1.${'s'.repeat(42)}`,
  `https://gateway.example/j#.${secret}`, `https://gateway.example/j#a b.${secret}`]) {
  test(`"${link}" is no link, and the error says what to do`, () => {
    assert.throws(() => sdk.parseLink(link), /open it again/);
  });
}

test('views are the same when all their parts are', () => {
  const view = { state: 'new', phrase: 'welcome' };
  assert.equal(sdk.sameView(view, { ...view }), true);
  assert.equal(sdk.sameView(view, { ...view, phrase: 'none' }), false);
  assert.equal(sdk.sameView(view, { ...view, light: 1 }), false);
  assert.equal(sdk.sameView({ ...view, light: 1 }, view), false);
});

test('a phrase is spoken once, and does not give way to speech that has begun', async () => {
  const pacer = new sdk.Pacer(await newCore());
  pacer.offer(sdk.Phrase.SHOW_FACE);
  assert.deepEqual(pacer.tick(), { phrase: sdk.Phrase.SHOW_FACE, speak: true });
  pacer.speaking(5000);
  pacer.offer(sdk.Phrase.CAPTURE_DONE);
  assert.deepEqual(pacer.tick(), { phrase: sdk.Phrase.SHOW_FACE, speak: false });
});

test('lengths of speech that are no lengths are none', async () => {
  const pacer = new sdk.Pacer(await newCore());
  for (const length of [NaN, -5, Infinity, 'x']) pacer.speaking(length);
  pacer.offer(sdk.Phrase.SHOW_FACE);
  assert.equal(pacer.tick().phrase, sdk.Phrase.SHOW_FACE);
});

/** Noise, each time another. */
function noise(width, height) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i++) data[i] = Math.random() * 256;
  return { width, height, data };
}

test('one camera frame in each period is taken', async () => {
  const chooser = new sdk.Chooser(await newCore());
  assert.equal(chooser.take(noise(320, 240), 60000), true);
  assert.equal(chooser.take(noise(320, 240), 60000), false);
});

test('the same frame is not taken twice, a turned picture is another', async () => {
  const chooser = new sdk.Chooser(await newCore());
  const frame = noise(32, 16);
  assert.equal(chooser.take(frame, 0), true);
  assert.equal(chooser.take(frame, 0), false);
  assert.equal(chooser.take({ ...frame, width: 16, height: 32 }, 0), true);
  assert.equal(chooser.take(noise(16, 32), 0), true);
});

test('a picture that is larger than agreed is not taken', async () => {
  const chooser = new sdk.Chooser(await newCore());
  const pixels = { width: 640, height: 480, data: new Uint8ClampedArray(640 * 480 * 4) };
  assert.equal(chooser.take(pixels, 1), false);
});

test('luma follows green more than red, and red more than blue', async () => {
  const core = await newCore();
  const chooser = new sdk.Chooser(core);
  const luma = [0, 1, 2].map((channel) => {
    const data = new Uint8ClampedArray(16 * 16 * 4);
    for (let i = channel; i < data.length; i += 4) data[i] = 255;
    chooser.take({ width: 16, height: 16, data }, 1);
    return core.memory.u8(chooser.lumas[1]);
  });
  assert.deepEqual(luma, [76, 149, 28]);
});

test('features that Node lacks are named', () => {
  const missing = sdk.missingFeatures();
  for (const name of ['camera', 'canvas', 'indexeddb']) assert.ok(missing.includes(name), name);
  for (const name of ['webassembly', 'bigint', 'webcrypto', 'fetch']) {
    assert.ok(!missing.includes(name), name);
  }
});

test('the key signs and cannot be taken away', async () => {
  const key = await sdk.makeKey();
  assert.equal(key.privateKey.extractable, false);
  const spki = await sdk.exportPublicKey(key);
  assert.equal(spki.length, 91);
  const message = new Uint8Array([1, 2, 3]);
  const signature = await sdk.sign(key, message);
  assert.equal(signature.length, 64);
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  assert.equal(await crypto.subtle.verify(algorithm, key.publicKey, signature, message), true);
  await assert.rejects(crypto.subtle.exportKey('pkcs8', key.privateKey));
});

test('the network is lost after two failures, asked for, and found again', async (t) => {
  const told = [];
  let there = false;
  const network = new sdk.Network({
    probe: async () => there,
    backoffMs: () => 5,
    onLost: () => told.push('lost'),
    onBack: () => told.push('back'),
  });
  t.after(() => network.stop());
  network.failed();
  network.answered();
  network.failed();
  assert.deepEqual(told, []);
  network.failed();
  assert.deepEqual(told, ['lost']);
  network.failed();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(told, ['lost']);
  there = true;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(told, ['lost', 'back']);
});

test('without IndexedDB things are kept in memory', async () => {
  const store = await sdk.openStore('ses_1');
  await store.put('ended', { state: 17, expiresAtMs: 5 });
  assert.deepEqual(await store.load(), { ended: { state: 17, expiresAtMs: 5 } });
  await store.forget();
  assert.deepEqual(await store.load(), {});
});
