package org.imi.sdk;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** A device key in memory. */
final class JcaKey implements DeviceKey {
    byte[] challenge;
    volatile boolean erased;
    /** As a key store that is broken. */
    volatile boolean fails;
    private KeyPair pair;

    @Override
    public synchronized byte[] publicKey(byte[] attestationChallenge)
            throws GeneralSecurityException {
        failIfBroken();
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
        failIfBroken();
        return EcSignature.sign(pair.getPrivate(), message);
    }

    private void failIfBroken() throws GeneralSecurityException {
        if (fails) {
            throw new GeneralSecurityException("broken, as asked");
        }
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
