#!/usr/bin/python3 -B
"""SIGTERM under load: what was acknowledged is kept, and the process ends soon and well."""
import os
import signal
import tempfile
import threading
import time
import unittest

import grpc

from gateway_fixture import BINARY, HEALTH, SUBJECT, Answer, Gateway, frame
from imi_system import (BLANK_JPEG, FACE, Backend, Client, Code, Imid, Phone, common, enrolment,
                        failure, read, read_text, subject)

ROUNDS = 5
STOP_S = 10
CHANNELS = 8  # of a gateway
COME_BACK = (Code.UNAVAILABLE, "rpc_unavailable")


class Load:
    """Sessions, portraits and frames from several threads; notes what was acknowledged."""

    def __init__(self, imid, reference_id):
        self.imid, self.reference_id = imid, reference_id
        self.sessions, self.references, self.codes = [], [], set()
        self.frames = 0
        self.lock = threading.Lock()
        kinds = [self.consent, self.consent, self.enrol, self.send_frames]
        self.threads = [threading.Thread(target=self.repeat, args=(kind,)) for kind in kinds]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self.threads:
            thread.join()

    def repeat(self, step):
        with Backend(self.imid) as backend, Client(self.imid) as client:
            while True:
                try:
                    step(backend, client)
                except grpc.RpcError as error:
                    with self.lock:
                        self.codes.add(error.code())
                    if error.code() != Code.RESOURCE_EXHAUSTED:
                        return

    def consent(self, backend, client):
        created = backend.create(self.reference_id)
        phone = Phone(client)
        phone.join(created)
        phone.consent()
        with self.lock:
            self.sessions.append(created.session_id)
        return phone

    def enrol(self, backend, _):
        reference_id = backend.enrol()
        with self.lock:
            self.references.append(reference_id)

    def send_frames(self, backend, client):
        phone = self.consent(backend, client)
        phone.begin()
        for _ in phone.stream(phone.frame(BLANK_JPEG) for _ in range(20)):
            self.frames += 1

    def is_under_way(self):
        return len(self.sessions) >= 5 and self.references and self.frames


def wait_until(condition, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it did not come about")
        time.sleep(0.01)


class Stop(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        self.addCleanup(folder.cleanup)
        self.imid = Imid(folder.name).start()
        self.addCleanup(lambda: self.imid.kill())
        with Backend(self.imid) as backend:
            self.reference_id = backend.enrol()

    def stop(self):
        self.assertEqual(self.imid.stop(STOP_S), 0)

    def stop_without_cutting_off(self):
        """Everything ends by itself, within the time that calls have for it."""
        self.stop()
        log = read_text(self.imid.log)
        self.assertIn("every call has ended", log)
        self.assertNotIn("are cancelled", log)

    def start_gateway(self):
        gateway = Gateway(self.imid, self.imid.folder).start()
        self.addCleanup(gateway.stop)
        return gateway

    def test_sigterm_under_load_loses_nothing_and_ends_soon(self):
        for number in range(ROUNDS):
            with self.subTest(round=number):
                with Load(self.imid, self.reference_id) as load:
                    wait_until(load.is_under_way)
                    self.stop()
                # Twenty frames at once may be more than a busy server keeps waiting.
                self.assertLessEqual(load.codes, {Code.UNAVAILABLE, Code.CANCELLED,
                                                  Code.RESOURCE_EXHAUSTED})
                self.imid.start()
                with Backend(self.imid) as backend:
                    for session_id in load.sessions:
                        self.assertEqual(backend.get(session_id).state,
                                         common.SESSION_STATE_CONSENTED)
                    for reference_id in load.references:
                        backend.create(reference_id)

    def test_a_call_that_is_being_computed_is_answered_first(self):
        with Backend(self.imid) as backend:
            request = enrolment.EnrolReferenceRequest(subject_id="x", portrait_jpeg=read(FACE))
            calls = [backend.enrolment.EnrolReference.future(request, timeout=60)
                     for _ in range(4)]
            wait_until(lambda: calls[0].done())
            self.stop()
            self.assertTrue(calls[0].result().accepted)
            for call in calls[1:]:
                # Taken before the signal: answered. Not yet taken: told to come back.
                self.assertIn(call.code(), {Code.OK, Code.UNAVAILABLE, Code.CANCELLED})
            self.assertIn(Code.OK, {call.code() for call in calls[1:]})

    def test_streams_that_wait_do_not_hold_it_up(self):
        with Backend(self.imid) as backend, Client(self.imid) as client:
            created = backend.create(self.reference_id)
            phone = Phone(client)
            phone.join(created)
            phone.consent()
            phone.begin()
            watch = backend.watch(created.session_id)
            self.assertEqual(next(watch).kind, "created")
            held = threading.Event()
            self.addCleanup(held.set)

            def requests():
                yield phone.frame(BLANK_JPEG)
                held.wait()
            answers = phone.stream(requests())
            self.assertEqual(next(answers).feedback.sequence, 1)
            self.stop()
            self.assertEqual(failure(lambda: list(watch)), COME_BACK)
            self.assertIn(failure(lambda: list(answers))[0], {Code.UNAVAILABLE, Code.CANCELLED})

    def test_who_watches_is_told_to_come_back_and_holds_nothing_up(self):
        with Backend(self.imid) as backend:
            watches = [backend.watch(backend.create(self.reference_id).session_id)
                       for _ in range(20)]
            for watch in watches:
                self.assertEqual(next(watch).kind, "created")
            self.stop_without_cutting_off()
            for watch in watches:
                self.assertEqual(failure(lambda w=watch: list(w)), COME_BACK)

    def test_an_idle_gateway_does_not_hold_it_up(self):
        gateway = self.start_gateway()
        for _ in range(CHANNELS):
            self.assertEqual(gateway.request("GET", HEALTH)[0], 200)
        self.stop_without_cutting_off()
        self.assertEqual(gateway.request("GET", HEALTH)[0], 503)

    def test_a_screen_that_follows_is_told_to_come_back(self):
        gateway = self.start_gateway()
        with Backend(self.imid) as backend:
            created = backend.create(self.reference_id)
        request = subject.FollowSessionRequest(
            session_id=created.session_id, join_secret=created.join_secret)
        screen = gateway.connect()
        self.addCleanup(screen.close)
        screen.request("POST", SUBJECT + "FollowSession", frame(request.SerializeToString()),
                       {"Content-Type": BINARY})
        told = screen.getresponse()
        first = told.read(1)  # it follows
        self.stop_without_cutting_off()
        answer = Answer(told.status, told.headers, first + told.read())
        self.assertEqual((answer.code, answer.name), (COME_BACK[0].value[0], COME_BACK[1]))
        self.assertEqual(len(answer.messages), 1)

    def test_watchers_of_health_are_told_before_the_end(self):
        with Client(self.imid) as client:
            states = client.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
            self.assertEqual(next(states), b"\x08\x01")
            self.imid.terminate()
            self.assertEqual(next(states), b"\x08\x02")
            self.assertEqual(failure(lambda: next(states)), COME_BACK)
            self.stop()

    def test_sigint_stops_as_sigterm_does(self):
        self.imid.process.send_signal(signal.SIGINT)
        self.assertEqual(self.imid.process.wait(STOP_S), 0)

    def test_a_client_that_vanished_does_not_hold_it_up(self):
        backend = Backend(self.imid)
        watch = backend.watch(backend.create(self.reference_id).session_id)
        next(watch)
        backend.close()
        self.stop_without_cutting_off()

    def test_nothing_is_left_over_by_calls(self):
        """Threads and descriptors after a load are those before it."""
        def count(what):
            return len(os.listdir(f"/proc/{self.imid.process.pid}/{what}"))

        def work():
            with Backend(self.imid) as backend, Client(self.imid) as client:
                for _ in range(20):
                    created = backend.create(self.reference_id)
                    phone = Phone(client)
                    phone.join(created)
                    watch = backend.watch(created.session_id)
                    next(watch)
                    phone.consent()
                    watch.cancel()
        work()
        time.sleep(0.5)
        threads, descriptors = count("task"), count("fd")
        for _ in range(3):
            work()
        wait_until(lambda: count("fd") <= descriptors + 1)
        # gRPC keeps a few threads of its own for a while.
        wait_until(lambda: count("task") <= threads + 2)


if __name__ == "__main__":
    unittest.main()
