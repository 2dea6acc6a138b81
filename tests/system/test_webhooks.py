#!/usr/bin/python3 -B
"""Events reach relying parties: by webhooks at least once, by WatchEvents without loss or repeat.

Receivers are real HTTP servers on this machine; what they check is by hand, not by our code.
"""
import base64
import contextlib
import hashlib
import hmac
import http.server
import importlib
import json
import os
import shutil
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

from imi_system import (BIN, POLICY, PROTO, STUBS, Backend, Client, Code, Imid, Phone, failure,
                        free_port, read_text, running)
from test_authorisation import Authority

subprocess.run([sys.executable, "-m", "grpc_tools.protoc", "-I", PROTO,
                f"--python_out={STUBS.name}", f"--grpc_python_out={STUBS.name}",
                "imi/v1/event.proto"], check=True)
importlib.invalidate_caches()
event_pb = importlib.import_module("imi.v1.event_pb2")
event_grpc = importlib.import_module("imi.v1.event_pb2_grpc")

PARTY_ENTRY = "    may_enrol: true\n"
SECOND_PARTY = """  - name: second-party
    audience: https://second.example
    purposes: [demo]
    may_enrol: true
"""
LEASE_S = 15
CALLS_MAX = 4  # at once, to one receiver
WITHIN_S = 30  # what takes a moment, on a busy machine
TRIES = 3  # as such a machine may be late by itself
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/examples")


def wait_for(what, why, within_s=WITHIN_S):
    """What it is, once it is anything."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(why)


class Receiver:
    """An HTTP server that notes each call and answers as `answer` says: a code, or a function."""

    def __init__(self, answer=200, port=0, tls=None):
        self.answer = answer
        self.calls = []
        self.released = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.calls.append((self.path, dict(self.headers.items()), body, time.time()))
                with contextlib.suppress(OSError):
                    if callable(outer.answer):
                        outer.answer(self)
                    else:
                        self.send_response(outer.answer)
                        self.send_header("content-length", "0")
                        self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, host="127.0.0.1", scheme="http"):
        return f"{scheme}://{host}:{self.port}/events"

    def hang(self, handler):
        """An answer that does not come before the test allows it."""
        self.released.wait(60)
        handler.send_response(200)
        handler.end_headers()

    def ids(self):
        return [headers["webhook-id"] for _, headers, _, _ in self.calls]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


def policy_with(folder, url, second_url=None):
    """A policy file whose relying party has a webhook, and with a second party if asked for."""
    text = read_text(POLICY)
    assert PARTY_ENTRY in text
    entry = PARTY_ENTRY + f"    webhook: {{url: '{url}', secret_file: webhook-secret}}\n"
    if second_url:
        entry += SECOND_PARTY + f"    webhook: {{url: '{second_url}', secret_file: second}}\n"
    path = os.path.join(folder, "policy.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(PARTY_ENTRY, entry))
    return path


@contextlib.contextmanager
def serving(url, *options, second_url=None):
    with tempfile.TemporaryDirectory(prefix="imi-webhooks.") as folder:
        policy = policy_with(folder, url, second_url)
        with running("--policy", policy, *options) as imid:
            yield imid


class Party(Backend):
    """A backend that can also follow its events."""

    def __init__(self, imid, pair=None):
        super().__init__(imid, pair)
        self.events = event_grpc.EventServiceStub(self.channel)
        self.reference_id = None

    def end_a_session(self, imid):
        """A session that its person refuses: the shortest way to an event that is delivered."""
        if self.reference_id is None:
            self.reference_id = self.enrol()
        created = self.create(self.reference_id)
        with Client(imid) as client:
            phone = Phone(client)
            phone.join(created)
            phone.consent(False)
        return created.session_id

    def failed(self, error):
        """The deliveries, if there is one and the first ended so."""
        found = self.deliveries()
        return found if found and found[0].last_error == error else None

    def deliveries(self, state=event_pb.DELIVERY_STATE_UNSPECIFIED, limit=0):
        return self.events.ListDeliveries(event_pb.ListDeliveriesRequest(
            state=state, limit=limit), timeout=60).deliveries

    def follow(self, after=0, timeout=60):
        return self.events.WatchEvents(event_pb.WatchEventsRequest(after_cursor=after),
                                       timeout=timeout)


def second_pair(imid):
    return Authority(imid.folder, imid.pki("ca.crt"), imid.pki("ca.key")).issue("second-party")


def imictl(imid, *arguments):
    return subprocess.run(
        [os.path.join(BIN, "imictl"), *arguments], capture_output=True, text=True, timeout=60,
        check=False, env=dict(os.environ, IMI_SERVER=imid.address, IMI_DATA=imid.data))


def expected_signature(imid, call, name="webhook-secret"):
    _, headers, body, _ = call
    secret = read_text(os.path.join(imid.data, name)).strip()
    assert secret.startswith("whsec_")
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(base64.b64decode(secret[6:]), text, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()


class Webhooks(unittest.TestCase):
    def test_an_event_is_delivered_once_and_signed(self):
        with Receiver() as receiver, serving(receiver.url()) as imid, Party(imid) as party:
            sessions = [party.end_a_session(imid) for _ in range(3)]
            wait_for(lambda: len(receiver.calls) >= 3, "the calls did not come")
            time.sleep(2)
            self.assertEqual(len(set(receiver.ids())), 3)
            self.assertEqual(len(receiver.calls), 3)
            self.assertEqual(sorted(sessions), sorted(
                json.loads(body)["data"]["session_id"] for _, _, body, _ in receiver.calls))
            for path, headers, body, at in receiver.calls:
                self.assertEqual(path, "/events")
                self.assertEqual(headers["webhook-signature"],
                                 expected_signature(imid, (path, headers, body, at)))
                self.assertLess(abs(int(headers["webhook-timestamp"]) - at), WITHIN_S)
                self.assertEqual(headers["content-type"], "application/json")
                told = json.loads(body)
                self.assertEqual(told["type"], "session.withdrawn")
                self.assertEqual(set(told), {"type", "timestamp", "data"})
                self.assertEqual(set(told["data"]), {"session_id", "sequence", "cursor", "kind",
                                                     "detail", "decision"})
                self.assertNotIn(b"person", body)
            self.assertEqual(list(party.deliveries()), [])

    def test_imictl_tells_a_right_call_from_a_wrong_one(self):
        with Receiver() as receiver, serving(receiver.url()) as imid, Party(imid) as party:
            party.end_a_session(imid)
            wait_for(lambda: receiver.calls, "the call did not come")
            _, headers, body, _ = receiver.calls[0]
            path = os.path.join(imid.folder, "body")
            with open(path, "wb") as file:
                file.write(body)

            def verify(signature=headers["webhook-signature"], more=()):
                return imictl(imid, "webhook", "verify", "--secret",
                              os.path.join(imid.data, "webhook-secret"), "--body", path,
                              "--id", headers["webhook-id"], "--timestamp",
                              headers["webhook-timestamp"], "--signature", signature, *more)

            self.assertEqual((verify().returncode, verify().stdout), (0, "right\n"))
            self.assertEqual(verify("v1," + base64.b64encode(bytes(32)).decode()).returncode, 1)
            late = str(int(headers["webhook-timestamp"]) + 301)
            self.assertEqual(verify(more=("--at", late)).returncode, 1)
            self.assertEqual(verify(more=("--at", "soon")).returncode, 2)
            os.remove(path)
            self.assertEqual(verify().returncode, 3)

    def test_steps_on_the_way_are_not_delivered(self):
        with Receiver() as receiver, serving(receiver.url()) as imid, Party(imid) as party, \
                Client(imid) as client:
            phone = Phone(client)
            phone.join(party.create(party.enrol()))
            phone.consent()
            phone.begin()
            time.sleep(2)
            self.assertEqual(receiver.calls, [])
            self.assertEqual(list(party.deliveries()), [])

    def test_a_receiver_that_was_down_gets_it_later(self):
        port = free_port()
        with serving(f"http://127.0.0.1:{port}/events") as imid, Party(imid) as party:
            session = party.end_a_session(imid)
            pending, = wait_for(lambda: party.failed("unreachable"), "the failure does not show")
            self.assertEqual(pending.state, event_pb.DELIVERY_STATE_PENDING)
            self.assertEqual((pending.session_id, pending.kind), (session, "withdrawn"))
            self.assertEqual(pending.attempts, 1)
            self.assertGreater(pending.next_attempt_ms, time.time() * 1000 - WITHIN_S * 1000)
            with Receiver(port=port) as receiver:
                wait_for(lambda: receiver.calls, "it was not tried again")
                self.assertEqual(set(receiver.ids()), {pending.delivery_id})
                wait_for(lambda: not party.deliveries(), "it is still pending")

    def test_what_is_refused_for_good_is_a_dead_letter_until_it_is_replayed(self):
        with Receiver(500) as receiver, serving(receiver.url()) as imid, Party(imid) as party:
            party.end_a_session(imid)
            wait_for(lambda: party.failed("http_500"), "the failure does not show")
            # Three days later.
            with contextlib.closing(sqlite3.connect(os.path.join(imid.data, "imi.db"),
                                                    timeout=30)) as database:
                with database:
                    database.execute("UPDATE delivery SET attempts = 9, next_ms = 0")
            wait_for(lambda: party.deliveries(event_pb.DELIVERY_STATE_DEAD), "it is not dead")
            dead, = party.deliveries(event_pb.DELIVERY_STATE_DEAD)
            self.assertEqual((dead.attempts, dead.last_error), (10, "http_500"))
            self.assertEqual(dead.next_attempt_ms, 0)
            self.assertEqual(list(party.deliveries(event_pb.DELIVERY_STATE_PENDING)), [])
            receiver.answer = 200
            seen = len(receiver.calls)
            done = imictl(imid, "webhook", "list", "--dead")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(dead.delivery_id, done.stdout)
            done = imictl(imid, "webhook", "replay")
            self.assertEqual(done.returncode, 0, done.stderr)
            wait_for(lambda: len(receiver.calls) > seen, "it was not replayed")
            self.assertEqual(set(receiver.ids()), {dead.delivery_id})
            wait_for(lambda: not party.deliveries(), "it is still there")

    def test_who_is_gone_is_asked_once(self):
        with Receiver(410) as receiver, serving(receiver.url()) as imid, Party(imid) as party:
            party.end_a_session(imid)
            wait_for(lambda: party.deliveries(event_pb.DELIVERY_STATE_DEAD), "it is not dead")
            self.assertEqual(len(receiver.calls), 1)

    def test_a_call_cut_off_by_a_crash_is_made_again_with_its_id(self):
        with Receiver() as receiver, serving(receiver.url()) as imid, Party(imid) as party:
            receiver.answer = receiver.hang
            party.end_a_session(imid)
            wait_for(lambda: receiver.calls, "the call did not come")
            imid.kill()
            receiver.answer = 200
            receiver.released.set()
            imid.start()
            wait_for(lambda: len(receiver.calls) >= 2, "it was not sent again", LEASE_S + WITHIN_S)
            self.assertEqual(len(set(receiver.ids())), 1)
            time.sleep(2)
            self.assertEqual(len(receiver.calls), 2)

    def test_what_was_committed_before_a_crash_is_sent_after_it(self):
        port = free_port()
        with serving(f"http://127.0.0.1:{port}/events") as imid, Party(imid) as party:
            sessions = set()
            for _ in range(5):
                sessions.add(party.end_a_session(imid))
            imid.kill()
            with Receiver(port=port) as receiver:
                imid.start()
                wait_for(lambda: len(set(receiver.ids())) == 5, "some were lost",
                         LEASE_S + WITHIN_S)
                self.assertEqual(sessions, {json.loads(body)["data"]["session_id"]
                                            for _, _, body, _ in receiver.calls})

    def is_served_beside_a_slow_one(self):
        with Receiver() as slow, Receiver() as quick, \
                serving(slow.url(), second_url=quick.url()) as imid, Party(imid) as party, \
                Party(imid, second_pair(imid)) as second:
            slow.answer = slow.hang
            for _ in range(CALLS_MAX + 1):
                party.end_a_session(imid)
            second.end_a_session(imid)
            wait_for(lambda: quick.calls, "the quick one waits for the slow one")
            others_wait = not any(delivery.last_error for delivery in party.deliveries())
            at_once = len(slow.calls) <= CALLS_MAX
            self.assertEqual(quick.calls[0][1]["webhook-signature"],
                             expected_signature(imid, quick.calls[0], "second"))
            # Nor does it hold up the end of the server.
            began = time.monotonic()
            self.assertEqual(imid.stop(), 0)
            ends_soon = time.monotonic() - began < 8
            imid.start()
            return others_wait and at_once and ends_soon

    def test_a_slow_receiver_holds_up_no_other(self):
        for _ in range(TRIES):
            if self.is_served_beside_a_slow_one():
                return
        self.fail("the quick one waits for the slow one, or the end does")

    def test_redirects_are_not_followed(self):
        def redirect(handler):
            handler.send_response(307)
            handler.send_header("location", elsewhere.url())
            handler.send_header("content-length", "0")
            handler.end_headers()

        with Receiver() as elsewhere, Receiver(redirect) as receiver, \
                serving(receiver.url()) as imid, Party(imid) as party:
            party.end_a_session(imid)
            wait_for(lambda: party.failed("http_307"), "the failure does not show")
            self.assertEqual(elsewhere.calls, [])

    def test_an_endless_answer_is_cut_off_and_counts(self):
        cut_off = []

        def talk(handler):
            handler.send_response(200)
            handler.end_headers()
            try:
                for _ in range(100000):
                    handler.wfile.write(b"x" * 4096)
            except OSError:
                cut_off.append(True)

        with Receiver(talk) as receiver, serving(receiver.url()) as imid, Party(imid) as party:
            party.end_a_session(imid)
            wait_for(lambda: receiver.calls and not party.deliveries(), "it is not done")
            wait_for(lambda: cut_off, "all of it was taken")
            self.assertEqual(len(receiver.calls), 1)

    def test_over_tls_the_receiver_must_be_who_it_says(self):
        with tempfile.TemporaryDirectory(prefix="imi-webhooks.") as folder:
            # The development authority of one server vouches for the receiver of another.
            with running() as other:
                tls = [os.path.join(folder, name) for name in ("crt", "key", "ca")]
                for source, path in zip(("server.crt", "server.key", "ca.crt"), tls):
                    with open(path, "w", encoding="ascii") as file:
                        file.write(read_text(other.pki(source)))
            with Receiver(tls=tls[:2]) as receiver:
                url = receiver.url("localhost", "https")
                with serving(url) as imid, Party(imid) as party:
                    party.end_a_session(imid)
                    wait_for(lambda: party.failed("tls"), "a stranger's certificate was taken")
                    self.assertEqual(receiver.calls, [])
                with serving(url, "--webhook-ca", tls[2]) as imid, Party(imid) as party:
                    party.end_a_session(imid)
                    wait_for(lambda: receiver.calls, "the call did not come")

    def test_a_secret_that_others_can_read_stops_the_start(self):
        with tempfile.TemporaryDirectory(prefix="imi-webhooks.") as folder:
            imid = Imid(folder, "--policy", policy_with(folder, "http://127.0.0.1:9/events"))
            os.mkdir(imid.data, 0o700)
            path = os.path.join(imid.data, "webhook-secret")
            with open(path, "w", encoding="ascii") as file:
                file.write("whsec_" + "A" * 32)
            os.chmod(path, 0o644)
            done = imid.fail_to_start()
            self.assertEqual(done.returncode, 3)
            self.assertIn("webhook-secret", done.stderr)


class ExampleReceivers(unittest.TestCase):
    """The receivers of docs/examples, as a reader would run them."""

    def check(self, *command):
        port = free_port()
        with serving(f"http://127.0.0.1:{port}/") as imid, Party(imid) as party:
            process = subprocess.Popen(
                [*command, os.path.join(imid.data, "webhook-secret"), str(port)],
                stdout=subprocess.PIPE, text=True)
            self.addCleanup(process.stdout.close)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            self.assertEqual(process.stdout.readline(), "ready\n")
            session = party.end_a_session(imid)
            self.assertEqual(process.stdout.readline(), f"session.withdrawn {session}\n")
            wait_for(lambda: not party.deliveries(), "it did not answer well")
            forged = {"webhook-id": "del_x", "webhook-timestamp": str(int(time.time())),
                      "webhook-signature": "v1," + base64.b64encode(bytes(32)).decode()}
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(
                    f"http://127.0.0.1:{port}/", b"{}", forged), timeout=10)
            refused.exception.close()
            self.assertEqual(refused.exception.code, 401)

    def test_python(self):
        self.check(sys.executable, "-B", os.path.join(EXAMPLES, "webhook.py"))

    @unittest.skipUnless(shutil.which("node"), "needs node")
    def test_node(self):
        self.check("node", os.path.join(EXAMPLES, "webhook.mjs"))


class Events(unittest.TestCase):
    def read(self, stream, count):
        """So many events of a stream, which goes on."""
        return [next(stream) for _ in range(count)]

    def test_a_follower_resumes_over_a_restart(self):
        with running() as imid, Party(imid) as party:
            sessions = [party.end_a_session(imid)]
            stream = party.follow()
            first = self.read(stream, 3)
            self.assertEqual([e.kind for e in first], ["created", "joined", "withdrawn"])
            self.assertEqual({e.session_id for e in first}, set(sessions))
            live = party.end_a_session(imid)
            second = self.read(stream, 3)
            self.assertEqual({e.session_id for e in second}, {live})
            stream.cancel()
            imid.kill()
            imid.start()
            with Party(imid) as again:
                again.reference_id = party.reference_id
                third = again.end_a_session(imid)
                rest = self.read(again.follow(after=second[-1].cursor), 3)
                self.assertEqual({e.session_id for e in rest}, {third})
                everything = self.read(again.follow(), 9)
                self.assertEqual([e.cursor for e in everything],
                                 [e.cursor for e in first + second + rest])

    def test_a_follower_hears_of_what_another_process_stores(self):
        with tempfile.TemporaryDirectory(prefix="imi-events.") as folder:
            servers = []
            try:
                for name in ("a", "b"):
                    os.mkdir(os.path.join(folder, name))
                    imid = Imid(os.path.join(folder, name), "--shared")
                    imid.data = os.path.join(folder, "data")
                    servers.append(imid.start())
                with Party(servers[0]) as party, Party(servers[1]) as other:
                    stream = party.follow()
                    sessions = []
                    for i in range(6):
                        sessions.append((party, other)[i % 2].end_a_session(servers[i % 2]))
                    events = self.read(stream, 18)
                    cursors = [e.cursor for e in events]
                    self.assertEqual(cursors, sorted(set(cursors)))
                    self.assertEqual({e.session_id for e in events}, set(sessions))
            finally:
                for imid in servers:
                    imid.kill()

    def test_imictl_follows_and_resumes(self):
        with running() as imid, Party(imid) as party:
            session = party.end_a_session(imid)
            done = imictl(imid, "events", "watch", "--count", "3", "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            events = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual([e["kind"] for e in events], ["created", "joined", "withdrawn"])
            self.assertEqual({e["session_id"] for e in events}, {session})
            done = imictl(imid, "events", "watch", "--count", "1", "--after",
                          str(events[1]["cursor"]))
            self.assertIn("withdrawn", done.stdout)
            self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_a_party_hears_of_its_own_sessions_alone(self):
        with serving("http://127.0.0.1:9/a", second_url="http://127.0.0.1:9/b") as imid, \
                Party(imid) as party, Party(imid, second_pair(imid)) as second:
            own = [party.end_a_session(imid)]
            second.end_a_session(imid)
            own.append(party.end_a_session(imid))
            events = self.read(party.follow(), 6)
            self.assertEqual([e.session_id for e in events], [one for one in own for _ in range(3)])
            self.assertEqual({d.session_id for d in party.deliveries()}, set(own))
            foreign = second.deliveries()[0].delivery_id
            self.assertEqual(failure(lambda: party.events.ReplayDeliveries(
                event_pb.ReplayDeliveriesRequest(delivery_id=foreign)))[0], Code.NOT_FOUND)

    def test_a_slow_follower_misses_nothing(self):
        with running() as imid, Party(imid) as party:
            for _ in range(40):
                party.end_a_session(imid)
            stream = party.follow()
            next(stream)
            time.sleep(2)
            events = self.read(stream, 119)
            self.assertEqual(len({e.cursor for e in events}), 119)

    def test_strangers_and_nonsense_are_refused(self):
        with running() as imid, Client(imid) as client, Party(imid) as party:
            stranger = event_grpc.EventServiceStub(client.channel)
            for call in (lambda: next(stranger.WatchEvents(event_pb.WatchEventsRequest())),
                         lambda: stranger.ListDeliveries(event_pb.ListDeliveriesRequest()),
                         lambda: stranger.ReplayDeliveries(event_pb.ReplayDeliveriesRequest())):
                self.assertEqual(failure(call)[0], Code.UNAUTHENTICATED)
            for call in (lambda: next(party.follow(after=-1)), lambda: party.deliveries(state=7)):
                self.assertEqual(failure(call)[0], Code.INVALID_ARGUMENT)


if __name__ == "__main__":
    unittest.main()
