#!/usr/bin/python3 -B
"""Messages, credentials and frames that are wrong: each has its documented code, and nothing
ever verifies anybody."""
import random
import unittest

import grpc
from cryptography.hazmat.primitives.asymmetric import ec

from imi_system import (BLANK_JPEG, Backend, Client, Code, Phone, common, failure, party, running,
                        subject)

BEARER = (("authorization", "Bearer x"),)
UNARY = [
    "imi.v1.RelyingPartyService/CreateSession", "imi.v1.RelyingPartyService/GetSession",
    "imi.v1.RelyingPartyService/IntrospectToken", "imi.v1.EnrolmentService/EnrolReference",
    "imi.v1.EnrolmentService/DeleteReference", "imi.v1.EnrolmentService/ComparePhotos",
    "imi.v1.EnrolmentService/ListReferences", "imi.v1.SubjectService/Join",
    "imi.v1.SubjectService/SubmitFrame",
]
BEGINS_FREE = 3  # that cost nothing behind the first of an attempt, docs/sessions.md
BEGINS_MOST = 1000
INVALID = (Code.INVALID_ARGUMENT, "rpc_message")


def varint(number):
    out = b""
    while number > 0x7f:
        out += bytes([number & 0x7f | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def broken_messages():
    """Bytes that no message of ours can be, all with field 1 as its text or bytes."""
    group = varint(15 << 3 | 3)
    return {
        "length beyond the end": b"\x0a\x7f" + b"abc",
        "length cut off": b"\x0a",
        "length of 2^63": b"\x0a" + b"\xff" * 9 + b"\x01" + b"abc",
        "endless number": b"\xff" * 40,
        "field number 0": b"\x02\x01a",
        "wire type 6": b"\x0e\x01",
        "number where text is due": b"\x08\x01",
        "1000 open groups": group * 1000,
        "1000 nested groups": group * 1000 + varint(15 << 3 | 4) * 1000,
        "end of no group": varint(15 << 3 | 4),
    }


class BadCalls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = running()
        cls.imid = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)
        cls.backend = Backend(cls.imid)
        cls.client = Client(cls.imid)
        cls.addClassCleanup(cls.backend.close)
        cls.addClassCleanup(cls.client.close)
        cls.reference_id = cls.backend.enrol()
        cls.sessions = []

    @classmethod
    def create(cls, **fields):
        created = cls.backend.create(cls.reference_id, **fields)
        cls.sessions.append(created.session_id)
        return created

    def tearDown(self):
        self.assertIsNone(self.imid.process.poll(), "the server died")
        self.assertTrue(self.client.is_serving())
        while self.sessions:
            session = self.backend.get(self.sessions.pop())
            self.assertNotEqual(session.decision, common.DECISION_VERIFIED)
            self.assertEqual(session.token, "")

    def assert_fails(self, code, name, call):
        self.assertEqual(failure(call), (code, name))

    def phone(self, consent=True):
        phone = Phone(self.client)
        phone.join(self.create())
        if consent:
            phone.consent()
        return phone

    # Messages.

    def test_broken_messages_are_invalid_arguments(self):
        for method in UNARY:
            for name, message in broken_messages().items():
                with self.subTest(method=method, message=name):
                    self.assertEqual(failure(
                        lambda: self.backend.raw("/" + method, message, BEARER)), INVALID)

    def test_broken_messages_end_streams_with_invalid_argument(self):
        for name, message in broken_messages().items():
            with self.subTest(message=name):
                watch = self.backend.channel.unary_stream(
                    "/imi.v1.RelyingPartyService/WatchSession")
                self.assertEqual(failure(lambda: list(watch(message, timeout=60))), INVALID)
                stream = self.client.channel.stream_stream("/imi.v1.SubjectService/StreamFrames")
                self.assertEqual(failure(lambda: list(stream(
                    iter([message]), timeout=60, metadata=BEARER))), INVALID)

    def test_text_that_is_not_utf8_or_holds_nul_is_an_invalid_argument(self):
        for text in [b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"a\0b", b"\0"]:
            for method in ["RelyingPartyService/GetSession", "SubjectService/Join"]:
                with self.subTest(text=text, method=method):
                    self.assertEqual(failure(lambda: self.backend.raw(
                        "/imi.v1." + method, field(1, text))), INVALID)

    def test_random_bytes_get_an_answer_or_a_code_never_an_internal_error(self):
        noise = random.Random(2)
        accepted = {Code.INVALID_ARGUMENT, Code.UNAUTHENTICATED, Code.NOT_FOUND}
        for _ in range(300):
            method = noise.choice(UNARY)
            message = noise.randbytes(noise.randrange(1, 200))
            with self.subTest(method=method, message=message.hex()):
                code, name = failure(lambda: self.backend.raw("/" + method, message, BEARER))
                self.assertIn(code, accepted)
                self.assertTrue(name)

    def test_every_truncation_of_a_message_is_refused_or_lacks_something(self):
        whole = party.CreateSessionRequest(purpose="demo", reference_id=self.reference_id,
                                           nonce="n" * 16).SerializeToString()
        for size in range(len(whole)):
            code, _ = failure(lambda: self.backend.raw(
                "/imi.v1.RelyingPartyService/CreateSession", whole[:size]))
            # A nonce is cut before its length fits again, so what is left lacks a field.
            self.assertEqual(code, Code.INVALID_ARGUMENT, size)

    def test_texts_beyond_their_limits_are_refused(self):
        huge = "x" * (4 << 20)
        for fields in [{"purpose": huge}, {"nonce": huge}, {"nonce": "short"},
                       {"request_id": "x" * 101}]:
            with self.subTest(fields=list(fields)):
                code, _ = failure(lambda: self.create(**fields))
                self.assertEqual(code, Code.INVALID_ARGUMENT)
        for call in [lambda: self.backend.get(huge), lambda: list(self.backend.watch(huge))]:
            self.assertIn(failure(call)[0], {Code.NOT_FOUND, Code.INVALID_ARGUMENT})

    def test_unknown_things_are_not_found(self):
        unknown = "ses_AAAAAAAAAAAAAAAAAAAAAA"
        self.assert_fails(Code.NOT_FOUND, "not_found", lambda: self.backend.get(unknown))
        self.assert_fails(Code.NOT_FOUND, "not_found", lambda: list(self.backend.watch(unknown)))
        self.assert_fails(Code.NOT_FOUND, "not_found",
                          lambda: self.backend.create("ref_AAAAAAAAAAAAAAAAAAAAAA"))
        self.assert_fails(Code.INVALID_ARGUMENT, "policy_unknown_purpose",
                          lambda: self.create(purpose="none"))

    def test_an_unknown_method_is_unimplemented(self):
        for path in ["/imi.v1.SubjectService/Verify", "/imi.v1.None/Join", "/x"]:
            with self.subTest(path=path):
                self.assertEqual(failure(lambda: self.client.raw(path, b""))[0],
                                 Code.UNIMPLEMENTED)

    def test_what_is_no_token_is_not_active(self):
        for token in ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "x" * 60000]:
            with self.subTest(token=token[:20]):
                answer = self.backend.party.IntrospectToken(
                    party.IntrospectTokenRequest(token=token), timeout=60)
                self.assertFalse(answer.active)
                self.assertTrue(answer.reason.startswith("token_"))
                self.assertEqual((answer.session_id, answer.expires_at), ("", 0))

    def test_a_watch_from_before_the_beginning_is_refused(self):
        session_id = self.create().session_id
        self.assert_fails(Code.INVALID_ARGUMENT, "invalid_argument",
                          lambda: list(self.backend.watch(session_id, after=-1)))

    # Credentials.

    def assert_unauthenticated(self, metadata):
        """In every call of a phone, and always with the same words."""
        stub = self.client.subject
        frame = subject.Frame(sequence=1)
        calls = {
            "consent": lambda: stub.GiveConsent(
                subject.GiveConsentRequest(accepted=True), metadata=metadata),
            "begin": lambda: stub.BeginCapture(subject.BeginCaptureRequest(), metadata=metadata),
            "submit": lambda: stub.SubmitFrame(
                subject.SubmitFrameRequest(capture_id="cap_x", frame=frame), metadata=metadata),
            "stream": lambda: list(stub.StreamFrames(
                iter([subject.StreamFramesRequest(capture_id="cap_x", frame=frame)]),
                metadata=metadata)),
            "outcome": lambda: stub.GetOutcome(subject.GetOutcomeRequest(), metadata=metadata),
            "answer": lambda: stub.AnswerAdditionalReference(
                subject.AnswerAdditionalReferenceRequest(accepted=True), metadata=metadata),
        }
        for name, call in calls.items():
            with self.subTest(call=name, metadata=metadata):
                self.assert_fails(Code.UNAUTHENTICATED, "unauthenticated", call)

    def test_calls_without_the_right_credential_are_unauthenticated(self):
        phone = self.phone()
        right = phone.metadata[0][1]
        session_id, secret = right.removeprefix("Bearer ").split(".")
        other = self.phone().metadata[0][1].removeprefix("Bearer ").split(".")
        for wrong in ["", "Bearer ", "Bearer x", "Basic " + session_id, right[:-1], right + "A",
                      right.lower(), f"Bearer {session_id}.", f"Bearer .{secret}",
                      f"Bearer {session_id}.{other[1]}", f"Bearer {other[0]}.{secret}",
                      f"Bearer ses_AAAAAAAAAAAAAAAAAAAAAA.{secret}", "Bearer " + "x" * 5000]:
            self.assert_unauthenticated((("authorization", wrong),))
        self.assert_unauthenticated(None)
        self.assertEqual(phone.outcome().outcome, common.SUBJECT_OUTCOME_IN_PROGRESS)

    def test_a_wrong_join_secret_is_unauthenticated_whether_or_not_the_session_exists(self):
        created = self.create()
        words = set()
        for session_id, secret in [(created.session_id, "A" * 43), (created.session_id, ""),
                                   (created.session_id, created.join_secret[:-1]),
                                   ("ses_AAAAAAAAAAAAAAAAAAAAAA", created.join_secret),
                                   ("", created.join_secret)]:
            request = subject.JoinRequest(session_id=session_id, join_secret=secret,
                                          device_public_key=Phone(self.client).public_key())
            with self.assertRaises(grpc.RpcError) as caught:
                self.client.subject.Join(request, timeout=60)
            self.assertEqual(caught.exception.code(), Code.UNAUTHENTICATED)
            words.add(caught.exception.details())
        self.assertEqual(len(words), 1, words)
        Phone(self.client).join(created)

    def test_a_device_key_of_another_kind_is_an_invalid_argument(self):
        created = self.create()
        phone = Phone(self.client)
        right = phone.public_key()
        phone.key = ec.generate_private_key(ec.SECP384R1())
        for key in [phone.public_key(), b"", right[:-1], right + b"\0", bytes(91),
                    right[:-1] + bytes([right[-1] ^ 1])]:
            request = subject.JoinRequest(session_id=created.session_id,
                                          join_secret=created.join_secret, device_public_key=key)
            self.assert_fails(Code.INVALID_ARGUMENT, "invalid_argument",
                              lambda: self.client.subject.Join(request, timeout=60))
        Phone(self.client).join(created)

    # Frames.

    def assert_chain_error(self, call):
        self.assert_fails(Code.INVALID_ARGUMENT, "frame_chain", call)

    def test_frames_that_do_not_continue_the_chain_are_refused_and_it_goes_on(self):
        phone = self.phone()
        phone.begin()
        phone.submit(phone.frame(BLANK_JPEG))
        good = phone.frame(BLANK_JPEG)

        def changed(**fields):
            frame = subject.Frame()
            frame.CopyFrom(good)
            for name, value in fields.items():
                setattr(frame, name, value)
            return frame
        signature = good.signature
        wrong = {
            "flipped bit": changed(signature=signature[:-1] + bytes([signature[-1] ^ 1])),
            "no signature": changed(signature=b""),
            "zero signature": changed(signature=bytes(64)),
            "long signature": changed(signature=signature + b"\0"),
            "other image": changed(jpeg=BLANK_JPEG + b"x"),
            "other time": changed(captured_at_ms=good.captured_at_ms + 1),
            "time before": changed(captured_at_ms=1),
            "negative time": changed(captured_at_ms=-1),
            "sequence 0": changed(sequence=0),
            "gap": changed(sequence=30),
            "far ahead": changed(sequence=2 ** 64 - 1),
            "replayed under the next number": changed(sequence=1),
        }
        for name, frame in wrong.items():
            with self.subTest(frame=name):
                self.assert_chain_error(lambda: phone.submit(frame))
        self.assertEqual(phone.submit(good).sequence, 2)
        self.assertEqual(phone.submit(good).sequence, 2)

    def test_a_frame_of_another_key_is_refused(self):
        phone = self.phone()
        phone.begin()
        phone.key = ec.generate_private_key(ec.SECP256R1())
        self.assert_chain_error(lambda: phone.submit(phone.frame(BLANK_JPEG)))

    def test_frames_of_another_capture_are_refused(self):
        phone = self.phone()
        first = phone.begin()
        recorded = phone.frame(BLANK_JPEG)
        phone.submit(recorded)
        phone.begin()
        self.assert_chain_error(lambda: phone.submit(recorded))
        self.assert_chain_error(lambda: phone.submit(phone.frame(BLANK_JPEG), first.capture_id))
        for capture_id in ["cap_AAAAAAAAAAAAAAAAAAAAAA", "x" * 1000]:
            phone.rewind()
            self.assert_chain_error(lambda: phone.submit(phone.frame(BLANK_JPEG), capture_id))

    def test_a_capture_of_another_session_is_refused(self):
        mine, other = self.phone(), self.phone()
        mine.begin()
        theirs = other.begin().capture_id
        self.assert_chain_error(lambda: mine.submit(mine.frame(BLANK_JPEG), theirs))
        other.metadata = mine.metadata
        self.assert_chain_error(lambda: other.submit(other.frame(BLANK_JPEG)))

    def test_a_missing_frame_is_an_invalid_argument(self):
        phone = self.phone()
        capture_id = phone.begin().capture_id
        request = subject.SubmitFrameRequest(capture_id=capture_id)
        self.assertEqual(failure(lambda: self.client.subject.SubmitFrame(
            request, metadata=phone.metadata)), INVALID)

    # States.

    def test_nothing_is_captured_before_consent(self):
        phone = self.phone(consent=False)
        self.assert_fails(Code.FAILED_PRECONDITION, "consent_required", phone.begin)

    def test_after_a_refusal_there_is_no_way_back(self):
        phone = self.phone(consent=False)
        self.assertEqual(phone.consent(False), common.SESSION_STATE_WITHDRAWN)
        self.assert_fails(Code.FAILED_PRECONDITION, "session_state", phone.consent)
        self.assert_fails(Code.FAILED_PRECONDITION, "session_state", phone.begin)

    def test_consent_taken_back_ends_a_running_capture(self):
        phone = self.phone()
        phone.begin()
        phone.submit(phone.frame(BLANK_JPEG))
        phone.consent(False)
        code, _ = failure(lambda: phone.submit(phone.frame(BLANK_JPEG)))
        self.assertIn(code, {Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION})

    def test_beginning_again_draws_no_other_challenge_until_the_attempt_is_given_up(self):
        phone = self.phone()
        first = phone.begin()
        for _ in range(BEGINS_FREE):
            again = phone.begin()
            self.assertEqual(list(again.actions), list(first.actions))
            self.assertEqual(again.attempts_left, first.attempts_left)
        self.assertEqual(phone.begin().attempts_left, first.attempts_left - 1)

    def test_captures_cannot_be_begun_without_end(self):
        phone = self.phone()
        for _ in range(BEGINS_MOST):
            try:
                phone.begin()
            except grpc.RpcError as error:
                self.assertEqual(error.code(), Code.FAILED_PRECONDITION)
                return
        self.fail("captures can be begun without end")


if __name__ == "__main__":
    unittest.main()
