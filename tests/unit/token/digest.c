/* Digests against published values, and the subjects made with them. */
#include "forge.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static void assert_hex(const uint8_t digest[32], const char *wanted)
{
    char hex[65];
    imi_hex_encode((imi_view){digest, 32}, hex);
    assert_string_equal(hex, wanted);
}

/* FIPS 180-2, appendix B.1, and the empty message. */
static void sha256_gives_the_published_values(void **state)
{
    (void)state;
    uint8_t digest[32];
    OK(imi_sha256(imi_view_of_text("abc"), digest, &g_err));
    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    OK(imi_sha256((imi_view){NULL, 0}, digest, &g_err));
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test cases 2 and 6 (a key longer than a block). */
static void hmac_gives_the_published_values(void **state)
{
    (void)state;
    uint8_t mac[32], key[131];
    OK(imi_hmac_sha256(imi_view_of_text("Jefe"), imi_view_of_text("what do ya want for nothing?"),
                       mac, &g_err));
    assert_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xAA, sizeof key);
    OK(imi_hmac_sha256((imi_view){key, sizeof key},
                       imi_view_of_text("Test Using Larger Than Block-Size Key - Hash Key First"),
                       mac, &g_err));
    assert_hex(mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void an_hmac_without_key_is_refused(void **state)
{
    (void)state;
    uint8_t mac[32], zero[32] = {0};
    assert_int_equal(imi_hmac_sha256((imi_view){NULL, 0}, imi_view_of_text("m"), mac, &g_err),
                     IMI_E_INVALID_ARGUMENT);
    assert_memory_equal(mac, zero, 32);
}

static const uint8_t g_secret[IMI_SECRET_SIZE] = {1, 2, 3, 4};

static void subject_of(const char *audience, const char *id, char out[IMI_PAIRWISE_SIZE])
{
    OK(imi_token_pairwise_subject(g_secret, audience, id, out, &g_err));
}

/* Changing how subjects are made would change the sub of everybody: this value is for ever. */
static void a_subject_is_what_it_always_was(void **state)
{
    (void)state;
    char subject[IMI_PAIRWISE_SIZE];
    subject_of("https://backend.example", "subject-1", subject);
    assert_string_equal(subject, "6PoOrr5TvTtTSA96ur9Xv04T6msR2PwYbLvSiHC9DPg");
}

static void audiences_see_different_subjects(void **state)
{
    (void)state;
    char a[IMI_PAIRWISE_SIZE], b[IMI_PAIRWISE_SIZE];
    subject_of("https://a.example", "subject-1", a);
    subject_of("https://b.example", "subject-1", b);
    assert_int_equal(strlen(a), 43);
    assert_string_not_equal(a, b);
}

static void people_have_different_subjects(void **state)
{
    (void)state;
    char a[IMI_PAIRWISE_SIZE], b[IMI_PAIRWISE_SIZE];
    subject_of("https://a.example", "subject-1", a);
    subject_of("https://a.example", "subject-2", b);
    assert_string_not_equal(a, b);
}

static void a_subject_cannot_be_moved_by_shifting_text_to_the_audience(void **state)
{
    (void)state;
    char a[IMI_PAIRWISE_SIZE], b[IMI_PAIRWISE_SIZE];
    subject_of("ab", "c", a);
    subject_of("a", "bc", b);
    assert_string_not_equal(a, b);
}

static void installations_see_different_subjects(void **state)
{
    (void)state;
    static const uint8_t other[IMI_SECRET_SIZE] = {1, 2, 3, 5};
    char a[IMI_PAIRWISE_SIZE], b[IMI_PAIRWISE_SIZE];
    subject_of("https://a.example", "subject-1", a);
    OK(imi_token_pairwise_subject(other, "https://a.example", "subject-1", b, &g_err));
    assert_string_not_equal(a, b);
}

static void a_subject_needs_audience_and_person(void **state)
{
    (void)state;
    char subject[IMI_PAIRWISE_SIZE] = "x";
    assert_int_equal(imi_token_pairwise_subject(g_secret, "", "s", subject, &g_err),
                     IMI_E_INVALID_ARGUMENT);
    assert_string_equal(subject, "");
    assert_int_equal(imi_token_pairwise_subject(g_secret, "a", NULL, subject, &g_err),
                     IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_values),
        cmocka_unit_test(hmac_gives_the_published_values),
        cmocka_unit_test(an_hmac_without_key_is_refused),
        cmocka_unit_test(a_subject_is_what_it_always_was),
        cmocka_unit_test(audiences_see_different_subjects),
        cmocka_unit_test(people_have_different_subjects),
        cmocka_unit_test(a_subject_cannot_be_moved_by_shifting_text_to_the_audience),
        cmocka_unit_test(installations_see_different_subjects),
        cmocka_unit_test(a_subject_needs_audience_and_person),
    };
    return cmocka_run_group_tests_name("token: digests", tests, NULL, NULL);
}
