package org.imi.sdk.android;

import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.ProviderException;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import org.imi.sdk.SealingKey;

/** The vault's key in Android's key store. */
public final class KeystoreSealingKey implements SealingKey {
    private static final String PROVIDER = "AndroidKeyStore";
    private static final String ALIAS = "imi.vault";

    private static KeyStore store() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(PROVIDER);
        try {
            store.load(null);
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
        return store;
    }

    @Override
    public SecretKey get() throws GeneralSecurityException {
        SecretKey key = (SecretKey) store().getKey(ALIAS, null);
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
    public void erase() {
        try {
            store().deleteEntry(ALIAS);
        } catch (GeneralSecurityException | ProviderException e) {
            // It stays; what it sealed is erased all the same.
            return;
        }
    }
}
