// A person with a phone: presses what the page shows, by its names, and does before the camera
// what they are told.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Shown } from "./shown.mjs";
import { GUIDANCE, readBody, readFeedback, readFrame, readScript } from "./wire.mjs";

const PHRASES = JSON.parse(readFileSync(
  fileURLToPath(new URL("../../../mobile-sdk/phrases/en.json", import.meta.url)), "utf8"));
const PATIENCE_MS = 120_000;
const POLL_MS = 100;
const SERVICE = "/imi.v1.SubjectService/";

/** What a phrase says; names are those of the core. */
export const textOf = (phrase) => PHRASES[phrase].text;
const nameOf = (text) => Object.keys(PHRASES).find((phrase) => textOf(phrase) === text);

export class Person {
  /** Opens a link in a phone's browser. The camera is what they are filmed with. */
  static async open(phone, camera, link) {
    const person = new Person();
    person.phone = phone;
    person.camera = camera;
    person.page = await phone.newPage();
    person.frames = new Map(); // capture and sequence: how often sent, answered, and its bytes
    person.captures = 0; // begun
    person.script = "";
    person.told = []; // guidance, each time that it changes
    person.reads = false; // follows what the page shows, not what the server answers
    person.errors = [];
    person.page.on("request", (request) => person.#sends(request));
    person.page.on("response", (response) => void person.#hears(response));
    person.page.on("pageerror", (error) => person.errors.push(String(error)));
    person.page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) person.errors.push(message.text());
    });
    person.shown = await Shown.of(person.page); // to the end, whatever screen they are on
    await person.page.goto(link);
    return person;
  }

  frameOf(request) {
    const { capture, sequence, jpegBytes } = readFrame(request.postDataBuffer());
    const key = `${capture} ${sequence}`;
    if (!this.frames.has(key)) this.frames.set(key, { sent: 0, answered: 0, skipped: 0, jpegBytes });
    return this.frames.get(key);
  }

  #sends(request) {
    if (request.url().endsWith(SERVICE + "SubmitFrame")) this.frameOf(request).sent++;
  }

  async #hears(response) {
    const url = response.url();
    if (!url.includes(SERVICE) || response.status() !== 200) return;
    // A body is gone with a page that was reloaded; then nobody heard it either.
    const body = await response.body().catch(() => Buffer.alloc(0));
    const [message] = readBody(body).messages;
    if (!message) return;
    if (url.endsWith("BeginCapture")) {
      this.captures++;
      this.script = readScript(message);
      this.feedback = undefined;
      this.camera.relax();
    } else if (url.endsWith("SubmitFrame")) {
      this.#follows(response.request(), readFeedback(message));
    }
  }

  #follows(request, feedback) {
    const frame = this.frameOf(request);
    frame.answered++;
    frame.skipped += feedback.skipped;
    if (feedback.guidance !== this.told.at(-1) && feedback.guidance !== "none") {
      this.told.push(feedback.guidance);
    }
    this.feedback = feedback;
    // "none" keeps what was said before.
    if (!this.reads) {
      this.camera.tell(this.script, { ...feedback, guidance: this.told.at(-1) ?? "none" });
    }
  }

  /** Waits for one of some phrases. */
  async sees(...phrases) {
    const headings = phrases.map((phrase) =>
      this.page.getByRole("heading", { level: 1, name: textOf(phrase), exact: true }));
    await headings.reduce((all, one) => all.or(one)).waitFor({ timeout: PATIENCE_MS });
  }

  /** Reads what is on the screen now in the other languages, too. */
  async readsInEachLanguage() {
    for (const name of ["普通话", "廣東話", "English"]) {
      await this.press(name);
      await this.shown.look(this.page);
    }
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  async press(name) {
    await this.button(name).click({ timeout: PATIENCE_MS });
  }

  /** From the first screen to the camera, saying yes to everything. */
  async agree() {
    await this.sees("welcome");
    await this.press("Start");
    await this.sees("read_consent");
    await this.press("Yes, I agree");
    await this.preparesForCamera();
  }

  /** The page shows what to press before the browser asks; it does not where it need not. */
  async preparesForCamera() {
    const understood = this.button("I understand");
    const pause = this.button("Pause");
    const help = this.page.getByRole("heading", { level: 1, name: textOf("camera_help") });
    await understood.or(pause).or(help).first().waitFor({ timeout: PATIENCE_MS });
    if (await understood.isVisible()) await understood.click();
  }

  /** Does what is asked until it is over, trying again as long as that is offered; the phrase. */
  async finishes() {
    // By what only these screens have: a phrase may stay a moment longer than its screen.
    const done = this.page.getByText("Everything has arrived.");
    const staff = this.page.getByText("You have done nothing wrong.");
    const again = this.button("Try again");
    for (;;) {
      await done.or(staff).or(again).first().waitFor({ timeout: PATIENCE_MS });
      if (await done.isVisible()) return "finished";
      if (await staff.isVisible()) return "staff_will_look";
      await again.click();
      await again.waitFor({ state: "hidden", timeout: PATIENCE_MS });
      await this.preparesForCamera();
    }
  }

  /** Waits until so many frames were answered in all. */
  async answered(count) {
    const until = Date.now() + PATIENCE_MS;
    while (this.traffic().answered < count) {
      if (Date.now() > until) throw new Error(`only ${this.traffic().answered} frames were answered`);
      await this.page.waitForTimeout(POLL_MS);
    }
  }

  /** Does what the page shows, which guides by itself where the server cannot, until the promise
   * is settled. */
  async followsPage(until) {
    this.reads = true;
    until.finally(() => { this.reads = false; }).catch(() => {});
    const heading = this.page.getByRole("heading", { level: 1 });
    while (this.reads) {
      const guidance = nameOf((await heading.textContent()).trim());
      if (GUIDANCE.includes(guidance)) {
        this.camera.tell(this.script, { done: 0, ...this.feedback, guidance });
      }
      await this.page.waitForTimeout(POLL_MS);
    }
    return until;
  }

  /** Of all frames, how many the server has answered: an answer counts for those before it too. */
  settled() {
    const last = new Map(); // capture: highest answered sequence
    const frames = [...this.frames].map(([key, { answered }]) => {
      const [capture, sequence] = key.split(" ");
      if (answered > 0) last.set(capture, Math.max(Number(sequence), last.get(capture) ?? 0));
      return { capture, sequence: Number(sequence) };
    });
    return frames.filter(({ capture, sequence }) => sequence <= (last.get(capture) ?? 0)).length;
  }

  /** Frames that were sent, how often, and how many were answered. */
  traffic() {
    const frames = [...this.frames.values()];
    const sum = (of) => frames.reduce((total, frame) => total + of(frame), 0);
    return {
      frames: frames.length,
      requests: sum((frame) => frame.sent),
      answered: frames.filter((frame) => frame.answered > 0).length,
      skipped: sum((frame) => frame.skipped),
      jpegBytes: sum((frame) => frame.jpegBytes * frame.sent),
    };
  }
}
