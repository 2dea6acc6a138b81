// Checks a token, its status and the log's receipt offline: check.mjs TOKEN NONCE PURPOSE [RECEIPT]
// Files are named, not contents. npm install jose@6.2.17
import { readFileSync } from "node:fs";
import { createHash, createPublicKey, verify, webcrypto } from "node:crypto";
import { inflateSync } from "node:zlib";
import { pathToFileURL } from "node:url";
import { createLocalJWKSet, jwtVerify } from "jose";

globalThis.crypto ??= webcrypto; // jose needs it; Node 18 does not show it by itself
const { IMI_ISSUER: issuer = "https://imi.localhost",
  IMI_AUDIENCE: audience = "https://relying-party.example", IMI_LOG_KEY: logKey = "" } = process.env;
const publicUrl = process.env.IMI_PUBLIC ?? issuer; // where what the issuer publishes is reached

async function get(url) {
  if (url.startsWith("file:")) return readFileSync(new URL(url), "utf8");
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}

// 0 valid, 1 revoked, 2 suspended. Keep the list for its ttl rather than fetch it each time.
async function statusOf({ uri, idx }, keys) {
  if (!uri.startsWith(`${issuer}/`)) throw new Error("the status list is of another issuer");
  const { payload } = await jwtVerify((await get(publicUrl + uri.slice(issuer.length))).trim(), keys, {
    algorithms: ["ES256"], typ: "statuslist+jwt", subject: uri, clockTolerance: 30,
    requiredClaims: ["sub", "iat", "exp"] });
  const { bits, lst } = payload.status_list;
  if (payload.iat + (payload.ttl ?? 60) + 30 < Date.now() / 1000) throw new Error("an old status list");
  const packed = inflateSync(Buffer.from(lst, "base64url"), { maxOutputLength: 1 << 15 });
  if (!(idx * bits / 8 < packed.length)) throw new Error("the place is beyond the status list");
  return packed[Math.floor(idx * bits / 8)] >> idx * bits % 8 & (1 << bits) - 1;
}

// Claims of a token that was made for this request and still stands.
export async function check(token, nonce, purpose, jwks) {
  const keys = createLocalJWKSet(JSON.parse(jwks ?? await get(`${publicUrl}/.well-known/jwks.json`))); // keep it
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ["ES256"], typ: "imi-verification+jwt", issuer, audience, clockTolerance: 30,
    requiredClaims: ["sub", "jti", "sid", "exp", "iat", "purpose"] });
  if (payload.nonce !== nonce || payload.purpose !== purpose) {
    throw new Error("not verified: the token is of another request");
  }
  if (payload.status && await statusOf(payload.status.status_list, keys) !== 0) {
    throw new Error("not verified: revoked or suspended");
  }
  return payload;
}

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash("sha256")).digest();
const byte = (value) => Buffer.from([value]);

// [index, size]: the decision behind the token is in the public log (docs/ledger.md).
export function checkReceipt(receipt, claims) {
  const end = receipt.checkpoint.lastIndexOf("\n\n");
  const text = receipt.checkpoint.slice(0, end + 1), [origin, size, root] = text.split("\n");
  const [name, keyId, ...rest] = logKey.split("+"); // base64 may hold a plus
  const line = receipt.checkpoint.slice(end + 2).split("\n").find((l) => l.split(" ")[1] === name);
  const signature = Buffer.from(line?.split(" ")[2] ?? "", "base64");
  if (origin !== name || signature.subarray(0, 4).toString("hex") !== keyId) {
    throw new Error("a receipt of another log");
  }
  const x = Buffer.from(rest.join("+"), "base64").subarray(1).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  if (!verify(null, Buffer.from(text), key, signature.subarray(4))) throw new Error("a forged checkpoint");
  const entry = sha256("imi-leaf-v1\0", Buffer.from(receipt.salt, "base64url"), receipt.event);
  let at = BigInt(receipt.index), last = BigInt(size) - 1n, node = sha256(byte(0), entry);
  for (const encoded of receipt.proof) { // RFC 9162 section 2.1.3.2
    const other = Buffer.from(encoded, "base64"), left = at % 2n === 1n || at === last;
    node = left ? sha256(byte(1), other, node) : sha256(byte(1), node, other);
    for (; left && at % 2n === 0n && at > 0n; at /= 2n) last /= 2n;
    at /= 2n;
    last /= 2n;
  }
  const { kind, decision, tok, sid } = JSON.parse(receipt.event);
  if (last !== 0n || !node.equals(Buffer.from(root, "base64")) || kind !== "decision" ||
      decision !== "VERIFIED" || tok !== claims.jti || sid !== claims.sid) {
    throw new Error("the receipt does not prove this token's decision");
  }
  return [receipt.index, Number(size)];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , token, nonce, purpose, receipt] = process.argv;
  const claims = await check(readFileSync(token, "utf8").trim(), nonce, purpose);
  console.log("verified:", claims.sub);
  if (receipt) {
    const [index, size] = checkReceipt(JSON.parse(readFileSync(receipt, "utf8")), claims);
    console.log(`in the log: entry ${index} of ${size}`);
  }
}
