// The whole journey over a bad network. How bad: run_journeys.py. IMI_PERSON=clip films somebody
// who does each action once, as quickly as people do (docs/browser-tests.md).
import assert from "node:assert/strict";

import { getSession } from "./harness/backend.mjs";
import { journey, useBrowser } from "./harness/world.mjs";

const { IMI_PERSON = "generated" } = process.env;

useBrowser(IMI_PERSON);

// What they do is seen late there: they follow the page, which knows, not the server's answers.
journey("a person is verified over 200 kbit/s with 400 ms and 2 % of packets lost", {},
  async (person, session, t) => {
    const start = Date.now();
    await person.agree();
    t.diagnostic(`camera on after ${(Date.now() - start) / 1000} s`);
    const ended = await person.followsPage(person.finishes());
    t.diagnostic(`${ended} after ${(Date.now() - start) / 1000} s`);
    assert.equal(ended, "finished");
    assert.equal((await getSession(session.id)).decision, "verified");
  });
