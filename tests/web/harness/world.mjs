// What the journeys of one file share: a browser before a live camera, enrolled photos.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { createSession, enrol, photoOfOther, photoOfPerson } from "./backend.mjs";
import { openBrowser, openPhone } from "./browser.mjs";
import { LiveCamera } from "./live_camera.mjs";
import { Person } from "./person.mjs";

const JOURNEY_MS = 300_000;
const ALLOWED = { permissions: ["camera"] };

/** Filled in before the first journey begins. */
export const world = {};

/** One browser for all journeys of a file; options: those of openBrowser. */
export function useBrowser(options) {
  before(async () => {
    world.folder = mkdtempSync(join(tmpdir(), "imi-web."));
    world.camera = await LiveCamera.start(world.folder);
    world.browser = await openBrowser(world.camera, options);
    world.reference = await enrol(await photoOfPerson(world.folder), "person");
    world.other = await enrol(photoOfOther, "other");
  });
  after(async () => {
    await world.browser?.close();
    await world.camera?.stop();
    if (world.folder) rmSync(world.folder, { recursive: true });
  });
}

/** What the person saw last, for whoever reads of a failure. */
async function report(person) {
  const path = join(process.env.IMI_WORK, `failed-${Date.now()}.png`);
  await person.page.screenshot({ path }).catch(() => {});
  console.error("the page, when it failed:", await person.page.locator("body").innerText()
    .catch(() => "is gone"), "\ntold:", person.told.join(" "), "\npicture:", path);
}

/**
 * One session from its link on. walk(person, session) goes the way; nothing may have gone wrong in
 * the page by its end. options: purpose, reference, phone (of openPhone).
 */
export function journey(name, options, walk) {
  test(name, { timeout: JOURNEY_MS }, async (t) => {
    const { purpose, reference = "reference", phone = ALLOWED } = options;
    world.camera.show("person");
    const session = await createSession(world[reference], purpose);
    const context = await openPhone(world.browser, phone);
    let person;
    try {
      person = await Person.open(context, world.camera, session.link);
      await walk(person, session, t);
      assert.deepEqual(person.errors, [], "the page met no error");
    } catch (error) {
      if (person) await report(person);
      throw error;
    } finally {
      await context.close();
    }
  });
}
