// node interop.mjs PEER FOLDER: PEER is our side, built from peer.c; FOLDER is empty.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign, webcrypto }
  from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SDJwtInstance } from '@sd-jwt/core';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

globalThis.crypto ??= webcrypto; // Node 18, Debian 12's, does not show it by itself
const jose = await import('jose');

const [peer, folder] = process.argv.slice(2);
const ISSUER = 'https://imi.example';
const VCT = 'https://imi.example/credentials/graduate';
const AUDIENCE = 'https://employer.example';
const NONCE = 'n-0S6_WzA2Mj';
const now = Math.floor(Date.now() / 1000);
const binding = { iat: now, aud: AUDIENCE, nonce: NONCE };
let count = 0;

async function check(name, body) {
  await body();
  count += 1;
  console.log(`ok ${name}`);
}

const file = (name) => readFileSync(join(folder, name), 'utf8');
const ours = (...args) => execFileSync(peer, args, { encoding: 'utf8' }).trim();

const signer = (key) => (data) =>
  sign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');

const settles = (promise) => promise.then(() => true, () => false);

// Signatures are checked by jose: the issuer's by key set and kid, the holder's by cnf.
function instanceOf(Kind, jwks, issuerKey, holderKey) {
  const keys = jose.createLocalJWKSet(jwks);
  return new Kind({
    hasher: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
    hashAlg: 'sha-256',
    saltGenerator: (size) => randomBytes(size).toString('base64url'),
    signAlg: 'ES256',
    signer: issuerKey && signer(issuerKey),
    verifier: (data, signature) => settles(
      jose.compactVerify(`${data}.${signature}`, keys, { algorithms: ['ES256'] })),
    kbSignAlg: 'ES256',
    kbSigner: holderKey && signer(holderKey),
    kbVerifier: async (data, signature, payload) => settles(jose.jwtVerify(
      `${data}.${signature}`, await jose.importJWK(payload.cnf.jwk, 'ES256'),
      { algorithms: ['ES256'], typ: 'kb+jwt', audience: AUDIENCE, maxTokenAge: 60 })),
  });
}

// 1. Our credential under @sd-jwt and jose.

ours('issue', folder);
const credential = file('credential.txt');
const jwks = JSON.parse(file('jwks.json'));
const ourHolder = createPrivateKey(file('holder.pem'));
const ourInstance = instanceOf(SDJwtVcInstance, jwks, null, ourHolder);
const CLAIMS = {
  name: '李华', gpa: 3.85, graduated: true, degree: { subject: 'Physics', year: 2024 },
  languages: ['zh', 'en'],
};

/** What is disclosed, without what the issuer says to everybody. */
function disclosed(payload) {
  const { iss, vct, iat, exp, cnf, ...rest } = payload;
  assert.deepEqual([iss, vct, exp - iat], [ISSUER, VCT, 86400]);
  assert.deepEqual(Object.keys(cnf.jwk).sort(), ['crv', 'kty', 'x', 'y']);
  return rest;
}

await check('@sd-jwt/sd-jwt-vc verifies our credential and reads every claim', async () => {
  const { payload, header } = await ourInstance.verify(credential);
  assert.deepEqual(disclosed(payload), CLAIMS);
  assert.deepEqual(header, { alg: 'ES256', typ: 'dc+sd-jwt', kid: jwks.keys[0].kid });
});

await check('@sd-jwt/core does, too', async () => {
  const core = instanceOf(SDJwtInstance, jwks);
  assert.deepEqual(disclosed((await core.verify(credential)).payload), CLAIMS);
});

await check('jose verifies the signed part and learns no claim from it', async () => {
  const { payload } = await jose.jwtVerify(credential.split('~')[0],
    jose.createLocalJWKSet(jwks), { algorithms: ['ES256'], typ: 'dc+sd-jwt', issuer: ISSUER });
  assert.deepEqual(Object.keys(payload).sort(),
    ['_sd', '_sd_alg', 'cnf', 'exp', 'iat', 'iss', 'vct']);
  assert.equal(payload._sd.length, 5 + 3);
});

const PATHS = ['name', 'degree/year', 'languages/1'];
const CHOSEN = { name: '李华', degree: { year: 2024 }, languages: ['en'] };
const present = (...paths) => ours('present', join(folder, 'credential.txt'),
  join(folder, 'holder.pem'), AUDIENCE, NONCE, ...paths);
const presentation = present(...PATHS);

await check('@sd-jwt verifies our presentation and its key binding', async () => {
  const { payload, kb } = await ourInstance.verify(presentation, { keyBindingNonce: NONCE });
  assert.deepEqual(disclosed(payload), CHOSEN);
  assert.equal(kb.payload.aud, AUDIENCE);
  assert.equal(kb.header.typ, 'kb+jwt');
});

await check('@sd-jwt verifies a presentation of nothing', async () => {
  const { payload } = await ourInstance.verify(present(), { keyBindingNonce: NONCE });
  assert.deepEqual(disclosed(payload), {});
});

await check('jose verifies our key binding, and its sd_hash is right', async () => {
  const end = presentation.lastIndexOf('~') + 1;
  const holder = await jose.importJWK(JSON.parse(file('holder.json')), 'ES256');
  const { payload } = await jose.jwtVerify(presentation.slice(end), holder,
    { algorithms: ['ES256'], typ: 'kb+jwt', audience: AUDIENCE, maxTokenAge: 60 });
  assert.equal(payload.sd_hash,
    createHash('sha256').update(presentation.slice(0, end)).digest('base64url'));
});

await check('@sd-jwt refuses our presentation under another nonce', () =>
  assert.rejects(ourInstance.verify(presentation, { keyBindingNonce: 'another' })));

await check('@sd-jwt refuses the key binding of another presentation', () => {
  const other = present('name');
  const mixed = presentation.slice(0, presentation.lastIndexOf('~'))
    + other.slice(other.lastIndexOf('~'));
  return assert.rejects(ourInstance.verify(mixed, { keyBindingNonce: NONCE }));
});

// 2. What @sd-jwt issues and presents, under our verifier.

const issuerPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const holderPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const strangerPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const issuerJwk = await jose.exportJWK(issuerPair.publicKey);
issuerJwk.kid = await jose.calculateJwkThumbprint(issuerJwk);
const theirJwks = { keys: [{ ...issuerJwk, alg: 'ES256', use: 'sig' }] };
const jwksPath = join(folder, 'their-jwks.json');
writeFileSync(jwksPath, JSON.stringify(theirJwks));
writeFileSync(join(folder, 'their-holder.pem'),
  holderPair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });

const theirs = instanceOf(SDJwtVcInstance, theirJwks, issuerPair.privateKey,
  holderPair.privateKey);
const stranger = instanceOf(SDJwtVcInstance, theirJwks, issuerPair.privateKey,
  strangerPair.privateKey);
const holderJwk = await jose.exportJWK(holderPair.publicKey);
const terms = { iss: ISSUER, vct: VCT, iat: now, exp: now + 86400, cnf: { jwk: holderJwk } };
const header = { kid: issuerJwk.kid };
const FRAMES = {
  flat: { _sd: ['name', 'degree'] },
  structured: { degree: { _sd: ['subject', 'year'] } },
  recursive: {
    _sd: ['degree', 'languages'], degree: { _sd: ['year'] }, languages: { _sd: [0, 1] },
  },
  decoys: { _sd: ['name'], _sd_decoy: 4, languages: { _sd: [1], _sd_decoy: 2 } },
  open: undefined,
};

const cases = [];
const expectCase = (name, status, claims, text) => cases.push({ name, status, claims, text });

// With a claim goes what it is within; a frame need only name what lies deepest.
const EVERYTHING = {
  name: true, degree: { subject: true, year: true }, languages: { 0: true, 1: true },
};
const WHOLE = { ...EVERYTHING, degree: true }; // where nothing within it is a disclosure
for (const [name, frame] of Object.entries(FRAMES)) {
  expectCase(`everything of ${name}`, 'ok', CLAIMS, await theirs.present(
    await theirs.issue({ ...terms, ...CLAIMS }, frame, { header }),
    name === 'flat' ? WHOLE : EVERYTHING, { kb: { payload: binding } }));
}

const issued = await theirs.issue({ ...terms, ...CLAIMS }, FRAMES.recursive, { header });
const shown = (frame, payload = binding, who = theirs) =>
  who.present(issued, frame, { kb: { payload } });
const OPEN = { name: '李华', gpa: 3.85, graduated: true };
const good = await shown({ degree: { year: true } });
const end = good.lastIndexOf('~') + 1;
const kb = good.slice(end);
const parts = good.split('~');

expectCase('a claim within another', 'ok', { ...OPEN, degree: { subject: 'Physics', year: 2024 } },
  good);
expectCase('one element', 'ok', { ...OPEN, languages: ['en'] },
  await shown({ languages: { 1: true } }));
expectCase('nothing', 'ok', OPEN, await shown({}));
expectCase('no key binding', 'credential_unbound', null, good.slice(0, end));
expectCase('a stranger', 'credential_holder', null, await shown({}, binding, stranger));
expectCase('another audience', 'credential_replayed', null,
  await shown({}, { ...binding, aud: 'https://other.example' }));
expectCase('another nonce', 'credential_replayed', null,
  await shown({}, { ...binding, nonce: 'replayed' }));
expectCase('an old key binding', 'credential_replayed', null,
  await shown({}, { ...binding, iat: now - 600 }));
expectCase('the key binding of another presentation', 'credential_replayed', null,
  `${(await shown({})).replace(/[^~]*$/, '')}${kb}`);
expectCase('a disclosure less than was bound', 'credential_replayed', null,
  [parts[0], parts[1], kb].join('~'));
expectCase('a disclosure without its parent', 'credential_disclosure', null,
  [parts[0], parts[2], kb].join('~'));
expectCase('a disclosure that was changed', 'credential_disclosure', null,
  [parts[0], Buffer.from('["s","degree",{"year":1999}]').toString('base64url'), kb].join('~'));
expectCase('an expired credential', 'token_expired', null, await theirs.present(
  await theirs.issue({ ...terms, iat: now - 900, exp: now - 60 }, undefined, { header }), {},
  { kb: { payload: binding } }));
expectCase('another issuer', 'token_claim', null, await theirs.present(
  await theirs.issue({ ...terms, iss: 'https://other.example' }, undefined, { header }), {},
  { kb: { payload: binding } }));
expectCase('an unknown kid', 'token_key_unknown', null, await theirs.present(
  await theirs.issue(terms, undefined, { header: { kid: 'nobody' } }), {},
  { kb: { payload: binding } }));
expectCase('a plain JWT of jose', 'token_format', null, await new jose.SignJWT(terms)
  .setProtectedHeader({ alg: 'ES256', typ: 'dc+sd-jwt', ...header }).sign(issuerPair.privateKey));
expectCase('a key binding of jose', 'ok', OPEN, `${parts[0]}~${await new jose.SignJWT({
  ...binding, sd_hash: createHash('sha256').update(`${parts[0]}~`).digest('base64url'),
}).setProtectedHeader({ alg: 'ES256', typ: 'kb+jwt' }).sign(holderPair.privateKey)}`);
expectCase('our credential, presented by @sd-jwt', 'token_key_unknown', null,
  await ourInstance.present(credential, {}, { kb: { payload: binding } }));

// What they issue, we present; what we present, both verify.
writeFileSync(join(folder, 'their-credential.txt'), issued);
const mixed = ours('present', join(folder, 'their-credential.txt'),
  join(folder, 'their-holder.pem'), AUDIENCE, NONCE, 'degree/year', 'languages/0');
expectCase('their credential, presented by us', 'ok',
  { ...OPEN, degree: { subject: 'Physics', year: 2024 }, languages: ['zh'] }, mixed);
await check('@sd-jwt verifies their credential, presented by us', async () => {
  const { payload } = await theirs.verify(mixed, { keyBindingNonce: NONCE });
  assert.deepEqual(disclosed(payload).languages, ['zh']);
});

function verdicts(jwksFile, texts) {
  const output = execFileSync(peer,
    ['verify', jwksFile, ISSUER, VCT, AUDIENCE, NONCE, String(now)],
    { input: `${texts.join('\n')}\n`, encoding: 'utf8' });
  return output.replace(/\n$/, '').split('\n').map((line) => {
    const space = line.indexOf(' ');
    const rest = line.slice(space + 1);
    return { status: line.slice(0, space), claims: rest === '' ? null : JSON.parse(rest) };
  });
}

const answers = verdicts(jwksPath, cases.map(({ text }) => text));
assert.equal(answers.length, cases.length);
for (const [i, { name, status, claims }] of cases.entries()) {
  await check(`ours says ${status} to ${name}`, () =>
    assert.deepEqual(answers[i], { status, claims }));
}

await check('ours verifies our credential, presented by @sd-jwt', async () => {
  const text = await ourInstance.present(credential,
    { name: true, degree: { year: true }, languages: { 1: true } }, { kb: { payload: binding } });
  assert.deepEqual(verdicts(join(folder, 'jwks.json'), [text]),
    [{ status: 'ok', claims: CHOSEN }]);
});
console.log(`${count} checks with @sd-jwt and jose`);
