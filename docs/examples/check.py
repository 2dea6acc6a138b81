"""Checks a token, its status and the log's receipt offline: check.py TOKEN NONCE PURPOSE [RECEIPT]
Files are named, not contents. Debian: python3-jwt python3-cryptography."""
import base64
import hashlib
import json
import os
import sys
import time
import urllib.request
import zlib

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ISSUER = os.environ.get("IMI_ISSUER", "https://imi.localhost")
AUDIENCE = os.environ.get("IMI_AUDIENCE", "https://relying-party.example")
PUBLIC = os.environ.get("IMI_PUBLIC", ISSUER)  # where what the issuer publishes is reached
LOG_KEY = os.environ.get("IMI_LOG_KEY", "")  # name+hash+base64


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read(1 << 17).decode()


def decode_url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def decode_signed(text, typ, jwks, **more):
    """Claims of a JWT by a key of the set; algorithm and typ are ours to say, not the token's."""
    header = jwt.get_unverified_header(text)
    if header.get("typ") != typ:  # PyJWT does not look at it
        raise jwt.InvalidTokenError("another kind of token")
    keys = {key.key_id: key.key for key in jwt.PyJWKSet.from_json(jwks).keys}
    # An unknown kid: fetch the set again, at most once a minute.
    return jwt.decode(text, keys[header["kid"]], algorithms=["ES256"], leeway=30, **more)


def status_of(place, jwks):
    """0 valid, 1 revoked, 2 suspended. Keep the list for its ttl rather than fetch it each time."""
    uri = place["uri"]
    if not uri.startswith(ISSUER + "/"):
        raise ValueError("the status list is of another issuer")
    found = decode_signed(fetch(PUBLIC + uri[len(ISSUER):]), "statuslist+jwt", jwks,
                          options={"require": ["sub", "iat", "exp"]})
    packed = zlib.decompressobj().decompress(decode_url(found["status_list"]["lst"]), 1 << 15)
    bits, index = found["status_list"]["bits"], place["idx"]
    if found["sub"] != uri or found["iat"] + found.get("ttl", 60) + 30 < time.time():
        raise ValueError("the status list is another one, or too old")
    return packed[index * bits // 8] >> index * bits % 8 & (1 << bits) - 1


def check(token, nonce, purpose, jwks=None):
    """Claims of a token that was made for this request and still stands."""
    jwks = jwks or fetch(PUBLIC + "/.well-known/jwks.json")  # fetch once, keep for its max-age
    claims = decode_signed(token, "imi-verification+jwt", jwks, issuer=ISSUER, audience=AUDIENCE,
                           options={"require": ["sub", "jti", "sid", "exp", "iat", "purpose"]})
    if (claims.get("nonce"), claims["purpose"]) != (nonce, purpose):
        raise jwt.InvalidTokenError("not verified: the token is of another request")
    if "status" in claims and status_of(claims["status"]["status_list"], jwks) != 0:
        raise jwt.InvalidTokenError("not verified: revoked or suspended")
    return claims


def check_receipt(receipt, claims):
    """(index, size): the decision behind the token is in the public log (docs/ledger.md)."""
    def sha256(*parts):
        return hashlib.sha256(b"".join(parts)).digest()
    text, _, signatures = receipt["checkpoint"].rpartition("\n\n")
    origin, size, root = text.split("\n")[:3]
    name, key_id, key = LOG_KEY.split("+", 2)
    line = next(l.split(" ") for l in signatures.splitlines() if l.split(" ")[1] == name)
    signature = base64.b64decode(line[2])
    if origin != name or signature[:4].hex() != key_id:
        raise ValueError("a receipt of another log")
    Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:]).verify(
        signature[4:], (text + "\n").encode())
    entry = sha256(b"imi-leaf-v1\0", decode_url(receipt["salt"]), receipt["event"].encode())
    at, last, node = receipt["index"], int(size) - 1, sha256(b"\0", entry)
    for other in map(base64.b64decode, receipt["proof"]):  # RFC 9162 section 2.1.3.2
        left = at & 1 or at == last
        node = sha256(b"\1", other, node) if left else sha256(b"\1", node, other)
        while left and not at & 1 and at:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    event = json.loads(receipt["event"])
    said = [event.get(name) for name in ("kind", "decision", "tok", "sid")]
    if last != 0 or node != base64.b64decode(root) or said != [
            "decision", "VERIFIED", claims["jti"], claims["sid"]]:
        raise ValueError("the receipt does not prove this token's decision")
    return receipt["index"], int(size)


if __name__ == "__main__":
    checked = check(open(sys.argv[1]).read().strip(), sys.argv[2], sys.argv[3])
    print("verified:", checked["sub"])
    if len(sys.argv) > 4:
        print("in the log: entry %d of %d" % check_receipt(json.load(open(sys.argv[4])), checked))
