#!/usr/bin/python3 -B
"""imi-gateway: calls of phones over gRPC-Web, well meant and hostile."""
import base64
import http.client
import os
import tempfile
import time
import unittest

from gateway_fixture import (BINARY, HEALTH, HOLDER, SUBJECT, TEXT, Gateway, WebFailure, WebPhone,
                             frame)
from imi_system import BLANK_JPEG, Backend, Imid, common, free_port, read, read_text, subject

ALLOWED, FOREIGN = "https://app.example", "https://elsewhere.example"
INVALID, UNAUTHENTICATED, UNAVAILABLE, DEADLINE = 3, 16, 14, 4
OUTCOME = SUBJECT + "GetOutcome"
FRAMES_MAX, SMALL_MAX = 1 << 20, 64 << 10
WITHIN_S = 30


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.imid = Imid(folder.name, "--log-level", "debug", "--listen",
                        f"127.0.0.1:{free_port()}").start()
        cls.addClassCleanup(lambda: cls.imid.kill())
        cls.gateway = Gateway(cls.imid, folder.name, "--origin", ALLOWED, "--address-rate",
                              "10000", "--session-rate", "1000").start()
        cls.addClassCleanup(cls.gateway.stop)
        with Backend(cls.imid) as backend:
            cls.reference = backend.enrol()

    def join(self, kind=BINARY):
        with Backend(self.imid) as backend:
            created = backend.create(self.reference)
        phone = WebPhone(self.gateway, kind)
        phone.join(created)
        return phone

    def post(self, path, body, kind=BINARY, **headers):
        return self.gateway.request("POST", path, body, {"Content-Type": kind, **headers})

    # ---- A phone's way

    def test_a_phone_goes_its_way_in_either_format(self):
        for kind in [BINARY, TEXT]:
            with self.subTest(kind=kind):
                phone = self.join(kind)
                self.assertEqual(phone.consent(), common.SESSION_STATE_CONSENTED)
                self.assertTrue(phone.begin().capture_id)
                sent = phone.frame(BLANK_JPEG)
                first = phone.submit(sent)
                self.assertEqual(first.sequence, 1)
                self.assertEqual(phone.submit(sent), first, "a frame is taken once")
                self.assertEqual(phone.outcome().outcome, common.SUBJECT_OUTCOME_IN_PROGRESS)

    def test_frames_of_one_body_are_answered_one_by_one(self):
        phone = self.join()
        phone.consent()
        phone.begin()
        requests = [subject.StreamFramesRequest(capture_id=phone.capture.capture_id,
                                                frame=phone.frame(BLANK_JPEG))
                    for _ in range(5)]
        for kind in [BINARY, TEXT]:
            answer = self.gateway.call(SUBJECT + "StreamFrames",
                                       *(one.SerializeToString() for one in requests),
                                       kind=kind, headers=dict(phone.metadata))
            self.assertEqual(answer.code, 0, answer.trailers)
            told = [subject.StreamFramesResponse.FromString(one).feedback.sequence
                    for one in answer.messages]
            self.assertEqual(told, [1, 2, 3, 4, 5])

    def test_what_the_holder_has_is_reached(self):
        phone = self.join()
        phone.consent()
        answer = self.gateway.call(HOLDER + "GetConsent", b"", headers=dict(phone.metadata))
        self.assertEqual(answer.code, 0, answer.trailers)

    def test_a_failure_has_the_code_and_the_name_of_the_server(self):
        answer = self.gateway.call(OUTCOME, b"")
        self.assertEqual((answer.http, answer.code, answer.name),
                         (200, UNAUTHENTICATED, "unauthenticated"))
        answer = self.gateway.call(OUTCOME, b"", headers={"authorization": "Bearer x.y"})
        self.assertEqual(answer.code, UNAUTHENTICATED)
        answer = self.gateway.call(SUBJECT + "Join", b"\xff\xff")
        self.assertEqual((answer.code, answer.name), (INVALID, "rpc_message"))
        self.assertTrue(answer.trailers["grpc-message"])

    def test_the_server_names_our_request_beside_a_call_that_fails(self):
        answer = self.gateway.call(OUTCOME, b"", headers={"X-Request-Id": "mine"})
        request = answer.headers["X-Request-Id"]
        deadline = time.monotonic() + WITHIN_S
        lines = []
        while not lines:  # it may be written behind the answer
            self.assertLess(time.monotonic(), deadline)
            lines = [line for line in read_text(self.imid.log).splitlines() if request in line]
        self.assertIn("SubjectService/GetOutcome failed: unauthenticated", lines[0])
        self.assertNotIn("mine", lines[0])

    def test_every_answer_has_an_id_that_is_ours(self):
        seen = set()
        for path in [HEALTH, "/none"]:
            headers = self.gateway.request("GET", path, headers={"X-Request-Id": "mine"})[1]
            seen.add(headers["X-Request-Id"])
        seen.add(self.gateway.call(OUTCOME, b"").headers["X-Request-Id"])
        self.assertEqual(len(seen), 3)
        self.assertTrue(all(one.startswith("req_") for one in seen), seen)

    def test_a_deadline_is_kept(self):
        self.imid.process.send_signal(19)  # SIGSTOP
        try:
            began = time.monotonic()
            answer = self.gateway.call(OUTCOME, b"", headers={"grpc-timeout": "300m"})
            self.assertEqual((answer.code, answer.name), (DEADLINE, "deadline"))
            self.assertLess(time.monotonic() - began, 10)
        finally:
            self.imid.process.send_signal(18)  # SIGCONT

    # ---- What is not served

    def test_methods_outside_the_list_are_not_found(self):
        for path in ["/imi.v1.RelyingPartyService/CreateSession",
                     "/imi.v1.RelyingPartyService/GetJwks",
                     "/imi.v1.EnrolmentService/EnrolReference",
                     "/imi.v1.AdministrationService/GetThresholds",
                     "/grpc.health.v1.Health/Check",
                     "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                     SUBJECT, SUBJECT + "join", SUBJECT + "Join/", "/" + SUBJECT + "Join",
                     SUBJECT + "../RelyingPartyService/GetJwks"]:
            with self.subTest(path=path):
                self.assertEqual(self.post(path, frame(b""))[0], 404)

    def test_other_methods_of_http_do_not_call(self):
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]:
            status, headers, _ = self.gateway.request(method, OUTCOME)
            self.assertEqual((status, headers["Allow"]), (405, "POST"))

    def test_other_types_of_content_are_refused(self):
        for kind in ["application/json", "text/plain", "application/grpc", "application/grpc-web+json",
                     "application/grpc-web+protobuf", "application/grpc-webx", "", "a" * 500]:
            with self.subTest(kind=kind[:40]):
                self.assertEqual(self.post(OUTCOME, frame(b""), kind)[0], 415)

    # ---- Hostile bodies

    def test_bad_frames_are_refused_by_the_gateway(self):
        for body in [b"", b"\0", b"\0\0\0\0", frame(b"abc")[:-1], frame(b"") + b"\0",
                     frame(b"", 1), frame(b"", 0x80), frame(b"", 0x81), frame(b"", 2),
                     b"\0\xff\xff\xff\xff", b"\0\x7f\xff\xff\xffabc", frame(b"") + frame(b""),
                     frame(b"") + frame(b"grpc-status: 0\r\n", 0x80), os.urandom(1000)]:
            with self.subTest(body=body[:20]):
                status, _, content = self.post(OUTCOME, body)
                self.assertEqual(status, 200)
                self.assertIn(b"grpc-status: 3\r\n", content)
                self.assertIn(b"imi-status: rpc_message\r\n", content)

    def test_bad_base64_is_refused(self):
        for body in [b"AAAAA", b"!!!!", b"AAAAAAA", b"AAAA AAA", b"AAAAAAA=AAAA", "é".encode()]:
            with self.subTest(body=body):
                content = self.post(OUTCOME, body, TEXT)[2]
                self.assertIn(b"grpc-status: 3", base64.b64decode(content))

    def test_bodies_beyond_the_limit_of_their_route_are_refused(self):
        for path, limit in [(OUTCOME, SMALL_MAX), (SUBJECT + "Join", SMALL_MAX),
                            (SUBJECT + "SubmitFrame", FRAMES_MAX),
                            (SUBJECT + "StreamFrames", FRAMES_MAX)]:
            with self.subTest(path=path):
                self.assertEqual(self.post(path, bytes(limit))[0], 200)
                self.assertEqual(self.post(path, bytes(limit + 1))[0], 413)

    def test_a_length_that_is_not_told_is_counted(self):
        chunks = (bytes(4096) for _ in range(40))
        connection = self.gateway.connect()
        connection.request("POST", OUTCOME, chunks, {"Content-Type": BINARY}, encode_chunked=True)
        self.assertEqual(connection.getresponse().status, 413)
        connection.close()

    def test_a_body_without_end_is_cut_off_and_not_kept(self):
        before = self.rss_kib()
        connection = self.gateway.connect()
        with self.assertRaises((OSError, http.client.HTTPException)):
            connection.request("POST", OUTCOME, (bytes(65536) for _ in range(4000)),
                               {"Content-Type": BINARY}, encode_chunked=True)
            connection.getresponse().read()
            raise http.client.HTTPException("answered early")
        connection.close()
        self.assertLess(self.rss_kib() - before, 16 << 10)

    def test_a_huge_declared_length_is_answered_before_a_byte_of_it(self):
        connection = self.gateway.connect()
        connection.putrequest("POST", OUTCOME)
        connection.putheader("Content-Type", BINARY)
        connection.putheader("Content-Length", str(1 << 40))
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 413)
        connection.close()

    def rss_kib(self):
        text = read(f"/proc/{self.gateway.process.pid}/status").decode()
        return next(int(line.split()[1]) for line in text.splitlines() if "VmRSS" in line)

    def raw(self, text):
        """What a connection answers to bytes as they are."""
        connection = self.gateway.connect(10)
        connection.connect()
        connection.sock.sendall(text)
        answer = b""
        try:
            while part := connection.sock.recv(65536):
                answer += part
        except OSError:
            pass
        connection.close()
        return answer

    def test_headers_cannot_be_smuggled_to_the_server(self):
        head = f"POST {OUTCOME} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {BINARY}\r\n"
        for extra in ["authorization: Bearer a\x01b.c\r\n", "authorization: Bearer \xe9.c\r\n",
                      "authorization: Bearer a\tb\r\n"]:
            with self.subTest(extra=extra):
                answer = self.raw((head + extra + "Content-Length: 5\r\nConnection: close\r\n\r\n")
                                  .encode("latin-1") + frame(b""))
                self.assertNotIn(b"grpc-status: 0", answer)
                self.assertRegex(answer, rb"HTTP/1.1 400|grpc-status: (3|16)")

    def test_two_lengths_are_not_both_believed(self):
        inner = f"GET {HEALTH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answer = self.raw((f"POST {OUTCOME} HTTP/1.1\r\nHost: localhost\r\n"
                           f"Content-Type: {BINARY}\r\nContent-Length: {5 + len(inner)}\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").encode() + inner.encode())
        self.assertNotIn(b"serving", answer)

    def test_a_message_cannot_begin_another_trailer(self):
        answer = self.gateway.call(SUBJECT + "Join", subject.JoinRequest(
            session_id="a\r\ngrpc-status: 0\r\nx: ", join_secret="b",
            device_public_key=b"c").SerializeToString())
        self.assertNotEqual(answer.code, 0)
        self.assertLessEqual(set(answer.trailers), {"grpc-status", "grpc-message", "imi-status"})

    # ---- Origins

    def test_pages_of_other_origins_may_not_call_unless_named(self):
        for origin, wanted in [(None, 200), (f"https://localhost:{self.gateway.port}", 200),
                               (ALLOWED, 200), (FOREIGN, 403), ("null", 403),
                               (ALLOWED + ".elsewhere.example", 403)]:
            with self.subTest(origin=origin):
                headers = {} if origin is None else {"Origin": origin}
                status, answered, _ = self.post(OUTCOME, frame(b""), **headers)
                self.assertEqual(status, wanted)
                self.assertEqual(answered["Access-Control-Allow-Origin"],
                                 ALLOWED if origin == ALLOWED else None)
                # By the date an SDK on another site learns that its phone's clock is wrong.
                self.assertEqual(answered["Access-Control-Expose-Headers"],
                                 "date, x-request-id" if origin == ALLOWED else None)
                self.assertIsNone(answered["Access-Control-Allow-Credentials"])

    def test_preflight_is_answered_to_named_origins_alone(self):
        asks = {"Access-Control-Request-Method": "POST"}
        status, headers, _ = self.gateway.request("OPTIONS", OUTCOME,
                                                  headers={"Origin": ALLOWED, **asks})
        self.assertEqual((status, headers["Access-Control-Allow-Origin"]), (204, ALLOWED))
        self.assertIn("authorization", headers["Access-Control-Allow-Headers"])
        for path, origin in [(OUTCOME, FOREIGN), (HEALTH, ALLOWED), ("/none", ALLOWED)]:
            status, headers, _ = self.gateway.request("OPTIONS", path,
                                                      headers={"Origin": origin, **asks})
            self.assertIn(status, (404, 405))
            self.assertIsNone(headers["Access-Control-Allow-Origin"])

    # ---- The log

    def test_the_access_log_tells_nothing_of_a_person(self):
        phone = self.join()
        answer = self.gateway.call(OUTCOME + "?secret=hunter2", b"", headers=dict(phone.metadata))
        self.gateway.request("GET", "/hunter2?x=hunter2", headers={"User-Agent": "hunter2"})
        self.gateway.request("HUNTER2", "/")
        request = answer.headers["X-Request-Id"]
        deadline = time.monotonic() + WITHIN_S
        while not any(line["request"] == request for line in self.gateway.lines()):
            self.assertLess(time.monotonic(), deadline)
        line = next(line for line in self.gateway.lines() if line["request"] == request)
        self.assertEqual((line["route"], line["status"], line["grpc"], line["network"]),
                         (OUTCOME, 200, 0, "127.0.0.0/24"))
        text = read(self.gateway.log).decode()
        credential = dict(phone.metadata)["authorization"].split()[1]
        for secret in ["hunter2", "HUNTER2", credential, credential.split(".")[0], "127.0.0.1"]:
            self.assertNotIn(secret, text)

    # ---- The server goes and comes

    def test_while_the_server_is_away_calls_say_so_and_then_go_on(self):
        phone = self.join()
        self.assertEqual(self.imid.stop(), 0)
        with self.assertRaises(WebFailure) as caught:
            phone.outcome()
        trailers = caught.exception.args[1]
        self.assertEqual((trailers["grpc-status"], trailers["imi-status"]),
                         (str(UNAVAILABLE), "rpc_unavailable"))
        self.assertNotIn("127.0.0.1", trailers["grpc-message"])
        status, headers, _ = self.gateway.request("GET", HEALTH)
        self.assertEqual(status, 503)
        self.assertGreater(int(headers["Retry-After"]), 0)
        self.imid.start()
        deadline = time.monotonic() + WITHIN_S
        while True:
            try:
                phone.outcome()
                return
            except WebFailure:
                self.assertLess(time.monotonic(), deadline, "it does not find its way back")
                time.sleep(0.2)


if __name__ == "__main__":
    unittest.main()
