package org.imi.sdk;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** What the vault keeps: whose session it is, its credential, and the core's saved state. */
final class SavedState {
    private static final int MAGIC = 0x494D4932;
    private static final int CORE_MAX = 64 * 1024 * 1024;

    final String sessionId;
    /** Empty before the session is joined. */
    final String credential;
    /** Milliseconds since 1970; 0 before the session is joined. */
    final long expiresAtMs;
    /** Of a capture that may go on. */
    final int jpegQuality;
    final byte[] core;

    SavedState(String sessionId, String credential, long expiresAtMs, int jpegQuality,
            byte[] core) {
        this.sessionId = sessionId;
        this.credential = credential;
        this.expiresAtMs = expiresAtMs;
        this.jpegQuality = jpegQuality;
        this.core = core;
    }

    byte[] write() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        out.writeUTF(sessionId);
        out.writeUTF(credential);
        out.writeLong(expiresAtMs);
        out.writeByte(jpegQuality);
        out.writeInt(core.length);
        out.write(core);
        return bytes.toByteArray();
    }

    /** Null for what is not one. */
    static SavedState read(byte[] content) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
            if (in.readInt() != MAGIC) {
                return null;
            }
            String session = in.readUTF();
            String credential = in.readUTF();
            long expiresAtMs = in.readLong();
            int quality = in.readUnsignedByte();
            int size = in.readInt();
            if (size < 0 || size > CORE_MAX || size != in.available()) {
                return null;
            }
            byte[] core = new byte[size];
            in.readFully(core);
            return new SavedState(session, credential, expiresAtMs, quality, core);
        } catch (IOException e) {
            return null;
        }
    }
}
