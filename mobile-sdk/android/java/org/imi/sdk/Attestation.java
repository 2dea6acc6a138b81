package org.imi.sdk;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/** What an attestation of the device key is made for. */
final class Attestation {
    private static final String LABEL = "imi-attest-v1";

    private Attestation() {}

    /**
     * The challenge of Android's key attestation. It names the session alone: the key store wants
     * it before there is a key, and the certificate that holds it certifies that key.
     */
    static byte[] challenge(String sessionId) throws GeneralSecurityException {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        return sha256.digest((LABEL + sessionId).getBytes(Protocol.UTF_8));
    }
}
