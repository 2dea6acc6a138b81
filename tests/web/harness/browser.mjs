// Chromium before a live camera, and what it costs.
import { createHash, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";

const { CHROMIUM = "/usr/bin/chromium", IMI_DATA } = process.env;
const CLOCK_TICKS_PER_S = 100;

/** What the test's certificate is trusted by: its public key's digest. */
function trusted() {
  const { publicKey } = new X509Certificate(readFileSync(join(IMI_DATA, "pki/server.crt")));
  const key = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

/** A browser whose camera is the live camera's file. executable: what starts it. */
export function openBrowser(camera, { executable = CHROMIUM, more = [] } = {}) {
  return chromium.launch({
    executablePath: executable,
    args: [
      "--no-sandbox", // Chromium refuses to run as root with it.
      "--disable-gpu",
      // What a phone in a hand is not; the server is told of it and counts it (docs/injection.md).
      "--disable-blink-features=AutomationControlled",
      `--ignore-certificate-errors-spki-list=${trusted()}`,
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-video-capture=${camera.path}`,
      ...more,
    ],
  });
}

/** A cheap phone held upright; each has its own storage. */
export function openPhone(browser, options = {}) {
  return browser.newContext({
    viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2,
    locale: "en-GB", ...options,
  });
}

/** Name, parent, and clock ticks of a process with those of its children that ended. */
function processOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "ascii");
    const [, name, rest] = /\((.*)\) (.*)/s.exec(text);
    const fields = rest.split(" ");
    return {
      pid: Number(pid), name, parent: Number(fields[1]),
      ticks: fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0),
    };
  } catch {
    return undefined; // It has just ended.
  }
}

/** Seconds of processor time that the browsers of this process have used so far. */
export function browserSeconds() {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(processOf)
    .filter(Boolean);
  const ours = new Set([process.pid]);
  for (let before = 0; before !== ours.size;) {
    before = ours.size;
    for (const one of all) if (ours.has(one.parent)) ours.add(one.pid);
  }
  const ticks = all.filter(({ pid, name }) => ours.has(pid) && /chrom/.test(name))
    .reduce((sum, { ticks }) => sum + ticks, 0);
  return ticks / CLOCK_TICKS_PER_S;
}
