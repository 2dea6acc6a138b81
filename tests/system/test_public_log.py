#!/usr/bin/python3 -B
"""The public log of a running server with two witnesses: receipts that both have cosigned, a witness
that is away, a server that is killed; checked by imictl from outside.

Decisions are made by mint_tokens, without any face.
"""
import json
import os
import subprocess
import tempfile
import time
import unittest

from imi_system import AUDIENCE, BIN, ISSUER, POLICY, Imid, free_port, read_text
from test_ledger import GOOD, UNDECIDED, Witness

MINT = os.environ["IMI_MINT_TOKENS"]
PARTY = "relying-party"
WITHIN_S = 60


class PublicLog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-public-log.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.imid = Imid(cls.folder).start()
        cls.addClassCleanup(lambda: cls.imid.kill())
        cls.imid.stop()
        with open(cls.imid.log, encoding="utf-8") as file:
            messages = [json.loads(line)["message"] for line in file]
        cls.key = next(text for text in messages if text.startswith("public log ")).split()[-1]
        cls.witnesses = [Witness(cls.folder, name, cls.key)
                         for name in ("w1.example", "w2.example")]
        for witness in cls.witnesses:
            witness.listen = f"127.0.0.1:{free_port()}"  # which the policy names
            witness.start()
            cls.addClassCleanup(lambda w=witness: w.process.poll() is None and w.stop())
        cls.trust = os.path.join(cls.folder, "witnesses.txt")
        with open(cls.trust, "w", encoding="ascii") as file:
            file.write("".join(witness.key + "\n" for witness in cls.witnesses))
        cls.imid.options = ("--policy", cls.write_policy())
        cls.imid.start()
        cls.public = os.path.join(cls.imid.data, "public/log")

    @classmethod
    def write_policy(cls):
        path = os.path.join(cls.folder, "policy.yaml")
        lines = ["", "log:", "  witnesses:"]
        for witness in cls.witnesses:
            url, key = witness.argument().split(" ")
            lines.append(f"    - {{key: \"{key}\", url: \"{url}\"}}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(read_text(POLICY) + "\n".join([*lines, "  quorum: 2", ""]))
        return path

    def mint(self, count=1):
        done = subprocess.run([MINT, self.imid.data, ISSUER, AUDIENCE, PARTY, str(count)],
                              capture_output=True, text=True, check=True)
        return [line.split()[0] for line in done.stdout.splitlines()]

    def imictl(self, *arguments):
        environment = {**os.environ, "IMI_DATA": self.imid.data, "IMI_SERVER": self.imid.address}
        return subprocess.run([os.path.join(BIN, "imictl"), *arguments], capture_output=True,
                              text=True, timeout=120, check=False, env=environment)

    def log(self, *arguments):
        done = self.imictl("log", *arguments, "--key", self.key, "--witnesses", self.trust,
                           "--need", "2", "--json")
        return done.returncode, json.loads(done.stdout)

    def receipt(self, session_id):
        """Path of its receipt; imictl waits for the log and its witnesses."""
        path = os.path.join(self.folder, session_id + ".json")
        done = self.imictl("token", "receipt", session_id, "--out", path)
        self.assertEqual(done.returncode, GOOD, done.stderr)
        return path

    def assert_good(self, *arguments):
        code, found = self.log(*arguments)
        self.assertEqual(code, GOOD, found)
        return found

    def assert_log_is_good(self):
        """Soon: the newest checkpoint may still wait for its cosignatures."""
        deadline = time.monotonic() + WITHIN_S
        while self.log("verify", "--log", self.public)[0] != GOOD and time.monotonic() < deadline:
            time.sleep(0.2)
        return self.assert_good("verify", "--log", self.public)

    def test_receipts_are_cosigned_by_both_and_checked_offline(self):
        for session_id in self.mint(3):
            path = self.receipt(session_id)
            self.assert_good("prove", "--receipt", path)
            self.assert_good("prove", "--receipt", path, "--log", self.public)
            self.assertIn(session_id, json.loads(read_text(path))["event"])
        self.assertEqual(self.assert_log_is_good()["cosigned"], 2)

    def test_a_witness_that_is_away_stops_no_decision_but_receipts_wait(self):
        witness = self.witnesses[0]
        witness.stop()
        [session_id] = self.mint()
        done = self.imictl("token", "receipt", session_id)
        self.assertEqual(done.returncode, UNDECIDED, done.stdout)
        self.assertEqual(self.imictl("session", "get", session_id).returncode, GOOD)
        witness.start()
        self.assert_good("prove", "--receipt", self.receipt(session_id))

    def test_a_killed_server_goes_on_where_it_was(self):
        saved = os.path.join(self.folder, "saved-checkpoint")
        self.receipt(self.mint()[0])
        with open(saved, "w", encoding="utf-8") as file:
            file.write(read_text(os.path.join(self.public, "checkpoint")))
        for round_number in range(3):
            sessions = self.mint(2)
            time.sleep(0.1 * round_number)
            self.imid.kill()
            sessions += self.mint(1)
            self.imid.start()
            for session_id in sessions:
                self.assert_good("prove", "--receipt", self.receipt(session_id))
        self.assert_good("consistency", "--since", saved, "--log", self.public)
        self.assert_log_is_good()

    def test_a_monitor_follows_the_running_server(self):
        state = os.path.join(self.folder, "seen")
        monitor = subprocess.Popen(
            [os.path.join(BIN, "imictl"), "log", "monitor", "--state", state, "--log", self.public,
             "--key", self.key, "--witnesses", self.trust, "--need", "2", "--every", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            for session_id in self.mint(3):
                self.receipt(session_id)
            size = json.loads(read_text(self.receipt(session_id)))["index"]
            deadline = time.monotonic() + WITHIN_S
            while not (os.path.exists(state) and int(read_text(state).splitlines()[1]) > size):
                self.assertIsNone(monitor.poll(), "the monitor has raised an alarm")
                self.assertLess(time.monotonic(), deadline, "the monitor does not follow")
                time.sleep(0.1)
        finally:
            monitor.kill()
            monitor.communicate()


if __name__ == "__main__":
    unittest.main(verbosity=2)
