// What the journeys of one file share: a browser before a live camera, enrolled photos.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { createSession, enrol, eventsOf, photoOfOther, photoOfPerson } from "./backend.mjs";
import { browserSeconds, openBrowser, openPhone } from "./browser.mjs";
import { LiveCamera } from "./live_camera.mjs";
import { Person, textOf } from "./person.mjs";
import { unfitOf } from "./words.mjs";

const JOURNEY_MS = 300_000;
const ALLOWED = { permissions: ["camera"] };

/** Filled in before the first journey begins. */
export const world = {};

/** One browser for all journeys of a file. person: who is before its camera, see LiveCamera. */
export function useBrowser(person) {
  before(async () => {
    world.folder = mkdtempSync(join(tmpdir(), "imi-web."));
    world.camera = await LiveCamera.start(world.folder, person);
    world.browser = await openBrowser(world.camera);
    world.photos = { person: await photoOfPerson(world.folder), other: photoOfOther };
  });
  after(async () => {
    await world.browser?.close();
    await world.camera?.stop();
    if (world.folder) rmSync(world.folder, { recursive: true });
  });
}

/** What the person saw last, for whoever reads of a failure. */
async function report(person, session) {
  const path = join(process.env.IMI_WORK, `failed-${Date.now()}.png`);
  await person.page.screenshot({ path }).catch(() => {});
  console.error("the page, when it failed:", await person.page.locator("body").innerText()
    .catch(() => "is gone"), "\ntold:", person.told.join(" "),
  "\nserver:", await eventsOf(session.id), "\npicture:", path);
}

/** What a session took, for those who measure. */
function cost(person, ms, processorSeconds) {
  const { frames, requests, answered, skipped, jpegBytes } = person.traffic();
  const kb = frames > 0 ? jpegBytes / requests / 1000 : 0;
  return `${(ms / 1000).toFixed(1)} s; ${person.captures} captures, ${frames} frames in ${requests} requests, ${answered} answered, ` +
    `${skipped} skipped, ${kb.toFixed(1)} KB each; Chromium ${processorSeconds.toFixed(1)} CPU s`;
}

/** Of all that the page showed on the whole way, nothing accuses, and nothing is a code. */
export async function checkWords(person) {
  await person.readsInEachLanguage();
  const { texts } = person.shown;
  assert.ok(texts.has(textOf("welcome")) && texts.has("Another way"), "what is shown was seen");
  assert.deepEqual(unfitOf(texts.keys()), []);
}

/**
 * One session from its link on. walk(person, session) goes the way; nothing may have gone wrong in
 * the page by its end, nor any word been shown that must not be. options: purpose, enrolled (person, other), scene, phone (of
 * openPhone).
 */
export function journey(name, options, walk) {
  test(name, { timeout: JOURNEY_MS }, async (t) => {
    const { purpose, enrolled = "person", phone = ALLOWED, scene = "person" } = options;
    world.camera.show(scene);
    const session = await createSession(await enrol(world.photos[enrolled], randomUUID()), purpose);
    const context = await openPhone(world.browser, phone);
    const before = browserSeconds(), start = Date.now();
    let person;
    try {
      person = await Person.open(context, world.camera, session.link);
      await walk(person, session, t);
      await checkWords(person);
      assert.deepEqual(person.errors, [], "the page met no error");
    } catch (error) {
      if (person) await report(person, session);
      throw error;
    } finally {
      if (person) t.diagnostic(cost(person, Date.now() - start, browserSeconds() - before));
      await context.close();
    }
  });
}
