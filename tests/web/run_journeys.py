#!/usr/bin/python3 -B
"""Runs files of journeys with node beside an imid and a gateway that serves the page.

usage: run_journeys.py FILE.test.mjs...

Besides what tests/system/imi_system.py needs, the environment names IMI_PAGE (the built page) and
IMI_LIVE_CAMERA (the program). 77, which CTest takes as skipped, without Chromium alone: where that
is installed, what else is missing is a failure.
"""
import os
import shutil
import subprocess
import sys
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
TIMEOUT_S = 3000
SHORT_LIFE_S = 60  # the shortest that a policy may give


def check_browser():
    if not shutil.which(os.environ.get("CHROMIUM", "chromium")):
        print("skipped: needs chromium")
        sys.exit(77)
    wanted = {
        "node": shutil.which("node"),
        "npm's packages: run tools/setup-tests":
            os.path.exists(os.path.join(FOLDER, "node_modules/playwright-core/package.json")),
        "the page: run tools/setup-page":
            os.path.exists(os.path.join(os.environ["IMI_PAGE"], "index.html")),
    }
    missing = [what for what, found in wanted.items() if not found]
    if missing:
        sys.exit("error: needs " + "; ".join(missing))


check_browser()
sys.path.insert(0, os.path.join(FOLDER, "../system"))
from gateway_fixture import Gateway
from imi_system import POLICY, read_text, running


def make_policy(path):
    """The shipped policy with one purpose more, whose sessions end soon."""
    text = read_text(POLICY)
    start, end = text.index("  - name: demo\n"), text.index("relying_parties:")
    short = text[start:end].replace("name: demo", "name: short", 1).replace(
        "session_lifetime_s: 600", f"session_lifetime_s: {SHORT_LIFE_S}")
    text = (text[:end] + short + text[end:]).replace("registration, demo]", "registration, demo, short]")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    with tempfile.TemporaryDirectory(prefix="imi-web.") as place:
        policy = os.path.join(place, "policy.yaml")
        make_policy(policy)
        with running("--policy", policy) as imid:
            gateway = Gateway(imid, place, "--page", os.environ["IMI_PAGE"]).start()
            try:
                environment = {**os.environ, "GATEWAY": f"https://localhost:{gateway.port}",
                               "IMI_DATA": imid.data, "IMI_SERVER": imid.address}
                return subprocess.run(
                    ["node", "--test", "--test-concurrency=1", "--test-reporter=spec", *sys.argv[1:]],
                    cwd=FOLDER, env=environment, timeout=TIMEOUT_S, check=False).returncode
            finally:
                gateway.stop()


sys.exit(main())
