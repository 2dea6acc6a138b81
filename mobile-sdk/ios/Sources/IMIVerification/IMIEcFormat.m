#import "include/IMIEcFormat.h"

enum { POINT_SIZE = 65, NUMBER_SIZE = 32, DER_MAX = 72, TAG_SEQUENCE = 0x30, TAG_INTEGER = 0x02 };

NSData *IMISubjectPublicKeyInfo(NSData *point)
{
    /* SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING }; RFC 5480 */
    static const uint8_t head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                   0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                   0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    if ([point length] != POINT_SIZE || ((const uint8_t *)[point bytes])[0] != 0x04) {
        return nil;
    }
    NSMutableData *out = [NSMutableData dataWithBytes:head length:sizeof head];
    [out appendData:point];
    return out;
}

/* An INTEGER at *at, right-aligned into out; moves *at behind it. */
static BOOL takeNumber(const uint8_t *der, size_t size, size_t *at, uint8_t out[NUMBER_SIZE])
{
    if (size - *at < 2 || der[*at] != TAG_INTEGER) {
        return NO;
    }
    size_t length = der[*at + 1];
    const uint8_t *number = der + *at + 2;
    if (length == 0 || length > NUMBER_SIZE + 1 || size - *at - 2 < length) {
        return NO;
    }
    *at += 2 + length;
    if (length > NUMBER_SIZE) {
        if (*number++ != 0) {
            return NO;
        }
        length--;
    }
    for (size_t i = 0; i < NUMBER_SIZE; i++) {
        out[i] = i < NUMBER_SIZE - length ? 0 : number[i - (NUMBER_SIZE - length)];
    }
    return YES;
}

NSData *IMIRawSignature(NSData *der)
{
    const uint8_t *bytes = [der bytes];
    size_t size = [der length], at = 2;
    uint8_t raw[2 * NUMBER_SIZE];
    if (size < 8 || size > DER_MAX || bytes[0] != TAG_SEQUENCE || bytes[1] != size - 2 ||
        !takeNumber(bytes, size, &at, raw) || !takeNumber(bytes, size, &at, raw + NUMBER_SIZE) ||
        at != size) {
        return nil;
    }
    return [NSData dataWithBytes:raw length:sizeof raw];
}
