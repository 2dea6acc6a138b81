"""What Android's key store says of a key, forged under a root of one's own: DER certificates, leaf
first. In code of its own, from docs/attestation.md and the schema that Android publishes.
"""
import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PACKAGE = "org.example.app"
SIGNER = bytes(range(32))
STATEMENT = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.1.17")
SEQUENCE, SET, INTEGER, ENUMERATED, OCTETS = 0x30, 0x31, 0x02, 0x0A, 0x04
TRUSTED_ENVIRONMENT, VERSION = b"\1", b"\3"


def element(leading, *contents):
    """One DER element of fewer than 64 KiB."""
    content = b"".join(contents)
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    if 0x80 <= size < 0x100:
        length = b"\x81" + bytes([size])
    return bytes([leading]) + length + content


def field(number, content):
    """[number] EXPLICIT, of a number of two digits to the base of 128."""
    return b"\xbf" + bytes([0x80 | number >> 7]) + element(number & 0x7F, content)


def description(challenge):
    """A KeyDescription as a genuine phone in good order writes it."""
    record = element(SEQUENCE, element(OCTETS, PACKAGE.encode()), element(INTEGER, b"\7"))
    app = element(SEQUENCE, element(SET, record), element(SET, element(OCTETS, SIGNER)))
    boot = element(SEQUENCE, element(OCTETS, bytes(32)), b"\1\1\xff", element(ENUMERATED, b"\0"),
                   element(OCTETS, bytes(32)))
    return element(SEQUENCE,
                   element(INTEGER, VERSION), element(ENUMERATED, TRUSTED_ENVIRONMENT),
                   element(INTEGER, VERSION), element(ENUMERATED, TRUSTED_ENVIRONMENT),
                   element(OCTETS, challenge), element(OCTETS),
                   element(SEQUENCE, field(709, element(OCTETS, app))),
                   element(SEQUENCE, field(702, element(INTEGER, b"\0")), field(704, boot)))


def name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


class Root:
    """A root that an operator might trust."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign("Root", self.key.public_key(), x509.BasicConstraints(
            ca=True, path_length=None), critical=True)

    def sign(self, subject, key, extension, critical=False):
        now = datetime.datetime.utcnow()
        day = datetime.timedelta(days=1)
        return (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name("Root"))
                .public_key(key).serial_number(x509.random_serial_number())
                .not_valid_before(now - day).not_valid_after(now + day)
                .add_extension(extension, critical).sign(self.key, hashes.SHA256()))

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def attest(self, key, session_id):
        """The chain of a device key that was made for a session."""
        challenge = hashlib.sha256(b"imi-attest-v1" + session_id.encode()).digest()
        statement = x509.UnrecognizedExtension(STATEMENT, description(challenge))
        leaf = self.sign("Android Keystore Key", key.public_key(), statement)
        return b"".join(certificate.public_bytes(serialization.Encoding.DER)
                        for certificate in (leaf, self.certificate))
