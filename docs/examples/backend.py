"""Opens a session, waits for the outcome and checks the token offline: backend.py REFERENCE_ID"""
import json
import os
import secrets
import sys
import time

import grpc
from imi.v1 import common_pb2, relying_party_pb2 as rp, relying_party_pb2_grpc as api
from imi.v1 import token_pb2 as tp, token_pb2_grpc as token_api

from check import check, check_receipt

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

claims = check(done.token, nonce, PURPOSE, imi.GetJwks(rp.GetJwksRequest()).jwks_json)  # keep it
print("verified:", claims["sub"], flush=True)

tokens = token_api.TokenServiceStub(channel)
used = tokens.RedeemToken(tp.RedeemTokenRequest(token=done.token, request_id=f"py-{nonce}"))
print("redeemed" if used.redeemed else f"not redeemed: {used.reason}", flush=True)
receipt = ""
while receipt == "":  # the log takes the decision in within about a second
    time.sleep(0.5)
    receipt = tokens.GetReceipt(tp.GetReceiptRequest(session_id=session.session_id)).receipt_json
print("in the log: entry %d of %d" % check_receipt(json.loads(receipt), claims))
