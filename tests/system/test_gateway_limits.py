#!/usr/bin/python3 -B
"""imi-gateway: rate limits, slow clients, many waiting calls, and the files of the page."""
import concurrent.futures
import glob
import http.client
import os
import signal
import tempfile
import time
import unittest

from gateway_fixture import BINARY, HEALTH, SUBJECT, Gateway, frame
from imi_system import Imid, read

OUTCOME = SUBJECT + "GetOutcome"
UNAUTHENTICATED = 16
WAITING = 200
TRIES = 60


class Case(unittest.TestCase):
    """One imid; each test starts a gateway with options of its own."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.imid = Imid(cls.folder).start()
        cls.addClassCleanup(lambda: cls.imid.kill())

    def start(self, *options, plain=False):
        gateway = Gateway(self.imid, self.folder, *options, plain=plain).start()
        self.addCleanup(gateway.stop)
        return gateway


class Rates(Case):
    def status(self, gateway, **headers):
        return gateway.request("POST", OUTCOME, frame(b""), {"Content-Type": BINARY, **headers})[0]

    def is_refused(self, ask):
        """Whether one of many is, and until then all are answered. A slow machine asks slowly."""
        for _ in range(TRIES):
            status = ask()
            if status == 429:
                return True
            self.assertEqual(status, 200)
        return False

    def test_an_address_that_asks_too_often_is_told_to_wait(self):
        gateway = self.start("--address-rate", "1", "--session-rate", "1000")
        for _ in range(4):
            self.assertEqual(gateway.request("GET", HEALTH)[0], 200)
        told = []

        def ask():
            told.append(gateway.request("GET", HEALTH)[:2])
            return told[-1][0]
        self.assertTrue(self.is_refused(ask))
        headers = told[-1][1]
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)
        self.assertEqual(headers["Cache-Control"], "no-store")

    def test_one_session_does_not_use_up_what_others_have(self):
        gateway = self.start("--address-rate", "10000", "--session-rate", "1")
        self.assertTrue(self.is_refused(lambda: self.status(gateway, authorization="Bearer a.b")))
        for _ in range(2):
            self.assertEqual(self.status(gateway, authorization="Bearer c.d"), 200)

    def test_behind_a_proxy_the_last_forwarded_address_is_the_client(self):
        gateway = self.start("--address-rate", "1", plain=True)
        for number in range(30):
            status = self.status(gateway, **{
                "X-Forwarded-For": f"198.51.100.7, 192.0.2.{number}"})
            self.assertEqual(status, 200)
        self.assertTrue(self.is_refused(lambda: self.status(gateway, **{
            "X-Forwarded-For": "203.0.113.1, 192.0.2.200"})))

    def test_with_tls_of_its_own_nobody_chooses_an_address(self):
        gateway = self.start("--address-rate", "1")
        numbers = iter(range(1, 1 + TRIES))
        self.assertTrue(self.is_refused(lambda: self.status(gateway, **{
            "X-Forwarded-For": f"192.0.2.{next(numbers)}"})))

    def test_plain_http_stays_on_this_machine(self):
        command = Gateway(self.imid, self.folder, plain=True).command
        for address in ["0.0.0.0", "192.0.2.1", "::"]:
            gateway = Gateway(self.imid, self.folder, "--listen", address, plain=True)
            gateway.command = [*command, "--listen", address]
            with self.assertRaises(AssertionError):
                gateway.start()

    def test_connections_of_an_address_are_bounded(self):
        gateway = self.start("--address-connections", "3")
        held = [gateway.connect() for _ in range(3)]
        for connection in held:
            connection.connect()
        with self.assertRaises((OSError, http.client.HTTPException)):
            gateway.request("GET", HEALTH)
        for connection in held:
            connection.close()
        deadline = time.monotonic() + 30
        while True:
            try:
                self.assertEqual(gateway.request("GET", HEALTH)[0], 200)
                return
            except (OSError, http.client.HTTPException):
                self.assertLess(time.monotonic(), deadline)


class Slow(Case):
    def drip(self, gateway, start, drop):
        """Send a byte now and then until the gateway has had enough."""
        connection = gateway.connect()
        connection.connect()
        connection.sock.sendall(start)
        deadline = time.monotonic() + 60
        try:
            while time.monotonic() < deadline:
                connection.sock.sendall(drop)
                connection.sock.settimeout(1)
                try:
                    if connection.sock.recv(1) == b"":
                        return True
                except TimeoutError:
                    pass
        except OSError:
            return True
        finally:
            connection.close()
        return False

    def test_who_drips_a_request_is_cut_off_and_others_are_served(self):
        gateway = self.start("--session-rate", "1000")
        head = (f"POST {OUTCOME} HTTP/1.1\r\nHost: x\r\nContent-Type: {BINARY}\r\n"
                "Content-Length: 1000\r\n\r\n").encode()
        with concurrent.futures.ThreadPoolExecutor(9) as pool:
            drips = [pool.submit(self.drip, gateway, start, drop)
                     for start, drop in [(b"GET / HTTP/1.1\r\n", b"x: y\r\n"), (b"", b"G"),
                                         (head, b"\0")] for _ in range(3)]
            self.assertEqual(gateway.request("GET", HEALTH)[0], 200)
            self.assertTrue(all(drip.result() for drip in drips))

    def test_many_calls_wait_and_nobody_else_does(self):
        page = os.path.join(self.folder, "page")
        os.makedirs(page, exist_ok=True)
        with open(os.path.join(page, "index.html"), "w", encoding="ascii") as file:
            file.write("<!doctype html>")
        gateway = self.start("--page", page, "--address-connections", "512", "--address-rate",
                             "10000")
        self.warm(gateway)
        self.imid.process.send_signal(signal.SIGSTOP)
        try:
            with concurrent.futures.ThreadPoolExecutor(WAITING) as pool:
                calls = [pool.submit(gateway.call, OUTCOME, b"") for _ in range(WAITING)]
                self.wait_for_connections(gateway, WAITING)
                began = time.monotonic()
                self.assertEqual(gateway.request("GET", "/")[0], 200)
                took_ms = (time.monotonic() - began) * 1000
                self.assertEqual([call for call in calls if call.done()], [])
                print(f"{WAITING} waiting calls: a page in {took_ms:.0f} ms, "
                      f"{self.status(gateway, 'VmRSS') >> 10} MiB, "
                      f"{self.status(gateway, 'Threads')} threads")
                self.imid.process.send_signal(signal.SIGCONT)
                self.assertEqual({call.result().code for call in calls}, {UNAUTHENTICATED})
        finally:
            self.imid.process.send_signal(signal.SIGCONT)

    def warm(self, gateway):
        """Let it connect to imid with all that it has."""
        for _ in range(8):
            self.assertEqual(gateway.call(OUTCOME, b"").code, UNAUTHENTICATED)

    def status(self, gateway, name):
        lines = read(f"/proc/{gateway.process.pid}/status").decode().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))

    def wait_for_connections(self, gateway, count):
        """Each has a thread of its own."""
        deadline = time.monotonic() + 25  # a call lasts 30 s at most
        while self.connections(gateway) != count:
            self.assertLess(time.monotonic(), deadline, self.connections(gateway))
            time.sleep(0.05)

    def connections(self, gateway):
        names = glob.glob(f"/proc/{gateway.process.pid}/task/*/comm")
        return sum(self.name_of(path) == b"MHD-connection\n" for path in names)

    def name_of(self, path):
        try:
            return read(path)
        except OSError:  # the thread is gone
            return b""

    def test_it_stops_at_once_while_calls_wait(self):
        gateway = Gateway(self.imid, self.folder).start()
        self.warm(gateway)
        self.imid.process.send_signal(signal.SIGSTOP)
        try:
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                calls = [pool.submit(gateway.call, OUTCOME, b"") for _ in range(4)]
                self.wait_for_connections(gateway, 4)
                began = time.monotonic()
                gateway.stop()
                self.assertLess(time.monotonic() - began, 15)  # half of what the calls have
                for call in calls:
                    call.exception()
        finally:
            self.imid.process.send_signal(signal.SIGCONT)

    def test_a_client_that_goes_leaves_no_call_behind(self):
        gateway = self.start()
        self.warm(gateway)
        self.wait_for_connections(gateway, 0)
        self.imid.process.send_signal(signal.SIGSTOP)
        try:
            connections = [gateway.connect() for _ in range(5)]
            for connection in connections:
                connection.request("POST", OUTCOME, frame(b""), {"Content-Type": BINARY})
            self.wait_for_connections(gateway, 5)
            for connection in connections:
                connection.close()
            self.wait_for_connections(gateway, 0)
        finally:
            self.imid.process.send_signal(signal.SIGCONT)


class Page(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        self.addCleanup(folder.cleanup)
        self.page = folder.name
        self.write("index.html", b"<!doctype html>")
        self.write("assets/main-1a2b.js", b"plain")
        self.write("assets/main-1a2b.js.gz", b"gzipped")
        self.write("assets/main-1a2b.js.br", b"brotli")
        self.write("core.wasm", b"\0asm")

    def write(self, name, content):
        path = os.path.join(self.page, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)

    def test_the_page_is_served_with_its_types_and_caches(self):
        gateway = self.start("--page", self.page)
        for path, kind, cache in [
                ("/", "text/html; charset=utf-8", "no-cache"),
                ("/j", "text/html; charset=utf-8", "no-cache"),
                ("/j?lang=zh", "text/html; charset=utf-8", "no-cache"),
                ("/assets/main-1a2b.js", "text/javascript; charset=utf-8", "immutable"),
                ("/core.wasm", "application/wasm", "no-cache")]:
            with self.subTest(path=path):
                status, headers, _ = gateway.request("GET", path)
                self.assertEqual((status, headers["Content-Type"]), (200, kind))
                self.assertIn(cache, headers["Cache-Control"])
                self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])

    def test_what_was_compressed_beforehand_is_sent_to_who_takes_it(self):
        gateway = self.start("--page", self.page)
        for accepted, coding, wanted in [("gzip, br", "br", b"brotli"), ("gzip", "gzip", b"gzipped"),
                                         ("br;q=0, gzip", "gzip", b"gzipped"),
                                         ("identity", None, b"plain"), ("", None, b"plain")]:
            with self.subTest(accepted=accepted):
                _, headers, body = gateway.request("GET", "/assets/main-1a2b.js",
                                                   headers={"Accept-Encoding": accepted})
                self.assertEqual((headers["Content-Encoding"], body), (coding, wanted))
                self.assertEqual(headers["Vary"], "Accept-Encoding")
        _, headers, _ = gateway.request("GET", "/core.wasm", headers={"Accept-Encoding": "br"})
        self.assertIsNone(headers["Content-Encoding"])

    def test_nothing_else_of_the_folder_is_served(self):
        self.write("secret", b"secret")
        self.write(".env.js", b"secret")
        self.write("main.js.map", b"secret")
        os.symlink(os.path.join(self.page, "secret"), os.path.join(self.page, "link.js"))
        gateway = self.start("--page", self.page)
        for path in ["/secret", "/.env.js", "/main.js.map", "/link.js", "/assets/", "/assets",
                     "/../secret.js", "/assets/main-1a2b.js.gz", "/assets/../index.html",
                     "/%2e%2e/index.html", "/index.html/", "/missing.js"]:
            with self.subTest(path=path):
                status, _, body = gateway.request("GET", path)
                self.assertEqual(status, 404)
                self.assertNotIn(b"secret", body)
        self.assertEqual(gateway.request("POST", "/")[0], 405)

    def test_who_may_frame_the_page_is_named(self):
        gateway = self.start("--page", self.page, "--frame-ancestor", "https://bank.example")
        policy = gateway.request("GET", "/")[1]["Content-Security-Policy"]
        self.assertTrue(policy.endswith("frame-ancestors https://bank.example"), policy)


if __name__ == "__main__":
    unittest.main()
