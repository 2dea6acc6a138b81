/* Clean UTF-8: Unicode table 3-7, and no NUL. */
#include "base_fixture.h"

typedef struct sample {
    imi_view text;
    const char *what;
} sample;

#define SAMPLE(text, what)                                                                         \
    {                                                                                              \
        LITERAL(text), what                                                                        \
    }

static void test_well_formed_text_is_clean(void **state)
{
    (void)state;
    const sample samples[] = {
        SAMPLE("", "nothing"),
        SAMPLE("plain\t\r\n\x7F", "ASCII with controls"),
        SAMPLE("\xC2\x80 \xDF\xBF", "first and last of 2 bytes"),
        SAMPLE("\xE0\xA0\x80 \xEF\xBF\xBF", "first and last of 3 bytes"),
        SAMPLE("\xED\x9F\xBF \xEE\x80\x80", "neighbours of the surrogates"),
        SAMPLE("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF", "first and last of 4 bytes"),
        SAMPLE("\xE7\xA6\x85\xE5\x9F\x8E", "Chancheng"),
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        if (!imi_text_is_clean_utf8(samples[i].text)) {
            fail_msg("refused: %s", samples[i].what);
        }
    }
}

static void test_malformed_text_is_not_clean(void **state)
{
    (void)state;
    const sample samples[] = {
        SAMPLE("a\0b", "NUL"),
        SAMPLE("\x80", "a continuation alone"),
        SAMPLE("\xBF", "a continuation alone"),
        SAMPLE("\xC0\x80", "overlong NUL"),
        SAMPLE("\xC0\xAF", "overlong slash in 2 bytes"),
        SAMPLE("\xC1\xBF", "overlong in 2 bytes"),
        SAMPLE("\xE0\x80\xAF", "overlong slash in 3 bytes"),
        SAMPLE("\xE0\x9F\xBF", "overlong in 3 bytes"),
        SAMPLE("\xF0\x80\x80\xAF", "overlong slash in 4 bytes"),
        SAMPLE("\xF0\x8F\xBF\xBF", "overlong in 4 bytes"),
        SAMPLE("\xED\xA0\x80", "first surrogate"),
        SAMPLE("\xED\xBF\xBF", "last surrogate"),
        SAMPLE("\xF4\x90\x80\x80", "beyond U+10FFFF"),
        SAMPLE("\xF5\x80\x80\x80", "lead byte F5"),
        SAMPLE("\xFE", "FE"),
        SAMPLE("\xFF", "FF"),
        SAMPLE("\xC2", "2 bytes cut after 1"),
        SAMPLE("\xE2\x82", "3 bytes cut after 2"),
        SAMPLE("\xF0\x9F\x98", "4 bytes cut after 3"),
        SAMPLE("\xC2 ", "2 bytes with a bad second"),
        SAMPLE("\xE2\x82 ", "3 bytes with a bad third"),
        SAMPLE("\xF0\x9F\x98 ", "4 bytes with a bad fourth"),
        SAMPLE("\xE2\xC2\x80", "a lead byte inside a sequence"),
        SAMPLE("good \xC3\xA9 then \xC3", "cut at the end"),
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        if (imi_text_is_clean_utf8(samples[i].text)) {
            fail_msg("accepted: %s", samples[i].what);
        }
    }
}

/* Encode a code point as the definition says, surrogates and all. */
static size_t encode(uint32_t point, uint8_t out[4])
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, point >>= 6) {
        out[i] = (uint8_t)(0x80 | (point & 0x3F));
    }
    out[0] = (uint8_t)((0xF00 >> length) | point);
    return length;
}

static void test_every_code_point_is_clean_but_nul_and_surrogates(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        uint8_t bytes[4];
        size_t size = encode(point, bytes);
        bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        bool clean = imi_text_is_clean_utf8((imi_view){bytes, size});
        if (clean == (point == 0 || surrogate)) {
            fail_msg("U+%04X", point);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_formed_text_is_clean),
        cmocka_unit_test(test_malformed_text_is_not_clean),
        cmocka_unit_test(test_every_code_point_is_clean_but_nul_and_surrogates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
