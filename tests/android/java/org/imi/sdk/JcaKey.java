package org.imi.sdk;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** A device key in memory. */
final class JcaKey implements DeviceKey {
    byte[] challenge;
    boolean erased;
    private KeyPair pair;

    @Override
    public synchronized byte[] publicKey(byte[] attestationChallenge)
            throws GeneralSecurityException {
        if (pair == null) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            pair = generator.generateKeyPair();
            challenge = attestationChallenge;
        }
        return pair.getPublic().getEncoded();
    }

    @Override
    public byte[] sign(byte[] message) throws GeneralSecurityException {
        return EcSignature.sign(pair.getPrivate(), message);
    }

    @Override
    public byte[] attestation() {
        return null;
    }

    @Override
    public void erase() {
        erased = true;
    }
}
