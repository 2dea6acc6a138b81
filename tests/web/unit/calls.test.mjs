import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import test from 'node:test';
import { answer, message, newCore, sdk } from './fixture.mjs';

const core = await newCore();
const EMPTY = new Uint8Array(0);

/** Calls to a server that answers as told: { status, headers, body } or nothing at all. */
async function calls(t, reply, seen = []) {
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      seen.push({ path: request.url, headers: request.headers, body: Buffer.concat(parts) });
      const { status = 200, headers = {}, body } = reply(request);
      if (body === undefined) return;
      response.writeHead(status, headers).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new sdk.Calls(core, `http://127.0.0.1:${server.address().port}`);
}

/** The reason that a call fails for. */
async function reason(client, signal) {
  const failed = await client.call('SubjectService/GetOutcome', EMPTY, sdk.readResult, signal)
    .then(() => assert.fail('the call went well'), (error) => error);
  assert.ok(failed instanceof sdk.CallFailed, failed);
  return failed.reason;
}

const outcome = message([[1, 2], [3, 4]]);

test('a call is framed, named and answered', async (t) => {
  const seen = [];
  const client = await calls(t, () => ({ body: answer(0, outcome) }), seen);
  const result = await client.call('SubjectService/GiveConsent', new Uint8Array([8, 1]),
    sdk.readResult);
  assert.equal(result.outcome, 2);
  assert.equal(result.attemptsLeft, 4);
  assert.equal(seen[0].path, '/imi.v1.SubjectService/GiveConsent');
  assert.deepEqual([...seen[0].body], [0, 0, 0, 0, 2, 8, 1]);
  assert.equal(seen[0].headers['content-type'], 'application/grpc-web+proto');
  assert.equal(seen[0].headers['grpc-timeout'], '15000m');
});

test('the credential goes along once there is one', async (t) => {
  const seen = [];
  const client = await calls(t, () => ({ body: answer(0, outcome) }), seen);
  await client.call('SubjectService/GetOutcome', EMPTY, sdk.readResult);
  client.credential = 'ses_1.secret';
  await client.call('SubjectService/GetOutcome', EMPTY, sdk.readResult);
  assert.equal(seen[0].headers.authorization, undefined);
  assert.equal(seen[1].headers.authorization, 'Bearer ses_1.secret');
});

for (const [status, name] of [[16, 'LINK_REFUSED'], [9, 'SESSION_OVER'], [3, 'FRAME_REFUSED'],
  [14, 'SERVER_BUSY'], [8, 'SERVER_BUSY'], [4, 'NO_NETWORK'], [12, 'NOT_SUPPORTED']]) {
  test(`status ${status} of gRPC is reason ${name}`, async (t) => {
    const client = await calls(t, () => ({ body: answer(status) }));
    assert.equal(await reason(client), sdk.Reason[name]);
  });
}

for (const [status, name] of [[429, 'SERVER_BUSY'], [503, 'SERVER_BUSY'], [404, 'NOT_SUPPORTED'],
  [403, 'NOT_SUPPORTED']]) {
  test(`status ${status} of HTTP is reason ${name}`, async (t) => {
    const client = await calls(t, () => ({ status, body: 'no' }));
    assert.equal(await reason(client), sdk.Reason[name]);
  });
}

for (const [name, body] of [['is empty', Buffer.alloc(0)], ['is a page', '<html></html>'],
  ['has no trailers', answer(0, outcome).subarray(0, 9)],
  ['is too large', Buffer.alloc(300 * 1024)],
  ['holds a broken message', answer(0, Buffer.from([0x2a, 0xff, 0xff]))]]) {
  test(`an answer that ${name} is malformed`, async (t) => {
    const client = await calls(t, () => ({ body }));
    assert.equal(await reason(client), sdk.Reason.ANSWER_MALFORMED);
  });
}

test('a redirect is not followed', async (t) => {
  const seen = [];
  const client = await calls(t, () => ({ status: 307, headers: { location: '/else' }, body: '' }),
    seen);
  assert.equal(await reason(client), sdk.Reason.NO_NETWORK);
  assert.equal(seen.length, 1);
});

test('no server is no network', async () => {
  const client = new sdk.Calls(core, 'http://127.0.0.1:1');
  assert.equal(await reason(client), sdk.Reason.NO_NETWORK);
  assert.equal(await client.probe(new AbortController().signal), false);
});

test('a call that is aborted ends', async (t) => {
  const abort = new AbortController();
  const client = await calls(t, () => {
    abort.abort();
    return {};
  });
  assert.equal(await reason(client, abort.signal), sdk.Reason.NO_NETWORK);
});

test('a probe is content with any answer of the server', async (t) => {
  const client = await calls(t, () => ({ body: answer(16) }));
  assert.equal(await client.probe(new AbortController().signal), true);
});

test('a clock that is hours off is noticed, one that is seconds off is not', async (t) => {
  let ahead = 7200000;
  const client = await calls(t, () => ({
    headers: { date: new Date(Date.now() + ahead).toUTCString() }, body: answer(0, outcome),
  }));
  await client.call('SubjectService/GetOutcome', EMPTY, sdk.readResult);
  assert.ok(Math.abs(client.skewMs - ahead) < 60000, client.skewMs);
  ahead = 3000;
  await client.call('SubjectService/GetOutcome', EMPTY, sdk.readResult);
  assert.equal(client.skewMs, 0);
});
