/* Numbers below are made up; their regions exist, their check characters were computed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "zone.h"

#include <string.h>

/* The standard's own example: 11010519491231002X. */
#define GOOD_X "11010519491231002X"
/* And its second: 440524188001010014. */
#define GOOD "440524188001010014"

static bool read_number(const char *text, imi_resident_number *out)
{
    return imi_resident_number_read(imi_view_of_text(text), ZONE_TODAY, out);
}

static bool find_number(const char *text, imi_resident_number *out)
{
    return imi_resident_number_find(imi_view_of_text(text), ZONE_TODAY, out);
}

static void number_of_the_standard_is_read(void **state)
{
    (void)state;
    imi_resident_number number;
    assert_true(read_number(GOOD_X, &number));
    assert_string_equal(number.region, "110105");
    assert_int_equal(number.birth_date.year, 1949);
    assert_int_equal(number.birth_date.month, 12);
    assert_int_equal(number.birth_date.day, 31);
    assert_int_equal(number.sex, 'F');
    assert_int_equal(number.check, IMI_CHECK_HELD);
    assert_true(imi_resident_number_is_sound(&number));
}

static void digit_check_character_is_read(void **state)
{
    (void)state;
    imi_resident_number number;
    assert_true(read_number(GOOD, &number));
    assert_int_equal(number.sex, 'M');
    assert_true(imi_resident_number_is_sound(&number));
}

static void small_x_counts_as_x(void **state)
{
    (void)state;
    imi_resident_number number;
    assert_true(read_number("11010519491231002x", &number));
    assert_string_equal(number.text, GOOD_X);
    assert_true(imi_resident_number_is_sound(&number));
}

static void every_single_wrong_digit_is_noticed(void **state)
{
    (void)state;
    for (size_t at = 0; at < 17; at++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            char text[] = GOOD;
            imi_resident_number number;
            if (text[at] != digit) {
                text[at] = digit;
                assert_true(read_number(text, &number));
                assert_int_equal(number.check, IMI_CHECK_WRONG);
            }
        }
    }
}

static void swapped_neighbours_are_noticed(void **state)
{
    (void)state;
    for (size_t at = 0; at + 1 < 17; at++) {
        char text[] = GOOD;
        char kept = text[at];
        text[at] = text[at + 1];
        text[at + 1] = kept;
        imi_resident_number number;
        assert_true(read_number(text, &number));
        assert_true(text[at] == text[at + 1] || number.check == IMI_CHECK_WRONG);
    }
}

static void day_that_does_not_exist_is_told(void **state)
{
    (void)state;
    char text[] = "11010519490229002?";
    text[17] = imi_resident_number_check_character(text);
    imi_resident_number number;
    assert_true(read_number(text, &number));
    assert_int_equal(number.check, IMI_CHECK_HELD);
    assert_false(number.birth_date_valid);
    assert_false(imi_resident_number_is_sound(&number));
}

static void birth_after_today_is_told(void **state)
{
    (void)state;
    char text[] = "11010520100102002?";
    text[17] = imi_resident_number_check_character(text);
    imi_resident_number number;
    assert_true(read_number(text, &number));
    assert_false(number.birth_date_valid);
}

static void unknown_province_is_told(void **state)
{
    (void)state;
    char text[] = "99010519491231002?";
    text[17] = imi_resident_number_check_character(text);
    imi_resident_number number;
    assert_true(read_number(text, &number));
    assert_false(number.region_plausible);
    assert_false(imi_resident_number_is_sound(&number));
}

static void other_shapes_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "1101051949123100",
                                        "11010519491231002XX",
                                        "X1010519491231002X",
                                        "11010519491231002Y",
                                        "11010519491231O02X"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        imi_resident_number number;
        assert_false(read_number(texts[i], &number));
        assert_string_equal(number.text, "");
        assert_false(imi_resident_number_is_sound(&number));
    }
}

static void number_is_found_behind_a_label(void **state)
{
    (void)state;
    imi_resident_number number;
    assert_true(find_number("No. 1234 : " GOOD_X " end", &number));
    assert_string_equal(number.text, GOOD_X);
}

static void number_is_found_through_blanks(void **state)
{
    (void)state;
    imi_resident_number number;
    assert_true(find_number("110105 19491231 002X", &number));
    assert_string_equal(number.text, GOOD_X);
}

static void part_of_a_longer_number_is_not_one(void **state)
{
    (void)state;
    imi_resident_number number;
    assert_false(find_number("4405241880010100145", &number));
    assert_false(find_number("1" GOOD, &number));
}

static void sound_number_goes_before_a_wrong_one(void **state)
{
    (void)state;
    imi_resident_number number;
    assert_true(find_number("440524188001010015 / " GOOD, &number));
    assert_string_equal(number.text, GOOD);
}

static void wrong_number_is_still_found(void **state)
{
    (void)state;
    imi_resident_number number;
    assert_true(find_number("440524188001010015", &number));
    assert_int_equal(number.check, IMI_CHECK_WRONG);
}

static void random_bytes_are_survived(void **state)
{
    (void)state;
    uint32_t seed = 3;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[40];
        size_t size = (seed >> 9) % sizeof bytes;
        for (size_t i = 0; i < size; i++) {
            seed = seed * 1664525U + 1013904223U;
            bytes[i] = (uint8_t)((seed >> 20) % 2 == 0 ? '0' + (seed >> 24) % 10 : seed >> 24);
        }
        seed = seed * 1664525U + 1013904223U;
        imi_resident_number number;
        bool found = imi_resident_number_find((imi_view){bytes, size}, ZONE_TODAY, &number);
        assert_int_equal(found, strlen(number.text) == IMI_RESIDENT_NUMBER_LENGTH);
    }
}

static void calendar_knows_its_days(void **state)
{
    (void)state;
    imi_calendar_day day = imi_calendar_day_of_unix_ms(0);
    assert_int_equal(day.year * 10000 + day.month * 100 + day.day, 19700101);
    day = imi_calendar_day_of_unix_ms(-1);
    assert_int_equal(day.year * 10000 + day.month * 100 + day.day, 19691231);
    day = imi_calendar_day_of_unix_ms(INT64_C(951782400000));
    assert_int_equal(day.year * 10000 + day.month * 100 + day.day, 20000229);
}

static void time_outside_the_calendar_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(imi_calendar_day_of_unix_ms(INT64_MAX).year, 0);
    assert_int_equal(imi_calendar_day_of_unix_ms(INT64_MIN).year, 0);
}

static void day_is_read_strictly(void **state)
{
    (void)state;
    imi_calendar_day day;
    assert_true(imi_calendar_day_read(imi_view_of_text("2000-02-29"), &day));
    static const char *const wrong[] = {"1900-02-29", "2000-13-01",  "2000-1-01", "2000/01/01",
                                        "0000-00-00", "2000-01-01 ", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(imi_calendar_day_read(imi_view_of_text(wrong[i]), &day));
        assert_int_equal(day.year, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_of_the_standard_is_read),
        cmocka_unit_test(digit_check_character_is_read),
        cmocka_unit_test(small_x_counts_as_x),
        cmocka_unit_test(every_single_wrong_digit_is_noticed),
        cmocka_unit_test(swapped_neighbours_are_noticed),
        cmocka_unit_test(day_that_does_not_exist_is_told),
        cmocka_unit_test(birth_after_today_is_told),
        cmocka_unit_test(unknown_province_is_told),
        cmocka_unit_test(other_shapes_are_refused),
        cmocka_unit_test(number_is_found_behind_a_label),
        cmocka_unit_test(number_is_found_through_blanks),
        cmocka_unit_test(part_of_a_longer_number_is_not_one),
        cmocka_unit_test(sound_number_goes_before_a_wrong_one),
        cmocka_unit_test(wrong_number_is_still_found),
        cmocka_unit_test(random_bytes_are_survived),
        cmocka_unit_test(calendar_knows_its_days),
        cmocka_unit_test(time_outside_the_calendar_is_unknown),
        cmocka_unit_test(day_is_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
