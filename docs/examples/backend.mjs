import { readFileSync } from "node:fs";
import { randomBytes, webcrypto } from "node:crypto";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { createLocalJWKSet, jwtVerify } from "jose";

globalThis.crypto ??= webcrypto; // jose needs it; Node 18 does not show it by itself
const pki = process.env.IMI_PKI ?? "../../var/pki";
const read = (name) => readFileSync(`${pki}/${name}`);
const definition = loader.loadSync("imi/v1/relying_party.proto", { includeDirs: ["../../rpc/proto"] });
const { RelyingPartyService } = grpc.loadPackageDefinition(definition).imi.v1;
const imi = new RelyingPartyService(process.env.IMI_SERVER ?? "localhost:7443",
  grpc.credentials.createSsl(read("ca.crt"), read("relying-party.key"), read("relying-party.crt")));
const call = (method, request) => new Promise((resolve, reject) =>
  imi[method](request, (error, response) => (error ? reject(error) : resolve(response))));

const nonce = randomBytes(16).toString("base64url");
const session = await call("CreateSession", { purpose: "demo", referenceId: process.argv[2], nonce });
console.log("open on the phone:", session.joinUrl);
let done;
for await (const event of imi.WatchSession({ sessionId: session.sessionId })) {
  console.log(event.kind, event.detail); // ends with the session
  done = event.session;
}
if (!done.token) throw new Error(`not verified: ${done.reason}`);
const { jwksJson } = await call("GetJwks", {}); // fetch once, keep
const { payload } = await jwtVerify(done.token, createLocalJWKSet(JSON.parse(jwksJson)),
  { algorithms: ["ES256"], issuer: process.env.IMI_ISSUER, audience: process.env.IMI_AUDIENCE, requiredClaims: ["exp", "nonce"] });
if (payload.nonce !== nonce) throw new Error("nonce of another session");
console.log("verified:", payload.sub);
imi.close();
