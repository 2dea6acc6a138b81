#!/usr/bin/python3 -B
"""mobile-sdk/testkit/make-clip: what is labelled is what is shown.

usage: test_make_clip.py MAKE_CLIP
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

STEP_MS, LENGTH_MS = 40, 9000
SEGMENTS = [("neutral", 0, 2000), ("turn_left", 3000, 3300), ("turn_left", 4000, 5000),
            ("blink", 6000, 6400)]


def picture(at_ms):
    """A file that says its time: the kit does not look into pictures."""
    return b"\xff\xd8<%d>\xff\xd9" % at_ms


class MakeClip(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.frames = os.path.join(folder.name, "frames")
        self.out = os.path.join(folder.name, "out")
        os.mkdir(self.frames)
        for at in range(0, LENGTH_MS, STEP_MS):
            with open(os.path.join(self.frames, f"{at:07d}.jpg"), "wb") as file:
                file.write(picture(at))
        with open(os.path.join(self.frames, "segments.csv"), "w", encoding="ascii") as file:
            file.write("clip,action,start_ms,end_ms,face_x,face_y\n")
            for action, start, end in SEGMENTS:
                file.write(f"own.mp4,{action},{start},{end},0.5,0.5\n")

    def run_kit(self, script):
        return subprocess.run([KIT, "--frames", self.frames, "--script", script, "--out", self.out],
                              capture_output=True, text=True, check=False)

    def shown(self):
        """Times of the clip, picture by picture, and the labels."""
        with open(os.path.join(self.out, "camera.mjpeg"), "rb") as file:
            times = [int(at) for at in re.findall(rb"\xff\xd8<(\d+)>\xff\xd9", file.read())]
        with open(os.path.join(self.out, "labels.json"), encoding="utf-8") as file:
            return times, json.load(file)

    def test_pictures_are_of_the_action_that_is_labelled(self):
        self.assertEqual(self.run_kit("turn_left,blink").returncode, 0)
        times, told = self.shown()
        self.assertEqual([label["action"] for label in told["labels"]],
                         ["neutral", "turn_left", "neutral", "blink", "neutral"])
        stretch = {"neutral": (0, 2000), "turn_left": (4000, 5000), "blink": (6000, 6400)}
        for label in told["labels"]:
            first, last = (label[end] * told["frames_per_s"] // 1000 for end in ["from_ms", "to_ms"])
            self.assertGreater(last, first)
            low, high = stretch[label["action"]]
            for at in times[first + 1:last]:
                self.assertTrue(low <= at <= high, (label, at))

    def test_labels_cover_the_clip_without_gaps(self):
        self.assertEqual(self.run_kit("blink").returncode, 0)
        times, told = self.shown()
        ends = [0] + [label["to_ms"] for label in told["labels"]]
        self.assertEqual([label["from_ms"] for label in told["labels"]], ends[:-1])
        self.assertEqual(told["length_ms"], ends[-1])
        self.assertEqual(len(times) * 1000 // told["frames_per_s"], told["length_ms"])

    def test_nothing_jumps_while_the_person_rests(self):
        self.assertEqual(self.run_kit("blink").returncode, 0)
        times, _ = self.shown()
        rest = times[:90]
        self.assertLessEqual(max(abs(a - b) for a, b in zip(rest, rest[1:])), 2 * STEP_MS)

    def test_an_action_that_the_clip_does_not_show_is_refused_by_name(self):
        done = self.run_kit("blink,nod")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nod", done.stderr)
        self.assertFalse(os.path.exists(self.out))


if __name__ == "__main__":
    KIT = sys.argv.pop()
    unittest.main()
