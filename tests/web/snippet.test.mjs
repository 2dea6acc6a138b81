// The example for integrators, docs/examples/page, as it stands: from its link to an outcome.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { createSession, enrol, eventsOf } from "./harness/backend.mjs";
import { openPhone } from "./harness/browser.mjs";
import { useBrowser, world } from "./harness/world.mjs";

const ENDS = /^(finished|try again|staff will look)$/;
const LIMIT_MS = 240_000;

useBrowser();

test("the example for integrators goes the whole way", { timeout: LIMIT_MS }, async () => {
  const session = await createSession(await enrol(world.photos.person, randomUUID()));
  const context = await openPhone(world.browser, { permissions: ["camera"] });
  try {
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(session.link.replace("/j#", "/index.html#"));
    const title = page.locator("h1");
    const button = page.locator("button");
    await title.filter({ hasText: /^welcome$/ }).waitFor();
    await button.click();
    await title.filter({ hasText: /^read consent$/ }).waitFor();
    assert.notEqual(await page.locator("p").innerText(), "");
    await button.click();
    await title.filter({ hasText: ENDS }).waitFor({ timeout: LIMIT_MS });
    assert.deepEqual(errors, []);
    assert.match(await eventsOf(session.id), /capture_judged|decided/);
  } finally {
    await context.close();
  }
});
