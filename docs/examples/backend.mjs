// Opens a session, waits for the outcome and checks the token offline: backend.mjs REFERENCE_ID
import { readFileSync } from "node:fs";
import { randomBytes, webcrypto } from "node:crypto";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { createLocalJWKSet, jwtVerify } from "jose";

globalThis.crypto ??= webcrypto; // jose needs it; Node 18 does not show it by itself
const purpose = "demo";
const { IMI_PKI = "../../var/pki", IMI_PROTO = "../../rpc/proto", IMI_SERVER = "localhost:7443",
  IMI_ISSUER = "https://imi.localhost", IMI_AUDIENCE = "https://relying-party.example" } = process.env;
const read = (name) => readFileSync(`${IMI_PKI}/${name}`);
const definition = loader.loadSync("imi/v1/relying_party.proto", { includeDirs: [IMI_PROTO], enums: String });
const { RelyingPartyService } = grpc.loadPackageDefinition(definition).imi.v1;
const imi = new RelyingPartyService(IMI_SERVER,
  grpc.credentials.createSsl(read("ca.crt"), read("relying-party.key"), read("relying-party.crt")));
const call = (method, request) => new Promise((resolve, reject) =>
  imi[method](request, (error, response) => (error ? reject(error) : resolve(response))));

const nonce = randomBytes(16).toString("base64url"); // ties the token to this request
const session = await call("CreateSession", { purpose, referenceId: process.argv[2], nonce });
console.log("open on the phone:", session.joinUrl);
let last;
for await (const event of imi.WatchSession({ sessionId: session.sessionId })) {
  console.log(event.kind, event.detail); // the stream ends with the session
  last = event;
}
if (last.session.decision !== "DECISION_VERIFIED") {
  throw new Error(`not verified: ${last.session.reason || last.kind}`);
}
const { jwksJson } = await call("GetJwks", {}); // fetch once, keep
const { payload } = await jwtVerify(last.session.token, createLocalJWKSet(JSON.parse(jwksJson)), {
  algorithms: ["ES256"], typ: "imi-verification+jwt", issuer: IMI_ISSUER, audience: IMI_AUDIENCE,
  requiredClaims: ["exp", "iat", "nonce", "purpose"] });
if (payload.nonce !== nonce || payload.purpose !== purpose) throw new Error("token of another request");
console.log("verified:", payload.sub);
imi.close();
