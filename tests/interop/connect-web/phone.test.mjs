// A phone by a gRPC-Web client that shares no code with ours, through the gateway. What it needs
// is in the environment: GATEWAY (its URL), PROTOSET (descriptors), SESSION, SECRET.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

const { GATEWAY, PROTOSET, SESSION, SECRET } = process.env;
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(PROTOSET)));

function client(service) {
  const transport = createGrpcWebTransport({ baseUrl: GATEWAY });
  return createClient(registry.getService(`imi.v1.${service}`), transport);
}

async function failure(call) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "the call went well" });
}

const join = { sessionId: SESSION, joinSecret: SECRET };
const subject = client("SubjectService");
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const devicePublicKey = publicKey.export({ type: "spki", format: "der" });

test("a phone joins, consents, begins and asks how it stands", async () => {
  const joined = await subject.join({ ...join, devicePublicKey });
  const options = { headers: { authorization: `Bearer ${joined.credential}` }, timeoutMs: 20000 };
  assert.ok((await subject.giveConsent({ accepted: true }, options)).state > 0);
  assert.equal((await subject.beginCapture({}, options)).nonce.length, 32);
  assert.ok((await subject.getOutcome({}, options)).attemptsLeft > 0);
});

test("a failure has the server's code and stable name", async () => {
  const error = await failure(() => subject.getOutcome({}));
  assert.equal(error.code, Code.Unauthenticated);
  assert.equal(error.metadata.get("imi-status"), "unauthenticated");
});

test("a method outside the list is not there", async () => {
  const error = await failure(() => client("RelyingPartyService").getJwks({}));
  assert.equal(error.code, Code.Unimplemented);
});
