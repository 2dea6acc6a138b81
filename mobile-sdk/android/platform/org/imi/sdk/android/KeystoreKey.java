package org.imi.sdk.android;

import android.os.Build;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Collections;
import org.imi.sdk.DeviceKey;
import org.imi.sdk.EcSignature;

/**
 * The device key in Android's key store: never outside it, one for each session. Attested where
 * the phone can (Android 7 on), in StrongBox where that is quick enough for several frames a
 * second.
 */
public final class KeystoreKey implements DeviceKey {
    private static final String PREFIX = "imi.device.";
    private static final long STRONG_BOX_SIGN_MAX_MS = 80;

    private final String alias;
    private PrivateKey key;
    private byte[] attestation;

    public KeystoreKey(String sessionId) {
        alias = PREFIX + sessionId;
    }

    @Override
    public synchronized byte[] publicKey(byte[] attestationChallenge)
            throws GeneralSecurityException {
        KeyStore store = PhoneKeyStore.open();
        try {
            if (!store.containsAlias(alias)) {
                eraseOthers(store);
                make(attestationChallenge);
            }
            return open(store);
        } catch (ProviderException e) {
            // What the hardware's driver throws is not even declared.
            throw new GeneralSecurityException(e);
        }
    }

    private byte[] open(KeyStore store) throws GeneralSecurityException {
        key = (PrivateKey) store.getKey(alias, null);
        Certificate[] chain = store.getCertificateChain(alias);
        if (key == null || chain == null || chain.length == 0) {
            throw new GeneralSecurityException("the key store lost the key");
        }
        attestation = chain.length > 1 ? concatenate(chain) : null;
        return chain[0].getPublicKey().getEncoded();
    }

    /** A certificate alone is one that the key signed itself: no attestation. */
    private static byte[] concatenate(Certificate[] chain) throws GeneralSecurityException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Certificate certificate : chain) {
            byte[] der = certificate.getEncoded();
            all.write(der, 0, der.length);
        }
        return all.toByteArray();
    }

    /** Keys of sessions that were never finished. */
    private static void eraseOthers(KeyStore store) throws GeneralSecurityException {
        for (String other : Collections.list(store.aliases())) {
            if (other.startsWith(PREFIX)) {
                store.deleteEntry(other);
            }
        }
    }

    /** The best that this phone can: what it cannot throws, and the next is tried. */
    private void make(byte[] challenge) throws GeneralSecurityException {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            try {
                generate(challenge, true);
                if (signsQuickly()) {
                    return;
                }
            } catch (GeneralSecurityException | ProviderException e) {
                // No StrongBox: most phones have none.
                PhoneKeyStore.open().deleteEntry(alias);
            }
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) {
            try {
                generate(challenge, false);
                return;
            } catch (GeneralSecurityException | ProviderException e) {
                // No attestation: the server's policy says whether that will do.
                PhoneKeyStore.open().deleteEntry(alias);
            }
        }
        generate(null, false);
    }

    private boolean signsQuickly() throws GeneralSecurityException {
        PrivateKey made = (PrivateKey) PhoneKeyStore.open().getKey(alias, null);
        long started = System.nanoTime();
        EcSignature.sign(made, alias.getBytes());
        return (System.nanoTime() - started) / 1_000_000 <= STRONG_BOX_SIGN_MAX_MS;
    }

    private void generate(byte[] challenge, boolean strongBox) throws GeneralSecurityException {
        KeyGenParameterSpec.Builder spec =
                new KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
                        .setAlgorithmParameterSpec(new ECGenParameterSpec("secp256r1"))
                        .setDigests(KeyProperties.DIGEST_SHA256);
        if (challenge != null && Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) {
            spec.setAttestationChallenge(challenge);
        }
        if (strongBox && Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            spec.setIsStrongBoxBacked(true);
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance(
                KeyProperties.KEY_ALGORITHM_EC, PhoneKeyStore.PROVIDER);
        generator.initialize(spec.build());
        generator.generateKeyPair();
    }

    @Override
    public synchronized byte[] sign(byte[] message) throws GeneralSecurityException {
        try {
            if (key == null) {
                open(PhoneKeyStore.open());
            }
            return EcSignature.sign(key, message);
        } catch (ProviderException e) {
            throw new GeneralSecurityException(e);
        }
    }

    /** Also after the app's end in between, when nothing asked for the public key again. */
    @Override
    public synchronized byte[] attestation() {
        try {
            if (key == null) {
                open(PhoneKeyStore.open());
            }
        } catch (GeneralSecurityException | ProviderException e) {
            return null;
        }
        return attestation;
    }

    @Override
    public synchronized void erase() {
        key = null;
        attestation = null;
        try {
            PhoneKeyStore.open().deleteEntry(alias);
        } catch (GeneralSecurityException | ProviderException e) {
            // The next session's key erases it.
            return;
        }
    }
}
