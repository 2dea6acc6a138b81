/* Token status lists: what is signed can be read, and nothing else. */
#include "forge.h"

#include "deflate.h"
#include "imi/status_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST_URI "https://imi.example/status/1"

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static imi_key_set *g_keys;

static int set_up(void **state)
{
    forge_set_up(state);
    OK(imi_key_set_parse(imi_buffer_view(&g_jwks), &g_keys, &g_err));
    return 0;
}

static int tear_down(void **state)
{
    imi_key_set_destroy(&g_keys);
    return forge_tear_down(state);
}

static imi_status_list_terms good_terms(void)
{
    return (imi_status_list_terms){TEST_URI, TEST_NOW_S - 10, TEST_NOW_S + 1000, 600};
}

static imi_status_list_expectation good_list_expectation(void)
{
    return (imi_status_list_expectation){"ES256", TEST_URI, TEST_NOW_S, 0};
}

static imi_status open_list(imi_view compact, imi_status_list **out)
{
    imi_status_list_expectation expectation = good_list_expectation();
    return imi_status_list_open(compact, g_keys, &expectation, out, &g_err);
}

/* A list from raw payload text. */
static imi_status open_forged(const char *payload, imi_status_list **out)
{
    char header[256];
    snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%s\"}",
             IMI_STATUS_LIST_TYPE, g_signer->key_id);
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, header, payload, &token);
    return open_list(imi_buffer_view(&token), out);
}

static const char *payload_of(const char *bits, const char *lst)
{
    static char text[65536];
    snprintf(text, sizeof text,
             "{\"sub\":\"" TEST_URI "\",\"iat\":1699999990,\"exp\":1700001000,\"ttl\":600,"
             "\"status_list\":{\"bits\":%s,\"lst\":\"%s\"}}",
             bits, lst);
    return text;
}

static void assert_forged_refused_with(const char *payload, imi_status wanted)
{
    imi_status_list *list = (imi_status_list *)payload;
    imi_status status = open_forged(payload, &list);
    if (status != wanted) {
        fail_msg("%.200s: %s (%s)", payload, imi_status_name(status), g_err.message);
    }
    assert_null(list);
}

static imi_token_status get(const imi_status_list *list, uint32_t index)
{
    imi_token_status status = IMI_TOKEN_INVALID;
    OK(imi_status_list_get(list, index, TEST_NOW_S, &status, &g_err));
    return status;
}

static void put(uint8_t *packed, uint32_t index, imi_token_status status)
{
    packed[index / 4] |= (uint8_t)((unsigned)status << index % 4 * 2);
}

static void a_signed_list_tells_every_status(void **state)
{
    (void)state;
    static uint8_t packed[IMI_STATUS_LIST_BYTES];
    memset(packed, 0, sizeof packed);
    for (uint32_t i = 0; i < IMI_STATUS_LIST_SIZE; i += 3) {
        put(packed, i, (imi_token_status)(i % 7 % 3));
    }
    imi_status_list_terms terms = good_terms();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(imi_status_list_sign(g_signer, &terms, (imi_view){packed, sizeof packed}, &token, &g_err));
    IMI_AUTO(imi_status_list) list = NULL;
    OK(open_list(imi_buffer_view(&token), &list));
    for (uint32_t i = 0; i < IMI_STATUS_LIST_SIZE; i++) {
        assert_int_equal(get(list, i), i % 3 == 0 ? i % 7 % 3 : 0);
    }
}

/* Random statuses cannot be compressed: the worst case must still fit what a verifier reads. */
static void the_fullest_list_fits(void **state)
{
    (void)state;
    static uint8_t packed[IMI_STATUS_LIST_BYTES];
    OK(imi_random(packed, sizeof packed, &g_err));
    imi_status_list_terms terms = good_terms();
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(imi_status_list_sign(g_signer, &terms, (imi_view){packed, sizeof packed}, &token, &g_err));
    IMI_AUTO(imi_status_list) list = NULL;
    OK(open_list(imi_buffer_view(&token), &list));
}

static void a_list_that_nobody_could_read_is_not_signed(void **state)
{
    (void)state;
    static uint8_t packed[IMI_STATUS_LIST_BYTES + 1];
    imi_status_list_terms good = good_terms();
    imi_status_list_terms bad[5];
    for (size_t i = 0; i < 5; i++) {
        bad[i] = good;
    }
    bad[0].uri = NULL;
    bad[1].uri = "";
    bad[2].issued_at_s = 0;
    bad[3].expires_at_s = bad[3].issued_at_s;
    bad[4].ttl_s = 0;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(
            imi_status_list_sign(g_signer, &bad[i], (imi_view){packed, 8}, &token, &g_err),
            IMI_E_INVALID_ARGUMENT);
    }
    static const size_t sizes[] = {0, sizeof packed};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            imi_status_list_sign(g_signer, &good, (imi_view){packed, sizes[i]}, &token, &g_err),
            IMI_E_INVALID_ARGUMENT);
    }
    assert_int_equal(token.size, 0);
}

/* --- The drafts' own figures ----------------------------------------------------------------- */

static void the_drafts_list_of_one_bit_is_read(void **state)
{
    (void)state;
    static const int wanted[] = {1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1};
    IMI_AUTO(imi_status_list) list = NULL;
    OK(open_forged(payload_of("1", "eNrbuRgAAhcBXQ"), &list));
    for (uint32_t i = 0; i < 16; i++) {
        assert_int_equal(get(list, i), wanted[i]);
    }
}

static void the_drafts_list_of_two_bits_is_read(void **state)
{
    (void)state;
    static const int wanted[] = {1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3};
    IMI_AUTO(imi_status_list) list = NULL;
    OK(open_forged(payload_of("2", "eNo76fITAAPfAgc"), &list));
    for (uint32_t i = 0; i < 12; i++) {
        imi_token_status status = IMI_TOKEN_VALID;
        imi_status result = imi_status_list_get(list, i, TEST_NOW_S, &status, &g_err);
        /* 3 is for applications to define; we have not, so it passes for nothing good. */
        assert_int_equal(result, wanted[i] == 3 ? IMI_E_TOKEN_CLAIM : IMI_OK);
        assert_int_equal(status, wanted[i] == 3 ? IMI_TOKEN_INVALID : wanted[i]);
    }
}

/* --- What a list must be --------------------------------------------------------------------- */

static void an_index_beyond_the_list_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_status_list) list = NULL;
    OK(open_forged(payload_of("2", "eNo76fITAAPfAgc"), &list));
    static const uint32_t beyond[] = {12, 13, 1000000, UINT32_MAX};
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        imi_token_status status = IMI_TOKEN_VALID;
        assert_int_equal(imi_status_list_get(list, beyond[i], TEST_NOW_S, &status, &g_err),
                         IMI_E_TOKEN_CLAIM);
        assert_int_equal(status, IMI_TOKEN_INVALID);
    }
}

static void a_list_of_other_bits_is_refused(void **state)
{
    (void)state;
    static const char *const bits[] = {"0", "3", "16", "-1", "\"2\"", "2.0", "null"};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        assert_forged_refused_with(payload_of(bits[i], "eNo76fITAAPfAgc"), IMI_E_TOKEN_CLAIM);
    }
}

static void a_list_at_another_uri_is_refused(void **state)
{
    (void)state;
    imi_status_list_terms terms = good_terms();
    terms.uri = TEST_URI "2";
    uint8_t packed[8] = {0};
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(imi_status_list_sign(g_signer, &terms, (imi_view){packed, 8}, &token, &g_err));
    IMI_AUTO(imi_status_list) list = NULL;
    assert_int_equal(open_list(imi_buffer_view(&token), &list), IMI_E_TOKEN_CLAIM);
    assert_null(list);
}

static void lists_without_what_they_need_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{}",
        "{\"sub\":\"" TEST_URI "\",\"iat\":1699999990,\"exp\":1700001000}",
        "{\"sub\":\"" TEST_URI "\",\"exp\":1700001000,"
        "\"status_list\":{\"bits\":2,\"lst\":\"eNo76fITAAPfAgc\"}}",
        "{\"sub\":\"" TEST_URI "\",\"iat\":1699999990,"
        "\"status_list\":{\"bits\":2,\"lst\":\"eNo76fITAAPfAgc\"}}",
        "{\"sub\":\"" TEST_URI "\",\"iat\":1699999990,\"exp\":1700001000,"
        "\"status_list\":{\"bits\":2}}",
        "{\"sub\":\"" TEST_URI "\",\"iat\":1699999990,\"exp\":1700001000,\"ttl\":-1,"
        "\"status_list\":{\"bits\":2,\"lst\":\"eNo76fITAAPfAgc\"}}",
        "{\"sub\":\"" TEST_URI "\",\"iat\":1699999990,\"exp\":1700001000,"
        "\"status_list\":[2,\"eNo76fITAAPfAgc\"]}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_forged_refused_with(bad[i], IMI_E_TOKEN_CLAIM);
    }
}

static void a_token_of_another_type_is_no_list(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    forge(g_signer, good_header(), payload_of("2", "eNo76fITAAPfAgc"), &token);
    IMI_AUTO(imi_status_list) list = NULL;
    assert_int_equal(open_list(imi_buffer_view(&token), &list), IMI_E_TOKEN_CLAIM);
}

static void a_list_is_no_verification_token(void **state)
{
    (void)state;
    imi_status_list_terms terms = good_terms();
    uint8_t packed[8] = {0};
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(imi_status_list_sign(g_signer, &terms, (imi_view){packed, 8}, &token, &g_err));
    assert_refused(imi_buffer_view(&token), IMI_E_TOKEN_CLAIM);
}

static void a_list_by_another_key_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_signer) other = NULL;
    OK(imi_signer_file_new(in_folder("other.pem"), &other, &g_err));
    imi_status_list_terms terms = good_terms();
    uint8_t packed[8] = {0};
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(imi_status_list_sign(other, &terms, (imi_view){packed, 8}, &token, &g_err));
    IMI_AUTO(imi_status_list) list = NULL;
    assert_int_equal(open_list(imi_buffer_view(&token), &list), IMI_E_TOKEN_KEY_UNKNOWN);
}

/* --- Freshness ------------------------------------------------------------------------------- */

static imi_status open_at(int64_t now_s, imi_status_list **out)
{
    imi_status_list_terms terms = good_terms();
    uint8_t packed[8] = {0};
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    OK(imi_status_list_sign(g_signer, &terms, (imi_view){packed, 8}, &token, &g_err));
    imi_status_list_expectation expectation = good_list_expectation();
    expectation.now_s = now_s;
    return imi_status_list_open(imi_buffer_view(&token), g_keys, &expectation, out, &g_err);
}

static void a_list_holds_from_iat_until_exp(void **state)
{
    (void)state;
    IMI_AUTO(imi_status_list) list = NULL;
    assert_int_equal(open_at(TEST_NOW_S - 11, &list), IMI_E_TOKEN_NOT_YET_VALID);
    assert_int_equal(open_at(TEST_NOW_S + 1000, &list), IMI_E_TOKEN_EXPIRED);
    OK(open_at(TEST_NOW_S + 999, &list));
}

static void a_kept_list_is_refused_once_its_ttl_or_exp_has_passed(void **state)
{
    (void)state;
    imi_token_status status = IMI_TOKEN_VALID;
    IMI_AUTO(imi_status_list) list = NULL;
    OK(open_at(TEST_NOW_S, &list));
    OK(imi_status_list_get(list, 0, TEST_NOW_S + 600, &status, &g_err));
    assert_int_equal(imi_status_list_get(list, 0, TEST_NOW_S + 601, &status, &g_err),
                     IMI_E_TOKEN_EXPIRED);
    assert_int_equal(status, IMI_TOKEN_INVALID);
    imi_status_list_destroy(&list);
    OK(open_at(TEST_NOW_S + 900, &list));
    assert_int_equal(imi_status_list_get(list, 0, TEST_NOW_S + 1000, &status, &g_err),
                     IMI_E_TOKEN_EXPIRED);
}

static void an_expectation_that_checks_nothing_is_refused(void **state)
{
    (void)state;
    imi_status_list *list = NULL;
    imi_status_list_expectation good = good_list_expectation(), bad[4];
    for (size_t i = 0; i < 4; i++) {
        bad[i] = good;
    }
    bad[0].uri = NULL;
    bad[1].uri = "";
    bad[2].now_s = 0;
    bad[3].leeway_s = 301;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(
            imi_status_list_open(imi_view_of_text("a.b.c"), g_keys, &bad[i], &list, &g_err),
            IMI_E_INVALID_ARGUMENT);
    }
}

/* --- Bombs and broken streams ---------------------------------------------------------------- */

/* lst of so many zero bytes. */
static char *zeros_as_lst(size_t size)
{
    uint8_t *bytes = calloc(1, size);
    IMI_AUTO_BUFFER zipped = IMI_BUFFER_INIT;
    imi_buffer text = IMI_BUFFER_INIT;
    OK(imi_zlib_deflate((imi_view){bytes, size}, &zipped, &g_err));
    OK(imi_base64url_encode(imi_buffer_view(&zipped), &text, &g_err));
    OK(imi_buffer_terminate(&text, &g_err));
    free(bytes);
    return (char *)text.data;
}

static void a_list_that_inflates_beyond_its_bound_is_refused(void **state)
{
    (void)state;
    static const size_t sizes[] = {IMI_STATUS_LIST_BYTES + 1, 1 << 20, 24 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *lst = zeros_as_lst(sizes[i]);
        assert_forged_refused_with(payload_of("2", lst), IMI_E_TOKEN_FORMAT);
        imi_free(lst);
    }
}

static size_t g_largest;

static bool note_size(void *user, size_t size)
{
    (void)user;
    g_largest = size > g_largest ? size : g_largest;
    return false;
}

static void a_bomb_takes_no_more_memory_than_a_good_list(void **state)
{
    (void)state;
    char *lst = zeros_as_lst(24 << 20);
    const char *payload = payload_of("2", lst);
    g_largest = 0;
    imi_alloc_set_fail_hook(note_size, NULL);
    imi_status_list *list = NULL;
    imi_status status = open_forged(payload, &list);
    imi_alloc_set_fail_hook(NULL, NULL);
    assert_int_equal(status, IMI_E_TOKEN_FORMAT);
    assert_true(g_largest <= 2 * IMI_JWS_BYTES_MAX);
    imi_free(lst);
}

static void the_largest_list_of_zeros_is_no_bomb(void **state)
{
    (void)state;
    char *lst = zeros_as_lst(IMI_STATUS_LIST_BYTES);
    IMI_AUTO(imi_status_list) list = NULL;
    OK(open_forged(payload_of("2", lst), &list));
    assert_int_equal(get(list, IMI_STATUS_LIST_SIZE - 1), IMI_TOKEN_VALID);
    imi_free(lst);
}

static void what_is_not_one_whole_stream_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", /* nothing */
        "eNo76fITAAPfAg", /* cut off in the checksum */
        "eNo76fIT", /* cut off in the data */
        "eNo76fITAAPfAggA", /* another checksum, and a byte behind */
        "eNo76fITAAPfAgcA", /* a byte behind the stream */
        "eNo76fITAAPfAgg", /* another checksum */
        "yUT5", /* not compressed at all */
        "eNoDAAAAAAE", /* a stream of nothing */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_forged_refused_with(payload_of("2", bad[i]), IMI_E_TOKEN_FORMAT);
    }
    assert_forged_refused_with(payload_of("2", "eNo76fITAAPfAgc="), IMI_E_TOKEN_FORMAT);
    assert_forged_refused_with(payload_of("2", "eNo76fIT AAPfAgc"), IMI_E_TOKEN_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_list_tells_every_status),
        cmocka_unit_test(the_fullest_list_fits),
        cmocka_unit_test(a_list_that_nobody_could_read_is_not_signed),
        cmocka_unit_test(the_drafts_list_of_one_bit_is_read),
        cmocka_unit_test(the_drafts_list_of_two_bits_is_read),
        cmocka_unit_test(an_index_beyond_the_list_is_refused),
        cmocka_unit_test(a_list_of_other_bits_is_refused),
        cmocka_unit_test(a_list_at_another_uri_is_refused),
        cmocka_unit_test(lists_without_what_they_need_are_refused),
        cmocka_unit_test(a_token_of_another_type_is_no_list),
        cmocka_unit_test(a_list_is_no_verification_token),
        cmocka_unit_test(a_list_by_another_key_is_refused),
        cmocka_unit_test(a_list_holds_from_iat_until_exp),
        cmocka_unit_test(a_kept_list_is_refused_once_its_ttl_or_exp_has_passed),
        cmocka_unit_test(an_expectation_that_checks_nothing_is_refused),
        cmocka_unit_test(a_list_that_inflates_beyond_its_bound_is_refused),
        cmocka_unit_test(a_bomb_takes_no_more_memory_than_a_good_list),
        cmocka_unit_test(the_largest_list_of_zeros_is_no_bomb),
        cmocka_unit_test(what_is_not_one_whole_stream_is_refused),
    };
    return cmocka_run_group_tests_name("token: status lists", tests, set_up, tear_down);
}
