package org.imi.sdk;

import java.io.IOException;

/** Where a verification survives the app's end. Holds images: only this app may read it. */
public interface Vault {
    /** Null if there is nothing. */
    byte[] load() throws IOException;

    void save(byte[] content) throws IOException;

    void erase();
}
