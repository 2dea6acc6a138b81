// The whole journey over a bad network. How bad: run_journeys.py. IMI_PERSON=clip films somebody
// who does each action once, as quickly as people do (docs/browser-tests.md).
import assert from "node:assert/strict";

import { eventsOf, getSession } from "./harness/backend.mjs";
import { textOf } from "./harness/person.mjs";
import { journey, useBrowser } from "./harness/world.mjs";

const { IMI_PERSON = "generated" } = process.env;
const LIMIT_S = 90;
/** Either may be the last before the camera starts: the second is left out where the browser will not ask. */
const STARTS_CAMERA = ["Yes, I agree", "I understand"];

useBrowser(IMI_PERSON);

/** By the page's own clock, from the tap that starts the camera to the first sight of a text. */
function secondsUntil(text, { texts, presses }) {
  const started = Math.max(...STARTS_CAMERA.map((key) => presses.get(key) ?? -Infinity));
  return (texts.get(text) - started) / 1000;
}

// What they do is seen late there: they follow the page, which knows, not the server's answers.
journey("a person is verified over 200 kbit/s with 400 ms and 2 % of packets lost", {},
  async (person, session, t) => {
    await person.agree();
    const ended = await person.followsPage(person.finishes());
    const seconds = secondsUntil(textOf(ended), person.shown);
    t.diagnostic(`face first seen ${secondsUntil("Step 1 of 3", person.shown)} s after the tap that starts ` +
      `the camera; ${ended} after ${seconds} s; told: ${person.told.join(" ")}; ${await eventsOf(session.id)}`);
    assert.equal(ended, "finished");
    assert.equal((await getSession(session.id)).decision, "verified");
    assert.ok(seconds < LIMIT_S, `it took ${seconds} s`);
  });
