#!/usr/bin/python3 -B
"""imi-gateway behind HAProxy, with the configuration of docs/gateway.md."""
import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from gateway_fixture import HEALTH, SUBJECT, Gateway
from imi_system import Imid, free_port, read, read_text

HAPROXY = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/gateway.md")
UNAUTHENTICATED = 16


class BehindProxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.imid = Imid(folder.name).start()
        cls.addClassCleanup(lambda: cls.imid.kill())
        cls.behind = Gateway(cls.imid, folder.name, plain=True).start()
        cls.addClassCleanup(cls.behind.stop)
        cls.front = Gateway(cls.imid, folder.name)  # how a client reaches the proxy
        cls.front.port = free_port()
        cls.proxy = subprocess.Popen([HAPROXY, "-db", "-f", cls.configure(folder.name)],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.stop_proxy)
        deadline = time.monotonic() + 30
        while not cls.is_up():
            assert cls.proxy.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)

    @classmethod
    def configure(cls, folder):
        text = re.search(r"```haproxy\n(.*?)```", read_text(DOCS), re.S).group(1)
        identity = os.path.join(folder, "imi.pem")
        with open(identity, "wb") as file:
            file.write(read(cls.imid.pki("server.crt")) + read(cls.imid.pki("server.key")))
        for old, new in [("bind :443", f"bind 127.0.0.1:{cls.front.port}"),
                         ("/etc/haproxy/imi.pem", identity),
                         ("127.0.0.1:7480", f"127.0.0.1:{cls.behind.port}")]:
            assert old in text
            text = text.replace(old, new)
        path = os.path.join(folder, "haproxy.cfg")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    @classmethod
    def stop_proxy(cls):
        cls.proxy.terminate()
        cls.proxy.wait(30)

    @classmethod
    def is_up(cls):
        try:
            return cls.front.request("GET", HEALTH)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def test_documents_and_calls_pass(self):
        self.assertEqual(self.front.request("GET", HEALTH)[2], b"serving\n")
        answer = self.front.call(SUBJECT + "GetOutcome", b"")
        self.assertEqual((answer.code, answer.name), (UNAUTHENTICATED, "unauthenticated"))

    def test_what_a_client_says_of_its_address_is_replaced(self):
        answer = self.front.call(SUBJECT + "GetOutcome", b"",
                                 headers={"X-Forwarded-For": "192.0.2.9"})
        request = answer.headers["X-Request-Id"]
        deadline = time.monotonic() + 30
        while not (lines := [one for one in self.behind.lines() if one["request"] == request]):
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(lines[0]["network"], "127.0.0.0/24")


if __name__ == "__main__":
    if HAPROXY is None:
        print("haproxy is not here")
        sys.exit(77)
    unittest.main()
