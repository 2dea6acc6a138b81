// The web SDK on what only a browser has: camera, pictures, IndexedDB, the page's life.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { createSession, enrol } from "./harness/backend.mjs";
import { openPhone } from "./harness/browser.mjs";
import { readBody, readMessage } from "./harness/wire.mjs";
import { useBrowser, world } from "./harness/world.mjs";

const SUBMIT = "**/imi.v1.SubjectService/SubmitFrame";
const LIMIT_MS = 120_000;
const KB = 1024;

useBrowser();

/** In the page: a session on a document of its own, with the views that it told. */
async function begin({ link }) {
  const { openVerification } = await import("/imi-sdk.js");
  const video = document.body.appendChild(document.createElement("video"));
  window.views = [];
  window.verification = await openVerification({
    link, video, onChange: (view) => window.views.push(view),
  });
}

/** In the page: keys of everything that is kept, as "SESSION PART". */
async function kept() {
  const done = (request) => new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const database = await done(indexedDB.open("imi"));
  const keys = await done(database.transaction("parts").objectStore("parts").getAllKeys());
  database.close();
  return keys.map((key) => key.join(" ")).sort();
}

/** What is kept is written and erased behind what is shown. */
async function keeps(page, wanted) {
  const end = Date.now() + LIMIT_MS / 4;
  while ((await page.evaluate(kept)).join() !== wanted.join() && Date.now() < end) await sleep(50);
  assert.deepEqual(await page.evaluate(kept), wanted);
}

/** walk(page, session, context) on a page of the gateway's origin that runs nothing by itself. */
function onPhone(name, options, walk) {
  test(name, { timeout: LIMIT_MS }, async () => {
    const session = await createSession(await enrol(world.photos.person, randomUUID()));
    const context = await openPhone(world.browser, { permissions: ["camera"], ...options });
    try {
      const page = await context.newPage();
      await page.goto(new URL("/verify.js", session.link).href);
      await walk(page, session, context);
    } finally {
      await context.close();
    }
  });
}

const state = (page) => page.evaluate(() => window.verification.view.state);
const reaches = (page, wanted) => page.waitForFunction(
  (name) => window.verification.view.state === name, wanted, { timeout: LIMIT_MS / 2 });

async function agree(page, session) {
  await page.evaluate(begin, session);
  await page.evaluate(() => window.verification.start());
  await reaches(page, "consent");
  await page.evaluate(() => window.verification.agree([]));
}

async function capture(page, session) {
  await agree(page, session);
  await reaches(page, "capturing");
}

/** Resolves with the JPEGs of so many calls of SubmitFrame. */
function jpegs(page, count) {
  return new Promise((resolve) => {
    const found = [];
    page.route(SUBMIT, async (route) => {
      const { messages: [message] } = readBody(route.request().postDataBuffer());
      const { 2: [frame] } = readMessage(message);
      found.push(readMessage(frame)[3][0]);
      if (found.length === count) resolve(found);
      await route.continue();
    });
  });
}

/** Segments of a JPEG before its first scan: { marker, body }. */
function segments(jpeg) {
  const found = [];
  for (let at = 2; jpeg[at + 1] !== 0xda;) {
    const size = jpeg.readUInt16BE(at + 2);
    found.push({ marker: jpeg[at + 1], body: jpeg.subarray(at + 4, at + 2 + size) });
    at += 2 + size;
  }
  return found;
}

onPhone("frames are JPEGs of at least 640 by 480, of one quality, no two alike", {},
  async (page, session) => {
    const coming = jpegs(page, 8);
    await capture(page, session);
    const frames = await coming;
    const shapes = frames.map((jpeg) => {
      const all = segments(jpeg);
      const { body } = all.find(({ marker }) => marker === 0xc0);
      const sides = [body.readUInt16BE(1), body.readUInt16BE(3)].sort((a, b) => a - b);
      assert.ok(sides[0] >= 480 && sides[1] >= 640, sides);
      return all.filter(({ marker }) => marker === 0xdb).map((each) => each.body.toString("hex")).join();
    });
    assert.equal(new Set(shapes).size, 1, "the same steps of quantisation");
    assert.equal(new Set(frames.map((jpeg) => jpeg.toString("hex"))).size, frames.length);
    for (const jpeg of frames) assert.ok(jpeg.length < 2 * 60 * KB, jpeg.length);
  });

onPhone("the key cannot be taken out of the store", {}, async (page, session) => {
  await capture(page, session);
  const said = await page.evaluate(async (id) => {
    const done = (request) => new Promise((resolve) => {
      request.onsuccess = () => resolve(request.result);
    });
    const database = await done(indexedDB.open("imi"));
    const key = await done(database.transaction("parts").objectStore("parts").get([id, "key"]));
    return crypto.subtle.exportKey("pkcs8", key.privateKey).then(() => "taken", (error) => error.name);
  }, session.id);
  assert.equal(said, "InvalidAccessError");
});

onPhone("what was kept is erased with the session, the camera is off", {}, async (page, session) => {
  await capture(page, session);
  await page.waitForFunction(() => window.views.some(({ framesWaiting }) => framesWaiting > 0));
  await keeps(page, ["beside", "joined", "key", "saved"].map((part) => `${session.id} ${part}`));
  await page.evaluate(() => window.verification.disagree());
  await reaches(page, "withdrawn");
  await page.waitForFunction(() => document.querySelector("video").srcObject === null);
  await keeps(page, [`${session.id} ended`]);
});

onPhone("what sessions left behind whose time is up is erased", {}, async (page, session) => {
  await page.evaluate(() => new Promise((resolve) => {
    const request = indexedDB.open("imi", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("parts");
    request.onsuccess = () => {
      const transaction = request.result.transaction("parts", "readwrite");
      const parts = transaction.objectStore("parts");
      for (const [id, expiresAtMs] of [["old", Date.now() - 1], ["other", Date.now() + 60000]]) {
        parts.put({ expiresAtMs }, [id, "joined"]);
        parts.put(new Uint8Array(9), [id, "saved"]);
      }
      transaction.oncomplete = () => {
        request.result.close();
        resolve();
      };
    };
  }));
  await page.evaluate(begin, session);
  assert.deepEqual(await page.evaluate(kept), ["other joined", "other saved"]);
});

onPhone("a camera that is taken away pauses the capture, which then goes on", {},
  async (page, session) => {
    await capture(page, session);
    await page.evaluate(() => {
      const [track] = document.querySelector("video").srcObject.getTracks();
      track.stop();
      track.dispatchEvent(new Event("ended"));
    });
    await reaches(page, "paused");
    await page.evaluate(() => window.verification.resume());
    await reaches(page, "capturing");
  });

onPhone("a permission that is given later is noticed", { permissions: [] },
  async (page, session, context) => {
    await agree(page, session);
    await reaches(page, "camera_help");
    assert.equal(await page.evaluate(() => window.verification.view.reason), "camera_denied");
    await context.grantPermissions(["camera"]);
    await reaches(page, "capturing");
  });

onPhone("a cut network is noticed, and the capture goes on when it is back", {},
  async (page, session, context) => {
    await capture(page, session);
    await context.setOffline(true);
    await reaches(page, "capturing_offline");
    await page.waitForFunction(() => window.verification.view.framesWaiting > 4);
    await context.setOffline(false);
    await reaches(page, "capturing");
    const states = await page.evaluate(() => window.views.map((view) => view.state));
    assert.equal(states.filter((each, i) => each === "beginning" && states[i - 1] !== each).length, 1);
  });

onPhone("after dispose the camera is off and the session can go on in another page", {},
  async (page, session) => {
    await capture(page, session);
    await page.evaluate(() => window.verification.dispose());
    assert.equal(await page.evaluate(() => document.querySelector("video").srcObject), null);
    await page.reload();
    await page.evaluate(begin, session);
    await reaches(page, "capturing");
  });

onPhone("a link that is cut is refused with what to do", {}, async (page, { link }) => {
  const said = await page.evaluate(begin, { link: link.slice(0, -1) })
    .then(() => "", (error) => error.message);
  assert.match(said, /open it again/);
  assert.equal(await page.evaluate(() => typeof window.verification), "undefined");
});

onPhone("this browser lacks nothing, and is not asked for more", {}, async (page, session) => {
  const missing = await page.evaluate(async () => (await import("/imi-sdk.js")).missingFeatures());
  assert.deepEqual(missing, []);
  await page.evaluate(begin, session);
  assert.equal(await state(page), "new");
});
