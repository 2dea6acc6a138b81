// Other people, who take every place that a server has for captures.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { createSession, enrol } from "./backend.mjs";
import { FaultyWay } from "./faulty_way.mjs";
import { openNodePhone } from "./node_phone.mjs";

const PLACES = Number(process.env.IMI_CAPTURES_AT_ONCE);
const JPEG = readFileSync(process.env.IMI_BLANK_JPEG);
const FRAME_MS = 3000; // often enough that a place is kept
const PATIENCE_MS = 60_000, POLL_MS = 20;
const FAULTLESS = { seed: 1, lost: 0, answersLost: 0, doubled: 0 };

async function reaches(phone, state) {
  for (const end = Date.now() + PATIENCE_MS; phone.view.state !== state; await sleep(POLL_MS)) {
    if (Date.now() > end) throw new Error(`${state} never came: ${JSON.stringify(phone.view)}`);
  }
}

/** Is in a capture in which nobody is seen, so that it lasts. */
async function takePlace(t, way, session) {
  const phone = openNodePhone(t, way, session, JPEG);
  phone.frames.start = (onFrame) => { phone.frames.timer = setInterval(onFrame, FRAME_MS); };
  await phone.begin();
  phone.session.start();
  await reaches(phone, "consent");
  phone.session.agree([]);
  await reaches(phone, "capturing");
  return phone;
}

export class Crowd {
  static async take(t, photo) {
    const way = await FaultyWay.open(FAULTLESS);
    t.after(() => way.close());
    const reference = await enrol(photo, randomUUID());
    const each = Array.from({ length: PLACES });
    const sessions = await Promise.all(each.map(() => createSession(reference)));
    const crowd = new Crowd();
    crowd.phones = await Promise.all(sessions.map((session) => takePlace(t, way, session)));
    return crowd;
  }

  /** One of them gives the place up. */
  async leave() {
    const [phone] = this.phones;
    phone.session.disagree();
    await reaches(phone, "withdrawn");
  }
}
