package org.imi.sdk;

import java.security.GeneralSecurityException;

/** The phone's P-256 key for one session. Used from the SDK's threads, by one at a time. */
public interface DeviceKey {
    /**
     * SubjectPublicKeyInfo in DER; makes the key if there is none.
     *
     * @param attestationChallenge what the platform is to put into its attestation
     */
    byte[] publicKey(byte[] attestationChallenge) throws GeneralSecurityException;

    /** ES256: r and s, 64 bytes. */
    byte[] sign(byte[] message) throws GeneralSecurityException;

    /** Android Key Attestation, DER certificates, leaf first; null if there is none. */
    byte[] attestation();

    /** The key is not needed any more. */
    void erase();
}
