#!/usr/bin/python3
"""The command line contract that needs no server: exit codes, messages, --json."""
import os
import tempfile
import unittest

from imi_cli import CliTest, run

USAGE_ERRORS = [
    [],
    ["frobnicate"],
    ["compare"],
    ["compare", "a.jpg"],
    ["compare", "a.jpg", "b.jpg", "c.jpg"],
    ["compare", "a.jpg", "b.jpg", "--frob"],
    ["compare", "a.jpg", "b.jpg", "--purpose"],
    ["enrol", "a.jpg"],
    ["enrol", "a.jpg", "--subject", "b", "--birth-decade", "1955"],
    ["enrol", "a.jpg", "--subject", "b", "--keep-days", "0"],
    ["enrol", "a.jpg", "--subject", "b", "--sex", "other"],
    ["enrol", "--document", "a.jpg", "--subject", "b"],
    ["enrol", "a.jpg", "--claim", "c.json", "--subject", "b"],
    ["enrol", "a.jpg", "--document", "b.jpg", "--claim", "c.json", "--subject", "d"],
    ["enrol", "--subject", "--document"],
    ["reference"],
    ["reference", "drop"],
    ["reference", "delete"],
    ["reference", "list"],
    ["session"],
    ["session", "get"],
    ["session", "create"],
    ["session", "watch", "x", "--after", "soon"],
    ["session", "create", "--reference", "x", "--claims", "name,,degree"],
    ["holder"],
    ["holder", "consent"],
    ["holder", "consent", "--wallet", "x", "--part", "half"],
    ["holder", "withdraw", "--wallet", "x", "--part", "receipt"],
    ["subject"],
    ["subject", "claims", "x"],
    ["subject", "erase"],
    ["phone", "https://x/j#a.b", "--clip", "c", "--claims", ","],
    ["events"],
    ["events", "watch", "--after", "soon"],
    ["events", "watch", "--count", "-1"],
    ["webhook"],
    ["webhook", "list", "--alive"],
    ["webhook", "verify"],
    ["webhook", "verify", "--secret", "x", "--id", "x", "--timestamp", "1"],
    ["token"],
    ["token", "verify"],
    ["token", "verify", "x", "--jwks", "y", "--issuer", "z"],
    ["credential"],
    ["credential", "show"],
    ["credential", "present", "x", "--audience", "y", "--nonce", "z"],
    ["credential", "verify", "x", "--jwks", "y", "--issuer", "z", "--vct", "v"],
    ["verify", "--reference", "a.jpg"],
    ["verify", "--reference", "a.jpg", "--clip", "b", "--frames", "c"],
    ["verify", "--reference", "a.jpg", "--clip", "b", "--rate", "0"],
    ["phone", "https://x/j#a.b"],
    ["phone", "https://x/j#a.b", "--clip", "c", "--keep-reference", "perhaps"],
    ["frames", "--clip", "x"],
    ["portrait", "in.jpg"],
    ["document"],
    ["document", "a.jpg", "b.jpg"],
    ["threshold"],
    ["threshold", "lower"],
    ["threshold", "show", "extra"],
    ["threshold", "propose", "--purpose", "demo"],
    ["threshold", "propose", "--purpose", "demo", "--target-fmr", "0"],
    ["threshold", "propose", "--purpose", "demo", "--target-fmr", "1"],
    ["threshold", "propose", "--purpose", "demo", "--target-fmr", "nan"],
    ["threshold", "propose", "--purpose", "demo", "--target-fmr", "1e-4x"],
    ["threshold", "propose", "--purpose", "demo", "--target-fmr", "1e-4", "--score", "both"],
    ["threshold", "simulate", "--purpose", "demo"],
    ["threshold", "simulate", "--purpose", "demo", "--point", "a", "--threshold", "1"],
    ["threshold", "simulate", "--purpose", "demo", "--threshold", "high"],
    ["threshold", "simulate", "--purpose", "demo", "--threshold", "nan"],
    ["threshold", "simulate", "--purpose", "demo", "--threshold", "1", "--days", "0"],
    ["threshold", "shadow"],
    ["threshold", "approve"],
    ["threshold", "activate"],
    ["threshold", "rollback"],
    ["threshold", "withdraw"],
    ["threshold", "history"],
    ["threshold", "report", "--purpose", "demo"],
    ["calibration"],
    ["calibration", "stop"],
    ["duplicates", "review", "a", "--verdict", "same-person"],
    ["duplicates", "review", "a", "b"],
    ["duplicates", "review", "a", "b", "--verdict", "maybe"],
    ["duplicates", "list", "--skip", "-1"],
    ["audit"],
    ["audit", "verify", "--noted", "3"],
    ["audit", "verify", "--noted", "3:abc"],
    ["audit", "verify", "--noted", "0:" + 64 * "0"],
]

COMMANDS = [
    ["verify"], ["compare"], ["enrol"], ["reference", "delete"],
    ["reference", "list"], ["session", "create"],
    ["session", "get"], ["session", "watch"], ["events", "watch"], ["webhook", "list"],
    ["webhook", "replay"], ["webhook", "verify"], ["phone"], ["token", "verify"],
    ["token", "redeem"],
    ["token", "revoke"], ["token", "suspend"], ["token", "reinstate"], ["token", "receipt"],
    ["keys", "list"], ["keys", "rotate"], ["keys", "drop"], ["jwks"],
    ["credential", "show"], ["credential", "present"], ["credential", "verify"],
    ["holder", "consent"], ["holder", "withdraw"], ["holder", "receipt"], ["holder", "credential"],
    ["subject", "claims"], ["subject", "erase"],
    ["portrait"], ["frames"], ["document"],
    ["threshold", "show"], ["threshold", "propose"], ["threshold", "simulate"],
    ["threshold", "shadow"], ["threshold", "approve"], ["threshold", "activate"],
    ["threshold", "rollback"], ["threshold", "withdraw"], ["threshold", "history"],
    ["threshold", "report"], ["calibration", "start"], ["calibration", "status"],
    ["calibration", "watch"], ["calibration", "cohort"], ["duplicates", "list"],
    ["duplicates", "review"], ["audit", "verify"],
]


class Usage(CliTest):
    def test_wrong_usage_exits_2_and_tells_the_usage(self):
        for arguments in USAGE_ERRORS:
            with self.subTest(arguments=arguments):
                done = self.imictl(2, *arguments)
                self.assertIn("usage: imictl", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_unknown_option_is_named(self):
        self.assertIn("--frob", self.imictl(2, "compare", "a", "b", "--frob").stderr)

    def test_every_command_has_help(self):
        self.assertIn("verify", self.imictl(0, "--help").stdout)
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assertIn("imictl " + " ".join(command),
                              self.imictl(0, *command, "--help").stdout)

    def test_other_programs_have_help_and_refuse_wrong_usage(self):
        for program in ["imi-load", "imi-demo", "imi-bench", "imid"]:
            with self.subTest(program=program):
                self.assertEqual(run(program, "--help").returncode, 0)
                self.assertEqual(run(program, "--frobnicate").returncode, 2)

    def test_load_insists_on_sensible_numbers(self):
        for wrong in [["--phones", "0"], ["--phones", "many"], ["--rate", "-1"],
                      ["--growth-limit", "5"]]:
            with self.subTest(wrong=wrong):
                self.assertEqual(run("imi-load", "--clip", "x", *wrong).returncode, 2)


class NoAnswer(CliTest):
    """What cannot be decided exits 3, with a reason for people and for programs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def assert_no_answer(self, status, *arguments, **options):
        error = self.imictl_json(3, *arguments, **options)["error"]
        self.assertEqual(error["status"], status)
        self.assertTrue(error["message"])

    def test_missing_files(self):
        missing = os.path.join(self.folder, "missing.jpg")
        self.assert_no_answer("not_found", "compare", missing, missing)
        self.assert_no_answer("not_found", "enrol", missing, "--subject", "x")
        self.assert_no_answer("not_found", "portrait", missing, missing)
        self.assert_no_answer("not_found", "document", missing)
        self.assert_no_answer("not_found", "verify", "--reference", missing, "--clip", missing)

    def test_missing_certificates_say_how_to_get_them(self):
        done = self.imictl(3, "jwks", environment={"IMI_DATA": self.folder})
        self.assertIn("./tools/run", done.stderr)
        self.assertIn("--ca", done.stderr)

    def test_a_document_with_a_wrong_day_or_claim(self):
        photo = os.path.join(self.folder, "photo.jpg")
        claim = os.path.join(self.folder, "claim.json")
        self.assert_no_answer("invalid_argument", "document", photo, "--today", "2025-02-30")
        for wrong in ["[]", "{", '{"height": "180"}', '{"name": 7}']:
            with open(claim, "w", encoding="utf-8") as file:
                file.write(wrong)
            with self.subTest(claim=wrong):
                self.assert_no_answer("invalid_argument", "document", photo, "--claim", claim)

    def test_a_file_that_is_no_video(self):
        path = os.path.join(self.folder, "clip.mp4")
        with open(path, "wb") as file:
            file.write(b"not a video")
        done = self.imictl(3, "frames", "--clip", path, "--out", self.folder)
        self.assertTrue(done.stderr)

    def test_a_key_set_that_cannot_be_fetched(self):
        expected = ["--issuer", "i", "--audience", "a"]
        self.assert_no_answer("not_found", "token", "verify", "x", "--jwks",
                              os.path.join(self.folder, "none"), *expected)
        self.assert_no_answer("rpc_unavailable", "token", "verify", "x", "--jwks",
                              "http://127.0.0.1:9/jwks.json", *expected)

    def test_keys_over_plain_http_from_elsewhere_are_refused(self):
        for url in ["http://example.org/jwks.json", "http://127.0.0.1.example.org/jwks.json",
                    "http://localhost:1@example.org/jwks.json"]:
            with self.subTest(url=url):
                self.assert_no_answer("invalid_argument", "token", "verify", "x", "--jwks", url,
                                      "--issuer", "i", "--audience", "a")

    def test_a_link_that_is_no_join_link(self):
        for link in ["https://example.org/", "#", "#nodot", "#" + "x" * 200 + ".y"]:
            with self.subTest(link=link):
                self.assert_no_answer("invalid_argument", "phone", link, "--clip", "x")


class BadToken(CliTest):
    def test_what_is_no_token_is_invalid_not_an_error(self):
        with tempfile.NamedTemporaryFile("w") as jwks:
            jwks.write('{"keys": []}')
            jwks.flush()
            for token in ["x", "a.b.c", "", "..", "eyJhbGciOiJub25lIn0.e30."]:
                with self.subTest(token=token):
                    result = self.imictl_json(1, "token", "verify", token, "--jwks", jwks.name,
                                              "--issuer", "i", "--audience", "a")
                    self.assertFalse(result["valid"])
                    self.assertTrue(result["reason"].startswith("token_"))


if __name__ == "__main__":
    unittest.main()
