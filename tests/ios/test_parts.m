/* Parts of the SDK for iOS that need neither network nor camera. */
#import "IMIEcFormat.h"
#import "IMIJoinLink.h"
#import "IMINames.h"
#import "imi_core/imi_core.h"
#import "phone.h"
#import "pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define SECRET @"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"

static BOOL parses(NSString *link)
{
    NSString *origin, *sessionID, *secret;
    return IMIParseJoinLink(link, &origin, &sessionID, &secret);
}

static void join_link_is_taken_apart(void **state)
{
    (void)state;
    NSString *origin, *sessionID, *secret;
    assert_true(IMIParseJoinLink(@"https://imi.example:8443/j#ses_a-B." SECRET, &origin, &sessionID,
                                 &secret));
    assert_string_equal([origin UTF8String], "https://imi.example:8443");
    assert_string_equal([sessionID UTF8String], "ses_a-B");
    assert_string_equal([secret UTF8String], [SECRET UTF8String]);
    assert_true(IMIParseJoinLink(@"https://imi.example/j#s." SECRET, &origin, &sessionID, &secret));
    assert_string_equal([origin UTF8String], "https://imi.example");
}

static void other_links_are_refused(void **state)
{
    (void)state;
    assert_false(parses(@""));
    assert_false(parses(@"http://imi.example/j#s." SECRET));
    assert_false(parses(@"https://imi.example/j"));
    assert_false(parses(@"https://imi.example/k#s." SECRET));
    assert_false(parses(@"https://imi.example/j?q=1#s." SECRET));
    assert_false(parses(@"https://user@imi.example/j#s." SECRET));
    assert_false(parses(@"https:///j#s." SECRET));
    assert_false(parses(@"https://imi.example/j#." SECRET));
    assert_false(parses(@"https://imi.example/j#s." SECRET "x"));
    assert_false(parses(@"https://imi.example/j#s. bcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"));
    assert_false(parses(@"https://imi.example/j#s#." SECRET));
}

/* Signatures of OpenSSL, among them such with short numbers and such with a sign byte. */
static void signatures_are_as_openssl_means_them(void **state)
{
    (void)state;
    OpenSSLKey *key = [[OpenSSLKey alloc] init];
    NSData *info = [key publicKey], *message = [@"text" dataUsingEncoding:NSASCIIStringEncoding];
    const unsigned char *at = [info bytes];
    EVP_PKEY *read = d2i_PUBKEY(NULL, &at, (long)[info length]);
    assert_non_null(read);
    assert_int_equal(EVP_PKEY_eq(read, key->pair), 1);
    for (int i = 0; i < 600; i++) {
        NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
        const unsigned char *raw = [[key signatureOfMessage:message] bytes];
        ECDSA_SIG *signature = ECDSA_SIG_new();
        ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
        unsigned char *der = NULL;
        int size = i2d_ECDSA_SIG(signature, &der);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, read);
        assert_int_equal(EVP_DigestVerify(context, der, (size_t)size, [message bytes], 4), 1);
        EVP_MD_CTX_free(context);
        OPENSSL_free(der);
        ECDSA_SIG_free(signature);
        [pool release];
    }
    EVP_PKEY_free(read);
    [key release];
}

static NSData *bytes(const char *text, size_t size)
{
    return [NSData dataWithBytes:text length:size];
}

static void signatures_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char good[] = "\x30\x06\x02\x01\x05\x02\x01\x07";
    assert_int_equal([IMIRawSignature(bytes(good, 8)) length], 64);
    for (size_t size = 0; size < 8; size++) {
        assert_null(IMIRawSignature(bytes(good, size)));
    }
    assert_null(IMIRawSignature(bytes("\x30\x07\x02\x01\x05\x02\x01\x07\x00", 9)));
    assert_null(IMIRawSignature(bytes("\x31\x06\x02\x01\x05\x02\x01\x07", 8)));
    assert_null(IMIRawSignature(bytes("\x30\x06\x02\x00\x02\x02\x05\x07", 8)));
    assert_null(IMIRawSignature(bytes("\x30\x06\x02\x01\x05\x02\x7F\x07", 8)));
    assert_null(IMIRawSignature(bytes("\x30\x06\x03\x01\x05\x02\x01\x07", 8)));
    char wide[72] = "\x30\x46\x02\x21\x01";
    memcpy(wide + 37, "\x02\x21", 2);
    assert_null(IMIRawSignature(bytes(wide, 72))); /* 33 bytes that are no sign */
    wide[4] = 0;
    assert_int_equal([IMIRawSignature(bytes(wide, 72)) length], 64);
}

static void points_of_other_forms_are_refused(void **state)
{
    (void)state;
    char point[66] = "\x04";
    assert_int_equal([IMISubjectPublicKeyInfo(bytes(point, 65)) length], 91);
    assert_null(IMISubjectPublicKeyInfo(bytes(point, 64)));
    assert_null(IMISubjectPublicKeyInfo(bytes(point, 66)));
    point[0] = 2;
    assert_null(IMISubjectPublicKeyInfo(bytes(point, 65)));
}

static void actions_become_bits(void **state)
{
    (void)state;
    NSArray *names = [NSArray arrayWithObjects:@"near_far", @"nod", @"fly", nil];
    assert_int_equal(IMIActionMask(names), 1 << 1 | 1 << 7);
    assert_int_equal(IMIActionMask(nil), 0);
    assert_string_equal([IMIStateName(IMI_CORE_STATE_BLOCKED) UTF8String], "blocked");
    assert_string_equal([IMIStateName(IMI_CORE_STATE_COUNT) UTF8String], "unknown");
}

static void wrong_link_makes_no_verification(void **state)
{
    (void)state;
    IMIPlatform *platform = [[IMIPlatform alloc] init];
    assert_null([[IMIVerification alloc] initWithLink:@"nonsense" platform:platform delegate:nil]);
    [platform release];
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(join_link_is_taken_apart),
        POOL_TEST(other_links_are_refused),
        POOL_TEST(signatures_are_as_openssl_means_them),
        POOL_TEST(signatures_that_are_none_are_refused),
        POOL_TEST(points_of_other_forms_are_refused),
        POOL_TEST(actions_become_bits),
        POOL_TEST(wrong_link_makes_no_verification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
