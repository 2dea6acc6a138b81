package org.imi.sdk;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.util.Arrays;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What outlives the app: kept whole, unreadable to others, and gone with the session. */
public class VaultTest {
    private static final byte[] FACE = "a face, as far as anybody can tell".getBytes(Protocol.UTF_8);
    private static final long MINUTE_MS = 60_000;

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    /** What the key store is on Android. */
    private static final class JcaSealingKey implements SealingKey {
        private SecretKey key;
        boolean fails;

        @Override
        public SecretKey get() throws GeneralSecurityException {
            if (fails) {
                throw new ProviderException("as drivers of hardware throw it");
            }
            if (key == null) {
                KeyGenerator generator = KeyGenerator.getInstance("AES");
                generator.init(256);
                key = generator.generateKey();
            }
            return key;
        }

        @Override
        public void erase() {
            key = null;
        }
    }

    private final JcaSealingKey key = new JcaSealingKey();

    private File file() {
        return new File(folder.getRoot(), "vault");
    }

    /** As a new process has it. */
    private SealedVault vault() {
        return new SealedVault(new FileVault(file()), key);
    }

    private byte[] onDisk() throws IOException {
        return Files.readAllBytes(file().toPath());
    }

    private void put(byte[] content) throws IOException {
        Files.write(file().toPath(), content);
    }

    private static byte[] stateUntil(long expiresAtMs) throws IOException {
        return new SavedState("ses", "secret", expiresAtMs, 61, FACE).write();
    }

    @Test
    public void what_is_kept_comes_back() throws Exception {
        byte[] written = new SavedState("ses", "secret", 5L << 40, 61, new byte[] {1, 2}).write();
        SavedState read = SavedState.read(written);
        assertEquals("ses", read.sessionId);
        assertEquals("secret", read.credential);
        assertEquals(5L << 40, read.expiresAtMs);
        assertEquals(61, read.jpegQuality);
        assertArrayEquals(new byte[] {1, 2}, read.core);
    }

    @Test
    public void what_is_cut_or_longer_does_not() throws Exception {
        byte[] written = new SavedState("ses", "secret", 5L << 40, 61, new byte[] {1, 2}).write();
        for (int size = 0; size < written.length; size++) {
            assertNull(SavedState.read(Arrays.copyOf(written, size)));
        }
        assertNull(SavedState.read(Arrays.copyOf(written, written.length + 1)));
        written[0] ^= 1;
        assertNull(SavedState.read(written));
    }

    @Test
    public void a_file_keeps_the_last_and_is_erased() throws Exception {
        File file = new File(folder.getRoot(), "vault");
        FileVault vault = new FileVault(file);
        assertNull(vault.load());
        vault.save(new byte[] {1});
        vault.save(new byte[] {2, 3});
        assertArrayEquals(new byte[] {2, 3}, new FileVault(file).load());
        vault.erase();
        assertNull(vault.load());
        assertEquals(0, folder.getRoot().list().length);
    }

    @Test
    public void what_is_sealed_comes_back_in_another_process() throws Exception {
        assertNull(vault().load());
        vault().save(FACE);
        assertArrayEquals(FACE, vault().load());
    }

    @Test
    public void on_the_disk_it_is_unreadable_and_never_the_same() throws Exception {
        vault().save(new byte[4096]);
        byte[] first = onDisk();
        vault().save(new byte[4096]);
        byte[] second = onDisk();
        assertEquals(first.length, second.length);
        int same = 0;
        int zeros = 0;
        for (int i = 0; i < first.length; i++) {
            same += first[i] == second[i] ? 1 : 0;
            zeros += first[i] == 0 ? 1 : 0;
        }
        // One in 256 by chance.
        assertTrue(same + " bytes", same < first.length / 32);
        assertTrue(zeros + " zeros", zeros < first.length / 32);
    }

    @Test
    public void what_was_changed_or_cut_is_erased() throws Exception {
        vault().save(FACE);
        byte[] good = onDisk();
        for (int at = 0; at < good.length; at++) {
            SecretKey kept = key.key;
            byte[] changed = good.clone();
            changed[at] ^= 1;
            put(at % 2 == 0 ? changed : Arrays.copyOf(good, at));
            assertNull(vault().load());
            assertFalse(file().exists());
            key.key = kept;
        }
        put(good);
        assertArrayEquals(FACE, vault().load());
    }

    @Test
    public void nobody_reads_a_copy_of_what_was_erased() throws Exception {
        vault().save(FACE);
        byte[] copy = onDisk();
        vault().erase();
        assertFalse(file().exists());
        put(copy);
        assertNull(vault().load());
    }

    @Test
    public void a_key_that_fails_keeps_nothing() throws Exception {
        vault().save(FACE);
        key.fails = true;
        assertThrows(IOException.class, () -> vault().save(FACE));
        assertNull(vault().load());
        assertFalse(file().exists());
    }

    @Test
    public void what_an_expired_session_left_is_erased_with_its_key() throws Exception {
        vault().save(stateUntil(System.currentTimeMillis() - MINUTE_MS));
        Verification.eraseExpired(vault());
        assertFalse(file().exists());
        assertNull(key.key);
    }

    @Test
    public void a_session_that_may_go_on_stays() throws Exception {
        vault().save(stateUntil(System.currentTimeMillis() + MINUTE_MS));
        Verification.eraseExpired(vault());
        assertNotNull(vault().load());
    }

    @Test
    public void what_nobody_can_read_and_what_was_cut_off_in_writing_is_erased() throws Exception {
        File partial = new File(file().getPath() + ".partial");
        Files.write(partial.toPath(), FACE);
        Verification.eraseExpired(vault());
        assertFalse(partial.exists());
        vault().save(FACE);
        Verification.eraseExpired(vault());
        assertFalse(file().exists());
        put(FACE);
        Verification.eraseExpired(vault());
        assertFalse(file().exists());
    }
}
