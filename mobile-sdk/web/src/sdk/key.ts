/** The device key: ECDSA P-256, made here, never leaving the browser. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

export const makeKey = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);

/** SubjectPublicKeyInfo in DER. */
export async function exportPublicKey(key: CryptoKeyPair): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey('spki', key.publicKey));
}

/** r and s, 32 bytes each, big-endian: as the protocol has it. */
export async function sign(key: CryptoKeyPair, message: Uint8Array): Promise<Uint8Array> {
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  return new Uint8Array(
    await crypto.subtle.sign(algorithm, key.privateKey, message as Uint8Array<ArrayBuffer>));
}

export async function digest(content: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(
    await crypto.subtle.digest('SHA-256', content as Uint8Array<ArrayBuffer>));
}
