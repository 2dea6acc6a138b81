package org.imi.sdk;

/** A vault of a test's own, which outlives a verification. */
final class MemoryVault implements Vault {
    volatile byte[] content;

    @Override
    public byte[] load() {
        return content;
    }

    @Override
    public void save(byte[] saved) {
        content = saved;
    }

    @Override
    public void erase() {
        content = null;
    }
}
