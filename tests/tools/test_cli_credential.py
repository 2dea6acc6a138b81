"""imictl credential, with credentials that another implementation signed."""
import base64
import hashlib
import json
import os
import tempfile
import time
import unittest
import zlib

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from imi_cli import CliTest

ISSUER = "https://imi.example"
VCT = "https://imi.example/credentials/graduate"
STATUS_URI = "https://imi.example/status/1"
SHOWN_TO = ["--audience", "https://employer.example", "--nonce", "n-0S6_WzA2Mj"]
OPEN, REVOKED, SUSPENDED = 0, 1, 2


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_jwk(key):
    numbers = key.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(32, "big")),
            "y": b64(numbers.y.to_bytes(32, "big"))}


class Credential(CliTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.now = int(time.time())
        self.issuer, self.holder = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.jwks = self.write("jwks.json", json.dumps(
            {"keys": [dict(public_jwk(self.issuer), kid="k1")]}))
        self.key = self.write_key("holder.pem", self.holder)
        self.trust = ["--jwks", self.jwks, "--issuer", ISSUER, "--vct", VCT]

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8",
                  opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(text)
        return path

    def write_key(self, name, key):
        return self.write(name, key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()).decode())

    def sign(self, typ, payload):
        return jwt.encode(payload, self.issuer, "ES256", headers={"typ": typ, "kid": "k1"})

    def issue(self, claims=None, **more):
        """Claims of a graduate, each in a disclosure; members more that all can see."""
        claims = claims or {"name": "Li Hua", "degree": {"year": 2024}}
        texts = [b64(json.dumps([b64(os.urandom(16)), name, value]).encode())
                 for name, value in claims.items()]
        digests = sorted(b64(hashlib.sha256(text.encode()).digest()) for text in texts)
        payload = {"iss": ISSUER, "vct": VCT, "iat": self.now - 60, "exp": self.now + 600,
                   "cnf": {"jwk": public_jwk(self.holder)}, "_sd": digests, **more}
        return "~".join([self.sign("dc+sd-jwt", payload), *texts, ""])

    def present(self, credential, *more):
        return self.imictl_json(0, "credential", "present", credential, "--key", self.key,
                                *SHOWN_TO, *more)["presentation"]

    def verify(self, code, presentation, *more, shown_to=tuple(SHOWN_TO)):
        return self.imictl_json(code, "credential", "verify", presentation, *self.trust,
                                *shown_to, *more)

    def test_what_is_in_it_is_shown_to_its_holder(self):
        shown = self.imictl_json(0, "credential", "show", self.issue())
        self.assertEqual(shown["claims"]["name"], "Li Hua")
        self.assertEqual(shown["disclosable"], ["name", "degree"])
        words = self.imictl(0, "credential", "show", "-", text=self.issue() + "\n").stdout
        self.assertIn("Li Hua", words)
        self.assertIn("Nothing of this was checked", words)

    def test_names_cannot_give_orders_to_a_terminal(self):
        words = self.imictl(0, "credential", "show", self.issue({"\x1b[2J": "\x1b[2J"})).stdout
        self.assertNotIn("\x1b", words)
        self.assertIn('"\\u001B[2J"', words)

    def test_what_is_chosen_is_disclosed_and_nothing_else(self):
        checked = self.verify(0, self.present(self.issue(), "--claims", "degree"))
        self.assertEqual(checked["claims"], {"degree": {"year": 2024}})
        self.assertEqual(checked["status"], "none")
        self.assertEqual(self.verify(0, self.present(self.issue()))["claims"], {})
        both = self.present(self.issue(), "--claims", "name,degree")
        self.assertEqual(sorted(self.verify(0, both)["claims"]), ["degree", "name"])

    def test_a_presentation_is_for_one_audience_and_nonce(self):
        presentation = self.present(self.issue(), "--claims", "name")
        for shown_to in [["--audience", "other", *SHOWN_TO[2:]], [*SHOWN_TO[:2], "--nonce", "x"]]:
            result = self.verify(1, presentation, shown_to=shown_to)
            self.assertEqual(result["reason"], "credential_replayed")
            self.assertNotIn("claims", result)

    def test_who_copied_a_credential_cannot_show_it(self):
        credential = self.issue()
        self.assertEqual(self.verify(1, credential)["reason"], "credential_unbound")
        stranger = self.write_key("stranger.pem", ec.generate_private_key(ec.SECP256R1()))
        self.imictl(3, "credential", "present", credential, "--key", stranger, *SHOWN_TO)

    def test_a_key_that_is_not_there_is_not_made(self):
        path = os.path.join(self.folder, "none.pem")
        self.imictl(3, "credential", "present", self.issue(), "--key", path, *SHOWN_TO)
        self.assertFalse(os.path.exists(path))

    def test_a_claim_that_is_not_there_is_named(self):
        done = self.imictl(3, "credential", "present", self.issue(), "--key", self.key,
                           "--claims", "name,surname", *SHOWN_TO)
        self.assertIn("surname", done.stderr)

    def test_a_holder_checks_an_own_credential_alone(self):
        credential = self.issue()
        checked = self.verify(0, credential, "--unbound", shown_to=())
        self.assertEqual(checked["claims"]["name"], "Li Hua")
        self.imictl(2, "credential", "verify", credential, *self.trust)
        self.imictl(2, "credential", "verify", credential, *self.trust, *SHOWN_TO, "--unbound")

    def test_other_issuers_types_and_expired_ones_are_refused(self):
        cases = {"token_claim": [{"iss": "https://other.example"}, {"vct": VCT + "/2"}],
                 "token_expired": [{"iat": self.now - 900, "exp": self.now - 60}]}
        for reason, changes in cases.items():
            for change in changes:
                with self.subTest(change=change):
                    presentation = self.present(self.issue(**change))
                    self.assertEqual(self.verify(1, presentation)["reason"], reason)

    def test_what_is_no_credential_is_invalid_not_an_error(self):
        for text in ["x", "a.b.c", "a.b.c~", "~", "~~~"]:
            with self.subTest(text=text):
                self.assertFalse(self.verify(1, text)["valid"])
                self.assertFalse(self.imictl_json(1, "credential", "show", text)["valid"])

    def write_list(self, status, index=5, **more):
        packed = bytearray(4096)
        packed[index // 4] = status << (index % 4 * 2)
        payload = {"sub": STATUS_URI, "iat": self.now, "exp": self.now + 600, "status_list":
                   {"bits": 2, "lst": b64(zlib.compress(bytes(packed)))}, **more}
        return self.write("list.jwt", self.sign("statuslist+jwt", payload))

    def test_what_was_taken_back_is_not_valid(self):
        presentation = self.present(self.issue(
            status={"status_list": {"idx": 5, "uri": STATUS_URI}}), "--claims", "name")
        self.assertEqual(self.verify(0, presentation)["status"], "unchecked")
        for status, code, name in [(OPEN, 0, "valid"), (REVOKED, 1, "revoked"),
                                   (SUSPENDED, 1, "suspended")]:
            result = self.verify(code, presentation, "--status-list", self.write_list(status))
            self.assertEqual((result["status"], result["valid"]), (name, code == 0))

    def test_without_the_right_list_there_is_no_yes(self):
        presentation = self.present(self.issue(
            status={"status_list": {"idx": 5, "uri": STATUS_URI}}))
        other = self.write_list(OPEN, sub=STATUS_URI + "2")
        self.assertEqual(self.verify(1, presentation, "--status-list", other)["reason"],
                         "token_claim")
        missing = os.path.join(self.folder, "none")
        self.imictl(3, "credential", "verify", presentation, *self.trust, *SHOWN_TO,
                    "--status-list", missing)


if __name__ == "__main__":
    unittest.main()
