"""A client that shares no code with ours: grpcio, cryptography, and what the .proto files say.

Environment: PROTO_ROOT, and what tests/tools/server.py gives.
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

import grpc
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

PROTO_ROOT = os.environ["PROTO_ROOT"]
FRAMES_PER_S = 12
FRAMES_MAX = 900
SHOOT = os.path.join(os.environ["IMI_BIN"], "../tests/shoot")
HOLD_MS = 400


def generate(folder):
    """Message classes of imi.v1 by protoc; calls are made by path."""
    names = ["common", "subject", "relying_party", "enrolment", "holder"]
    subprocess.run(["protoc", "-I", PROTO_ROOT, f"--python_out={folder}",
                    *(f"imi/v1/{name}.proto" for name in names)], check=True)
    sys.path.insert(0, folder)
    return [importlib.import_module(f"imi.v1.{name}_pb2") for name in names]


GENERATED = tempfile.TemporaryDirectory()
common, subject, party, enrolment, holder = generate(GENERATED.name)


def channel(with_certificate, server, data):
    def read(name):
        with open(os.path.join(data, "pki", name), "rb") as file:
            return file.read()
    pair = (read("relying-party.key"), read("relying-party.crt")) if with_certificate else ()
    return grpc.secure_channel(server, grpc.ssl_channel_credentials(read("ca.crt"), *pair))


class Client:
    """Calls methods by their names in the .proto files."""

    def __init__(self, with_certificate, server=None, data=None):
        self.channel = channel(with_certificate, server or os.environ["IMI_SERVER"],
                               data or os.environ["IMI_DATA"])
        self.metadata = ()

    def call(self, module, service, method, **fields):
        request = getattr(module, method + "Request")(**fields)
        function = self.channel.unary_unary(
            f"/imi.v1.{service}/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=getattr(module, method + "Response").FromString)
        return function(request, timeout=60, metadata=self.metadata)


class Backend(Client):
    def __init__(self, server=None, data=None):
        super().__init__(True, server, data)

    def enrol(self, portrait, subject_id="foreign"):
        with open(portrait, "rb") as file:
            response = self.call(enrolment, "EnrolmentService", "EnrolReference",
                                 subject_id=subject_id, portrait_jpeg=file.read())
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

    def __init__(self, server=None, data=None):
        super().__init__(False, server, data)
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

    def hold(self, method, **fields):
        return self.call(holder, "HolderService", method, **fields)

    def begin(self):
        self.capture = self.subject("BeginCapture")
        self.previous = bytes(64)
        self.sequence = 0
        self.started_ms = int(time.time() * 1000)

    def wait_until(self, at_ms):
        """A camera has no picture before its time."""
        time.sleep(max(0, (self.started_ms + at_ms) / 1000 - time.time()))

    def frame(self, jpeg, at_ms):
        self.wait_until(at_ms)
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
    """Neutral until asked, then the action's segment: what imictl frames has written.

    Shown as a camera would, as a clip that is played twice is a recording; where one segment
    follows another the last picture is held for a moment.
    """

    ASKED = {common.GUIDANCE_MOVE_CLOSER: "near_far", common.GUIDANCE_TURN_LEFT: "turn_left",
             common.GUIDANCE_TURN_RIGHT: "turn_right", common.GUIDANCE_OPEN_MOUTH: "open_mouth",
             common.GUIDANCE_BLINK: "blink"}

    def __init__(self, folder):
        self.frames = sorted((int(name[:-4]), os.path.join(folder, name))
                             for name in os.listdir(folder) if name.endswith(".jpg"))
        with open(os.path.join(folder, "segments.csv"), encoding="ascii") as file:
            rows = [line.strip().split(",") for line in file][1:]
        self.segments = {}
        for _, action, start_ms, end_ms, *_ in rows:
            self.segments.setdefault(action, (int(start_ms), int(end_ms)))
        self.seed = secrets.randbits(63)
        self.shown = None
        self.held_until_ms = 0
        self.acting = None
        self.until_ms = 0
        self.again_ms = 0

    def clip_ms(self, at_ms, guidance):
        action = self.ASKED.get(guidance)
        if self.acting is None and action in self.segments and at_ms >= self.again_ms:
            start_ms, end_ms = self.segments[action]
            self.held_until_ms = at_ms + HOLD_MS
            self.acting = (self.held_until_ms, start_ms)
            self.until_ms = self.held_until_ms + end_ms - start_ms
        if self.acting is not None and at_ms >= self.until_ms:
            self.acting = None
            self.held_until_ms = at_ms + HOLD_MS
            self.again_ms = at_ms + 800
        if self.acting is not None:
            return self.acting[1] + at_ms - self.acting[0]
        start_ms, end_ms = self.segments["neutral"]
        length_ms = end_ms - start_ms
        return start_ms + abs((at_ms + length_ms) % (2 * length_ms) - length_ms)

    def jpeg(self, at_ms, guidance):
        clip_ms = self.clip_ms(at_ms, guidance)
        if self.shown is None or at_ms >= self.held_until_ms:
            nearest = min(self.frames, key=lambda frame: abs(frame[0] - clip_ms))
            self.shown = self.shoot(nearest[1], at_ms)
        return self.shown

    def shoot(self, path, at_ms):
        with open(path, "rb") as file:
            return subprocess.run([SHOOT, str(self.seed), str(at_ms)], stdin=file,
                                  stdout=subprocess.PIPE, check=True).stdout


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
