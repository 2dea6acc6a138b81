#!/usr/bin/python3 -B
"""docs/examples/check.{c,mjs,py} on what a server publishes: all agree on what is good."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
EXAMPLES = os.path.join(ROOT, "docs/examples")
JOSE = os.path.join(ROOT, "tests/interop/jose/node_modules")
NONCE, PURPOSE = "nonce-of-the-request", "demo"


def build_example(folder):
    """The example in C, against the library of the build."""
    build = os.environ["IMI_BUILD"]
    options = subprocess.run(["pkg-config", "--cflags", "--libs", "libcurl"], check=True,
                             capture_output=True, text=True).stdout.split()
    program = os.path.join(folder, "check")
    subprocess.run(
        [os.environ["IMI_CC"], "-std=c11", "-Wall", "-Wextra", "-Werror",
         "-I", os.path.join(ROOT, "verifier/include"), os.path.join(EXAMPLES, "check.c"),
         "-o", program, f"-L{build}/lib", f"-Wl,-rpath,{build}/lib", "-limi-token", *options],
        check=True)
    return [program]


class Backends:
    """What every example must do; in subclasses, each with a command."""
    command = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-backends.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        subprocess.run([os.environ["IMI_MINT"], cls.folder], check=True)
        cls.prepare()

    def run_check(self, token="valid.jwt", nonce=NONCE, purpose=PURPOSE, receipt=None, key=None,
                  **more):
        environment = dict(os.environ, IMI_PUBLIC=f"file://{self.folder}", **more)
        words = [*self.command, os.path.join(self.folder, token), nonce, purpose]
        if receipt is not None:
            with open(os.path.join(self.folder, f"{key or receipt}.key"), encoding="ascii") as file:
                environment["IMI_LOG_KEY"] = file.read()
            words.append(os.path.join(self.folder, receipt))
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60,
                              check=False)

    def assert_good(self, done, *lines):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines(), list(lines))

    def assert_refused(self, done):
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("in the log", done.stdout)

    def assert_not_verified(self, done):
        self.assert_refused(done)
        self.assertNotIn("verified: ", done.stdout)

    def test_a_good_token_passes(self):
        self.assert_good(self.run_check(), "verified: person")

    def test_receipts_of_its_decision_pass(self):
        self.assert_good(self.run_check(receipt="receipt.json"), "verified: person",
                         "in the log: entry 6 of 11")
        self.assert_good(self.run_check(receipt="last.json"), "verified: person",
                         "in the log: entry 10 of 11")

    def test_tokens_of_other_requests_are_refused(self):
        self.assert_not_verified(self.run_check(nonce="another"))
        self.assert_not_verified(self.run_check(purpose="pension"))
        self.assert_not_verified(self.run_check(IMI_AUDIENCE="https://other.example"))

    def test_tokens_of_other_issuers_are_refused(self):
        self.assert_not_verified(self.run_check(IMI_ISSUER="https://other.example"))

    def test_revoked_and_suspended_tokens_are_refused(self):
        self.assert_not_verified(self.run_check(token="revoked.jwt"))
        self.assert_not_verified(self.run_check(token="suspended.jwt"))

    def test_a_token_whose_status_is_unknown_is_refused(self):
        published = os.path.join(self.folder, "status/1")
        os.rename(published, published + ".away")
        try:
            self.assert_not_verified(self.run_check())
        finally:
            os.rename(published + ".away", published)

    def test_a_changed_token_is_refused(self):
        with open(os.path.join(self.folder, "valid.jwt"), encoding="ascii") as file:
            header, payload, signature = file.read().split(".")
        flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
        with open(os.path.join(self.folder, "changed.jwt"), "w", encoding="ascii") as file:
            file.write(".".join([header, payload, flipped]))
        self.assert_not_verified(self.run_check(token="changed.jwt"))

    def test_a_receipt_of_another_decision_is_refused(self):
        self.assert_refused(self.run_check(receipt="other.json"))

    def test_a_receipt_of_another_log_is_refused(self):
        self.assert_refused(self.run_check(receipt="receipt.json", key="other.json"))

    def test_a_changed_receipt_is_refused(self):
        with open(os.path.join(self.folder, "receipt.json"), encoding="utf-8") as file:
            text = file.read()
        shutil.copy(os.path.join(self.folder, "receipt.json.key"),
                    os.path.join(self.folder, "changed.json.key"))
        for old, new in (("at_ms\\\":1", "at_ms\\\":2"), ("\"index\":6", "\"index\":7"),
                         ("\\n11\\n", "\\n12\\n")):
            self.assertIn(old, text)
            with open(os.path.join(self.folder, "changed.json"), "w", encoding="utf-8") as file:
                file.write(text.replace(old, new, 1))
            self.assert_refused(self.run_check(receipt="changed.json"))


class InPython(Backends, unittest.TestCase):
    @classmethod
    def prepare(cls):
        cls.command = [sys.executable, "-B", os.path.join(EXAMPLES, "check.py")]


@unittest.skipUnless(shutil.which("node") and os.path.exists(os.path.join(JOSE, "jose")),
                     "needs node and tools/setup-tests")
class InNode(Backends, unittest.TestCase):
    @classmethod
    def prepare(cls):
        # Packages are looked for beside the script.
        script = shutil.copy(os.path.join(EXAMPLES, "check.mjs"), cls.folder)
        os.symlink(os.path.abspath(JOSE), os.path.join(cls.folder, "node_modules"))
        cls.command = ["node", script]


class InC(Backends, unittest.TestCase):
    @classmethod
    def prepare(cls):
        cls.command = build_example(cls.folder)


if __name__ == "__main__":
    unittest.main()
