#!/usr/bin/env python3
"""The list of people names those who have both pictures, and nobody else."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parent.parent / "list_people.py"


class ListOfPeople(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def add(self, person, *names):
        (self.root / person).mkdir()
        for name in names:
            (self.root / person / name).write_bytes(b"")

    def rows(self, *arguments):
        command = [sys.executable, "-B", SCRIPT, self.root, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")

    def test_people_come_in_order_with_both_pictures(self):
        self.add("006", "smiling.jpg", "neutral.jpg")
        self.add("003", "smiling.jpg", "neutral.jpg")
        self.assertEqual(self.rows("--prefix", "p"),
                         ["person,still,reference", "p003,003/neutral.jpg,003/smiling.jpg",
                          "p006,006/neutral.jpg,006/smiling.jpg", ""])

    def test_who_lacks_a_picture_is_left_out(self):
        self.add("003", "neutral.jpg")
        self.add("006", "smiling.jpg")
        (self.root / "manifest.csv").write_text("")
        self.assertEqual(self.rows(), ["person,still,reference", ""])

    def test_pictures_may_have_other_names(self):
        self.add("003", "a.jpg", "b.jpg")
        self.assertIn("003,003/a.jpg,003/b.jpg",
                      self.rows("--still", "a.jpg", "--reference", "b.jpg"))


if __name__ == "__main__":
    unittest.main()
