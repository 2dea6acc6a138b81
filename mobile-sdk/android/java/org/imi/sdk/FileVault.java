package org.imi.sdk;

import java.io.DataInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;

/** A vault that is one file, written whole or not at all. */
public final class FileVault implements Vault {
    private static final int SIZE_MAX = 64 * 1024 * 1024;

    private final File file;
    private final File partial;

    public FileVault(File file) {
        this.file = file;
        this.partial = new File(file.getPath() + ".partial");
    }

    @Override
    public byte[] load() throws IOException {
        if (!file.exists() || file.length() > SIZE_MAX) {
            return null;
        }
        byte[] content = new byte[(int) file.length()];
        try (DataInputStream in = new DataInputStream(new FileInputStream(file))) {
            in.readFully(content);
        }
        return content;
    }

    @Override
    public void save(byte[] content) throws IOException {
        try (FileOutputStream out = new FileOutputStream(partial)) {
            out.write(content);
            out.getFD().sync();
        }
        if (!partial.renameTo(file)) {
            throw new IOException("could not be kept");
        }
    }

    /** A file that stays would hold images: what cannot be removed is emptied. */
    @Override
    public void erase() {
        for (File each : new File[] {partial, file}) {
            if (each.exists() && !each.delete()) {
                try (FileOutputStream out = new FileOutputStream(each)) {
                    out.getChannel().truncate(0);
                } catch (IOException e) {
                    // Neither goes; the next save replaces it.
                    continue;
                }
            }
        }
    }
}
