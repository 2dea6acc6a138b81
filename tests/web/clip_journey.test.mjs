// A real person: the clip plays each action once and looks up again, as often as it is asked for.
import assert from "node:assert/strict";

import { getSession, verifyToken } from "./harness/backend.mjs";
import { journey, useBrowser } from "./harness/world.mjs";

useBrowser("clip");

journey("a person in a clip is verified", {}, async (person, session) => {
  await person.agree();
  assert.equal(await person.finishes(), "finished");
  const { decision, token } = await getSession(session.id);
  assert.equal(decision, "verified");
  assert.ok((await verifyToken(session, token)).valid);
});
