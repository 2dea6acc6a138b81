#!/usr/bin/python3 -B
"""Runs files of journeys with node beside an imid and a gateway that serves the page.

usage: run_journeys.py [--slow-link | --no-browser] FILE.test.mjs...

--slow-link puts the browser behind a bad network (slow_link.py); where that cannot be made the
tests are skipped. --no-browser is for those that run the SDK in node.

Besides what tests/system/imi_system.py needs, the environment names IMI_PAGE (the built page) and
IMI_LIVE_CAMERA (the program). 77, which CTest takes as skipped, without Chromium alone: where that
is installed, or not needed, what else is missing is a failure.
"""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
TIMEOUT_S = 3000
SHORT_LIFE_S = 60  # the shortest that a policy may give
CAPTURES_AT_ONCE = 10  # with as many, who has to wait waits 3 s
# A phone at the edge of a village: what the page must still work over.
RATE_BIT_PER_S, ROUND_TRIP_S, LOSS = 200_000, 0.4, 0.02


def check_ingredients(browser):
    if browser and not shutil.which(os.environ.get("CHROMIUM", "chromium")):
        print("skipped: needs chromium")
        sys.exit(77)
    wanted = {
        "node": shutil.which("node"),
        "npm's packages: run tools/setup-tests": not browser or
            os.path.exists(os.path.join(FOLDER, "node_modules/playwright-core/package.json")),
        "the page: run tools/setup-page":
            os.path.exists(os.path.join(os.environ["IMI_PAGE"], "index.html")),
    }
    missing = [what for what, found in wanted.items() if not found]
    if missing:
        sys.exit("error: needs " + "; ".join(missing))


check_ingredients("--no-browser" not in sys.argv)
sys.path.insert(0, os.path.join(FOLDER, "../system"))
from gateway_fixture import Gateway
from imi_system import BLANK_JPEG, POLICY, read_text, running
from slow_link import SlowLink, why_not


def make_policy(path):
    """The shipped policy with one purpose more, whose sessions end soon."""
    text = read_text(POLICY)
    start, end = text.index("  - name: demo\n"), text.index("relying_parties:")
    short = text[start:end].replace("name: demo", "name: short", 1).replace(
        "session_lifetime_s: 600", f"session_lifetime_s: {SHORT_LIFE_S}")
    text = (text[:end] + short + text[end:]).replace("registration, demo]", "registration, demo, short]")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


@contextlib.contextmanager
def slow_link(place):
    """Where the browser is and how it reaches the gateway, as environment; {port} is the port."""
    reason = why_not()
    if reason:
        print("skipped: a slow link needs", reason)
        sys.exit(77)
    with SlowLink(RATE_BIT_PER_S, ROUND_TRIP_S, LOSS) as link:
        wrapper = os.path.join(place, "chromium")
        link.wrap(wrapper, shutil.which(os.environ.get("CHROMIUM", "chromium")))
        yield {"CHROMIUM": wrapper, "PHONE_GATEWAY": f"https://{link.here}:{{port}}"}
        for name, way in [("up", link.up), ("down", link.down)]:
            print(f"link {name}: {way.bytes} bytes, {way.lost} of {way.packets} packets lost")


def write_blank(place):
    """A picture without a face."""
    path = os.path.join(place, "blank.jpg")
    with open(path, "wb") as file:
        file.write(BLANK_JPEG)
    return path


def run_files(files, imid, place, beyond):
    """The exit code. beyond: environment of a browser that is somewhere else, or {}."""
    listen = ["--listen", "0.0.0.0"] if beyond else []
    gateway = Gateway(imid, place, "--page", os.environ["IMI_PAGE"], *listen).start()
    try:
        found = {name: value.format(port=gateway.port) for name, value in beyond.items()}
        return subprocess.run(
            ["node", "--test", "--test-concurrency=1", "--test-reporter=spec", *files],
            cwd=FOLDER, timeout=TIMEOUT_S, check=False,
            env={**os.environ, "GATEWAY": f"https://localhost:{gateway.port}",
                 "IMI_DATA": imid.data, "IMI_SERVER": imid.address,
                 "IMI_BLANK_JPEG": write_blank(place),
                 "IMI_CAPTURES_AT_ONCE": str(CAPTURES_AT_ONCE), **found}).returncode
    finally:
        gateway.stop()


def main():
    files = [word for word in sys.argv[1:] if not word.startswith("--")]
    with tempfile.TemporaryDirectory(prefix="imi-web.") as place:
        policy = os.path.join(place, "policy.yaml")
        make_policy(policy)
        beyond = slow_link(place) if "--slow-link" in sys.argv else contextlib.nullcontext({})
        with beyond as environment, running(
                "--policy", policy, "--captures-at-once", str(CAPTURES_AT_ONCE)) as imid:
            return run_files(files, imid, place, environment)


sys.exit(main())
