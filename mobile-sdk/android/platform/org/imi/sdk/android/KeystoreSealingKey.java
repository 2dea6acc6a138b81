package org.imi.sdk.android;

import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import org.imi.sdk.SealingKey;

/** The vault's key in Android's key store. */
public final class KeystoreSealingKey implements SealingKey {
    private static final String ALIAS = "imi.vault";

    @Override
    public SecretKey get() throws GeneralSecurityException {
        SecretKey key = (SecretKey) PhoneKeyStore.open().getKey(ALIAS, null);
        if (key != null) {
            return key;
        }
        KeyGenerator generator = KeyGenerator.getInstance(
                KeyProperties.KEY_ALGORITHM_AES, PhoneKeyStore.PROVIDER);
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
            PhoneKeyStore.open().deleteEntry(ALIAS);
        } catch (GeneralSecurityException | ProviderException e) {
            // It stays; what it sealed is erased all the same.
            return;
        }
    }
}
