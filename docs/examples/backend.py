"""Opens a session, waits for the outcome and checks the token offline: backend.py REFERENCE_ID"""
import os
import secrets
import sys

import grpc
import jwt
from imi.v1 import common_pb2, relying_party_pb2 as rp, relying_party_pb2_grpc as api

PURPOSE = "demo"
pki = os.environ.get("IMI_PKI", "../../var/pki")
ca, key, certificate = (open(f"{pki}/{name}", "rb").read()
                        for name in ("ca.crt", "relying-party.key", "relying-party.crt"))
channel = grpc.secure_channel(os.environ.get("IMI_SERVER", "localhost:7443"),
                              grpc.ssl_channel_credentials(ca, key, certificate))
imi = api.RelyingPartyServiceStub(channel)

nonce = secrets.token_urlsafe(16)  # ties the token to this request
session = imi.CreateSession(
    rp.CreateSessionRequest(purpose=PURPOSE, reference_id=sys.argv[1], nonce=nonce))
print("open on the phone:", session.join_url, flush=True)
for event in imi.WatchSession(rp.WatchSessionRequest(session_id=session.session_id)):
    print(event.kind, event.detail, flush=True)  # the stream ends with the session
done = event.session
if done.decision != common_pb2.DECISION_VERIFIED:
    sys.exit(f"not verified: {done.reason or event.kind}")

keys = jwt.PyJWKSet.from_json(imi.GetJwks(rp.GetJwksRequest()).jwks_json)  # fetch once, keep
header = jwt.get_unverified_header(done.token)
signer = next(k for k in keys.keys if k.key_id == header["kid"])
claims = jwt.decode(done.token, signer.key, algorithms=["ES256"],
                    issuer=os.environ.get("IMI_ISSUER", "https://imi.localhost"),
                    audience=os.environ.get("IMI_AUDIENCE", "https://relying-party.example"),
                    options={"require": ["exp", "iat", "nonce", "purpose"]})
if (header["typ"], claims["nonce"], claims["purpose"]) != (
        "imi-verification+jwt", nonce, PURPOSE):
    sys.exit("not verified: the token is of another request")
print("verified:", claims["sub"])
