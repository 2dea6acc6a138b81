package org.imi.sdk;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Arrays;

/** ES256: Java's providers answer in DER, the protocol wants r and s, 32 bytes each. */
public final class EcSignature {
    private static final int NUMBER_SIZE = Core.SIGNATURE_SIZE / 2;

    private EcSignature() {}

    /** Sign a message with a P-256 key of any provider. */
    public static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(message);
        return toRaw(signature.sign());
    }

    /** SEQUENCE of two INTEGERs to r||s; nothing else is taken. */
    public static byte[] toRaw(byte[] der) throws SignatureException {
        // Two numbers of 33 bytes at most: every length fits one byte below 128.
        if (der.length < 8 || der[0] != 0x30 || der[1] != der.length - 2) {
            throw new SignatureException("not a signature in DER");
        }
        byte[] raw = new byte[Core.SIGNATURE_SIZE];
        int end = copyNumber(der, 2, raw, NUMBER_SIZE);
        if (copyNumber(der, end, raw, Core.SIGNATURE_SIZE) != der.length) {
            throw new SignatureException("not a signature in DER");
        }
        return raw;
    }

    /** Copies the INTEGER at a place so that it ends before another; the place behind it. */
    private static int copyNumber(byte[] der, int at, byte[] raw, int rawEnd)
            throws SignatureException {
        int size = at + 2 <= der.length && der[at] == 0x02 ? der[at + 1] : -1;
        int start = at + 2;
        int end = start + size;
        if (size < 1 || end > der.length || der[start] < 0) {
            throw new SignatureException("not a number in DER");
        }
        byte[] number = Arrays.copyOfRange(der, start, end);
        int from = number[0] == 0 && size > 1 ? 1 : 0;
        if (size - from > NUMBER_SIZE || (from == 1 && number[1] >= 0)) {
            throw new SignatureException("not a number of P-256 in DER");
        }
        System.arraycopy(number, from, raw, rawEnd - (size - from), size - from);
        return end;
    }
}
