#!/usr/bin/python3 -B
"""The public log with real witnesses: what they cosign, what they refuse, what kill -9 leaves."""
import base64
import contextlib
import functools
import hashlib
import http.client
import http.server
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BIN, WRITER = os.environ["IMI_BIN"], os.environ["IMI_LEDGER_WRITER"]
GOOD, NEGATIVE, USAGE, UNDECIDED = 0, 1, 2, 3
START_S = 30


# ---- A second opinion: the tree and the signatures in a few lines of another language ----

def root_of(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def root_by_receipt(receipt):
    """The root that a receipt's event leads to, by recursion from the top."""
    salt, event = decode(receipt["salt"]), receipt["event"].encode()
    entry = hashlib.sha256(b"imi-leaf-v1\0" + salt + event).digest()
    proof = [base64.b64decode(text) for text in receipt["proof"]]
    size = int(receipt["checkpoint"].splitlines()[1])

    def climb(index, size):
        if size == 1:
            return hashlib.sha256(b"\0" + entry).digest()
        half = 1 << (size - 1).bit_length() - 1
        left = index < half
        here = climb(index if left else index - half, half if left else size - half)
        sibling = proof.pop(0)
        pair = here + sibling if left else sibling + here
        return hashlib.sha256(b"\1" + pair).digest()
    root = climb(receipt["index"], size)
    assert not proof
    return root


def read(path):
    with open(path, "rb") as file:
        return file.read()


def entries_of(folder, size):
    entries = []
    while len(entries) < size:
        number, width = len(entries) // 256, min(256, size - len(entries))
        assert number < 1000
        path = f"{folder}/tile/entries/{number:03}" + (f".p/{width}" if width < 256 else "")
        data = read(path)
        for at in range(0, len(data), 34):
            assert data[at:at + 2] == b"\0\x20"
            entries.append(data[at + 2:at + 34])
    return entries


def parse_note(note):
    text, _, lines = note.rpartition(b"\n\n")
    return text + b"\n", [line.split(b" ")[1:] for line in lines.splitlines()]


def has_signed(note, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    assert hashlib.sha256(f"{name}\n".encode() + key).digest()[:4].hex() == key_id
    text, lines = parse_note(note)
    for line_name, signature in lines:
        signature = base64.b64decode(signature)
        if line_name.decode() != name or signature[:4].hex() != key_id:
            continue
        message, value = text, signature[4:]
        if key[0] == 4:
            stamp = int.from_bytes(value[:8], "big")
            assert abs(stamp - time.time()) < 600
            message, value = b"cosignature/v1\ntime %d\n" % stamp + text, value[8:]
        try:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(value, message)
            return True
        except InvalidSignature:
            return False
    return False


# ---- Processes ----

class Witness:
    def __init__(self, folder, name, log_key):
        self.folder, self.name, self.log_key = folder, name, log_key
        self.process, self.port, self.key = None, 0, ""
        self.listen = "127.0.0.1:0"

    def start(self):
        ready = os.path.join(self.folder, self.name + ".ready")
        if os.path.exists(ready):
            os.remove(ready)
        self.process = subprocess.Popen(
            [os.path.join(BIN, "imi-witness"), "--name", self.name, "--listen", self.listen,
             "--key", os.path.join(self.folder, self.name + ".key"),
             "--data", os.path.join(self.folder, self.name), "--log", self.log_key,
             "--ready-file", ready],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.key = self.process.stdout.readline().strip()
        deadline = time.monotonic() + START_S
        while not os.path.exists(ready):
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        self.port = int(read(ready))
        return self

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(START_S)
        self.process.stdout.close()
        return code

    def argument(self):
        return f"http://127.0.0.1:{self.port} {self.key}"

    def post(self, body, path="/add-checkpoint", method="POST"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("Content-Type")
        finally:
            connection.close()


class LedgerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="imi-ledger.")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.log = self.path("log")
        self.key = self.write_log(0).split()[1]

    def path(self, name):
        return os.path.join(self.folder, name)

    def writer(self, size, *options, log=None):
        return [WRITER, "--size", str(size), *options, log or self.log, self.path("log.key")]

    def write_log(self, size, *options, log=None):
        done = subprocess.run(self.writer(size, *options, log=log), capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def witness(self, name):
        witness = Witness(self.folder, name, self.key).start()

        def end():
            if witness.process.poll() is None:
                witness.stop(signal.SIGKILL)
        self.addCleanup(end)
        return witness

    def submit(self, size, *witnesses, options=(), log=None):
        """How many cosigned."""
        asked = [part for one in witnesses for part in ("--witness", one.argument())]
        output = self.write_log(size, *asked, *options, log=log)
        return int(output.split("cosigned ")[1])

    def keys_file(self, *witnesses):
        path = self.path("witnesses.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(one.key + "\n" for one in witnesses))
        return path

    def imictl(self, *arguments, key=None):
        done = subprocess.run(
            [os.path.join(BIN, "imictl"), "log", *arguments, "--key", key or self.key, "--json"],
            capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else {}

    def fork(self, at, size):
        """Another history of the same log and key; the true one stays where it is."""
        forked = self.path("forked")
        self.write_log(size, "--fork-at", str(at), log=forked)
        return forked


class Witnesses(LedgerTest):
    def test_two_witnesses_cosign_and_a_receipt_proves_it(self):
        first, second = self.witness("w1.example"), self.witness("w2.example")
        receipt = self.path("receipt.json")
        self.assertEqual(self.submit(300, first, second, options=(
            "--need", "2", "--index", "299", "--receipt", receipt)), 2)
        note = read(os.path.join(self.log, "checkpoint"))
        for key in (self.key, first.key, second.key):
            self.assertTrue(has_signed(note, key))
        lines = parse_note(note)[0].decode().splitlines()
        self.assertEqual(lines[:2], ["imi.example/log", "300"])
        self.assertEqual(base64.b64decode(lines[2]), root_of(entries_of(self.log, 300)))
        trust = ("--witnesses", self.keys_file(first, second))
        code, found = self.imictl("verify", "--log", self.log, *trust)
        self.assertEqual((code, found["size"], found["cosigned"]), (GOOD, 300, 2))
        code, found = self.imictl("prove", "--receipt", receipt, *trust)
        self.assertEqual(code, GOOD, found)
        receipt = json.loads(read(receipt))
        self.assertEqual(json.loads(receipt["event"]), {"n": 299})
        self.assertEqual(root_by_receipt(receipt), base64.b64decode(lines[2]))

    def test_a_fork_is_refused_by_both(self):
        first, second = self.witness("w1.example"), self.witness("w2.example")
        self.assertEqual(self.submit(300, first, second), 2)
        forked = self.fork(200, 300)
        self.assertEqual(self.submit(300, first, second, log=forked,
                                     options=("--fork-at", "200")), 0)
        self.assertEqual(self.submit(400, first, second, log=forked,
                                     options=("--fork-at", "200")), 0)
        self.assertNotIn(b"w1.example", read(os.path.join(forked, "checkpoint")))
        self.assertEqual(self.submit(310, first, second), 2)

    def test_a_rewrite_of_what_is_integrated_is_refused_by_the_writer_itself(self):
        self.write_log(300)
        path = os.path.join(self.log, "tile/entries/000")
        data = bytearray(read(path))
        data[100] ^= 1
        with open(path, "wb") as file:
            file.write(data)
        done = subprocess.run(self.writer(310), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ledger_rewritten", done.stderr)

    def test_what_a_killed_witness_has_seen_it_still_knows(self):
        witness = self.witness("w1.example")
        for round_number in range(5):
            self.assertEqual(self.submit(50 * (round_number + 1), witness), 1)
            witness.stop(signal.SIGKILL)
            witness.start()
        forked = self.fork(200, 300)
        self.assertEqual(self.submit(300, witness, log=forked, options=("--fork-at", "200")), 0)
        self.assertEqual(self.submit(300, witness), 1)

    def test_a_witness_killed_while_asked_never_cosigns_two_histories(self):
        forked = self.fork(50, 60)
        witness = self.witness("w1.example")
        signed = set()
        for round_number in range(12):
            size = 60 + round_number
            self.write_log(size)
            self.write_log(size, "--fork-at", "50", log=forked)
            logs = [(self.log, ()), (forked, ("--fork-at", "50"))]
            asked = [subprocess.Popen(
                self.writer(size, "--witness", witness.argument(), *options, log=log),
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for log, options in logs]
            time.sleep(random.uniform(0, 0.04))
            witness.stop(signal.SIGKILL)
            for process in asked:
                process.communicate(timeout=60)
            signed |= {log for log, _ in logs
                       if has_signed(read(os.path.join(log, "checkpoint")), witness.key)}
            witness.start()
        for log, options in logs:
            if self.submit(80, witness, log=log, options=options) == 1:
                signed.add(log)
        self.assertEqual(len(signed), 1)

    def test_of_two_histories_at_once_one_is_cosigned(self):
        self.write_log(100)
        forked = self.fork(50, 100)
        bodies = [b"old 0\n\n" + read(os.path.join(log, "checkpoint"))
                  for log in (self.log, forked)]
        for round_number in range(10):
            witness = self.witness(f"w{round_number}.example")
            codes = []
            threads = [threading.Thread(target=lambda b=body: codes.append(witness.post(b)[0]))
                       for body in bodies * 4]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            # The winner's later copies come with an old size that is no longer right.
            self.assertEqual(sorted(codes), [200] + [409] * 7)

    def test_codes_are_those_of_the_protocol(self):
        witness = self.witness("w1.example")
        self.write_log(10)
        note = read(os.path.join(self.log, "checkpoint"))
        self.assertEqual(witness.post(b"old 0\n\n" + note)[0], 200)
        code, body, kind = witness.post(b"old 3\n\n" + note)
        self.assertEqual((code, body, kind), (409, b"10\n", "text/x.tlog.size"))
        self.assertEqual(witness.post(b"old 11\n\n" + note)[0], 400)
        self.assertEqual(witness.post(b"")[0], 400)
        self.assertEqual(witness.post(b"old 0\n\n" + note.replace(b"imi.", b"you.", 1))[0], 404)
        self.assertEqual(witness.post(b"old 10\n\n" + note.replace(b"\n10\n", b"\n11\n"))[0], 403)
        self.assertEqual(witness.post(b"x" * 200000)[0], 413)
        self.assertEqual(witness.post(b"", path="/")[0], 404)
        self.assertEqual(witness.post(None, method="GET")[0], 405)
        self.write_log(20)
        note = read(os.path.join(self.log, "checkpoint"))
        wrong = base64.b64encode(bytes(32)) + b"\n"
        self.assertEqual(witness.post(b"old 10\n" + wrong + b"\n" + note)[0], 422)

    def test_a_witness_that_is_away_blocks_nothing(self):
        first, second = self.witness("w1.example"), self.witness("w2.example")
        second.stop()
        self.assertEqual(self.submit(20, first, second), 1)
        trust = ("--witnesses", self.keys_file(first, second), "--log", self.log)
        self.assertEqual(self.imictl("verify", *trust, "--need", "1")[0], GOOD)
        code, found = self.imictl("verify", *trust, "--need", "2")
        self.assertEqual((code, found["reason"]), (NEGATIVE, "ledger_witness"))

    def test_a_witness_that_never_answers_ends_at_the_deadline(self):
        first, second = self.witness("w1.example"), self.witness("w2.example")
        second.stop()
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            second.port = silent.getsockname()[1]
            self.assertEqual(self.submit(20, first, second, options=("--timeout", "2500")), 1)

    def test_what_a_witness_says_beside_its_signature_does_not_count(self):
        first, second = self.witness("w1.example"), self.witness("w2.example")
        second.stop()
        line = "\u2014 w1.example AAAAAAA=\n".encode()
        for answer in (line * 40, line * 3, b"<html>", b"x" * 100000, b""):
            server = http.server.HTTPServer(("127.0.0.1", 0), lying_handler(answer))
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            second.port = server.server_port
            try:
                self.write_log(int(self.write_log(0).split("size ")[1]) + 1)
                self.assertEqual(self.submit(0, first, second), 1)
            finally:
                server.shutdown()
                thread.join()
                server.server_close()
        self.assertTrue(has_signed(read(os.path.join(self.log, "checkpoint")), first.key))

    def test_a_receipt_waits_until_enough_have_cosigned(self):
        first, second = self.witness("w1.example"), self.witness("w2.example")
        second.stop()
        receipt = self.path("receipt.json")
        ask = ["--witness", first.argument(), "--witness", second.argument(), "--need", "2",
               "--index", "5", "--receipt", receipt]
        done = subprocess.run(self.writer(20, *ask), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ledger_witness", done.stderr)
        second.start()
        ask[3] = second.argument()
        self.write_log(20, *ask)
        trust = ("--witnesses", self.keys_file(first, second))
        self.assertEqual(self.imictl("prove", "--receipt", receipt, *trust)[0], GOOD)

    def test_a_witness_does_not_start_beside_another_or_without_its_options(self):
        witness = self.witness("w1.example")
        command = [os.path.join(BIN, "imi-witness"), "--name", "w1.example", "--listen",
                   "127.0.0.1:0", "--key", self.path("w1.example.key"), "--data",
                   self.path("w1.example")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, UNDECIDED)
        self.assertIn("another witness", done.stderr)
        done = subprocess.run(command[:3], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, USAGE)
        done = subprocess.run([*command, "--log", "nonsense"], capture_output=True, text=True,
                              timeout=30, check=False)
        self.assertEqual(done.returncode, USAGE)
        self.assertEqual(witness.stop(), GOOD)


class Writer(LedgerTest):
    def test_a_writer_killed_at_any_moment_goes_on(self):
        last = 0
        for _ in range(25):
            process = subprocess.Popen(self.writer(100000, "--step", "37"),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdout.readline()  # open, and so the log of last time is whole
            time.sleep(random.uniform(0, 0.3))
            process.kill()
            _, error = process.communicate()
            self.assertEqual(error, b"")
            size = int(read(os.path.join(self.log, "checkpoint")).splitlines()[1])
            self.assertGreaterEqual(size, last)
            last = size
        self.assertGreater(last, 37)
        code, found = self.imictl("verify", "--log", self.log)
        self.assertEqual((code, found["size"]), (GOOD, last), found)
        lines = parse_note(read(os.path.join(self.log, "checkpoint")))[0].splitlines()
        self.assertEqual(base64.b64decode(lines[2]), root_of(entries_of(self.log, last)))


class Reader(LedgerTest):
    def test_a_log_is_checked_over_http_as_in_a_folder(self):
        self.write_log(300)
        handler = functools.partial(QuietHandler, directory=self.log)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            self.assertEqual(self.imictl("verify", "--log", url)[0], GOOD)
            self.assertEqual(self.imictl("prove", "--log", url, "--index", "299")[0], GOOD)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
        self.assertEqual(self.imictl("verify", "--log", url)[0], UNDECIDED)

    def test_every_damaged_file_is_noticed(self):
        self.write_log(300)
        self.assertEqual(self.imictl("verify", "--log", self.log)[0], GOOD)
        for name in ("checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
                     "tile/entries/000", "tile/entries/001.p/44"):
            path = os.path.join(self.log, name)
            right = read(path)
            for wrong in (right[:-1], right[:20] + bytes([right[20] ^ 1]) + right[21:]):
                with self.subTest(file=name), open(path, "wb") as file:
                    file.write(wrong)
                    file.flush()
                    code, found = self.imictl("verify", "--log", self.log)
                    self.assertEqual(code, NEGATIVE, found)
            with open(path, "wb") as file:
                file.write(right)
        self.assertEqual(self.imictl("verify", "--log", self.log)[0], GOOD)

    def test_consistency_notices_a_fork_a_rewrite_and_a_shorter_log(self):
        self.write_log(250)
        saved = self.path("saved")
        shutil.copy(os.path.join(self.log, "checkpoint"), saved)
        self.write_log(300)
        self.assertEqual(self.imictl("consistency", "--log", self.log, "--since", saved)[0], GOOD)
        forked = self.fork(200, 300)
        code, found = self.imictl("consistency", "--log", forked, "--since", saved)
        self.assertEqual((code, found["reason"]), (NEGATIVE, "ledger_rewritten"))
        self.write_log(100, log=self.path("short"))
        code, found = self.imictl("consistency", "--log", self.path("short"), "--since", saved)
        self.assertEqual((code, found["reason"]), (NEGATIVE, "ledger_rewritten"))

    def test_a_receipt_of_another_history_is_noticed(self):
        forked, receipt = self.path("forked"), self.path("receipt.json")
        self.write_log(300, "--fork-at", "200", "--index", "250", "--receipt", receipt, log=forked)
        self.assertEqual(self.imictl("prove", "--receipt", receipt)[0], GOOD)
        self.write_log(400)
        code, found = self.imictl("prove", "--receipt", receipt, "--log", self.log)
        self.assertEqual((code, found["reason"]), (NEGATIVE, "ledger_rewritten"))

    def test_a_monitor_follows_and_alarms(self):
        watch = ("--state", self.path("state"), "--rounds", "1", "--log")
        self.write_log(100)
        self.assertEqual(self.imictl("monitor", *watch, self.log)[0], GOOD)
        self.write_log(250)
        code, found = self.imictl("monitor", *watch, self.log)
        self.assertEqual((code, found["size"]), (GOOD, 250))
        forked = self.fork(200, 300)
        for log in (forked, self.path("short")):
            if not os.path.exists(log):
                self.write_log(100, log=log)
            code, found = self.imictl("monitor", *watch, log)
            self.assertEqual((code, found["reason"]), (NEGATIVE, "ledger_rewritten"))
            self.assertEqual(read(self.path("state.alarm")),
                             read(os.path.join(log, "checkpoint")))
        self.assertEqual(self.imictl("monitor", *watch, self.log)[0], GOOD)
        self.assertEqual(self.imictl("monitor", *watch, self.path("nowhere"))[0], UNDECIDED)

    def test_a_monitor_alarms_when_witnesses_stay_away(self):
        first = self.witness("w1.example")
        self.write_log(100)
        watch = ("--state", self.path("state"), "--rounds", "1", "--grace", "0", "--log", self.log,
                 "--witnesses", self.keys_file(first))
        code, found = self.imictl("monitor", *watch)
        self.assertEqual((code, found["reason"]), (NEGATIVE, "ledger_witness"))
        self.assertEqual(self.submit(100, first), 1)
        self.assertEqual(self.imictl("monitor", *watch)[0], GOOD)

    def test_another_key_is_another_log(self):
        self.write_log(10)
        done = subprocess.run([WRITER, self.path("other"), self.path("other.key")],
                              capture_output=True, text=True, check=True)
        other = done.stdout.split()[1]
        code, found = self.imictl("verify", "--log", self.log, key=other)
        self.assertEqual((code, found["reason"]), (NEGATIVE, "ledger_log"))

    def test_wrong_usage_is_told(self):
        self.assertEqual(self.imictl("prove", "--index", "1")[0], USAGE)
        self.assertEqual(self.imictl("prove")[0], USAGE)
        self.assertEqual(self.imictl("verify")[0], USAGE)
        self.assertEqual(self.imictl("monitor", "--log", self.log)[0], USAGE)


def lying_handler(answer):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(answer)

        def log_message(self, *_):
            pass
    return Handler


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    unittest.main()
