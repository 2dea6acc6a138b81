// What most people meet, and what turns people away: through page, gateway and server.
import assert from "node:assert/strict";

import { getSession, verifyToken } from "./harness/backend.mjs";
import { openPhone } from "./harness/browser.mjs";
import { Person } from "./harness/person.mjs";
import { checkWords, journey, useBrowser, world } from "./harness/world.mjs";

useBrowser("generated");

journey("a person is verified, and the backend has a token", {}, async (person, session) => {
  await person.agree();
  assert.equal(await person.finishes(), "finished");
  const { decision, token } = await getSession(session.id);
  assert.equal(decision, "verified");
  const { valid, claims } = await verifyToken(session, token);
  assert.ok(valid);
  assert.equal(claims.sid, session.id);
});

journey("somebody else is told no more than that it is over", { enrolled: "other" },
  async (person, session) => {
    await person.agree();
    const end = await person.finishes();
    const { decision, token } = await getSession(session.id);
    assert.notEqual(decision, "verified");
    assert.equal(token ?? "", "");
    assert.equal(end, decision === "review" ? "staff_will_look" : "finished");
  });

journey("a page that is loaded again in the middle goes on where it was", {}, async (person) => {
  await person.agree();
  await person.answered(5);
  const before = [...person.frames.keys()];
  await person.page.reload();
  await person.answered(before.length + 1); // A slow machine may lose the face while it loads, and end soon.
  const captures = new Set([...person.frames.keys()].map((key) => key.split(" ")[0]));
  assert.equal(captures.size, 1, "it is the same capture");
  const numbers = [...person.frames.keys()].map((key) => Number(key.split(" ")[1]));
  assert.deepEqual(numbers.sort((a, b) => a - b), numbers.map((_, i) => i + 1), "without a gap");
});

journey("a second phone cannot take the link over", {}, async (person, session) => {
  await person.agree();
  const second = await openPhone(world.browser, { permissions: ["camera"] });
  try {
    const thief = await Person.open(second, world.camera, session.link);
    await thief.sees("welcome");
    await thief.press("Start");
    await thief.sees("ask_for_new_link");
    assert.equal(thief.frames.size, 0);
    await checkWords(thief);
  } finally {
    await second.close();
  }
  await person.answered(3);
});

journey("who denied the camera is told how to allow it, and goes on", { phone: {} },
  async (person) => {
    await person.agree();
    await person.sees("camera_help");
    assert.equal(person.frames.size, 0);
    await person.page.getByText("Switch it on like this").waitFor();
    await person.phone.grantPermissions(["camera"]); // The page sees it by itself.
    await person.answered(1);
  });
