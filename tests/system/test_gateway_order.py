#!/usr/bin/python3 -B
"""Frames as unary calls over many connections that overtake each other, get lost and come twice:
each is answered once, and nothing waits for ever."""
import concurrent.futures
import random
import tempfile
import threading
import time
import unittest

from gateway_fixture import Gateway, WebFailure, WebPhone
from imi_system import BLANK_JPEG, Backend, Imid

FRAMES, WINDOW = 150, 4
SEED = 6
LOST, ANSWER_LOST, TWICE = 0.1, 0.1, 0.2  # of calls
OVERTAKE_S = 0.08  # a call sets out up to so much later than those behind it
EARLY_S = 0.3  # by then a frame has come, on a machine that has time
STOP_S = 1.5  # less than a frame waits
TRIES = 5  # as a busy machine may be late with either
SEND_AGAIN = {"8", "14"}  # RESOURCE_EXHAUSTED, UNAVAILABLE


class Uplink:
    """Sends the frames of a phone, WINDOW at once, over a network that does all of that."""

    def __init__(self, phone, frames):
        self.phone, self.frames = phone, frames
        self.answers = {frame.sequence: [] for frame in frames}
        self.refused = []
        self.room = threading.Semaphore(WINDOW)
        self.lock = threading.Lock()

    def send(self, frame, rng):
        """One call: its answer, or None where there is none and the frame is to be sent again."""
        time.sleep(rng.random() * OVERTAKE_S)
        if rng.random() < LOST:
            return None
        try:
            answer = self.phone.submit(frame)
        except WebFailure as failure:
            code = failure.args[1].get("grpc-status")
            if code not in SEND_AGAIN:
                with self.lock:
                    self.refused.append((frame.sequence, failure.args))
            return None
        with self.lock:
            self.answers[frame.sequence].append(answer)
        return None if rng.random() < ANSWER_LOST else answer

    def deliver(self, frame):
        rng = random.Random(SEED * 1000 + frame.sequence)
        deadline = time.monotonic() + 60
        try:
            while self.send(frame, rng) is None and time.monotonic() < deadline:
                pass
            if rng.random() < TWICE:
                self.send(frame, rng)
        finally:
            self.room.release()

    def run(self):
        with concurrent.futures.ThreadPoolExecutor(WINDOW) as pool:
            for frame in self.frames:
                self.room.acquire()
                pool.submit(self.deliver, frame)
        return self


class Order(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name

    def setUp(self):
        self.imid = Imid(self.folder).start()
        self.addCleanup(self.imid.kill)
        self.gateway = Gateway(self.imid, self.folder, "--session-rate", "1000").start()
        self.addCleanup(self.gateway.stop)
        with Backend(self.imid) as backend:
            created = backend.create(backend.enrol())
        self.phone = WebPhone(self.gateway)
        self.phone.join(created)
        self.phone.consent()
        self.phone.begin()

    def test_frames_are_answered_once_whatever_the_network_does(self):
        frames = [self.phone.frame(BLANK_JPEG) for _ in range(FRAMES)]
        uplink = Uplink(self.phone, frames).run()
        self.assertEqual(uplink.refused, [])
        answered = 0
        for sequence, answers in uplink.answers.items():
            self.assertTrue(all(answer.sequence == sequence for answer in answers), sequence)
            same = {answer.SerializeToString() for answer in answers}
            answered += len(same) == 1
        self.assertGreaterEqual(answered, 0.99 * FRAMES)
        self.assertGreater(sum(len(answers) for answers in uplink.answers.values()), FRAMES)

    def waits_for(self, first, second):
        """Whether the second frame is answered behind the first, which is sent later."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            early = pool.submit(self.phone.submit, second)
            time.sleep(EARLY_S)
            waited = not early.done()
            self.assertEqual(self.phone.submit(first).sequence, first.sequence)
            failure = early.exception()
            return waited and failure is None and early.result().sequence == second.sequence

    def test_a_frame_waits_for_the_one_before_it(self):
        for _ in range(TRIES):
            first, second = (self.phone.frame(BLANK_JPEG) for _ in range(2))
            if self.waits_for(first, second):
                return
            self.phone.submit(second)  # taken or not: the chain goes on
        self.fail("a frame does not wait")

    def test_a_frame_whose_predecessor_is_lost_is_to_be_sent_again(self):
        first, second = (self.phone.frame(BLANK_JPEG) for _ in range(2))
        with self.assertRaises(WebFailure) as caught:
            self.phone.submit(second)
        trailers = caught.exception.args[1]
        self.assertEqual((trailers["grpc-status"], trailers["imi-status"]), ("14", "frame_early"))
        self.assertEqual(self.phone.submit(first).sequence, 1)
        self.assertEqual(self.phone.submit(second).sequence, 2)

    def stop_with_a_frame(self):
        """How an early frame is answered when the server stops, and after how long."""
        self.phone.frame(BLANK_JPEG)
        second = self.phone.frame(BLANK_JPEG)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            early = pool.submit(self.phone.submit, second)
            time.sleep(EARLY_S)
            began = time.monotonic()
            self.imid.terminate()
            failure = early.exception()
            took_s = time.monotonic() - began
            self.assertEqual(self.imid.stop(), 0)
            return failure.args[1]["imi-status"], took_s

    def test_a_server_that_stops_does_not_wait_for_frames(self):
        for _ in range(TRIES):
            name, took_s = self.stop_with_a_frame()
            if name == "frame_early" and took_s < STOP_S:
                return
            self.doCleanups()
            self.setUp()
        self.fail(f"{name} after {took_s:.1f} s")


if __name__ == "__main__":
    unittest.main()
