// Opens a session, waits for the outcome and checks the token offline: backend.mjs REFERENCE_ID
import { readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { check, checkReceipt } from "./check.mjs";

const purpose = "demo";
const { IMI_PKI = "../../var/pki", IMI_PROTO = "../../rpc/proto", IMI_SERVER = "localhost:7443" } = process.env;
const read = (name) => readFileSync(`${IMI_PKI}/${name}`);
const definition = loader.loadSync(["imi/v1/relying_party.proto", "imi/v1/token.proto"],
  { includeDirs: [IMI_PROTO], enums: String });
const { RelyingPartyService, TokenService } = grpc.loadPackageDefinition(definition).imi.v1;
const credentials = grpc.credentials.createSsl(read("ca.crt"), read("relying-party.key"),
  read("relying-party.crt"));
const imi = new RelyingPartyService(IMI_SERVER, credentials);
const tokens = new TokenService(IMI_SERVER, credentials);
const call = (service, method, request) => new Promise((resolve, reject) =>
  service[method](request, (error, response) => (error ? reject(error) : resolve(response))));

const nonce = randomBytes(16).toString("base64url"); // ties the token to this request
const session = await call(imi, "CreateSession", { purpose, referenceId: process.argv[2], nonce });
console.log("open on the phone:", session.joinUrl);
let last;
for await (const event of imi.WatchSession({ sessionId: session.sessionId })) {
  console.log(event.kind, event.detail); // the stream ends with the session
  last = event;
}
if (last.session.decision !== "DECISION_VERIFIED") {
  throw new Error(`not verified: ${last.session.reason || last.kind}`);
}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const { jwksJson } = await call(imi, "GetJwks", {}); // fetch once, keep
const claims = await check(last.session.token, nonce, purpose, jwksJson);
console.log("verified:", claims.sub);

const used = await call(tokens, "RedeemToken", { token: last.session.token, requestId: `js-${nonce}` });
console.log(used.redeemed ? "redeemed" : `not redeemed: ${used.reason}`);
let receiptJson = "";
while (receiptJson === "") { // the log takes the decision in within about a second
  await sleep(500);
  ({ receiptJson } = await call(tokens, "GetReceipt", { sessionId: session.sessionId }));
}
const [index, size] = checkReceipt(JSON.parse(receiptJson), claims);
console.log(`in the log: entry ${index} of ${size}`);
imi.close();
tokens.close();
