#!/usr/bin/python3 -B
"""The log tells what happened, and nothing that opens a door or names a person."""
import os
import unittest

from imi_system import BLANK_JPEG, Backend, Client, Phone, failure, read_text, running

SUBJECT = "subject-that-no-log-may-name"
NONCE = "nonce-that-no-log-may-hold"


def body_of_pem(path):
    """The lines between BEGIN and END, which are the key."""
    return [line for line in read_text(path).splitlines() if line and "-----" not in line]


class Log(unittest.TestCase):
    def test_even_at_debug_it_holds_no_secret_key_or_name(self):
        with running("--log-level", "debug") as imid, Backend(imid) as backend, \
                Client(imid) as client:
            created = backend.create(backend.enrol(subject_id=SUBJECT), nonce=NONCE)
            phone = Phone(client)
            phone.join(created)
            phone.consent()
            phone.begin()
            list(phone.stream([phone.frame(BLANK_JPEG) for _ in range(3)]))
            credential = phone.metadata[0][1].split()[1]
            # Failures are logged with their detail: make some that had secrets at hand.
            failure(lambda: phone.join(created))
            phone.metadata = (("authorization", "Bearer " + credential + "x"),)
            failure(phone.outcome)
            phone.metadata = (("authorization", "Bearer " + credential),)
            failure(lambda: phone.submit(phone.frame(b"not a JPEG")))

            written = read_text(imid.log)
            self.assertIn("serving gRPC", written)
            self.assertIn("failed: unauthenticated", written)
            secrets = [SUBJECT, NONCE, created.join_secret, created.join_url, credential,
                       credential.split(".", 1)[1]]
            for name in [imid.token_key(), "log-key.pem", "pki/ca.key", "pki/server.key",
                         "pki/relying-party.key"]:
                secrets += body_of_pem(os.path.join(imid.data, name))
            for secret in secrets:
                self.assertNotIn(secret, written)


if __name__ == "__main__":
    unittest.main()
