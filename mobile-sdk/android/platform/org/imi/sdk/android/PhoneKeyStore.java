package org.imi.sdk.android;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

/** Android's key store, which never gives a key out. */
final class PhoneKeyStore {
    static final String PROVIDER = "AndroidKeyStore";

    private PhoneKeyStore() {}

    static KeyStore open() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(PROVIDER);
        try {
            store.load(null);
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
        return store;
    }
}
