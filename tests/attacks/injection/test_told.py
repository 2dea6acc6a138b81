#!/usr/bin/python3 -B
"""What a phone tells of itself when it begins a capture arrives where it is judged: hints and
attestations, told through imi-gateway. Captures are ended at once by a hole in time.
"""
import os
import sys
import tempfile
import time
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "../../system"))
from gateway_fixture import Gateway, WebPhone
from imi_system import (FACE, POLICY, Backend, Imid, common, read, read_text, subject,
                        temporary_file)

from android_chain import PACKAGE, SIGNER, Root

PURPOSE = "graduate.registration"
TRUSTED = """attestation:
  android:
    roots: {roots}
    packages: [{package}]
    signers: [{signer}]

purposes:
"""
ANDROID, APPLE = subject.ATTESTATION_KIND_ANDROID_KEY, subject.ATTESTATION_KIND_APPLE_APP
CALM_FRAMES, STEP_MS = 8, 100  # until the person's own neutral look is known
HOLE_MS = 6000


def policy_that_requires_attestation(case, root):
    roots = temporary_file(case, root.pem())
    trusted = TRUSTED.format(roots=roots, package=PACKAGE, signer=SIGNER.hex())
    before, after = read_text(POLICY).replace("purposes:\n", trusted, 1).split(f"- name: {PURPOSE}")
    after = after.replace("attestation: off", "attestation: required", 1)
    after = after.replace("free: 5", "free: 100", 1).replace("per_day: 20", "per_day: 100", 1)
    return temporary_file(case, f"{before}- name: {PURPOSE}{after}")


class Told(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        cls.addClassCleanup(folder.cleanup)
        cls.root = Root()
        policy = policy_that_requires_attestation(cls, cls.root)
        cls.imid = Imid(folder.name, "--policy", policy).start()
        cls.addClassCleanup(cls.imid.stop)
        cls.gateway = Gateway(cls.imid, folder.name).start()
        cls.addClassCleanup(cls.gateway.stop)
        cls.backend = Backend(cls.imid)
        cls.jpeg = read(FACE)
        cls.reference = cls.backend.enrol()

    def begun(self, tell):
        """A calm capture of which only the end is missing; tell(phone, session_id) gives what its
        beginning tells."""
        created = self.backend.create(self.reference, PURPOSE)
        phone = WebPhone(self.gateway)
        phone.join(created)
        phone.consent()
        phone.capture = phone.stub.BeginCapture(
            subject.BeginCaptureRequest(**tell(phone, created.session_id)), metadata=phone.metadata)
        phone.rewind()
        for _ in range(CALM_FRAMES):
            phone.submit(phone.frame(self.jpeg, STEP_MS))
        return created.session_id, phone

    def ended(self, session_id, phone):
        """The session behind a capture that a hole in time has ended."""
        feedback = phone.submit(phone.frame(self.jpeg, HOLE_MS))
        self.assertEqual(feedback.guidance, common.GUIDANCE_DONE)
        return self.backend.get(session_id)

    def judged(self, tell):
        return self.ended(*self.begun(tell))

    def assert_found(self, finding, attest):
        """attest(phone, session_id) gives kind and object."""
        def tell(phone, session_id):
            kind, object_ = attest(phone, session_id)
            return {"attestation": subject.Attestation(kind=kind, object=object_)}

        session = self.judged(tell)
        self.assertIn(finding, session.evidence.split())
        self.assertEqual(session.decision, common.DECISION_RETRY)

    def test_an_attestation_of_this_session_is_taken(self):
        self.assert_found("attestation:+0.0", lambda phone, session_id: (
            ANDROID, self.root.attest(phone.key, session_id)))

    def test_an_attestation_of_another_session_is_a_veto(self):
        self.assert_found("attestation:veto(attestation_challenge)", lambda phone, _: (
            ANDROID, self.root.attest(phone.key, "another session")))

    def test_an_attestation_by_a_root_that_nobody_trusts_is_a_veto(self):
        self.assert_found("attestation:veto(attestation_chain)", lambda phone, session_id: (
            ANDROID, Root().attest(phone.key, session_id)))

    def test_an_attestation_that_is_none_is_a_veto(self):
        self.assert_found("attestation:veto(attestation_format)", lambda *_: (ANDROID, b"none"))

    def test_an_attestation_of_a_platform_without_roots_is_not_measured(self):
        self.assert_found("attestation:unmeasured(attestation_not_configured)",
                          lambda phone, session_id: (
                              APPLE, self.root.attest(phone.key, session_id)))

    def test_each_hint_speaks_against_the_camera(self):
        hints = ("virtual_camera", "emulator", "automation")
        begun = [self.begun(lambda *_, hint=hint: {"hints": subject.DeviceHints(**{hint: True})})
                 for hint in hints]
        # A frame that is ahead of time would say more against the camera, and alone.
        time.sleep(HOLE_MS / 1000)
        for capture in begun:
            self.assertRegex(self.ended(*capture).evidence, r"camera:\S+\(device_hints\)")

    def test_who_tells_nothing_is_not_held_to_have(self):
        evidence = self.judged(lambda *_: {}).evidence
        self.assertNotIn("device_hints", evidence)
        self.assertNotIn("attestation", evidence)


if __name__ == "__main__":
    unittest.main()
