#!/usr/bin/python3 -B
"""Who may call what: certificates of nobody, of strangers, of another relying party."""
import os
import socket
import subprocess
import tempfile
import unittest

import grpc

from imi_system import (BLANK_JPEG, POLICY, Backend, Client, Code, Phone, enrolment, failure,
                        party, read_text, running, temporary_file)

SECOND_PARTY = """\
  - name: second-party
    audience: https://second-party.example
    purposes: [demo]
    may_enrol: false
"""


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """Issues client certificates with a CA's key: (certificate, key) files."""

    def __init__(self, folder, ca_cert, ca_key):
        self.folder, self.ca_cert, self.ca_key = folder, ca_cert, ca_key

    @classmethod
    def foreign(cls, folder):
        """Another CA, which calls itself the same."""
        cert, key = os.path.join(folder, "foreign-ca.crt"), os.path.join(folder, "foreign-ca.key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=IMI development CA")
        return cls(folder, cert, key)

    def issue(self, common_name, days="2"):
        stem = os.path.join(self.folder, f"{os.path.basename(self.ca_cert)}-{common_name}{days}")
        extensions = stem + ".ext"
        with open(extensions, "w", encoding="ascii") as file:
            file.write("extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                stem + ".key", "-out", stem + ".csr", "-subj", f"/CN={common_name}")
        openssl("x509", "-req", "-in", stem + ".csr", "-CA", self.ca_cert, "-CAkey", self.ca_key,
                "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", stem + ".crt")
        return stem + ".crt", stem + ".key"


def party_calls(client, session_id, reference_id):
    """Every call that needs a relying party, on another's session and reference."""
    ours, theirs = client.party, client.enrolment
    return {
        "create": lambda: ours.CreateSession(party.CreateSessionRequest(
            purpose="demo", reference_id=reference_id, nonce="n" * 16)),
        "get": lambda: ours.GetSession(party.GetSessionRequest(session_id=session_id)),
        "watch": lambda: list(ours.WatchSession(
            party.WatchSessionRequest(session_id=session_id))),
        "introspect": lambda: ours.IntrospectToken(party.IntrospectTokenRequest(token="a.b.c")),
        "enrol": lambda: theirs.EnrolReference(enrolment.EnrolReferenceRequest(
            subject_id="x", portrait_jpeg=BLANK_JPEG)),
        "delete": lambda: theirs.DeleteReference(enrolment.DeleteReferenceRequest(
            reference_id=reference_id)),
        "list": lambda: theirs.ListReferences(enrolment.ListReferencesRequest(subject_id="x")),
        "compare": lambda: theirs.ComparePhotos(enrolment.ComparePhotosRequest(
            purpose="demo", probe_jpeg=BLANK_JPEG, reference_jpeg=BLANK_JPEG)),
    }


class Authorisation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        first = "  - name: relying-party\n"
        policy = temporary_file(cls, read_text(POLICY).replace(first, SECOND_PARTY + first))
        server = running("--policy", policy)
        cls.imid = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.authority = Authority(cls.folder, cls.imid.pki("ca.crt"), cls.imid.pki("ca.key"))
        with Backend(cls.imid) as backend:
            cls.reference_id = backend.enrol()
            cls.created = backend.create(cls.reference_id)
        cls.session_id = cls.created.session_id

    def tearDown(self):
        """Whatever was tried, the session stands as it was and its owner still sees it."""
        with Backend(self.imid) as backend:
            self.assertEqual(backend.get(self.session_id).session_id, self.session_id)
            self.assertTrue(backend.create(self.reference_id).session_id)

    def assert_all_fail(self, client, expected, overrides=None):
        for name, call in party_calls(client, self.session_id, self.reference_id).items():
            with self.subTest(call=name):
                wanted = (overrides or {}).get(name, expected)
                if wanted is None:
                    call()
                else:
                    self.assertEqual(failure(call), wanted)

    def test_without_a_certificate_nothing_of_a_relying_party_works(self):
        with Client(self.imid) as client:
            self.assert_all_fail(client, (Code.UNAUTHENTICATED, "unauthenticated"))

    def test_without_a_certificate_public_things_work(self):
        with Client(self.imid) as client:
            self.assertTrue(client.is_serving())
            keys = client.party.GetJwks(party.GetJwksRequest()).jwks_json
            self.assertIn('"keys"', keys)
            self.assertNotIn('"d"', keys)

    def test_a_certificate_that_the_policy_does_not_name_is_denied(self):
        with Client(self.imid, self.authority.issue("stranger")) as client:
            self.assert_all_fail(client, (Code.PERMISSION_DENIED, "permission"))

    def test_another_relying_party_finds_nothing_of_the_first(self):
        with Client(self.imid, self.authority.issue("second-party")) as client:
            denied = (Code.PERMISSION_DENIED, "permission")
            self.assert_all_fail(client, (Code.NOT_FOUND, "not_found"),
                                 {"enrol": denied, "delete": denied, "list": denied,
                                  "introspect": None, "compare": None})

    def test_another_relying_party_may_not_use_purposes_that_are_not_its_own(self):
        with Client(self.imid, self.authority.issue("second-party")) as client:
            for purpose in ["pension.qualification", "graduate.registration"]:
                self.assertEqual(failure(lambda: client.party.CreateSession(
                    party.CreateSessionRequest(purpose=purpose, reference_id=self.reference_id,
                                               nonce="n" * 16))),
                                 (Code.PERMISSION_DENIED, "permission"))

    def test_the_same_request_id_of_two_parties_has_nothing_in_common(self):
        with Backend(self.imid) as backend, \
                Client(self.imid, self.authority.issue("second-party")) as client:
            backend.create(self.reference_id, request_id="shared", nonce="n" * 16)
            self.assertEqual(failure(lambda: client.party.CreateSession(
                party.CreateSessionRequest(purpose="demo", reference_id=self.reference_id,
                                           nonce="n" * 16, request_id="shared"))),
                             (Code.NOT_FOUND, "not_found"))

    def test_a_common_name_is_taken_whole(self):
        for name in ["relying-party ", "Relying-Party", "relying-party.x", "x.relying-party"]:
            with self.subTest(name=name), \
                    Client(self.imid, self.authority.issue(name)) as client:
                self.assertEqual(failure(lambda: client.party.CreateSession(
                    party.CreateSessionRequest(purpose="demo", reference_id=self.reference_id,
                                               nonce="n" * 16)))[0], Code.PERMISSION_DENIED)

    def assert_no_handshake(self, client):
        self.assertEqual(failure(lambda: client.party.GetJwks(party.GetJwksRequest(), timeout=60)),
                         (Code.UNAVAILABLE, ""))

    def test_a_certificate_of_another_authority_does_not_get_in(self):
        foreign = Authority.foreign(self.folder)
        with Client(self.imid, foreign.issue("relying-party")) as client:
            self.assert_no_handshake(client)

    def test_a_certificate_that_signed_itself_does_not_get_in(self):
        foreign = Authority.foreign(self.folder)
        with Client(self.imid, (foreign.ca_cert, foreign.ca_key)) as client:
            self.assert_no_handshake(client)

    def test_a_client_that_trusts_another_authority_does_not_talk_to_the_server(self):
        with Client(self.imid, ca=Authority.foreign(self.folder).ca_cert) as client:
            self.assert_no_handshake(client)

    def test_plaintext_is_refused(self):
        with grpc.insecure_channel(self.imid.address) as channel:
            call = channel.unary_unary("/grpc.health.v1.Health/Check")
            self.assertEqual(failure(lambda: call(b"", timeout=60))[0], Code.UNAVAILABLE)

    def test_tls_below_1_2_is_refused(self):
        host, port = self.imid.address.split(":")
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_1", "-cipher",
             "ALL:@SECLEVEL=0"], input=b"", capture_output=True, timeout=30, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn(b"BEGIN CERTIFICATE", done.stdout)

    def test_noise_on_the_port_disturbs_nobody(self):
        host, port = self.imid.address.split(":")
        for noise in [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff", bytes(100000)]:
            with socket.create_connection((host, int(port)), timeout=60) as connection:
                connection.sendall(noise)
        with Client(self.imid) as client:
            self.assertTrue(client.is_serving())

    def test_a_phone_can_do_nothing_of_a_relying_party(self):
        with Client(self.imid) as client, Backend(self.imid) as backend:
            phone = Phone(client)
            phone.join(backend.create(self.reference_id))
            call = client.party.GetSession
            self.assertEqual(failure(lambda: call(
                party.GetSessionRequest(session_id=self.session_id), metadata=phone.metadata)),
                             (Code.UNAUTHENTICATED, "unauthenticated"))


if __name__ == "__main__":
    unittest.main()
