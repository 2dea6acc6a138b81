#!/usr/bin/python3 -B
"""imi-gateway: the public documents over HTTPS."""
import http.client
import json
import os
import socket
import subprocess
import tempfile
import time
import unittest

from gateway_fixture import HEALTH, JWKS, Gateway
from imi_system import BIN, Imid, free_port, read


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.imid = Imid(cls.folder, "--listen", f"127.0.0.1:{free_port()}").start()
        cls.addClassCleanup(lambda: cls.imid.kill())
        cls.published = os.path.join(cls.folder, "published")
        cls.gateway = Gateway(cls.imid, cls.folder, "--public", cls.published).start()
        cls.addClassCleanup(cls.gateway.stop)
        cls.port = cls.gateway.port

    def command(self, *more):
        return [*self.gateway.command, *more]

    def public(self, name, content):
        """A file where imid writes public documents."""
        path = os.path.join(self.published, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def request(self, method, path, body=None):
        return self.gateway.request(method, path, body)

    def test_keys_are_those_that_the_server_wrote(self):
        status, headers, body = self.request("GET", JWKS)
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "application/jwk-set+json")
        self.assertIn("max-age", headers["Cache-Control"])
        keys = json.loads(body)
        self.assertEqual(keys, json.loads(read(os.path.join(self.imid.data, "public/jwks.json"))))
        for key in keys["keys"]:
            self.assertNotIn("d", key)

    def test_health_is_told(self):
        status, headers, body = self.request("GET", HEALTH)
        self.assertEqual((status, body), (200, b"serving\n"))
        self.assertEqual(headers["Cache-Control"], "no-store")

    def test_head_has_no_body(self):
        status, headers, body = self.request("HEAD", JWKS)
        self.assertEqual((status, body), (200, b""))
        self.assertGreater(int(headers["Content-Length"]), 0)

    def test_unknown_paths_are_not_found(self):
        for path in ["/", "/healthz/", "/.well-known/", "/.well-known/jwks.json/x", "//healthz",
                     "/../etc/passwd", "/.well-known/../healthz", "/%00", "/" + "x" * 5000]:
            with self.subTest(path=path[:40]):
                self.assertEqual(self.request("GET", path)[0], 404)

    def test_the_log_and_the_status_of_tokens_are_files(self):
        for name, kind, cache in [
                ("log/checkpoint", "text/plain; charset=utf-8", "no-cache"),
                ("log/tile/0/x001/067", "application/octet-stream", "immutable"),
                ("log/tile/entries/000.p/5", "application/octet-stream", "immutable"),
                ("status/1", "application/statuslist+jwt", "max-age=60")]:
            content = os.urandom(300)
            self.public(name, content)
            with self.subTest(name=name):
                status, headers, body = self.request("GET", "/" + name)
                self.assertEqual((status, body), (200, content))
                self.assertEqual(headers["Content-Type"], kind)
                self.assertIn(cache, headers["Cache-Control"])

    def test_nothing_else_of_the_folder_is_served(self):
        secret = self.public("secret", b"secret")
        self.public("log/checkpoint.tmp", b"secret")
        self.public("status/.2.tmp", b"secret")
        os.symlink(secret, os.path.join(self.published, "status", "link"))
        os.mkfifo(os.path.join(self.published, "status", "pipe"))
        for path in ["/secret", "/log/checkpoint.tmp", "/log/checkpoint/", "/log/", "/log/tile/",
                     "/status/.2.tmp", "/status/link", "/status/pipe", "/status/", "/status/9",
                     "/status/../secret", "/status/%2e%2e/secret", "/log/tile/../../secret",
                     "/status//secret", "/status/" + "1" * 500]:
            with self.subTest(path=path[:40]):
                status, _, body = self.request("GET", path)
                self.assertEqual(status, 404)
                self.assertNotIn(b"secret", body)

    def test_other_methods_are_not_allowed(self):
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]:
            for path in [JWKS, HEALTH, "/log/checkpoint"]:
                with self.subTest(method=method, path=path):
                    status, headers, _ = self.request(method, path, b"x" * 1000)
                    self.assertEqual(status, 405)
                    self.assertEqual(headers["Allow"], "GET, HEAD")

    def test_browsers_are_told_to_be_strict(self):
        for path in [HEALTH, "/none"]:
            headers = self.request("GET", path)[1]
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertIn("max-age=", headers["Strict-Transport-Security"])
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(headers["Cross-Origin-Opener-Policy"], "same-origin")
            self.assertEqual(headers["Cross-Origin-Resource-Policy"], "same-origin")
            self.assertIn("camera=(self)", headers["Permissions-Policy"])
            policy = headers["Content-Security-Policy"]
            for rule in ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'",
                         "frame-ancestors 'none'"]:
                self.assertIn(rule, policy)
            self.assertNotIn("unsafe-inline", policy)
            self.assertNotIn("*", policy)

    def test_plain_http_is_not_served(self):
        connection = http.client.HTTPConnection("localhost", self.port, timeout=20)
        with self.assertRaises((http.client.HTTPException, OSError)):
            connection.request("GET", HEALTH)
            connection.getresponse()
        connection.close()

    def reaches(self, address):
        with socket.socket() as probe:
            return probe.connect_ex((address, self.port)) == 0

    def test_only_this_machine_reaches_it_unless_told_otherwise(self):
        self.assertTrue(self.reaches("127.0.0.1"))
        self.assertFalse(self.reaches("127.0.0.2"))

    def test_it_serves_at_the_address_that_it_is_told(self):
        ready = os.path.join(self.folder, "other.port")
        for address, other in [("0.0.0.0", "127.0.0.2"), ("::1", "::1")]:
            if address != "::1" or os.path.exists("/proc/net/if_inet6"):
                with self.subTest(address=address):
                    self.serve_until_reached(address, other, ready)

    def serve_until_reached(self, address, reached_at, ready):
        process = subprocess.Popen(self.command("--listen", address, "--ready-file", ready),
                                   stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 30
            while not os.path.exists(ready):
                self.assertIsNone(process.poll())
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            socket.create_connection((reached_at, int(read(ready))), timeout=20).close()
        finally:
            process.terminate()
            process.wait(30)
            os.remove(ready)

    def run_gateway(self, *command):
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    def test_wrong_usage_exits_2(self):
        program = os.path.join(BIN, "imi-gateway")
        for arguments in [[], ["--frob"], ["--ca", "x"],
                          self.command()[1:] + ["--port", "70000"],
                          self.command()[1:] + ["--port", "many"],
                          self.command()[1:] + ["--port", ""],
                          self.command()[1:] + ["--plain"],
                          self.command()[1:] + ["--origin", "https://a.example/path"],
                          self.command()[1:] + ["--origin", "*"],
                          self.command()[1:] + ["--frame-ancestor", "https://a; script-src *"],
                          self.command()[1:] + ["--session-rate", "0"],
                          self.command()[1:] + ["--session-rate", "nan"],
                          self.command()[1:] + ["--address-connections", "0"],
                          self.command()[1:] + ["stray"]]:
            with self.subTest(arguments=arguments[-2:]):
                done = self.run_gateway(program, *arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("imi-gateway", done.stderr)
        self.assertEqual(self.run_gateway(program, "--help").returncode, 0)

    def test_a_start_that_fails_exits_3_with_the_cause(self):
        for name, option in [("missing.crt", "--cert"), ("missing.key", "--key"),
                             ("missing-ca.crt", "--ca")]:
            with self.subTest(option=option):
                done = self.run_gateway(*self.command(option, f"/nonexistent/{name}"))
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(name, done.stderr)
        done = self.run_gateway(*self.command("--listen", "nowhere.example"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("nowhere.example", done.stderr)
        done = self.run_gateway(*self.command("--port", str(self.port)))
        self.assertEqual(done.returncode, 3)
        self.assertIn(str(self.port), done.stderr)

    def test_without_the_server_nothing_is_promised_and_it_comes_back(self):
        self.assertEqual(self.imid.stop(), 0)
        for path in [JWKS, HEALTH]:
            status, headers, _ = self.request("GET", path)
            self.assertEqual((status, headers["Cache-Control"]), (503, "no-store"))
        self.imid.start()
        deadline = time.monotonic() + 30
        while self.request("GET", HEALTH)[0] != 200:
            self.assertLess(time.monotonic(), deadline, "the gateway does not find its way back")
            time.sleep(0.2)


if __name__ == "__main__":
    unittest.main()
