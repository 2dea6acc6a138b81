package org.imi.sdk;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import org.junit.Test;

public class EcSignatureTest {
    private static KeyPair pair() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /** Enough that numbers with leading zeros, and with the highest bit, come up. */
    @Test
    public void another_implementation_takes_every_signature() throws Exception {
        KeyPair pair = pair();
        Signature raw = Signature.getInstance("SHA256withECDSAinP1363Format");
        for (int i = 0; i < 600; i++) {
            byte[] message = {(byte) i, (byte) (i >> 8)};
            byte[] signature = EcSignature.sign(pair.getPrivate(), message);
            assertEquals(64, signature.length);
            raw.initVerify(pair.getPublic());
            raw.update(message);
            assertTrue(raw.verify(signature));
        }
    }

    @Test
    public void the_public_key_has_the_size_of_the_protocol_s() throws Exception {
        assertEquals(91, pair().getPublic().getEncoded().length);
    }

    @Test
    public void small_numbers_are_filled_up() throws Exception {
        byte[] raw = EcSignature.toRaw(new byte[] {0x30, 7, 2, 1, 5, 2, 2, 0, (byte) 0x80});
        assertEquals(5, raw[31]);
        assertEquals((byte) 0x80, raw[63]);
        assertEquals(0, raw[62]);
    }

    private static void refuses(int... der) {
        byte[] bytes = new byte[der.length];
        for (int i = 0; i < der.length; i++) {
            bytes[i] = (byte) der[i];
        }
        assertThrows(Arrays.toString(der), SignatureException.class,
                () -> EcSignature.toRaw(bytes));
    }

    @Test
    public void what_is_no_der_is_refused() {
        refuses();
        refuses(0x30, 6, 2, 1, 5, 2, 1);
        refuses(0x31, 6, 2, 1, 5, 2, 1, 5);
        refuses(0x30, 7, 2, 1, 5, 2, 1, 5);
        refuses(0x30, 6, 3, 1, 5, 2, 1, 5);
        refuses(0x30, 6, 2, 0, 2, 2, 1, 5);
        refuses(0x30, 6, 2, 4, 5, 2, 1, 5);
        refuses(0x30, 6, 2, 127, 5, 2, 1, 5);
        refuses(0x30, 6, 2, 1, 0x85, 2, 1, 5);
        refuses(0x30, 7, 2, 2, 0, 5, 2, 1, 5);
        refuses(0x30, 7, 2, 1, 5, 2, 1, 5, 0);
    }

    @Test
    public void every_cut_of_a_signature_is_refused() throws Exception {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair().getPrivate());
        byte[] der = signature.sign();
        for (int size = 0; size < der.length; size++) {
            byte[] cut = Arrays.copyOf(der, size);
            assertThrows(SignatureException.class, () -> EcSignature.toRaw(cut));
        }
    }
}
