"""A gateway of a test's own, and a phone that speaks gRPC-Web to it, framed by hand."""
import base64
import http.client
import json
import os
import ssl
import struct
import subprocess
import time

from imi_system import BIN, Phone, read, subject

JWKS, HEALTH = "/.well-known/jwks.json", "/healthz"
SUBJECT, HOLDER = "/imi.v1.SubjectService/", "/imi.v1.HolderService/"
BINARY, TEXT = "application/grpc-web+proto", "application/grpc-web-text"


class Gateway:
    """The process, before an Imid. plain: HTTP, as behind a proxy."""

    def __init__(self, imid, folder, *options, plain=False):
        self.imid = imid
        self.plain = plain
        self.ready = os.path.join(folder, "gateway.port")
        self.log = os.path.join(folder, "gateway.access")
        identity = ["--plain"] if plain else ["--cert", imid.pki("server.crt"),
                                              "--key", imid.pki("server.key")]
        self.command = [os.path.join(BIN, "imi-gateway"), "--server", imid.address, "--ca",
                        imid.pki("ca.crt"), *identity, "--port", "0", *options]
        self.process = None
        self.port = 0

    def start(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([*self.command, "--ready-file", self.ready],
                                            stdout=log, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not os.path.exists(self.ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("the gateway did not start")
            time.sleep(0.02)
        self.port = int(read(self.ready))
        return self

    def stop(self):
        self.process.terminate()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the gateway did not stop") from None
        os.remove(self.ready)
        assert code == 0, code

    def connect(self, timeout=60):
        if self.plain:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        trust = ssl.create_default_context(cafile=self.imid.pki("ca.crt"))
        return http.client.HTTPSConnection("localhost", self.port, context=trust,
                                           timeout=timeout)

    def request(self, method, path, body=None, headers=None):
        """(status, headers, body), over a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def lines(self):
        """The access log, but for a line that is being written."""
        return [json.loads(line) for line in read(self.log).split(b"\n")[:-1]]

    def call(self, path, *messages, kind=BINARY, headers=None):
        """An Answer to messages, as bytes."""
        body = b"".join(frame(message) for message in messages)
        if kind == TEXT:
            body = base64.b64encode(body)
        status, answered, content = self.request(
            "POST", path, body, {"Content-Type": kind, **(headers or {})})
        return Answer(status, answered, content)


def frame(message, flags=0):
    return struct.pack(">BI", flags, len(message)) + message


class Answer:
    """An answer of gRPC-Web: messages, then trailers."""

    def __init__(self, status, headers, body):
        self.http, self.headers = status, headers
        self.messages, self.trailers = [], {}
        if status != 200:
            return
        if "text" in headers["Content-Type"]:
            body = decode_texts(body)
        while body:
            assert not self.trailers, "something follows the trailers"
            flags, size = struct.unpack(">BI", body[:5])
            payload, body = body[5:5 + size], body[5 + size:]
            assert len(payload) == size, "the answer is cut"
            if flags == 0x80:
                self.trailers = dict(line.split(": ", 1)
                                     for line in payload.decode("ascii").splitlines())
            else:
                assert flags == 0, flags
                self.messages.append(payload)
        self.code = int(self.trailers["grpc-status"])
        self.name = self.trailers.get("imi-status")


def decode_texts(body):
    """Base64 texts, each with its padding, one behind the other."""
    decoded = b""
    for at in range(0, len(body), 4):
        decoded += base64.b64decode(body[at:at + 4], validate=True)
    return decoded


class WebFailure(Exception):
    """A call that ended with another code than 0, or another status of HTTP than 200."""


class WebStub:
    """The methods of a service as imi_system.Phone calls them, over the gateway."""

    def __init__(self, gateway, kind=BINARY):
        self.gateway, self.kind = gateway, kind

    def __getattr__(self, method):
        response = getattr(subject, method + "Response")

        def call(request, timeout=None, metadata=()):
            del timeout
            answer = self.gateway.call(SUBJECT + method, request.SerializeToString(),
                                       kind=self.kind, headers=dict(metadata or ()))
            if answer.http != 200 or answer.code != 0:
                raise WebFailure(answer.http, answer.trailers)
            return response.FromString(answer.messages[0])

        return call


class WebPhone(Phone):
    """A phone that reaches imid through the gateway alone."""

    def __init__(self, gateway, kind=BINARY):
        super().__init__(type("Client", (), {"subject": WebStub(gateway, kind)}))
