import assert from 'node:assert/strict';
import test from 'node:test';
import { fields, message, newCore, sdk } from './fixture.mjs';

const core = await newCore();

/** Read a message by one of the SDK's readers. */
const read = (reader, bytes) => core.memory.scratch(
  (allocate) => reader(core, core.memory.newView(allocate, bytes)));
const text = (bytes) => Buffer.from(bytes).toString();
const broken = new Uint8Array([0x0a, 0xff, 0xff]);

test('Join holds id, secret and key', () => {
  const written = fields(sdk.writeJoin(core, 'ses_1', 's'.repeat(43), new Uint8Array(91).fill(4)));
  assert.equal(text(written[1]), 'ses_1');
  assert.equal(text(written[2]), 's'.repeat(43));
  assert.equal(written[3].length, 91);
});

test('what is out of its bounds is not written', () => {
  assert.throws(() => sdk.writeJoin(core, 'x'.repeat(9000), 's', new Uint8Array(1)), /bounds/);
});

test('yes names the claims, no is an empty message', () => {
  const yes = fields(sdk.writeConsent(core, true, ['birthdate']));
  assert.equal(yes[1], 1);
  assert.equal(text(yes[2]), 'birthdate');
  assert.equal(sdk.writeConsent(core, false, ['birthdate']).length, 0);
});

test('yes to nothing is a yes', () => {
  assert.equal(fields(sdk.writeConsent(core, true, []))[1], 1);
});

test('BeginCapture names what the person cannot do, and hints', () => {
  const mask = sdk.actionMask(['blink']);
  const written = fields(sdk.writeBegin(core, mask, sdk.Hint.AUTOMATION));
  assert.deepEqual([...Buffer.from(written[1])], [5]);
  assert.equal(fields(written[2])[3], 1);
  assert.equal(sdk.writeBegin(core, 0, 0).length, 0);
});

test('Join\'s answer is read with claims and texts in any language', () => {
  const claim = [[1, 'birthdate'], [2, '出生日期'], [3, 'why'], [4, 30], [5, 1]];
  const joined = read(sdk.readJoined, message(
    [[1, 'ses_1.c'], [2, 'Title'], [3, 'Text'], [4, 1795414645502], [5, 'Office'], [6, claim]]));
  assert.deepEqual(joined, {
    credential: 'ses_1.c', expiresAtMs: 1795414645502,
    consent: {
      purposeTitle: 'Title', text: 'Text', receiver: 'Office',
      claims: [{ name: 'birthdate', title: '出生日期', purpose: 'why', retentionDays: 30, required: true }],
    },
  });
});

test('BeginCapture\'s answer is read with actions and light', () => {
  const begun = read(sdk.readBegun, message([
    [1, 'cap'], [2, Buffer.alloc(32, 7)], [3, Buffer.from([2, 5])], [4, 3], [5, 1048576],
    [7, [[1, 1000], [2, Buffer.from([0xff, 0x01, 0x00])]]]]));
  assert.equal(text(begun.captureId), 'cap');
  assert.deepEqual([...begun.nonce], Array(32).fill(7));
  assert.deepEqual(begun.actions, [2, 5]);
  assert.equal(begun.attemptsLeft, 3);
  assert.equal(begun.maxFrameBytes, 1048576);
  assert.deepEqual(begun.light, { stepMs: 1000, colours: [0xff, 0] });
});

test('without colours there is no light', () => {
  const begun = read(sdk.readBegun, message([[8, 5000]]));
  assert.equal(begun.retryAfterMs, 5000);
  assert.equal('light' in begun, false);
});

test('feedback is read with its oval', () => {
  const oval = [[1, new Float32Array([0.5])], [2, new Float32Array([0.25])],
    [3, new Float32Array([0.75])]];
  const feedback = read(sdk.readFeedback, message(
    [[1, [[1, 12], [2, 19], [3, 1], [4, 3], [5, 1], [6, oval]]]]));
  assert.deepEqual(feedback, {
    sequence: 12, guidance: 19, actionsDone: 1, actionsTotal: 3, outcome: 1,
    oval: { centreX: 0.5, centreY: 0.25, height: 0.75 },
  });
});

test('feedback without a target has no oval', () => {
  assert.equal('oval' in read(sdk.readFeedback, message([[1, [[1, 1]]]])), false);
});

test('the outcome is read with what may be kept', () => {
  const result = read(sdk.readResult, message([[1, 3], [2, 8], [3, 2], [4, 1], [5, 'Keep?']]));
  assert.deepEqual(result, {
    outcome: 3, advice: 8, attemptsLeft: 2, keepReference: 1, keepReferenceText: 'Keep?',
  });
});

test('receipts are read as they are', () => {
  assert.deepEqual(read(sdk.readConsentRecord, message([[1, '{"a":1}'], [2, '{"b":2}']])),
    { consent: '{"a":1}', receipt: '{"b":2}' });
  assert.equal(read(sdk.readDecisionReceipt, message([[1, '{"c":3}']])), '{"c":3}');
  assert.equal(read(sdk.readDecisionReceipt, message([])), '');
});

test('no reader takes a broken message', () => {
  for (const name of ['readJoined', 'readConsented', 'readBegun', 'readFeedback', 'readResult',
    'readKept', 'readConsentRecord', 'readDecisionReceipt']) {
    assert.equal(read(sdk[name], broken), undefined, name);
  }
});
