#!/usr/bin/python3 -B
"""Images that are broken, hostile or of nobody, by every way into the server.

A malformed one is an INVALID_ARGUMENT with a name; one that decodes but shows no usable face is
an answer that says why. The server lives on, keeps its size, and verifies nobody.
"""
import glob
import os
import random
import unittest
import zlib

import grpc

import jpeg_shapes as shapes
from imi_system import (BLANK_JPEG, FACE, Backend, Client, Code, Phone, common, enrolment, failure, read,
                        running)

FUZZ = sorted(glob.glob(os.path.join(os.environ.get("IMI_SHARED", ""),
                                     "data/conformance/jpeg_fuzz/*.jpg")))
IMAGE_NAMES = {"image_empty", "image_format", "image_corrupt", "image_too_large",
               "image_too_small"}
PHOTO_BYTES_MAX = 2 << 20
# What a second pass over all images may add: pages that an allocator keeps, not one image each.
GROWTH_KIB_MAX = 16 * 1024


def png():
    def chunk(kind, body):
        return (len(body).to_bytes(4, "big") + kind + body
                + zlib.crc32(kind + body).to_bytes(4, "big"))
    header = (64).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(bytes(65 * 64))) + chunk(b"IEND", b""))


def malformed():
    """Name to (bytes, stable name expected or None for any image name)."""
    face = read(FACE)
    noise = random.Random(1)
    images = {
        "empty": (b"", "image_empty"),
        "text": (b"This is not a picture.", "image_format"),
        "png": (png(), "image_format"),
        "random": (noise.randbytes(20000), "image_format"),
        "random_behind_soi": (b"\xff\xd8\xff" + noise.randbytes(20000), None),
        "only_soi": (shapes.SOI, "image_format"),
        "soi_eoi": (shapes.SOI + shapes.EOI, "image_corrupt"),
        "no_dimensions": (shapes.declared(0, 0), "image_too_small"),
        "no_height": (shapes.declared(96, 0), "image_too_small"),
        "one_pixel": (shapes.flat(1, 1), "image_too_small"),
        "one_row": (shapes.flat(4000, 1), "image_too_small"),
        "vast": (shapes.declared(65500, 65500), "image_too_large"),
        "long": (shapes.declared(65500, 64), "image_too_large"),
        "promises_more": (shapes.declared(1500, 1500), "image_corrupt"),
        "cmyk": (shapes.flat(96, 96, shapes.CMYK), "image_format"),
        "two_components": (shapes.flat(96, 96, 2), "image_format"),
        "scan_bomb": (shapes.progressive(96, 96, 3000), "image_too_large"),
        "big_scan_bomb": (shapes.progressive(5000, 5000, 25), "image_too_large"),
        "trailing_second_header": (face[:-2] + face, None),
    }
    for tenth in range(1, 10):
        images[f"cut_at_{tenth}0_percent"] = (face[:len(face) * tenth // 10], "image_corrupt")
    return images


def faceless():
    return {
        "blank": BLANK_JPEG,
        "flat_grey": shapes.flat(96, 96),
        "flat_colour": shapes.flat(640, 480, shapes.COLOUR),
        "progressive": shapes.progressive(96, 96, 2),
        "trailing_garbage": shapes.flat(96, 96) + b"garbage" * 100,
    }


class Ways:
    """The four ways into the server, each giving (code, name) or an answer."""

    def __init__(self, imid):
        self.backend = Backend(imid)
        self.client = Client(imid)
        self.reference_id = self.backend.enrol()
        self.session_id = ""
        self.phone = None
        self.renew()

    def close(self):
        self.backend.close()
        self.client.close()

    def renew(self):
        """A session with a capture that waits for frames."""
        created = self.backend.create(self.reference_id)
        self.session_id = created.session_id
        self.phone = Phone(self.client)
        self.phone.join(created)
        self.phone.consent()
        self.phone.begin()

    def enrol(self, jpeg):
        return self.backend.enrolment.EnrolReference(enrolment.EnrolReferenceRequest(
            subject_id="x", portrait_jpeg=jpeg), timeout=60)

    def compare(self, probe, reference):
        return self.backend.enrolment.ComparePhotos(enrolment.ComparePhotosRequest(
            purpose="demo", probe_jpeg=probe, reference_jpeg=reference), timeout=60)

    def submit(self, jpeg):
        """A refused frame leaves the chain where it was; one that proved corrupt later does not.
        Both are told apart by a frame that must fit."""
        before = (self.phone.sequence, self.phone.previous, self.phone.now_ms)
        try:
            return self.phone.submit(self.phone.frame(jpeg))
        except grpc.RpcError:
            self.go_on(before)
            raise

    def stream(self, jpeg):
        before = (self.phone.sequence, self.phone.previous, self.phone.now_ms)
        try:
            answers = list(self.phone.stream([self.phone.frame(jpeg)]))
            assert len(answers) == 1, answers
            return answers[0].feedback
        except grpc.RpcError:
            self.go_on(before)
            raise

    def go_on(self, before):
        after = (self.phone.sequence, self.phone.previous, self.phone.now_ms)
        for state in (before, after):
            self.phone.sequence, self.phone.previous, self.phone.now_ms = state
            try:
                self.phone.submit(self.phone.frame(BLANK_JPEG))
                return
            except grpc.RpcError as error:
                if error.code() != Code.INVALID_ARGUMENT:
                    raise
        raise AssertionError("the capture goes on neither before nor behind a refused frame")


class BadImages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = running()
        cls.imid = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)
        cls.ways = Ways(cls.imid)
        cls.addClassCleanup(cls.ways.close)

    def setUp(self):
        self.ways.renew()

    def tearDown(self):
        self.assertIsNone(self.imid.process.poll(), "the server died")
        self.assertTrue(self.ways.client.is_serving())
        self.assertNotEqual(self.ways.backend.get(self.ways.session_id).decision,
                            common.DECISION_VERIFIED)

    def assert_malformed(self, call, expected):
        code, name = failure(call)
        self.assertEqual(code, Code.INVALID_ARGUMENT)
        self.assertIn(name, {expected} if expected else IMAGE_NAMES)

    def each(self, call):
        for name, (jpeg, expected) in malformed().items():
            with self.subTest(image=name):
                self.assert_malformed(lambda: call(jpeg), expected)

    def test_malformed_portraits_are_refused_by_name(self):
        self.each(self.ways.enrol)

    def test_malformed_probe_photos_are_refused_by_name(self):
        self.each(lambda jpeg: self.ways.compare(jpeg, BLANK_JPEG))

    def test_malformed_reference_photos_are_refused_by_name(self):
        self.each(lambda jpeg: self.ways.compare(BLANK_JPEG, jpeg))

    def test_malformed_frames_are_refused_by_name(self):
        self.each(self.ways.submit)

    def test_malformed_frames_end_a_stream_by_name(self):
        self.each(self.ways.stream)

    def test_a_file_beyond_its_limit_is_refused(self):
        padded = shapes.flat(96, 96) + bytes(PHOTO_BYTES_MAX)
        self.assert_malformed(lambda: self.ways.compare(padded, BLANK_JPEG), "image_too_large")
        self.assert_malformed(lambda: self.ways.submit(padded), "image_too_large")
        self.assert_malformed(lambda: self.ways.enrol(padded + padded + bytes(1000)),
                              "image_too_large")

    def test_a_frame_of_too_many_scans_for_its_size_is_refused(self):
        bomb = shapes.progressive(1600, 1600, 25)
        self.assert_malformed(lambda: self.ways.submit(bomb), "image_too_large")

    def test_a_message_beyond_the_limit_of_the_server_is_refused(self):
        self.assertEqual(failure(lambda: self.ways.enrol(bytes(6 << 20)))[0],
                         Code.RESOURCE_EXHAUSTED)

    def test_portraits_of_nobody_are_answered_with_the_reason(self):
        for name, jpeg in faceless().items():
            with self.subTest(image=name):
                answer = self.ways.enrol(jpeg)
                self.assertFalse(answer.accepted)
                self.assertEqual(answer.reference_id, "")
                self.assertEqual(answer.reason, enrolment.CAPTURE_REASON_NO_FACE)

    def test_photos_of_nobody_match_nothing_not_even_themselves(self):
        for name, jpeg in faceless().items():
            with self.subTest(image=name):
                answer = self.ways.compare(jpeg, jpeg)
                self.assertEqual(answer.decision, common.DECISION_RETRY)
                self.assertEqual(answer.probe_reason, enrolment.CAPTURE_REASON_NO_FACE)
                self.assertEqual(answer.reference_reason, enrolment.CAPTURE_REASON_NO_FACE)
                self.assertEqual((answer.similarity, answer.fmr), (0, 1))

    def test_frames_of_nobody_ask_for_a_face(self):
        for name, jpeg in faceless().items():
            for way in (self.ways.submit, self.ways.stream):
                with self.subTest(image=name, way=way.__name__):
                    answer = way(jpeg)
                    self.assertEqual(answer.outcome, common.SUBJECT_OUTCOME_IN_PROGRESS)
                    self.assertEqual(answer.guidance, common.GUIDANCE_SHOW_FACE)
                    self.assertEqual(answer.actions_done, 0)

    def fuzz_once(self, files, ways):
        """Every file by the given ways; the number of files that were refused."""
        refused = 0
        for path in files:
            jpeg = read(path)
            for way in ways:
                with self.subTest(file=os.path.basename(path), way=way):
                    refused += not self.is_taken(getattr(self, way), jpeg)
        return refused

    def by_enrol(self, jpeg):
        answer = self.ways.enrol(jpeg)
        self.assertEqual(answer.accepted, answer.reason == 0)

    def by_compare(self, jpeg):
        answer = self.ways.compare(jpeg, BLANK_JPEG)
        self.assertEqual(answer.decision, common.DECISION_RETRY)

    def by_submit(self, jpeg):
        self.ways.submit(jpeg)

    def by_stream(self, jpeg):
        self.ways.stream(jpeg)

    def is_taken(self, call, jpeg):
        try:
            call(jpeg)
            return True
        except grpc.RpcError as error:
            self.assertEqual(error.code(), Code.INVALID_ARGUMENT)
            trailers = dict(error.trailing_metadata())
            self.assertIn(trailers["imi-status"], IMAGE_NAMES)
            return False

    @unittest.skipUnless(FUZZ, "needs data/conformance/jpeg_fuzz in $IMI_SHARED")
    def test_a_corpus_of_broken_files_is_survived_by_every_way(self):
        taken = 0
        # Every file goes each way in the long run; in the short one the ways share them.
        shares = {"by_enrol": FUZZ[0::6] + FUZZ[1::6], "by_compare": FUZZ[2::6] + FUZZ[3::6],
                  "by_submit": FUZZ[4::6], "by_stream": FUZZ[5::6]}
        for way, share in shares.items():
            files = FUZZ if os.environ.get("IMI_ALL_FILES") else share
            self.ways.renew()
            refused = self.fuzz_once(files, [way])
            taken += len(files) - refused
            self.assertGreater(refused, 0)
        print(f"{len(FUZZ)} files, {taken} calls answered")

    def test_the_server_keeps_its_size(self):
        def everything():
            self.ways.renew()
            images = [jpeg for jpeg, _ in malformed().values()] + list(faceless().values())
            images += [read(path) for path in FUZZ[::60]]
            for jpeg in images:
                for way in ("by_enrol", "by_compare", "by_submit", "by_stream"):
                    try:
                        getattr(self, way)(jpeg)
                    except grpc.RpcError:
                        pass
        everything()
        before = self.imid.rss_kib()
        everything()
        grown = self.imid.rss_kib() - before
        print(f"a second pass grew the server of {before} KiB by {grown} KiB")
        self.assertLess(grown, GROWTH_KIB_MAX)


if __name__ == "__main__":
    unittest.main()
