"""Servers of a test's own, and clients that speak to them; shared by the tests of this folder.

The environment names the folders: IMI_BIN, IMI_MODELS, IMI_MEDIA, IMI_PROTO (of imi/v1),
IMI_WORK (for what tests generate) and, where there is one, IMI_SHARED (research data).
"""
import contextlib
import hashlib
import importlib
import os
import random
import secrets
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import types

import grpc
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import server as fixture
from imi_cli import BLANK_JPEG

BIN, MODELS, MEDIA, PROTO, WORK = (
    os.environ[name] for name in ("IMI_BIN", "IMI_MODELS", "IMI_MEDIA", "IMI_PROTO", "IMI_WORK"))
SHARE = os.path.join(BIN, "../share/imi")
POLICY = os.path.join(SHARE, "policy.yaml")
FACE = os.path.join(MEDIA, "franck_02159.jpg")
AUDIENCE = "https://relying-party.example"
ISSUER = "https://imi.localhost"
Code = grpc.StatusCode
fixture.check_ingredients(types.SimpleNamespace(bin=BIN, models=MODELS, media=MEDIA))


def generate_stubs():
    """Message and service classes of imi.v1, as a backend would make them."""
    os.makedirs(WORK, exist_ok=True)
    folder = tempfile.TemporaryDirectory(prefix="stubs.", dir=WORK)
    names = ["common", "relying_party", "enrolment", "subject"]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", "-I", PROTO, f"--python_out={folder.name}",
         f"--grpc_python_out={folder.name}", *(f"imi/v1/{name}.proto" for name in [*names, "token"])],
        check=True)
    sys.path.insert(0, folder.name)
    modules = [importlib.import_module(f"imi.v1.{name}_pb2") for name in names]
    stubs = [importlib.import_module(f"imi.v1.{name}_pb2_grpc") for name in names[1:]]
    return folder, modules, stubs


STUBS, (common, party, enrolment, subject), (party_grpc, enrolment_grpc, subject_grpc) = (
    generate_stubs())


def free_port():
    """A port to come back to: below those that the kernel gives to whoever connects meanwhile."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        first = int(file.read().split()[0])
    while True:
        port = random.SystemRandom().randrange(max(1024, first - 16384), first)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Imid:
    """A server on a free port with data that outlive its process."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.log = os.path.join(folder, "log")
        self.options = options
        self.process = None
        self.address = ""

    def command(self, *more):
        return [os.path.join(BIN, "imid"), "--data", self.data, "--listen", "127.0.0.1:0",
                "--models", MODELS, "--workers", "1", "--captures-at-once", "64", *self.options,
                *more]

    def start(self):
        ready = os.path.join(self.folder, "ready")
        with contextlib.suppress(FileNotFoundError):
            os.remove(ready)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command("--ready-file", ready), stderr=log)
        deadline = time.monotonic() + fixture.START_S
        while not os.path.exists(ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                fixture.show_log(self.folder)
                raise AssertionError("imid did not start")
            time.sleep(0.02)
        with open(ready, encoding="ascii") as file:
            self.address = f"localhost:{file.read().strip()}"
        return self

    def kill(self):
        """What a power cut does, as far as a process can tell."""
        self.process.kill()
        self.process.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self, within_s=30):
        """The exit code, told to stop."""
        if self.process.poll() is None:
            self.terminate()
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"imid did not stop within {within_s} s") from None

    def fail_to_start(self, *more, within_s=60):
        """The finished process of a start that must not succeed."""
        done = subprocess.run(self.command(*more), capture_output=True, text=True,
                              timeout=within_s, check=False)
        return done

    def pki(self, name):
        return os.path.join(self.data, "pki", name)

    def token_key(self):
        """The one key file of a fresh keyring, as a path in the data folder."""
        [name] = [name for name in os.listdir(os.path.join(self.data, "keys"))
                  if name.endswith(".pem")]
        return "keys/" + name

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


@contextlib.contextmanager
def running(*options):
    """A server with fresh data for the block; it must live to its end and stop well."""
    with tempfile.TemporaryDirectory(prefix="imi-system.") as folder:
        imid = Imid(folder, *options).start()
        try:
            yield imid
            if imid.process.poll() is not None:
                raise AssertionError(f"imid ended by itself with {imid.process.returncode}")
            code = imid.stop()
            if code != 0:
                raise AssertionError(f"imid stopped with {code}")
        except BaseException:
            fixture.show_log(folder)
            raise
        finally:
            imid.kill()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def read_text(path):
    return read(path).decode()


def temporary_file(case, content):
    """Path of a file that lives as long as the tests of a TestCase class."""
    folder = tempfile.TemporaryDirectory(prefix="imi-system.")
    case.addClassCleanup(folder.cleanup)
    path = os.path.join(folder.name, "file")
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return path


class Client:
    """A channel and the stubs on it. pair: (certificate, key) files, or None for no certificate."""

    def __init__(self, imid, pair=None, ca=None):
        own = (read(pair[1]), read(pair[0])) if pair else (None, None)
        credentials = grpc.ssl_channel_credentials(read(ca or imid.pki("ca.crt")), *own)
        # Without this, clients of one process with equal credentials share a connection.
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.secure_channel(imid.address, credentials, options)
        self.party = party_grpc.RelyingPartyServiceStub(self.channel)
        self.enrolment = enrolment_grpc.EnrolmentServiceStub(self.channel)
        self.subject = subject_grpc.SubjectServiceStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.channel.close()

    def raw(self, method, request, metadata=None):
        """Call a unary method with bytes as they are."""
        return self.channel.unary_unary(method)(request, timeout=60, metadata=metadata)

    def is_serving(self):
        return self.raw("/grpc.health.v1.Health/Check", b"") == b"\x08\x01"


class Backend(Client):
    """A relying party, by default the one of the development certificate."""

    def __init__(self, imid, pair=None):
        super().__init__(
            imid, pair or (imid.pki("relying-party.crt"), imid.pki("relying-party.key")))

    def enrol(self, path=FACE, subject_id="person"):
        answer = self.enrolment.EnrolReference(enrolment.EnrolReferenceRequest(
            subject_id=subject_id, portrait_jpeg=read(path)), timeout=60)
        assert answer.accepted, answer
        return answer.reference_id

    def create(self, reference_id, purpose="demo", request_id="", nonce=None):
        return self.party.CreateSession(party.CreateSessionRequest(
            purpose=purpose, reference_id=reference_id, request_id=request_id,
            nonce=nonce or secrets.token_urlsafe(16)), timeout=60)

    def get(self, session_id):
        return self.party.GetSession(
            party.GetSessionRequest(session_id=session_id), timeout=60).session

    def watch(self, session_id, after=0, timeout=60):
        return self.party.WatchSession(party.WatchSessionRequest(
            session_id=session_id, after_sequence=after), timeout=timeout)


class Phone:
    """A subject's phone: signs frames as subject.proto says."""

    def __init__(self, client):
        self.client = client
        self.stub = client.subject
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.metadata = None
        self.capture = None

    def public_key(self):
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def join(self, created):
        joined = self.stub.Join(subject.JoinRequest(
            session_id=created.session_id, join_secret=created.join_secret,
            device_public_key=self.public_key()), timeout=60)
        self.metadata = (("authorization", "Bearer " + joined.credential),)
        return joined

    def consent(self, accepted=True):
        return self.stub.GiveConsent(subject.GiveConsentRequest(accepted=accepted), timeout=60,
                                     metadata=self.metadata).state

    def begin(self):
        self.capture = self.stub.BeginCapture(subject.BeginCaptureRequest(), timeout=60,
                                              metadata=self.metadata)
        self.rewind()
        return self.capture

    def rewind(self):
        """Sign as if no frame had been sent."""
        self.sequence = 0
        self.previous = bytes(64)
        self.now_ms = int(time.time() * 1000)

    def frame(self, jpeg, step_ms=80):
        """The next frame of the chain."""
        self.sequence += 1
        self.now_ms += step_ms
        text = (b"imi-frame-v1".ljust(16, b"\0") + self.capture.nonce
                + struct.pack(">Qq", self.sequence, self.now_ms)
                + hashlib.sha256(jpeg).digest() + self.previous)
        r, s = utils.decode_dss_signature(self.key.sign(text, ec.ECDSA(hashes.SHA256())))
        self.previous = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return subject.Frame(sequence=self.sequence, captured_at_ms=self.now_ms, jpeg=jpeg,
                             signature=self.previous)

    def submit(self, frame, capture_id=None):
        return self.stub.SubmitFrame(
            subject.SubmitFrameRequest(capture_id=capture_id or self.capture.capture_id,
                                       frame=frame),
            timeout=60, metadata=self.metadata).feedback

    def stream(self, frames):
        """Feedback of each frame."""
        requests = (subject.StreamFramesRequest(capture_id=self.capture.capture_id, frame=frame)
                    for frame in frames)
        return self.stub.StreamFrames(requests, timeout=60, metadata=self.metadata)

    def outcome(self):
        return self.stub.GetOutcome(subject.GetOutcomeRequest(), timeout=60,
                                    metadata=self.metadata)


def failure(call):
    """(code, stable name) of a call that must fail."""
    try:
        call()
    except grpc.RpcError as error:
        trailers = {key: value for key, value in error.trailing_metadata() or ()}
        return error.code(), trailers.get("imi-status", "")
    raise AssertionError("the call went well")
