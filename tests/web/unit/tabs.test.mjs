/** What a tab seals, and how one tab goes on where another was. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { sdk, until } from './fixture.mjs';
import { Gateway } from './gateway.mjs';
import { page, Phone } from './phone.mjs';

const soon = () => new Promise((resolve) => setTimeout(resolve, 100));

/** What the tab keeps that is opened next. */
function newTab() {
  const kept = new Map();
  globalThis.sessionStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
  return kept;
}

/** Opens the store of a tab; others of the same session are told. */
async function openStore(t, inner, session) {
  const store = await sdk.SealedStore.open(inner, new sdk.Tab(session));
  t.after(() => store.close());
  return store;
}

let sessions = 0;
/** A session of its own, as tabs of one session hear each other. */
function newSession() {
  const inner = new sdk.MemoryStore();
  return { inner, name: `ses_${++sessions}` };
}

const image = () => new Uint8Array(1000).fill(7);

test('what is kept of images cannot be read in the store, and is wiped where it came from', async (t) => {
  newTab();
  const { inner, name } = newSession();
  const store = await openStore(t, inner, name);
  const given = image();
  await store.put('saved', given);
  const { saved } = await inner.load();
  assert.equal(Buffer.from(saved).includes(Buffer.alloc(16, 7)), false);
  assert.deepEqual(given, new Uint8Array(1000));
  assert.deepEqual((await store.load()).saved, image());
});

test('the same image is never sealed alike', async (t) => {
  newTab();
  const { inner, name } = newSession();
  const store = await openStore(t, inner, name);
  await store.put('saved', image());
  const { saved } = await inner.load();
  await store.put('saved', image());
  assert.notDeepEqual((await inner.load()).saved, saved);
});

test('what is no image is kept as it is', async (t) => {
  newTab();
  const { inner, name } = newSession();
  const store = await openStore(t, inner, name);
  await store.put('beside', { state: 4 });
  assert.deepEqual(await inner.load(), { beside: { state: 4 } });
});

test('after a reload images are read again', async (t) => {
  newTab();
  const { inner, name } = newSession();
  const before = await openStore(t, inner, name);
  await before.put('saved', image());
  before.close();
  const store = await openStore(t, inner, name);
  assert.deepEqual((await store.load()).saved, image());
});

test('once the tab is closed nobody reads them', async (t) => {
  newTab();
  const { inner, name } = newSession();
  const before = await openStore(t, inner, name);
  await before.put('key', {});
  await before.put('saved', image());
  before.close();
  newTab();
  const store = await openStore(t, inner, name);
  const kept = await store.load();
  assert.equal(kept.saved, undefined);
  assert.deepEqual(kept.key, {});
});

test('what is damaged is not read', async (t) => {
  newTab();
  const { inner, name } = newSession();
  const store = await openStore(t, inner, name);
  await store.put('saved', image());
  inner.kept.saved[20] ^= 1;
  assert.equal((await store.load()).saved, undefined);
});

test('nothing comes after what erases it, and the secret is gone, too', async (t) => {
  const tab = newTab();
  const { inner, name } = newSession();
  const store = await openStore(t, inner, name);
  assert.equal(tab.size, 1);
  void store.put('saved', image());
  await store.forget();
  await soon();
  assert.deepEqual(await inner.load(), {});
  assert.equal(tab.size, 0);
});

test('a later image is not overwritten by an earlier one', async (t) => {
  newTab();
  const { inner, name } = newSession();
  const store = await openStore(t, inner, name);
  void store.put('saved', new Uint8Array(1 << 20));
  await store.put('saved', image());
  assert.deepEqual((await store.load()).saved, image());
});

test('a tab that is opened while another is there reads its images, after the last was kept', async (t) => {
  newTab();
  const { inner, name } = newSession();
  const first = await openStore(t, inner, name);
  await first.put('key', {});
  let told = 0;
  first.onTaken = () => {
    told++;
    void first.put('saved', image());
  };
  newTab();
  const second = await openStore(t, inner, name);
  assert.equal(told, 1);
  assert.deepEqual((await second.load()).saved, image());
});

test('tabs of other sessions do not hear of it', async (t) => {
  newTab();
  const one = newSession();
  const first = await openStore(t, one.inner, one.name);
  let told = 0;
  first.onTaken = () => told++;
  const other = newSession();
  newTab();
  await openStore(t, other.inner, other.name);
  await soon();
  assert.equal(told, 0);
});

test('a tab that is closed while it hands over says nothing', async (t) => {
  newTab();
  const { inner, name } = newSession();
  const first = await openStore(t, inner, name);
  await first.put('key', {});
  await first.put('saved', image());
  first.onTaken = () => first.close();
  newTab();
  const second = await openStore(t, inner, name);
  assert.equal((await second.load()).saved, undefined, 'what it sealed is lost');
});

test('a browser without channels between tabs does without', async (t) => {
  const { BroadcastChannel } = globalThis;
  delete globalThis.BroadcastChannel;
  t.after(() => {
    globalThis.BroadcastChannel = BroadcastChannel;
  });
  newTab();
  const { inner, name } = newSession();
  await inner.put('key', {});
  const store = await openStore(t, inner, name);
  await store.put('saved', image());
  assert.deepEqual((await store.load()).saved, image());
});

// ---- Sessions ----

/** Two tabs of one browser: both know the store, each has its own secret until it is told. */
async function twoTabs(t) {
  const gateway = await Gateway.start(t);
  gateway.framesWanted = Infinity;
  const { inner, name } = newSession();
  const reloads = [];
  globalThis.location = { reload: () => reloads.push(1) };
  const open = async () => {
    newTab();
    const phone = new Phone(t, gateway);
    phone.store = await sdk.SealedStore.open(inner, new sdk.Tab(name));
    await phone.begin();
    return phone;
  };
  const reaches = (phone, state) => until(() => phone.view.state === state,
    () => JSON.stringify(phone.view));
  const first = await open();
  first.session.start();
  await reaches(first, 'consent');
  first.session.agree([]);
  await reaches(first, 'capturing');
  await until(() => gateway.frames.length >= 2, () => 'frames');
  return { gateway, inner, first, open, reaches, reloads };
}

test('a second tab goes on with the same capture, and the first stops', async (t) => {
  const { gateway, first, open, reaches } = await twoTabs(t);
  const second = await open();
  await reaches(second, 'capturing');
  assert.equal(first.view.state, 'paused');
  assert.equal(first.open, 0, 'its camera is off');
  const count = gateway.frames.length;
  const { taken } = first.frames;
  await until(() => gateway.frames.length > count + 3, () => JSON.stringify(second.view));
  assert.equal(first.frames.taken, taken);
  assert.equal(gateway.captures, 1, 'no frame was lost on the way');
  assert.equal(gateway.count('Join'), 1);
});

test('the first tab goes on again when it is asked to, or looked at', async (t) => {
  const { first, open, reaches, reloads } = await twoTabs(t);
  const second = await open();
  await reaches(second, 'capturing');
  first.session.resume();
  assert.equal(reloads.length, 1);
  page.show(false);
  assert.equal(reloads.length, 1);
  page.show(true);
  assert.equal(reloads.length, 2);
  assert.equal(first.view.state, 'paused');
});

test('the first tab writes nothing any more', async (t) => {
  const { inner, first, open, reaches } = await twoTabs(t);
  const second = await open();
  await reaches(second, 'capturing');
  second.session.dispose();
  await second.store.load(); // Behind what it had still to put.
  const { saved } = await inner.load();
  first.loseCamera();
  await soon();
  await soon();
  assert.deepEqual((await inner.load()).saved, saved);
});

test('a tab whose session is over stays as it is', async (t) => {
  const { gateway, first, open, reaches } = await twoTabs(t);
  gateway.framesWanted = 1;
  await reaches(first, 'done');
  await open();
  await soon();
  assert.equal(first.view.state, 'done');
});

test('a link that is opened again after its tab was closed begins the capture again', async (t) => {
  const { gateway, first, open, reaches } = await twoTabs(t);
  first.session.dispose();
  const second = await open();
  await reaches(second, 'capturing');
  assert.equal(gateway.captures, 2);
  assert.equal(gateway.count('Join'), 1);
  assert.equal(gateway.count('GiveConsent'), 1);
});
