import os, secrets, sys, grpc, jwt
from imi.v1 import relying_party_pb2 as rp, relying_party_pb2_grpc as api

pki = os.environ.get("IMI_PKI", "../../var/pki")
read = lambda name: open(f"{pki}/{name}", "rb").read()
channel = grpc.secure_channel(
    os.environ.get("IMI_SERVER", "localhost:7443"),
    grpc.ssl_channel_credentials(
        read("ca.crt"), read("relying-party.key"), read("relying-party.crt")))
imi = api.RelyingPartyServiceStub(channel)

nonce = secrets.token_urlsafe(16)
session = imi.CreateSession(rp.CreateSessionRequest(
    purpose="demo", reference_id=sys.argv[1], nonce=nonce))
print("open on the phone:", session.join_url, flush=True)
for event in imi.WatchSession(rp.WatchSessionRequest(session_id=session.session_id)):
    print(event.kind, event.detail, flush=True)  # ends with the session
done = event.session
if done.decision != 1:  # DECISION_VERIFIED
    sys.exit(f"not verified: {done.reason}")
keys = jwt.PyJWKSet.from_json(imi.GetJwks(rp.GetJwksRequest()).jwks_json)  # fetch once, keep
key = next(k for k in keys.keys if k.key_id == jwt.get_unverified_header(done.token)["kid"])
claims = jwt.decode(done.token, key.key, algorithms=["ES256"], audience=os.environ["IMI_AUDIENCE"],
                    issuer=os.environ["IMI_ISSUER"], options={"require": ["exp", "iat", "nonce"]})
assert claims["nonce"] == nonce
print("verified:", claims["sub"])
