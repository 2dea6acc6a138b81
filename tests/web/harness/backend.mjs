// The backend of whoever asks for a verification, by imictl alone.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const { GATEWAY, PHONE_GATEWAY = GATEWAY, IMI_BIN, IMI_DATA, IMI_MEDIA } = process.env;
const ISSUER = "https://imi.localhost", AUDIENCE = "https://relying-party.example";
/** Events of the past come at once; a session that lives has no last one. */
const FIRST_EVENT_MS = 30_000, QUIET_MS = 1000;
const run = promisify(execFile);

/** What imictl printed; rejects unless it ended with 0. */
async function imictl(...words) {
  return JSON.parse((await run(join(IMI_BIN, "imictl"), [...words, "--json"])).stdout);
}

/** A photo of the person in the clips, taken another day. */
export async function photoOfPerson(folder) {
  const frames = join(folder, "frames");
  await run(join(IMI_BIN, "imictl"),
    ["frames", "--clip", join(IMI_MEDIA, "cap13_edit2.mp4"), "--out", frames]);
  return join(frames, readdirSync(frames).sort()[0]);
}

/** A photo of somebody else. */
export const photoOfOther = join(IMI_MEDIA, "franck_02159.jpg");

/** Reference id of an enrolled photo. */
export async function enrol(photo, subject) {
  return (await imictl("enrol", photo, "--subject", subject)).reference_id;
}

/** A session with its link, which leads to the gateway as the phone reaches it. */
export async function createSession(reference, purpose = "demo") {
  const nonce = randomUUID();
  const session = await imictl("session", "create", "--reference", reference, "--purpose", purpose,
    "--nonce", nonce);
  const fragment = session.join_url.slice(session.join_url.indexOf("#"));
  return { id: session.session_id, nonce, link: `${PHONE_GATEWAY}/j${fragment}` };
}

/** State and decision as the backend sees them, with the token of a verified session. */
export const getSession = (id) => imictl("session", "get", id, "--token");

/** What happened in a session so far, in words. */
export async function eventsOf(id) {
  const watching = execFile(join(IMI_BIN, "imictl"), ["session", "watch", id, "--json"]);
  const stop = () => watching.kill();
  let lines = "", timer = setTimeout(stop, FIRST_EVENT_MS);
  watching.stdout.on("data", (text) => {
    lines += text;
    clearTimeout(timer);
    timer = setTimeout(stop, QUIET_MS);
  });
  await once(watching, "close");
  clearTimeout(timer);
  const events = lines.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return events.map(({ kind, detail }) => `${kind} ${detail}`.trim()).join("; ") +
    ` (${events.at(-1)?.session.evidence})`;
}

/** Claims of a session's token, checked against the keys that the gateway serves. */
export function verifyToken(session, token) {
  return imictl("token", "verify", token, "--jwks", `${GATEWAY}/.well-known/jwks.json`,
    "--ca", join(IMI_DATA, "pki/ca.crt"), "--issuer", ISSUER, "--audience", AUDIENCE,
    "--nonce", session.nonce);
}
