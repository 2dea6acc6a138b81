#!/usr/bin/python3 -B
"""What the server has acknowledged survives kill -9.

Threads open sessions, join and consent; the server is killed at a random moment and started
again on the same data. $IMI_ROUNDS says how often (8).
"""
import os
import random
import secrets
import tempfile
import threading
import time
import unittest

import grpc

from imi_system import Backend, Client, Code, Imid, Phone, common, failure

ROUNDS = int(os.environ.get("IMI_ROUNDS", "8"))
THREADS = 6
STATES = {"created": common.SESSION_STATE_CREATED, "joined": common.SESSION_STATE_JOINED,
          "consented": common.SESSION_STATE_CONSENTED}
KINDS = list(STATES)


class Story:
    """One session as its backend and its phone know it. tried: the last call that was sent;
    known: the last one that was acknowledged."""

    def __init__(self, reference_id):
        self.request = {"reference_id": reference_id, "request_id": secrets.token_hex(16),
                        "nonce": secrets.token_urlsafe(16)}
        self.created = self.phone = self.known = self.tried = None

    def live(self, backend, client, goal):
        self.tried = "created"
        self.created = backend.create(**self.request)
        self.known = "created"
        self.phone = Phone(client)
        if goal >= 1:
            self.tried = "joined"
            self.phone.join(self.created)
            self.known = "joined"
        if goal >= 2:
            self.tried = "consented"
            self.phone.consent()
            self.known = "consented"

    def kinds(self, state):
        return KINDS[:[STATES[kind] for kind in KINDS].index(state) + 1]


def load(imid, reference_id, stories, stop):
    """Sessions until the server is gone or stop is set."""
    with Backend(imid) as backend, Client(imid) as client:
        number = 0
        while not stop.is_set():
            story = Story(reference_id)
            stories.append(story)
            try:
                story.live(backend, client, number % 3)
            except grpc.RpcError:
                return
            number += 1


class Durability(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.imid = Imid(folder.name).start()
        cls.addClassCleanup(lambda: cls.imid.kill())
        with Backend(cls.imid) as backend:
            cls.reference_id = backend.enrol()

    def kill_under_load(self):
        """The stories that the crash cut off or found acknowledged."""
        stories, stop = [], threading.Event()
        threads = [threading.Thread(
            target=load, args=(self.imid, self.reference_id, stories, stop))
            for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        started = time.monotonic()
        while sum(story.known is not None for story in list(stories)) < 10:
            self.assertLess(time.monotonic() - started, 60, "no load came about")
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.8))
        self.imid.kill()
        stop.set()
        for thread in threads:
            thread.join()
        return stories

    def assert_kept(self, backend, story):
        """The session is as acknowledged; a call that was cut off happened wholly or not."""
        session = backend.get(story.created.session_id)
        self.assertIn(session.state, {STATES[story.known], STATES[story.tried]})
        self.assertEqual((session.purpose, session.subject_id, session.expires_at_ms),
                         ("demo", "person", story.created.expires_at_ms))
        self.assertEqual(session.decision, common.DECISION_UNSPECIFIED)
        self.assertEqual(session.token, "")
        return session.state

    def assert_goes_on(self, backend, client, story, state):
        """Secrets and credentials still work; the events tell the whole story without gaps."""
        expected = story.kinds(state)
        if state == STATES["joined"] and story.known == "created":
            self.assertEqual(failure(lambda: Phone(client).join(story.created))[0],
                             Code.UNAUTHENTICATED)
            self.assert_events(backend, story, expected, ended=False)
            return
        story.phone.stub = client.subject
        if state == STATES["created"]:
            story.phone.join(story.created)
            expected = expected + ["joined"]
        self.assertEqual(story.phone.consent(False), common.SESSION_STATE_WITHDRAWN)
        self.assert_events(backend, story, expected + ["withdrawn"], ended=True)

    def assert_events(self, backend, story, kinds, ended):
        call = backend.watch(story.created.session_id)
        events = list(call) if ended else [next(call) for _ in kinds]
        call.cancel()
        self.assertEqual([event.kind for event in events], kinds)
        self.assertEqual([event.sequence for event in events], list(range(1, len(kinds) + 1)))

    def assert_repeatable(self, backend, story):
        """Whether or not the cut-off call happened, its repetition gives one session for good."""
        first = backend.create(**story.request)
        self.assertEqual(backend.create(**story.request).session_id, first.session_id)
        if story.created is not None:
            self.assertEqual(first.session_id, story.created.session_id)

    def check(self, stories):
        acknowledged = [story for story in stories if story.known is not None]
        self.assertGreaterEqual(len(acknowledged), 10)
        with Backend(self.imid) as backend, Client(self.imid) as client:
            for story in acknowledged:
                state = self.assert_kept(backend, story)
                self.assert_goes_on(backend, client, story, state)
            for story in stories:
                if story.known is None:
                    self.assert_repeatable(backend, story)

    def test_acknowledged_calls_survive_kill_9(self):
        total = 0
        for number in range(ROUNDS):
            with self.subTest(round=number):
                stories = self.kill_under_load()
                self.imid.start()
                self.check(stories)
                total += len(stories)
        print(f"{ROUNDS} crashes, {total} sessions")

    def test_a_request_id_gives_the_same_session_after_a_crash(self):
        story = Story(self.reference_id)
        with Backend(self.imid) as backend:
            story.created = backend.create(**story.request)
        self.imid.kill()
        self.imid.start()
        with Backend(self.imid) as backend:
            self.assert_repeatable(backend, story)
            changed = dict(story.request, nonce="another nonce")
            self.assertEqual(failure(lambda: backend.create(**changed))[0],
                             Code.FAILED_PRECONDITION)


if __name__ == "__main__":
    unittest.main()
