// Frames over a way that loses and doubles them, by the SDK's own session and core, to a real server:
// each is taken once and answered. IMI_PHONES send IMI_FRAMES each.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { createSession, enrol, photoOfOther } from "./harness/backend.mjs";
import { FaultyWay } from "./harness/faulty_way.mjs";
import { openNodePhone } from "./harness/node_phone.mjs";
import { readFeedback } from "./harness/wire.mjs";

const PHONES = Number(process.env.IMI_PHONES), FRAMES = Number(process.env.IMI_FRAMES);
const AT_ONCE = 5;
const FAULTS = { lost: 0.1, answersLost: 0.1, doubled: 0.1 };
const ANSWERED_MIN = 0.99;
const LIMIT_MS = 1_200_000, STALL_MS = 60_000;
const POLL_MS = 20;
/** A picture without a face: nothing ends the capture. */
const JPEG = readFileSync(process.env.IMI_BLANK_JPEG);

/** Waits for as long as what is told of it goes on changing. */
async function until(condition, what) {
  for (let told = what(), end = Date.now() + STALL_MS; !condition(); await sleep(POLL_MS)) {
    if (what() !== told) [told, end] = [what(), Date.now() + STALL_MS];
    if (Date.now() > end) throw new Error(`it never came to this: ${told}`);
  }
}

/** One phone's session, until so many frames are under way and none waits any more. */
async function sendFrames(t, session, seed) {
  const way = await FaultyWay.open({ seed, ...FAULTS });
  t.after(() => way.close());
  const phone = openNodePhone(t, way, session, JPEG);
  await phone.begin();
  const at = (state) => until(() => phone.view.state === state, () => `${state} from ${phone.view.state}`);
  phone.session.start();
  await at("consent");
  phone.session.agree([]);
  await until(() => way.frames.size >= FRAMES, () => `${way.frames.size} frames in ${phone.view.state}`);
  phone.frames.stop();
  phone.frames.start = () => {};
  await until(() => phone.view.framesWaiting === 0, () => `${phone.view.framesWaiting} frames wait`);
  phone.session.dispose();
  return way;
}

/** Sums over all ways; a frame is settled once the phone heard of it or of a later one. */
function summary(ways) {
  const sum = (of) => ways.reduce((total, way) => total + of(way), 0);
  const frames = ways.flatMap((way) => [...way.frames.values()]);
  const settled = (way) => Math.max(...[...way.frames.values()].map(({ heard, sequence }) => heard && sequence));
  return {
    frames: frames.length,
    requests: frames.reduce((total, { sent }) => total + sent, 0),
    atFirst: frames.filter(({ heardAtFirst }) => heardAtFirst).length,
    itself: frames.filter(({ heard }) => heard > 0).length,
    settled: sum(settled),
    lost: sum((way) => way.lost), answersLost: sum((way) => way.answersLost), doubled: sum((way) => way.doubled),
    refused: [...new Set(frames.flatMap(({ refused }) => refused))],
  };
}

test(`of ${PHONES * FRAMES} frames each is taken once and answered`, { timeout: LIMIT_MS }, async (t) => {
  const reference = await enrol(photoOfOther, randomUUID());
  const ways = [];
  for (let first = 0; first < PHONES; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, PHONES - first) }, (_, i) => first + i);
    ways.push(...await Promise.all(numbers.map(async (number) =>
      sendFrames(t, await createSession(reference), number + 1))));
  }
  const all = summary(ways);
  const share = (count) => `${count} (${(100 * count / all.frames).toFixed(1)} %)`;
  t.diagnostic(`${all.frames} frames in ${all.requests} requests; ${all.lost} lost, ${all.answersLost} answers lost, ` +
    `${all.doubled} doubled; answered at the first request ${share(all.atFirst)}, itself in the end ` +
    `${share(all.itself)}, itself or with a later one ${share(all.settled)}; to be sent again for: ` +
    `${all.refused.join(", ") || "nothing"}`);
  for (const way of ways) {
    const captures = new Set([...way.frames.keys()].map((key) => key.split(" ")[0]));
    assert.equal(captures.size, 1, "no capture was begun anew");
    // Frames are a chain: the server takes none that does not follow the one that it took last.
    for (const { taken, sequence } of way.frames.values()) {
      assert.equal(taken.size, 1, `frame ${sequence} has one answer, however often it came`);
      const [answer] = taken;
      assert.equal(readFeedback(Buffer.from(answer, "hex")).sequence, sequence);
    }
  }
  assert.ok(all.settled >= ANSWERED_MIN * all.frames);
  for (const fault of ["lost", "answersLost", "doubled"]) {
    assert.ok(all[fault] > FAULTS[fault] * all.requests / 2, `${fault}: ${all[fault]}`);
  }
});
