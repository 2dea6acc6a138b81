/* Text that was made to break the parser: it must answer, within its bounds, and never with
 * check digits that do not hold. Run under the sanitizers too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "zone.h"

#include <string.h>

enum { ROUNDS = 20000, LONGEST = 200 };

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void assert_terminated(const imi_mrz *mrz)
{
    assert_non_null(memchr(mrz->surname, 0, sizeof mrz->surname));
    assert_non_null(memchr(mrz->given_names, 0, sizeof mrz->given_names));
    assert_non_null(memchr(mrz->document_number, 0, sizeof mrz->document_number));
    assert_non_null(memchr(mrz->optional[0], 0, sizeof mrz->optional[0]));
    assert_non_null(memchr(mrz->optional[1], 0, sizeof mrz->optional[1]));
}

/* Each line in a block of its own exact size, so that a sanitizer sees one byte too many. */
static void try_lines(uint8_t lines[3][LONGEST], const size_t sizes[3])
{
    uint8_t *blocks[3];
    imi_mrz_line views[3];
    for (size_t i = 0; i < 3; i++) {
        blocks[i] = imi_alloc(sizes[i]);
        assert_non_null(blocks[i]);
        imi_copy(blocks[i], lines[i], sizes[i]);
        views[i] = (imi_mrz_line){blocks[i], sizes[i]};
    }
    imi_mrz mrz;
    if (imi_mrz_find(views, 3, ZONE_TODAY, &mrz)) {
        assert_terminated(&mrz);
    } else {
        assert_int_equal(mrz.format, IMI_MRZ_NONE);
        assert_false(imi_mrz_checks_hold(&mrz));
    }
    for (size_t i = 0; i < 3; i++) {
        imi_free(blocks[i]);
    }
}

static void random_bytes_are_survived(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t lines[3][LONGEST];
        size_t sizes[3];
        for (size_t i = 0; i < 3; i++) {
            sizes[i] = random_next(&seed) % LONGEST;
            for (size_t k = 0; k < sizes[i]; k++) {
                lines[i][k] = (uint8_t)random_next(&seed);
            }
        }
        try_lines(lines, sizes);
    }
}

static void random_zone_characters_are_survived(void **state)
{
    (void)state;
    static const char characters[] = "PIVAC<<<<<<0123456789MFOIZSB\0\xC2\xAB ";
    uint32_t seed = 2;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t lines[3][LONGEST];
        size_t sizes[3];
        for (size_t i = 0; i < 3; i++) {
            sizes[i] = 26 + random_next(&seed) % 24;
            for (size_t k = 0; k < sizes[i]; k++) {
                lines[i][k] = (uint8_t)characters[random_next(&seed) % (sizeof characters - 1)];
            }
        }
        try_lines(lines, sizes);
    }
}

/* Every byte of a good zone replaced by every byte there is. */
static void no_single_change_of_a_number_or_date_passes_unnoticed(void **state)
{
    (void)state;
    static const char first[] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    static const char second[] = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
    static const char digits[] = "0123456789";
    static const size_t from[] = {0, 13, 21, 28};
    static const size_t to[] = {9, 19, 27, 42};
    for (size_t field = 0; field < 4; field++) {
        for (size_t at = from[field]; at < to[field]; at++) {
            for (const char *digit = digits; *digit != '\0'; digit++) {
                char changed[sizeof second];
                imi_copy(changed, second, sizeof second);
                changed[at] = *digit;
                imi_mrz mrz;
                bool found = zone_read(first, changed, NULL, &mrz);
                /* Letters of a value ten apart weigh the same; those cannot be told. */
                int old_value = second[at] >= 'A' ? second[at] - 'A' + 10 : second[at] - '0';
                bool same = second[at] == '<' ? *digit == '0' : old_value % 10 == *digit - '0';
                assert_true(same || !found || !imi_mrz_checks_hold(&mrz));
            }
        }
    }
}

static void every_byte_in_every_place_is_survived(void **state)
{
    (void)state;
    static const char second[] = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
    for (size_t at = 0; at < sizeof second - 1; at++) {
        for (int byte = 0; byte < 256; byte++) {
            uint8_t lines[3][LONGEST] = {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"};
            imi_copy(lines[1], second, sizeof second - 1);
            lines[1][at] = (uint8_t)byte;
            try_lines(lines, (const size_t[3]){44, 44, 0});
        }
    }
}

static void embedded_nul_is_no_end(void **state)
{
    (void)state;
    static const uint8_t second[] = "L898902C36UTO74\00008122F1204159ZE184226B<<<<<10";
    imi_mrz_line lines[] = {
        imi_view_of_text("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"),
        {second, 44},
    };
    imi_mrz mrz;
    bool found = imi_mrz_find(lines, 2, ZONE_TODAY, &mrz);
    assert_false(found && imi_mrz_checks_hold(&mrz));
}

static void line_of_a_megabyte_is_survived(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    uint8_t *long_line = imi_alloc(SIZE);
    assert_non_null(long_line);
    for (size_t i = 0; i < SIZE; i++) {
        long_line[i] = '<';
    }
    imi_mrz_line lines[] = {{long_line, SIZE}, {long_line, SIZE}};
    imi_mrz mrz;
    assert_false(imi_mrz_find(lines, 2, ZONE_TODAY, &mrz));
    imi_free(long_line);
}

static void thousands_of_lines_are_survived(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    imi_mrz_line *lines = imi_alloc_array(COUNT, sizeof *lines);
    assert_non_null(lines);
    for (size_t i = 0; i < COUNT; i++) {
        lines[i] = imi_view_of_text("<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<");
    }
    imi_mrz mrz;
    assert_false(imi_mrz_find(lines, COUNT, ZONE_TODAY, &mrz));
    imi_free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes_are_survived),
        cmocka_unit_test(random_zone_characters_are_survived),
        cmocka_unit_test(no_single_change_of_a_number_or_date_passes_unnoticed),
        cmocka_unit_test(every_byte_in_every_place_is_survived),
        cmocka_unit_test(embedded_nul_is_no_end),
        cmocka_unit_test(line_of_a_megabyte_is_survived),
        cmocka_unit_test(thousands_of_lines_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
