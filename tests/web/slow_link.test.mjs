// The whole journey over a bad network. How bad: run_journeys.py.
import assert from "node:assert/strict";

import { getSession } from "./harness/backend.mjs";
import { journey, useBrowser } from "./harness/world.mjs";

useBrowser("generated");

journey("a person is verified over 200 kbit/s with 400 ms and 2 % of packets lost", {},
  async (person, session, t) => {
    const start = Date.now();
    await person.agree();
    t.diagnostic(`camera on after ${(Date.now() - start) / 1000} s`);
    assert.equal(await person.finishes(), "finished");
    t.diagnostic(`finished after ${(Date.now() - start) / 1000} s`);
    assert.equal((await getSession(session.id)).decision, "verified");
  });
