/* Base64url and hexadecimal. */
#include "base_fixture.h"

#include <string.h>

typedef struct pair {
    const char *bytes;
    const char *text;
} pair;

/* RFC 4648 section 10, without padding. */
static const pair vectors[] = {
    {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
};

static void test_base64url_encodes_the_standard_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
        imi_view bytes = imi_view_of_text(vectors[i].bytes);
        assert_int_equal(imi_base64url_encode(bytes, &out, NULL), IMI_OK);
        assert_view_is(imi_buffer_view(&out), imi_view_of_text(vectors[i].text));
    }
}

static void test_base64url_decodes_the_standard_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
        imi_view text = imi_view_of_text(vectors[i].text);
        assert_int_equal(imi_base64url_decode(text, &out, NULL), IMI_OK);
        assert_view_is(imi_buffer_view(&out), imi_view_of_text(vectors[i].bytes));
    }
}

static void test_base64_pads_and_uses_its_own_alphabet(void **state)
{
    (void)state;
    static const pair padded[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"\xFB\xEF\xBE\xFF\xFF\xFF", "++++////"},
    };
    for (size_t i = 0; i < sizeof padded / sizeof padded[0]; i++) {
        IMI_AUTO_BUFFER text = IMI_BUFFER_INIT, back = IMI_BUFFER_INIT;
        imi_view bytes = imi_view_of_text(padded[i].bytes);
        assert_int_equal(imi_base64_encode(bytes, &text, NULL), IMI_OK);
        assert_view_is(imi_buffer_view(&text), imi_view_of_text(padded[i].text));
        assert_int_equal(imi_base64_decode(imi_buffer_view(&text), &back, NULL), IMI_OK);
        assert_view_is(imi_buffer_view(&back), bytes);
    }
}

static void test_base64_decode_is_strict(void **state)
{
    (void)state;
    static const char *const bad[] = {"Zg",   "Zm8",  "Z===", "Zm9v====", "Zm-v",
                                      "Zm_v", "Zm 9", "Zh==", "Zg==Zg==", "=Zg="};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
        if (imi_base64_decode(imi_view_of_text(bad[i]), &out, NULL) != IMI_E_INVALID_ARGUMENT) {
            fail_msg("%s was taken", bad[i]);
        }
        assert_int_equal(out.size, 0);
    }
}

static void test_base64url_uses_the_url_alphabet(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_base64url_encode(LITERAL("\xFB\xEF\xBE\xFF\xFF\xFF"), &out, NULL), IMI_OK);
    assert_view_is(imi_buffer_view(&out), LITERAL("----____"));
}

static void test_base64url_round_trip_of_every_byte_and_length(void **state)
{
    (void)state;
    uint8_t bytes[260];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    for (size_t size = 0; size <= sizeof bytes; size++) {
        IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
        IMI_AUTO_BUFFER back = IMI_BUFFER_INIT;
        imi_view view = {bytes, size};
        assert_int_equal(imi_base64url_encode(view, &text, NULL), IMI_OK);
        assert_int_equal(imi_base64url_decode(imi_buffer_view(&text), &back, NULL), IMI_OK);
        assert_view_is(imi_buffer_view(&back), view);
    }
}

static void test_base64url_decode_is_strict(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Zg==", /* padding */
        "Zm8=", /* padding */
        "Z", /* impossible length */
        "Zm9vY", /* impossible length */
        "Zm+v", /* symbols of plain base64 */
        "Zm/v",  "Zm 9",   "Zm9v\n",     " Zm9",
        "Zm9\t", "Zm.9",   "Zm\xC3\xA9", "Zh", /* trailing bits that are not zero */
        "Zm9",   "____Z1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
        imi_error error = IMI_ERROR_INIT;
        if (imi_base64url_decode(imi_view_of_text(bad[i]), &out, &error) == IMI_OK) {
            fail_msg("\"%s\" was accepted", bad[i]);
        }
        assert_int_equal(error.status, IMI_E_INVALID_ARGUMENT);
        assert_int_equal(out.size, 0);
    }
}

static void test_base64url_decode_refuses_a_nul(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_base64url_decode(LITERAL("Zm\0v"), &out, NULL), IMI_E_INVALID_ARGUMENT);
}

static void test_base64url_appends_and_keeps_what_was_there(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&out, "x.", NULL), IMI_OK);
    assert_int_equal(imi_base64url_decode(LITERAL("Zm9vYg!!"), &out, NULL), IMI_E_INVALID_ARGUMENT);
    assert_view_is(imi_buffer_view(&out), LITERAL("x."));
    assert_int_equal(imi_base64url_decode(LITERAL("Zm9v"), &out, NULL), IMI_OK);
    assert_view_is(imi_buffer_view(&out), LITERAL("x.foo"));
}

static void test_hex_is_lower_case_and_terminated(void **state)
{
    (void)state;
    char out[9];
    imi_hex_encode(LITERAL("\x00\x9f\xAB\xff"), out);
    assert_string_equal(out, "009fabff");
    imi_hex_encode((imi_view){NULL, 0}, out);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEAK_CHECKED(test_base64url_encodes_the_standard_vectors),
        LEAK_CHECKED(test_base64url_decodes_the_standard_vectors),
        LEAK_CHECKED(test_base64_pads_and_uses_its_own_alphabet),
        LEAK_CHECKED(test_base64_decode_is_strict),
        LEAK_CHECKED(test_base64url_uses_the_url_alphabet),
        LEAK_CHECKED(test_base64url_round_trip_of_every_byte_and_length),
        LEAK_CHECKED(test_base64url_decode_is_strict),
        LEAK_CHECKED(test_base64url_decode_refuses_a_nul),
        LEAK_CHECKED(test_base64url_appends_and_keeps_what_was_there),
        LEAK_CHECKED(test_hex_is_lower_case_and_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
