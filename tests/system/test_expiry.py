#!/usr/bin/python3 -B
"""Sessions that run out of time. Slow: policy allows no life below a minute."""
import time
import unittest

from imi_system import (BLANK_JPEG, POLICY, Backend, Client, Phone, Code, common, failure,
                        read_text, running, temporary_file)


class Expiry(unittest.TestCase):
    def test_an_expired_session_is_over_for_everybody(self):
        short = read_text(POLICY).replace("session_lifetime_s: 600", "session_lifetime_s: 60")
        policy = temporary_file(type(self), short)
        with running("--policy", policy) as imid, Backend(imid) as backend, \
                Client(imid) as client:
            created = backend.create(backend.enrol())
            unjoined = backend.create(backend.enrol())
            phone = Phone(client)
            phone.join(created)
            phone.consent()
            phone.begin()
            frame = phone.frame(BLANK_JPEG)
            events = backend.watch(created.session_id, timeout=120)
            kinds = [event.kind for event in events]
            self.assertEqual(kinds, ["created", "joined", "consented", "capture_begun", "expired"])
            self.assertEqual(backend.get(created.session_id).state, common.SESSION_STATE_EXPIRED)
            for call in [phone.outcome, phone.begin, phone.consent, lambda: phone.submit(frame),
                         lambda: Phone(client).join(unjoined)]:
                self.assertEqual(failure(call), (Code.UNAUTHENTICATED, "unauthenticated"))
            self.assertLess(abs(time.time() * 1000 - created.expires_at_ms), 20000)


if __name__ == "__main__":
    unittest.main()
