#!/usr/bin/python3
"""A webhook receiver in Python, without packages: checks each call, then prints its event.

usage: webhook.py SECRET_FILE [PORT]
"""
import base64
import hashlib
import hmac
import http.server
import json
import sys
import time

SECRETS = [base64.b64decode(line[len("whsec_"):]) for line in open(sys.argv[1]).read().split()]
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 8080
TOLERANCE_S = 300
BODY_MAX = 65536
seen = set()  # yours: a table with a unique column, as this one forgets


def is_right(headers, body):
    """Whether one of our secrets signed exactly this, not long ago."""
    sent = headers["webhook-timestamp"]
    if abs(time.time() - int(sent)) > TOLERANCE_S:
        return False
    text = f"{headers['webhook-id']}.{sent}.".encode() + body
    given = headers["webhook-signature"].split()
    return any(hmac.compare_digest(one.encode(), b"v1," + base64.b64encode(
        hmac.digest(secret, text, hashlib.sha256))) for one in given for secret in SECRETS)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        try:
            body = self.rfile.read(min(int(self.headers["content-length"]), BODY_MAX))
            code = 204 if is_right(self.headers, body) else 401
        except (KeyError, TypeError, ValueError, AttributeError):
            code = 400
        if code == 204 and self.headers["webhook-id"] not in seen:
            seen.add(self.headers["webhook-id"])
            event = json.loads(body)
            # Now ask GetSession for the result and its token; the call itself has neither.
            print(event["type"], event["data"]["session_id"], flush=True)
        self.send_response(code)
        self.end_headers()


print("ready", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
