// What most people meet, and what turns people away: through page, gateway and server.
import assert from "node:assert/strict";

import { eventsOf, getSession, verifyToken } from "./harness/backend.mjs";
import { openPhone } from "./harness/browser.mjs";
import { Crowd } from "./harness/crowd.mjs";
import { Person, textOf } from "./harness/person.mjs";
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
  // On a slow link the first frames may have begun it anew, with smaller ones.
  const [capture] = before.at(-1).split(" ");
  await person.page.reload();
  await person.answered(before.length + 1); // A slow machine may lose the face while it loads, and end soon.
  const all = [...person.frames.keys()].map((key) => key.split(" "));
  assert.ok(all.slice(before.length).every(([each]) => each === capture), "it is the same capture");
  const numbers = all.filter(([each]) => each === capture).map(([, number]) => Number(number));
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

journey("a second tab goes on with the capture, and the first again when it is asked to", {},
  async (person, session) => {
    await person.agree();
    await person.answered(5);
    const [capture] = [...person.frames.keys()].at(-1).split(" ");
    const second = await Person.open(person.phone, world.camera, session.link);
    await second.answered(3);
    await person.sees("paused");
    assert.equal(second.captures, 0, "it is the same capture");
    const { answered } = person.traffic();
    await person.press("Go on");
    await second.sees("paused");
    await person.answered(answered + 1);
    const keys = new Set([...person.frames.keys(), ...second.frames.keys()].filter((key) => key.startsWith(capture)));
    const numbers = [...keys].map((key) => Number(key.split(" ")[1])).sort((a, b) => a - b);
    assert.deepEqual(numbers, numbers.map((_, i) => i + 1), "without a gap");
    assert.deepEqual(second.errors, []);
    await second.readsInEachLanguage();
  });

journey("while others have their turn it says so, and goes on by itself", {},
  async (person, session, t) => {
    await person.sees("welcome");
    await person.press("Start");
    await person.sees("read_consent");
    const crowd = await Crowd.take(t, world.photos.other);
    await person.press("Yes, I agree");
    await person.page.getByText("Your turn comes soon, by itself.").waitFor();
    await person.sees("connecting");
    assert.doesNotMatch(await eventsOf(session.id), /capture_begun/, "to be told so cost nothing");
    await crowd.leave();
    await person.answered(1);
    assert.ok(!person.shown.texts.has(textOf("wait_a_while")), "nobody is told to rest");
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
