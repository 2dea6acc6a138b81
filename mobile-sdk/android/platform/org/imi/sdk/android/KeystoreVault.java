package org.imi.sdk.android;

import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.ProviderException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.imi.sdk.Vault;

/** Encrypts what another vault keeps, AES-256-GCM by a key that does not leave the key store. */
public final class KeystoreVault implements Vault {
    private static final String PROVIDER = "AndroidKeyStore";
    private static final String ALIAS = "imi.vault";
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_SIZE = 12;
    private static final int TAG_BITS = 128;

    private final Vault inner;

    public KeystoreVault(Vault inner) {
        this.inner = inner;
    }

    private static SecretKey key() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(PROVIDER);
        store.load(null);
        SecretKey key = (SecretKey) store.getKey(ALIAS, null);
        if (key != null) {
            return key;
        }
        KeyGenerator generator =
                KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER);
        int purposes = KeyProperties.PURPOSE_ENCRYPT | KeyProperties.PURPOSE_DECRYPT;
        generator.init(new KeyGenParameterSpec.Builder(ALIAS, purposes)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .setKeySize(256)
                .build());
        return generator.generateKey();
    }

    @Override
    public byte[] load() throws IOException {
        byte[] sealed = inner.load();
        if (sealed == null || sealed.length <= NONCE_SIZE) {
            return null;
        }
        try {
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(Cipher.DECRYPT_MODE, key(),
                    new GCMParameterSpec(TAG_BITS, Arrays.copyOf(sealed, NONCE_SIZE)));
            return cipher.doFinal(sealed, NONCE_SIZE, sealed.length - NONCE_SIZE);
        } catch (GeneralSecurityException | ProviderException e) {
            // Of another installation, or damaged: of no use to anybody.
            inner.erase();
            return null;
        }
    }

    @Override
    public void save(byte[] content) throws IOException {
        try {
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(Cipher.ENCRYPT_MODE, key());
            byte[] nonce = cipher.getIV();
            byte[] sealed = cipher.doFinal(content);
            byte[] all = Arrays.copyOf(nonce, NONCE_SIZE + sealed.length);
            System.arraycopy(sealed, 0, all, NONCE_SIZE, sealed.length);
            inner.save(all);
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void erase() {
        inner.erase();
    }
}
