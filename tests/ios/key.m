#import "IMIEcFormat.h"
#import "phone.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

@implementation OpenSSLKey

- (void)dealloc
{
    EVP_PKEY_free(pair);
    [super dealloc];
}

/* As the Security framework gives it, a bare point. */
- (NSData *)publicKey
{
    unsigned char point[128];
    size_t size = 0;
    if (pair == NULL) {
        pair = EVP_EC_gen("P-256");
    }
    if (EVP_PKEY_get_octet_string_param(pair, "pub", point, sizeof point, &size) != 1) {
        return nil;
    }
    return IMISubjectPublicKeyInfo([NSData dataWithBytes:point length:size]);
}

- (NSData *)signatureOfMessage:(NSData *)message
{
    unsigned char der[128];
    size_t size = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    BOOL ok = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pair) == 1 &&
              EVP_DigestSign(context, der, &size, [message bytes], [message length]) == 1;
    EVP_MD_CTX_free(context);
    return ok ? IMIRawSignature([NSData dataWithBytes:der length:size]) : nil;
}

- (NSData *)digestOfData:(NSData *)data
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256([data bytes], [data length], digest);
    return [NSData dataWithBytes:digest length:sizeof digest];
}

- (void)erase
{
    EVP_PKEY_free(pair);
    pair = NULL;
    erased++;
}
@end
