import assert from 'node:assert/strict';
import test from 'node:test';
import { newCore, numbersOf, sdk, source } from './fixture.mjs';

const headers = 'mobile-sdk/core/include/imi_core/';
const session = source(headers + 'session.h');
const codes = source(headers + 'codes.h');
const core = await newCore();

/** Names of an enum in order, in lower case. */
const enumerators = (prefix) => [...session.matchAll(new RegExp(`${prefix}([A-Z_]+?)[ ,=\\n]`, 'g'))]
  .map((found) => found[1].toLowerCase());
const unique = (names) => names.filter((name, i) => names.indexOf(name) === i && name !== 'count');
/** Numbers by name of an X-macro of codes.h. */
const listed = (macro) => Object.fromEntries(
  [...codes.slice(codes.indexOf(`define ${macro}(X)`)).split(/\n\n/)[0]
    .matchAll(/X\(([A-Z_]+), (\d+),/g)].map((found) => [found[1], Number(found[2])]));

test('states have the core\'s numbers', () => {
  assert.deepEqual(sdk.STATES, unique(enumerators('IMI_CORE_STATE_')));
});

test('events have the core\'s numbers', () => {
  const events = unique(enumerators('IMI_CORE_EVENT_'));
  assert.equal(events.length, 30);
  events.forEach((event, number) => assert.equal(sdk.eventNumber(event), number, event));
});

test('things to do have the core\'s bits', () => {
  const bits = [...session.matchAll(/IMI_CORE_DO_([A-Z_]+) = 1 << (\d+)/g)]
    .map((found) => [found[1], 1 << Number(found[2])]);
  assert.deepEqual(numbersOf(sdk.Do), Object.fromEntries(bits));
});

test('reasons have the core\'s numbers', () => {
  assert.deepEqual(numbersOf(sdk.Reason), listed('IMI_CORE_REASONS'));
});

test('phrases that the SDK chooses have the core\'s numbers', () => {
  const phrases = listed('IMI_CORE_PHRASES');
  const ours = numbersOf(sdk.Phrase);
  for (const name of Object.keys(ours)) assert.equal(phrases[name], ours[name], name);
});

test('actions have the protocol\'s numbers as bits', () => {
  const proto = source('rpc/proto/imi/v1/common.proto');
  for (const [, name, number] of proto.matchAll(/CHALLENGE_ACTION_([A-Z_]+) = ([1-9])/g)) {
    assert.equal(sdk.actionMask([name.toLowerCase()]), 1 << Number(number), name);
  }
  assert.equal(sdk.actionMask(['blink', 'nod']), 1 << 5 | 1 << 7);
});

test('what is no action sets no bit', () => {
  assert.equal(sdk.actionMask(['sing']), 0);
});

test('names come out of the core', () => {
  assert.equal(core.phraseName(35), 'allow_camera');
  assert.equal(core.reasonName(sdk.Reason.CAMERA_TAKEN), 'camera_taken');
  assert.equal(core.phraseName(1000), 'unknown');
});

test('a step tells state, whether it is handled, and what to do', () => {
  const start = core.step(0, 'start');
  assert.deepEqual(start, { next: 1, handled: true, actions: sdk.Do.JOIN });
  assert.deepEqual(core.step(0, 'agree'), { next: 0, handled: false, actions: 0 });
});
