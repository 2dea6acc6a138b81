/**
 * A gateway as small as a session needs it, over real HTTP: it checks numbers and signatures of
 * frames, and answers as a test tells it.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { answer, fields, message } from './fixture.mjs';

const STATE_CONSENTED = 3;
const STATE_WITHDRAWN = 6;
const INVALID_ARGUMENT = 3;
const UNAVAILABLE = 14;
const EARLY_MS = 300;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Gateway {
  /** Methods that were called, in order. */
  called = [];
  /** Status of gRPC with which a method fails, by name; { status, times } to fail so often. */
  failing = {};
  /** Frames that were taken, over all captures. */
  frames = [];
  /** After so many frames of a capture it is complete. */
  framesWanted = 5;
  /** Outcomes that GetOutcome tells, one after the other; the last stays. */
  outcomes = [2];
  /** Fields of BeginCapture's answer beside the usual ones. */
  begun = [];
  guidance = 6;
  /** Frames are answered so often, all that came together. */
  frameMs = 0;
  /** When calls with frames came. */
  arrivals = [];
  keepReference = 0;
  away = false;
  expiresAtMs = Date.now() + 600000;
  captures = 0;

  static async start(t) {
    const gateway = new Gateway();
    gateway.server = createServer((request, response) => gateway.serve(request, response));
    gateway.server.listen(0, '127.0.0.1');
    await once(gateway.server, 'listening');
    t.after(() => {
      gateway.server.closeAllConnections();
      gateway.server.close();
    });
    return gateway;
  }

  get origin() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  count(method) {
    return this.called.filter((name) => name === method).length;
  }

  serve(request, response) {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', async () => {
      if (this.away) return request.destroy();
      const method = request.url.split('/').pop();
      this.called.push(method);
      this.authorization = request.headers.authorization;
      const body = Buffer.concat(parts);
      const failed = this.failure(method);
      const reply = failed ?? await this[method](fields(body.subarray(5)));
      const bytes = typeof reply === 'number' ? answer(reply) : answer(0, reply);
      response.writeHead(200, { 'content-type': 'application/grpc-web+proto' }).end(bytes);
    });
  }

  failure(method) {
    const planned = this.failing[method];
    if (!planned) return undefined;
    if (--planned.times === 0) delete this.failing[method];
    return planned.status;
  }

  async Join(request) {
    this.spki = request[3];
    this.key = await crypto.subtle.importKey('spki', this.spki,
      { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    const claim = [[1, 'birthdate'], [2, 'Date of birth'], [3, 'Age'], [5, 1]];
    return message([[1, 'ses_1.c'], [2, 'Title'], [3, 'Text'], [4, this.expiresAtMs],
      [5, 'Office'], [6, claim]]);
  }

  GiveConsent(request) {
    this.agreed = request[1] === 1;
    return message([[1, this.agreed ? STATE_CONSENTED : STATE_WITHDRAWN]]);
  }

  BeginCapture(request) {
    this.hints = request[2] && fields(request[2]);
    this.cannot = request[1];
    this.captures++;
    this.nonce = Buffer.alloc(32, this.captures);
    this.previous = Buffer.alloc(64);
    this.sequence = 0;
    return message([[1, `cap_${this.captures}`], [2, this.nonce], [3, Buffer.from([5])], [4, 2],
      [5, 1 << 20], ...this.begun]);
  }

  async SubmitFrame(request) {
    this.arrivals.push(performance.now());
    const frame = fields(request[2]);
    if (request[1].toString() !== `cap_${this.captures}`) return INVALID_ARGUMENT;
    // As the server does: what overtook the frame before it waits for that.
    const end = Date.now() + EARLY_MS;
    while (frame[1] > this.sequence + 1 && Date.now() < end) await sleep(5);
    if (frame[1] > this.sequence + 1) return UNAVAILABLE;
    if (frame[1] > this.sequence) {
      await this.verify(frame);
      this.sequence = frame[1];
      this.previous = frame[4];
      this.frames.push(frame);
    }
    if (this.frameMs > 0) await sleep(this.frameMs - Date.now() % this.frameMs);
    const done = this.sequence >= this.framesWanted;
    return message([[1, [[1, frame[1]], [2, done ? 18 : this.guidance], [3, done ? 1 : 0], [4, 1],
      [5, 1]]]]);
  }

  async verify(frame) {
    const numbers = Buffer.alloc(16);
    numbers.writeBigUInt64BE(BigInt(frame[1]));
    numbers.writeBigInt64BE(BigInt(frame[2]), 8);
    const signed = Buffer.concat([Buffer.from('imi-frame-v1\0\0\0\0'), this.nonce, numbers,
      createHash('sha256').update(frame[3]).digest(), this.previous]);
    assert.ok(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, this.key, frame[4],
      signed), 'the signature is wrong');
  }

  GetOutcome() {
    const outcome = this.outcomes.length > 1 ? this.outcomes.shift() : this.outcomes[0];
    return message([[1, outcome], [2, 8], [3, 1], [4, this.keepReference], [5, 'Keep it?']]);
  }

  AnswerAdditionalReference(request) {
    return message([[1, request[1] === 1 ? 2 : 0]]);
  }

  GetConsent() {
    return message([[1, '{"consent":1}'], [2, '{"receipt":1}']]);
  }

  GetDecisionReceipt() {
    return message([]);
  }

  WithdrawConsent() {
    return message([]);
  }
}
