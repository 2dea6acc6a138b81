// The whole journey over a bad network. How bad: run_journeys.py.
import assert from "node:assert/strict";

import { getSession } from "./harness/backend.mjs";
import { journey, useBrowser } from "./harness/world.mjs";

useBrowser("generated");

const WANTED_S = 90; // at most

journey("a person is verified over 200 kbit/s with 400 ms and 2 % of packets lost", {},
  async (person, session, t) => {
    const start = Date.now();
    await person.agree();
    t.diagnostic(`camera on after ${(Date.now() - start) / 1000} s`);
    assert.equal(await person.finishes(), "finished");
    const seconds = (Date.now() - start) / 1000;
    t.diagnostic(`finished after ${seconds} s`);
    assert.ok(seconds < 2 * WANTED_S, "twice what is wanted, for machines that do other work too");
    assert.equal((await getSession(session.id)).decision, "verified");
  });
