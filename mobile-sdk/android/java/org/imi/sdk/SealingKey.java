package org.imi.sdk;

import java.security.GeneralSecurityException;
import javax.crypto.SecretKey;

/** The key of a sealed vault; on Android it does not leave the key store. */
public interface SealingKey {
    /** For AES-256-GCM; made if there is none. */
    SecretKey get() throws GeneralSecurityException;

    /** What was sealed by it cannot be read any more. */
    void erase();
}
