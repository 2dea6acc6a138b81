#!/usr/bin/python3
"""Malformed images against a running server: each is an invalid argument with a reason or is
judged, the server stays up, and its memory does not grow. Run by tests/tools/server.py."""
import glob
import os
import struct
import unittest

import grpc

from foreign_client import Backend

MEDIA = os.environ["IMI_MEDIA"]
SHARED = os.environ.get("IMI_SHARED") or os.path.join(os.path.dirname(__file__),
                                                      "../../../../shared")
CORPUS = os.path.join(SHARED, "data/conformance/jpeg_fuzz")
PHOTO_MAX = 2 << 20
GROWTH_MAX_KIB = 24 * 1024


def read(path):
    with open(path, "rb") as file:
        return file.read()


def frame_header(jpeg):
    """Offset of the marker segment that holds the image's size."""
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack_from(">H", jpeg, at + 2)[0]
    return at


def with_size(jpeg, width, height):
    at = frame_header(jpeg)
    return jpeg[:at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9:]


def resident_kib():
    with open(f"/proc/{os.environ['IMI_PID']}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.backend = Backend()
        cls.good = read(os.path.join(MEDIA, "franck_02159.jpg"))

    def outcome(self, jpeg):
        """Status code of comparing the bytes with a good photo, and the server's words."""
        try:
            self.backend.compare(jpeg, self.good)
        except grpc.RpcError as error:
            return error.code(), error.details()
        return grpc.StatusCode.OK, ""

    def assert_invalid(self, jpeg):
        code, details = self.outcome(jpeg)
        self.assertEqual(code, grpc.StatusCode.INVALID_ARGUMENT, details)
        self.assertGreater(len(details), 5)

    def assert_alive(self):
        self.assertEqual(self.outcome(self.good)[0], grpc.StatusCode.OK)

    def test_what_is_no_jpeg(self):
        for junk in [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\x89PNG\r\n\x1a\n" * 20,
                     b"GIF89a" + bytes(500), bytes(100000), b"\xff" * 100000]:
            with self.subTest(start=junk[:6], size=len(junk)):
                self.assert_invalid(junk)
        self.assert_alive()

    def test_a_jpeg_cut_off_anywhere(self):
        for share in [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]:
            with self.subTest(share=share):
                self.assert_invalid(self.good[:int(len(self.good) * share)])
        self.assert_alive()

    def test_sizes_that_lie(self):
        for width, height in [(0, 0), (0, 100), (65500, 65500), (65535, 1), (1, 65535), (8, 8)]:
            with self.subTest(width=width, height=height):
                self.assert_invalid(with_size(self.good, width, height))
        self.assert_alive()

    def test_four_colour_components(self):
        at = frame_header(self.good)
        self.assert_invalid(self.good[:at + 9] + b"\x04" + self.good[at + 10:])
        self.assert_alive()

    def test_more_bytes_than_are_taken(self):
        code, _ = self.outcome(self.good + bytes(8 << 20))
        self.assertIn(code, [grpc.StatusCode.INVALID_ARGUMENT,
                             grpc.StatusCode.RESOURCE_EXHAUSTED])
        self.assert_alive()

    def send_corpus(self, files):
        """How many were refused, after each got an answer of one of the right kinds."""
        refused = 0
        for path in files:
            code, details = self.outcome(read(path))
            with self.subTest(file=os.path.basename(path)):
                self.assertIn(code, [grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT],
                              details)
            refused += code == grpc.StatusCode.INVALID_ARGUMENT
        return refused

    def test_a_corpus_of_malformed_files(self):
        files = sorted(path for path in glob.glob(os.path.join(CORPUS, "**/*"), recursive=True)
                       if os.path.isfile(path) and os.path.getsize(path) <= PHOTO_MAX)
        if not files:
            self.skipTest(f"{CORPUS} is not here")
        refused = self.send_corpus(files)
        print(f"{len(files)} files, {refused} refused")
        self.assertGreater(refused, len(files) // 2)
        before_kib = resident_kib()
        self.send_corpus(files)
        grown_kib = resident_kib() - before_kib
        print(f"server memory grew by {grown_kib} KiB in the second round")
        self.assertLess(grown_kib, GROWTH_MAX_KIB)
        self.assert_alive()


if __name__ == "__main__":
    unittest.main()
