// What fewer people meet: attacks, bad networks, second thoughts, help.
import assert from "node:assert/strict";

import { getSession } from "./harness/backend.mjs";
import { journey, useBrowser, world } from "./harness/world.mjs";

useBrowser("generated");

const UNDER_WAY = 2; // frames at a time, see docs/mobile-core.md

journey("a photo held up is not verified, and the page accuses nobody", { scene: "photo" },
  async (person, session) => {
    await person.agree();
    await person.finishes();
    assert.notEqual((await getSession(session.id)).decision, "verified");
  });

journey("nothing is counted before a face is seen", { scene: "nobody" }, async (person, session) => {
  await person.agree();
  await person.sees("show_face");
  await person.answered(10);
  assert.equal(await person.page.getByText(/Step \d of \d/).isVisible(), false);
  world.camera.show("person");
  await person.page.getByText(/Step \d of \d/).waitFor();
  assert.equal(await person.finishes(), "finished");
  assert.equal((await getSession(session.id)).decision, "verified");
});

journey("two people are asked that one step aside", { scene: "two" }, async (person) => {
  await person.agree();
  await person.sees("one_person_only");
  world.camera.show("person");
  await person.sees("hold_still", "move_closer", "turn_left", "turn_right", "open_mouth", "blink");
});

journey("a network that goes and comes back costs nothing but time", {}, async (person, session) => {
  await person.agree();
  await person.answered(5);
  await person.phone.setOffline(true);
  await person.sees("keep_going_offline", "no_connection");
  await person.followsPage(person.page.waitForTimeout(2000)); // Answers were on their way.
  const before = person.traffic().answered;
  await person.followsPage(person.page.waitForTimeout(8000));
  assert.equal(person.traffic().answered, before);
  await person.phone.setOffline(false);
  await person.answered(before + 5);
  assert.equal(await person.finishes(), "finished");
  assert.equal((await getSession(session.id)).decision, "verified");
});

journey("requests that are lost or doubled count once", { phone: {
  permissions: ["camera"], ignoreHTTPSErrors: true } }, async (person, session, t) => {
  let count = 0, lost = 0, doubled = 0;
  const differing = [];
  await person.phone.route("**/SubmitFrame", async (route) => {
    count++;
    if (count % 11 === 0) { // Lost on the way there,
      lost++;
      await route.abort("connectionreset");
    } else if (count % 7 === 0) { // or on the way back.
      lost++;
      await route.fetch();
      await route.abort("connectionreset");
    } else if (count % 5 === 0) {
      doubled++;
      const [first, response] = [await route.fetch(), await route.fetch()];
      if (!(await first.body()).equals(await response.body())) differing.push(count);
      await route.fulfill({ response });
    } else {
      await route.continue();
    }
  });
  await person.agree();
  assert.equal(await person.finishes(), "finished");
  assert.equal((await getSession(session.id)).decision, "verified");
  const { frames, requests } = person.traffic();
  const settled = person.settled();
  t.diagnostic(`${settled} of ${frames} frames answered, in ${requests} requests; ${lost} of these ` +
    `lost, ${doubled} doubled`);
  assert.deepEqual(differing, [], "a frame that comes twice has the same answer");
  assert.ok(lost > 2 && doubled > 2);
  // A capture that ends leaves behind what was under way.
  assert.ok(settled >= 0.99 * (frames - UNDER_WAY * person.captures));
});

journey("who pauses is not filmed, and goes on when they like", {}, async (person) => {
  await person.agree();
  await person.answered(3);
  await person.press("Pause");
  await person.sees("paused");
  const live = () => person.page.evaluate(() =>
    document.querySelector("video")?.srcObject?.getTracks().some((one) => one.readyState === "live"));
  assert.ok(!await live());
  const before = person.traffic().frames;
  await person.page.waitForTimeout(3000);
  assert.equal(person.traffic().frames, before);
  await person.press("Go on");
  await person.answered(before + 3);
});

journey("who takes the consent back is stopped, and nothing is decided", {}, async (person, session) => {
  await person.agree();
  await person.answered(3);
  await person.press("Another way");
  await person.press("Stop altogether");
  await person.press("Yes, stop");
  await person.sees("stopped_as_asked");
  const { state, token } = await getSession(session.id);
  assert.equal(state, "withdrawn");
  assert.equal(token ?? "", "");
});

journey("who does not agree is not filmed", {}, async (person, session) => {
  await person.sees("welcome");
  await person.press("Start");
  await person.press("No, I do not agree");
  await person.press("Yes, stop");
  await person.sees("stopped_as_asked");
  assert.equal(person.frames.size, 0);
  assert.notEqual((await getSession(session.id)).state, "consented");
});

journey("a helper films with the camera on the back and reads what is for helpers", {},
  async (person) => {
    await person.page.evaluate(() => {
      const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices);
      devices.getUserMedia = (wanted) => {
        window.facing = JSON.stringify(wanted.video.facingMode);
        return open(wanted);
      };
    });
    await person.sees("welcome");
    await person.press("I am helping somebody");
    await person.agree();
    assert.match(await person.page.evaluate(() => window.facing), /environment/);
    await person.page.getByRole("heading", { name: /Move closer to them|Hold the phone still|Ask them/ })
      .waitFor();
  });

journey("a link whose time is up says so and blames nobody", { purpose: "short" },
  async (person, session) => {
    await person.sees("welcome");
    await person.press("Start");
    await person.sees("read_consent");
    await person.page.getByText("A link works only for a limited time").waitFor({ timeout: 90_000 });
    assert.equal((await getSession(session.id)).state, "expired");
    const late = await person.phone.newPage();
    await late.goto(session.link);
    await late.getByRole("button", { name: "Start" }).or(late.getByText("new link").first()).first()
      .waitFor();
    if (await late.getByRole("button", { name: "Start" }).isVisible()) {
      await late.getByRole("button", { name: "Start" }).click();
    }
    await late.getByText(/new link|new one/i).first().waitFor();
  });

journey("the policy of pensions is met as well", { purpose: "pension.qualification" },
  async (person, session) => {
    await person.agree();
    assert.equal(await person.finishes(), "finished");
    assert.equal((await getSession(session.id)).decision, "verified");
  });
