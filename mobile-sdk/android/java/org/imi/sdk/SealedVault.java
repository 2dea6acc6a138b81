package org.imi.sdk;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/** Encrypts what another vault keeps. Its key dies with what it holds. */
public final class SealedVault implements Vault {
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_SIZE = 12;
    private static final int TAG_BITS = 128;

    private final Vault inner;
    private final SealingKey key;

    public SealedVault(Vault inner, SealingKey key) {
        this.inner = inner;
        this.key = key;
    }

    @Override
    public byte[] load() throws IOException {
        byte[] sealed = inner.load();
        if (sealed == null) {
            return null;
        }
        try {
            return open(sealed);
        } catch (GeneralSecurityException | ProviderException e) {
            // By a key that is gone, or damaged: of no use to anybody.
            erase();
            return null;
        }
    }

    private byte[] open(byte[] sealed) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(Cipher.DECRYPT_MODE, key.get(),
                new GCMParameterSpec(TAG_BITS, Arrays.copyOf(sealed, NONCE_SIZE)));
        int start = Math.min(NONCE_SIZE, sealed.length);
        return cipher.doFinal(sealed, start, sealed.length - start);
    }

    @Override
    public void save(byte[] content) throws IOException {
        try {
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(Cipher.ENCRYPT_MODE, key.get());
            byte[] sealed = cipher.doFinal(content);
            byte[] all = Arrays.copyOf(cipher.getIV(), NONCE_SIZE + sealed.length);
            System.arraycopy(sealed, 0, all, NONCE_SIZE, sealed.length);
            inner.save(all);
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IOException(e);
        }
    }

    /** The key first: what of a file's bytes stays on the disk is unreadable then. */
    @Override
    public void erase() {
        key.erase();
        inner.erase();
    }
}
