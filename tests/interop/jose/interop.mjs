// node interop.mjs PEER FOLDER: PEER is our side, built from peer.c; FOLDER is empty.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as jose from 'jose';

globalThis.crypto ??= webcrypto; // Node 18, Debian 12's, does not show it by itself

const [peer, folder] = process.argv.slice(2);
const TYPE = 'imi-verification+jwt';
const expected = { issuer: 'https://imi.example', audience: 'https://backend.example' };
const NONCE = 'n-0S6_WzA2Mj';
let count = 0;

async function check(name, body) {
  await body();
  count += 1;
  console.log(`ok ${name}`);
}

// 1. Our token under jose, as a backend checks it.

execFileSync(peer, ['issue', folder]);
const jwks = JSON.parse(readFileSync(join(folder, 'jwks.json'), 'utf8'));
const token = readFileSync(join(folder, 'token.txt'), 'utf8');
const keys = jose.createLocalJWKSet(jwks);
const options = {
  ...expected,
  algorithms: ['ES256'],
  typ: TYPE,
  requiredClaims: ['sub', 'jti', 'iat', 'exp', 'nonce', 'purpose', 'sid', 'amr', 'acr'],
};

await check('jose verifies our token and reads every claim', async () => {
  const { payload, protectedHeader } = await jose.jwtVerify(token, keys, options);
  const { iat, exp, ...rest } = payload;
  assert.deepEqual(rest, {
    iss: expected.issuer,
    aud: expected.audience,
    sub: 'pairwise-李',
    jti: 'tok_1',
    nonce: NONCE,
    purpose: 'demo',
    sid: 'ses_1',
    amr: ['face', 'liveness'],
    acr: 'substantial',
    imi_model: 'model@1',
    imi_policy: 'policy@1',
    imi_target_fmr: 1e-4,
  });
  assert.equal(exp - iat, 300);
  assert.deepEqual(protectedHeader, { alg: 'ES256', typ: TYPE, kid: jwks.keys[0].kid });
});

await check('our kid is the RFC 7638 thumbprint that jose calculates', async () => {
  assert.equal(await jose.calculateJwkThumbprint(jwks.keys[0], 'sha256'), jwks.keys[0].kid);
});

await check('our key set holds public members alone', () => {
  assert.deepEqual(Object.keys(jwks.keys[0]).sort(),
    ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});

for (const [name, change] of [
  ['another audience', { audience: 'https://other.example' }],
  ['another issuer', { issuer: 'https://other.example' }],
  ['another type', { typ: 'at+jwt' }],
  ['a later time', { currentDate: new Date(Date.now() + 3600e3) }],
]) {
  await check(`jose refuses our token for ${name}`, () =>
    assert.rejects(jose.jwtVerify(token, keys, { ...options, ...change })));
}

await check('jose refuses our token with a changed payload', async () => {
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(jose.base64url.decode(payload).reduce((s, b) =>
    s + String.fromCharCode(b), ''));
  claims.acr = 'high';
  const forged = jose.base64url.encode(JSON.stringify(claims));
  await assert.rejects(jose.jwtVerify(`${header}.${forged}.${signature}`, keys, options));
});

// 2. Tokens that jose makes, under our verifier.

const now = Math.floor(Date.now() / 1000);
const pair = await jose.generateKeyPair('ES256', { extractable: true });
const jwk = await jose.exportJWK(pair.publicKey);
jwk.kid = await jose.calculateJwkThumbprint(jwk);
const p384 = await jose.generateKeyPair('ES384', { extractable: true });
const ed = await jose.generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
const rsa = await jose.generateKeyPair('RS256', { extractable: true });
const set = {
  keys: [
    { ...jwk, alg: 'ES256', use: 'sig' },
    { ...(await jose.exportJWK(p384.publicKey)), kid: 'p384' },
    { ...(await jose.exportJWK(ed.publicKey)), kid: 'ed' },
    { ...(await jose.exportJWK(rsa.publicKey)), kid: 'rsa' },
  ],
};
const setPath = join(folder, 'jose-jwks.json');
writeFileSync(setPath, JSON.stringify(set));

const header = { alg: 'ES256', typ: TYPE, kid: jwk.kid };
const claims = {
  iss: expected.issuer, aud: expected.audience, sub: 'subject-of-jose', jti: 'tok_2',
  nonce: NONCE, purpose: 'demo', sid: 'ses_2', amr: ['face', 'liveness'], acr: 'basic',
  imi_model: 'model@1', imi_policy: 'policy@1', imi_target_fmr: 0.001,
  iat: now, exp: now + 300,
};

const sign = (payload, protectedHeader = header, key = pair.privateKey) =>
  new jose.SignJWT(payload).setProtectedHeader(protectedHeader).sign(key);
const without = (name) => Object.fromEntries(Object.entries(claims).filter(([k]) => k !== name));
const good = await sign(claims);
const [goodHeader, goodPayload, goodSignature] = good.split('.');
const encode = (value) => jose.base64url.encode(JSON.stringify(value));
const publicPem = new TextEncoder().encode(await jose.exportSPKI(pair.publicKey));
const publicJwk = new TextEncoder().encode(JSON.stringify(set.keys[0]));

// The payload as text, for what JSON.stringify cannot write.
const signText = async (text, protectedHeader = header) =>
  new jose.CompactSign(new TextEncoder().encode(text)).setProtectedHeader(protectedHeader)
    .sign(pair.privateKey);

const text = JSON.stringify(claims);
const cases = [
  ['a good token', 'ok', good],
  ['a list of audiences', 'ok', await sign({ ...claims, aud: ['x', expected.audience] })],
  ['claims that we do not know', 'ok', await sign({ ...claims, extra: { a: [1] } })],
  ['an unknown kid', 'token_key_unknown',
    await sign(claims, { ...header, kid: 'nobody' })],
  ['no signature (alg none)', 'token_algorithm', new jose.UnsecuredJWT(claims).encode()],
  ['alg none behind our header', 'token_algorithm',
    `${encode({ ...header, alg: 'none' })}.${goodPayload}.`],
  ['an HMAC with the public key as PEM', 'token_algorithm',
    await sign(claims, { ...header, alg: 'HS256' }, publicPem)],
  ['an HMAC with the public key as JWK', 'token_algorithm',
    await sign(claims, { ...header, alg: 'HS256' }, publicJwk)],
  ['ES384', 'token_algorithm', await sign(claims, { ...header, alg: 'ES384', kid: 'p384' },
    p384.privateKey)],
  ['EdDSA', 'token_algorithm', await sign(claims, { ...header, alg: 'EdDSA', kid: 'ed' },
    ed.privateKey)],
  ['RS256', 'token_algorithm', await sign(claims, { ...header, alg: 'RS256', kid: 'rsa' },
    rsa.privateKey)],
  ['ES256 by name with the kid of a P-384 key', 'key', await sign(claims,
    { ...header, kid: 'p384' })],
  ['ES256 by name with the kid of an RSA key', 'key', await sign(claims,
    { ...header, kid: 'rsa' })],
  ['no kid', 'token_key_unknown', await sign(claims, { alg: 'ES256', typ: TYPE })],
  ['another key behind our kid', 'token_signature', await sign(claims, header,
    (await jose.generateKeyPair('ES256')).privateKey)],
  ['another type', 'token_claim', await sign(claims, { ...header, typ: 'JWT' })],
  ['no type', 'token_claim', await sign(claims, { alg: 'ES256', kid: jwk.kid })],
  ['crit', 'token_format', await signText(text, { ...header, crit: ['b64'], b64: true })],
  ['a DER signature', 'token_signature',
    `${goodHeader}.${goodPayload}.${Buffer.concat([Buffer.from('3044', 'hex'),
      Buffer.from(goodSignature, 'base64url')]).toString('base64url')}`],
  ['half a signature', 'token_signature',
    `${goodHeader}.${goodPayload}.${goodSignature.slice(0, 43)}`.slice(0, -1) + 'A'],
  ['a changed payload', 'token_signature',
    `${goodHeader}.${encode({ ...claims, acr: 'high' })}.${goodSignature}`],
  ['expiry', 'token_expired', await sign({ ...claims, iat: now - 600, exp: now - 1 })],
  ['the future', 'token_not_yet_valid', await sign({ ...claims, iat: now + 100 })],
  ['nbf in the future', 'token_not_yet_valid', await sign({ ...claims, nbf: now + 100 })],
  ['another issuer', 'token_claim', await sign({ ...claims, iss: 'https://other.example' })],
  ['another audience', 'token_claim', await sign({ ...claims, aud: 'https://other.example' })],
  ['another nonce', 'token_claim', await sign({ ...claims, nonce: 'replayed' })],
  ['exp as text', 'token_claim', await signText(text.replace(/"exp":\d+/, '"exp":"9999999999"'))],
  ['a member given twice', 'token_format',
    await signText(text.replace('"sub":', '"sub":"somebody-else","sub":'))],
  ['NaN', 'token_format', await signText(text.replace('0.001', 'NaN'))],
  ['a payload that is no object', 'token_format', await signText('[]')],
  ['deep nesting', 'token_format', await signText('['.repeat(2000) + ']'.repeat(2000))],
  ['padding', 'token_format', `${good}==`],
  ['a fourth part', 'token_format', `${good}.`],
  ['a JWE', 'token_format', await new jose.EncryptJWT(claims)
    .setProtectedHeader({ alg: 'dir', enc: 'A128CBC-HS256' }).encrypt(new Uint8Array(32))],
  ['a huge token', 'token_format', await sign({ ...claims, extra: 'x'.repeat(20000) })],
  ['a general JWS in JSON', 'token_format', JSON.stringify(await new jose.GeneralSign(
    new TextEncoder().encode(text)).addSignature(pair.privateKey).setProtectedHeader(header)
    .sign())],
];
for (const name of Object.keys(claims)) {
  cases.push([`no ${name}`, 'token_claim', await sign(without(name))]);
}

const output = execFileSync(
  peer, ['verify', setPath, expected.issuer, expected.audience, NONCE, String(now)],
  { input: cases.map(([, , compact]) => compact).join('\n') + '\n', encoding: 'utf8' });
const lines = output.replace(/\n$/, '').split('\n');
assert.equal(lines.length, cases.length);
for (const [i, [name, wanted]] of cases.entries()) {
  const subject = wanted === 'ok' ? 'subject-of-jose' : '';
  await check(`ours says ${wanted} to ${name}`, () =>
    assert.equal(lines[i], `${wanted} ${subject}`));
}
console.log(`${count} checks with jose`);
