/* Zones that are right, or wrong in one place. The specimens are those of ICAO Doc 9303. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "zone.h"

#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD2_1 "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<"
#define TD2_2 "D231458907UTO7408122F1204159<<<<<<<6"
#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"

static void assert_day(imi_calendar_day day, int year, int month, int of_month)
{
    assert_int_equal(day.year, year);
    assert_int_equal(day.month, month);
    assert_int_equal(day.day, of_month);
}

static void passport_gives_every_field(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, TD3_2, NULL, &mrz));
    assert_int_equal(mrz.format, IMI_MRZ_TD3);
    assert_string_equal(mrz.document_code, "P");
    assert_string_equal(mrz.issuing_state, "UTO");
    assert_string_equal(mrz.nationality, "UTO");
    assert_string_equal(mrz.surname, "ERIKSSON");
    assert_string_equal(mrz.given_names, "ANNA MARIA");
    assert_string_equal(mrz.document_number, "L898902C3");
    assert_string_equal(mrz.optional[0], "ZE184226B");
    assert_day(mrz.birth_date, 1974, 8, 12);
    assert_day(mrz.expiry_date, 2012, 4, 15);
    assert_int_equal(mrz.sex, 'F');
    assert_false(mrz.names_may_be_cut);
}

static void passport_holds_all_five_check_digits(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, TD3_2, NULL, &mrz));
    assert_int_equal(mrz.checks.document_number, IMI_CHECK_HELD);
    assert_int_equal(mrz.checks.birth_date, IMI_CHECK_HELD);
    assert_int_equal(mrz.checks.expiry_date, IMI_CHECK_HELD);
    assert_int_equal(mrz.checks.personal_number, IMI_CHECK_HELD);
    assert_int_equal(mrz.checks.composite, IMI_CHECK_HELD);
    assert_int_equal(mrz.correction_count, 0);
    assert_true(imi_mrz_checks_hold(&mrz));
}

static void two_line_card_is_read(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD2_1, TD2_2, NULL, &mrz));
    assert_int_equal(mrz.format, IMI_MRZ_TD2);
    assert_string_equal(mrz.document_number, "D23145890");
    assert_string_equal(mrz.given_names, "ANNA MARIA");
    assert_true(imi_mrz_checks_hold(&mrz));
}

static void three_line_card_is_read(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD1_1, TD1_2, TD1_3, &mrz));
    assert_int_equal(mrz.format, IMI_MRZ_TD1);
    assert_string_equal(mrz.document_number, "D23145890");
    assert_string_equal(mrz.surname, "ERIKSSON");
    assert_string_equal(mrz.nationality, "UTO");
    assert_int_equal(mrz.checks.personal_number, IMI_CHECK_NONE);
    assert_true(imi_mrz_checks_hold(&mrz));
}

static void long_number_goes_on_in_the_optional_data(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2",
                          "STEVENSON<<PETER<JOHN<<<<<<<<<", &mrz));
    assert_string_equal(mrz.document_number, "D23145890734");
    assert_int_equal(mrz.checks.document_number, IMI_CHECK_HELD);
    assert_string_equal(mrz.optional[0], "");
    assert_true(imi_mrz_checks_hold(&mrz));
}

static void filler_may_count_in_the_sum_of_a_long_number(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("IDBEL000590240<6013<<<<<<<<<<<", "8512017F0901015BEL<<<<<<<<<<<8",
                          "SPECIMEN<<NAME<<<<<<<<<<<<<<<<", &mrz));
    assert_string_equal(mrz.document_number, "000590240601");
    assert_int_equal(mrz.checks.document_number, IMI_CHECK_HELD);
    assert_true(zone_read("IDBEL000590240<6014<<<<<<<<<<<", "8512017F0901015BEL<<<<<<<<<<<8",
                          "SPECIMEN<<NAME<<<<<<<<<<<<<<<<", &mrz));
    assert_int_equal(mrz.checks.document_number, IMI_CHECK_WRONG);
}

static void visas_have_no_composite_digit(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                          "L8988901C4XXX4009078F96121096ZE184226B<<<<<<", NULL, &mrz));
    assert_int_equal(mrz.format, IMI_MRZ_MRV_A);
    assert_int_equal(mrz.checks.composite, IMI_CHECK_NONE);
    assert_string_equal(mrz.optional[0], "6ZE184226B");
    assert_true(imi_mrz_checks_hold(&mrz));
}

static void small_visa_is_not_taken_for_a_card(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
                          "L8988901C4XXX4009078F9612109<<<<<<<<", NULL, &mrz));
    assert_int_equal(mrz.format, IMI_MRZ_MRV_B);
    assert_true(imi_mrz_checks_hold(&mrz));
}

static void empty_personal_number_may_have_a_filler_for_its_digit(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<",
                          "C01X0006H1D<<6408125F1710319<<<<<<<<<<<<<<<0", NULL, &mrz));
    assert_string_equal(mrz.issuing_state, "D");
    assert_int_equal(mrz.checks.personal_number, IMI_CHECK_NONE);
    assert_true(imi_mrz_checks_hold(&mrz));
}

static void each_wrong_check_digit_is_told(void **state)
{
    (void)state;
    static const size_t places[] = {9, 19, 27, 42, 43};
    for (size_t i = 0; i < 5; i++) {
        char line[] = TD3_2;
        line[places[i]] = line[places[i]] == '9' ? '8' : (char)(line[places[i]] + 1);
        imi_mrz mrz;
        assert_true(zone_read(TD3_1, line, NULL, &mrz));
        const imi_check_state checks[] = {mrz.checks.document_number, mrz.checks.birth_date,
                                          mrz.checks.expiry_date, mrz.checks.personal_number,
                                          mrz.checks.composite};
        assert_int_equal(checks[i], IMI_CHECK_WRONG);
        assert_false(imi_mrz_checks_hold(&mrz));
    }
}

static void letter_in_a_date_is_corrected_and_named(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C36UTO74O8I22F1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_day(mrz.birth_date, 1974, 8, 12);
    assert_int_equal(mrz.correction_count, 2);
    assert_int_equal(mrz.corrections[0].line, 1);
    assert_int_equal(mrz.corrections[0].column, 15);
    assert_int_equal(mrz.corrections[0].read, 'O');
    assert_int_equal(mrz.corrections[0].taken, '0');
}

static void digit_that_holds_after_a_correction_says_so(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C36UTO74O8122F1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_int_equal(mrz.checks.birth_date, IMI_CHECK_HELD_CORRECTED);
    assert_int_equal(mrz.checks.composite, IMI_CHECK_HELD_CORRECTED);
    assert_int_equal(mrz.checks.expiry_date, IMI_CHECK_HELD);
}

static void corrected_check_digit_is_never_plainly_held(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C36UTO740812ZF1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_int_equal(mrz.checks.birth_date, IMI_CHECK_HELD_CORRECTED);
}

static void document_number_is_never_corrected(void **state)
{
    (void)state;
    imi_mrz mrz;
    /* O for the 0 in the number: both can stand there, so the check digit must fail. */
    assert_true(zone_read(TD3_1, "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_string_equal(mrz.document_number, "L8989O2C3");
    assert_int_equal(mrz.checks.document_number, IMI_CHECK_WRONG);
    assert_int_equal(mrz.correction_count, 0);
}

static void digits_in_names_and_states_become_letters(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("P<UT0ERIK550N<<ANNA<MAR1A<<<<<<<<<<<<<<<<<<<", TD3_2, NULL, &mrz));
    assert_string_equal(mrz.issuing_state, "UTO");
    assert_string_equal(mrz.surname, "ERIKSSON");
    assert_string_equal(mrz.given_names, "ANNA MARIA");
    assert_int_equal(mrz.correction_count, 5);
}

static void field_that_cannot_come_out_right_stays_as_read(void **state)
{
    (void)state;
    imi_mrz mrz;
    /* 3 is like no letter, so 1 is not turned into I either. */
    assert_true(zone_read(TD3_1, "L898902C361327408122F1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_string_equal(mrz.nationality, "132");
    assert_int_equal(mrz.correction_count, 0);
}

static void letters_in_the_run_behind_the_names_become_fillers(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("P<UTOERIKSSON<<ANNA<MARIA<<<<<KK<<<C<<<<<<E<", TD3_2, NULL, &mrz));
    assert_string_equal(mrz.given_names, "ANNA MARIA");
    assert_int_equal(mrz.correction_count, 4);
}

static void miscounted_fillers_are_repaired_and_counted(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<",
                          "L898902C36UTO7408122F1204159ZE184226B<<<<<<10", NULL, &mrz));
    assert_int_equal(mrz.fillers_repaired, 3);
    assert_true(imi_mrz_checks_hold(&mrz));
    assert_string_equal(mrz.lines[1], TD3_2);
}

static void line_without_fillers_must_have_its_length(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_false(zone_read(TD3_1, "L898902C36UTO7408122F1204159ZE184226BABCDE1", NULL, &mrz));
    assert_int_equal(mrz.format, IMI_MRZ_NONE);
}

static void zone_is_found_among_other_lines_with_blanks(void **state)
{
    (void)state;
    const char *texts[] = {"UTOPIA", "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG AGAIN",
                           "P<UTOERIKSSON<<ANNA <MARIA<<<<<<<<<<<<<<<<<< <",
                           "l898902c36uto7408122f1204159ze184226b<<<<<10", "page 3"};
    imi_mrz_line lines[5];
    for (size_t i = 0; i < 5; i++) {
        lines[i] = imi_view_of_text(texts[i]);
    }
    imi_mrz mrz;
    assert_true(imi_mrz_find(lines, 5, ZONE_TODAY, &mrz));
    assert_true(imi_mrz_checks_hold(&mrz));
}

static void plain_print_is_no_zone(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_false(zone_read("PLEASE KEEP THIS DOCUMENT IN A SAFE PLACE AT HOME XX",
                           "AND REPORT ITS LOSS TO THE ISSUING AUTHORITY AT ONC", NULL, &mrz));
    assert_false(imi_mrz_checks_hold(&mrz));
}

static void birth_is_never_in_the_future(void **state)
{
    (void)state;
    imi_mrz mrz;
    /* Born on 12 August '10, read on 1 January 2010: it was 1910. */
    assert_true(zone_read(TD3_1, "L898902C36UTO1008122F1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_int_equal(mrz.birth_date.year, 1910);
}

static void birth_of_this_year_is_of_this_century(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C36UTO1001012F1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_int_equal(mrz.birth_date.year, 2010);
}

static void expiry_lies_near_today(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C36UTO7408122F3904159ZE184226B<<<<<10", NULL, &mrz));
    assert_int_equal(mrz.expiry_date.year, 2039);
    assert_true(zone_read(TD3_1, "L898902C36UTO7408122F4004159ZE184226B<<<<<10", NULL, &mrz));
    assert_int_equal(mrz.expiry_date.year, 1940);
}

static void day_that_does_not_exist_is_unknown(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C36UTO7402302F1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_day(mrz.birth_date, 0, 0, 0);
}

static void open_birth_day_keeps_its_year(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C36UTO74<<<<0F1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_day(mrz.birth_date, 1974, 0, 0);
}

static void document_expires_after_its_last_day(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, TD3_2, NULL, &mrz));
    assert_false(imi_mrz_is_expired(&mrz, (imi_calendar_day){2012, 4, 15}));
    assert_true(imi_mrz_is_expired(&mrz, (imi_calendar_day){2012, 4, 16}));
}

static void unreadable_expiry_counts_as_past(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C36UTO7408122F12W4159ZE184226B<<<<<10", NULL, &mrz));
    assert_true(imi_mrz_is_expired(&mrz, ZONE_TODAY));
}

static void unknown_today_counts_as_past(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, TD3_2, NULL, &mrz));
    assert_true(imi_mrz_is_expired(&mrz, (imi_calendar_day){0, 0, 0}));
}

static void unspecified_sex_is_x_and_nonsense_is_nothing(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C36UTO7408122<1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_int_equal(mrz.sex, 'X');
    assert_true(zone_read(TD3_1, "L898902C36UTO7408122Q1204159ZE184226B<<<<<10", NULL, &mrz));
    assert_int_equal(mrz.sex, 0);
}

static void full_name_field_may_be_cut(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("P<UTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K", TD3_2, NULL, &mrz));
    assert_true(mrz.names_may_be_cut);
    assert_string_equal(mrz.given_names, "CHAYAPA DEJTHAMRONG K");
}

static void name_without_given_names_is_all_surname(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_true(zone_read("P<UTOARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", TD3_2, NULL, &mrz));
    assert_string_equal(mrz.surname, "ARKFREITH");
    assert_string_equal(mrz.given_names, "");
}

static void no_lines_give_nothing(void **state)
{
    (void)state;
    imi_mrz mrz;
    assert_false(imi_mrz_find(NULL, 0, ZONE_TODAY, &mrz));
    assert_int_equal(mrz.format, IMI_MRZ_NONE);
}

static void check_digit_of_what_no_zone_holds_is_none(void **state)
{
    (void)state;
    assert_int_equal(imi_mrz_check_digit("520727", 6), '3');
    assert_int_equal(imi_mrz_check_digit("D23145890734", 12), '9');
    assert_int_equal(imi_mrz_check_digit("52?727", 6), 0);
    assert_int_equal(imi_mrz_check_digit("", 0), '0');
}

static void names_of_states_and_formats_are_stable(void **state)
{
    (void)state;
    assert_string_equal(imi_check_state_name(IMI_CHECK_HELD_CORRECTED), "held_corrected");
    assert_string_equal(imi_mrz_format_name(IMI_MRZ_MRV_B), "mrv_b");
    assert_string_equal(imi_mrz_format_name((imi_mrz_format)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passport_gives_every_field),
        cmocka_unit_test(passport_holds_all_five_check_digits),
        cmocka_unit_test(two_line_card_is_read),
        cmocka_unit_test(three_line_card_is_read),
        cmocka_unit_test(long_number_goes_on_in_the_optional_data),
        cmocka_unit_test(filler_may_count_in_the_sum_of_a_long_number),
        cmocka_unit_test(visas_have_no_composite_digit),
        cmocka_unit_test(small_visa_is_not_taken_for_a_card),
        cmocka_unit_test(empty_personal_number_may_have_a_filler_for_its_digit),
        cmocka_unit_test(each_wrong_check_digit_is_told),
        cmocka_unit_test(letter_in_a_date_is_corrected_and_named),
        cmocka_unit_test(digit_that_holds_after_a_correction_says_so),
        cmocka_unit_test(corrected_check_digit_is_never_plainly_held),
        cmocka_unit_test(document_number_is_never_corrected),
        cmocka_unit_test(digits_in_names_and_states_become_letters),
        cmocka_unit_test(field_that_cannot_come_out_right_stays_as_read),
        cmocka_unit_test(letters_in_the_run_behind_the_names_become_fillers),
        cmocka_unit_test(miscounted_fillers_are_repaired_and_counted),
        cmocka_unit_test(line_without_fillers_must_have_its_length),
        cmocka_unit_test(zone_is_found_among_other_lines_with_blanks),
        cmocka_unit_test(plain_print_is_no_zone),
        cmocka_unit_test(birth_is_never_in_the_future),
        cmocka_unit_test(birth_of_this_year_is_of_this_century),
        cmocka_unit_test(expiry_lies_near_today),
        cmocka_unit_test(day_that_does_not_exist_is_unknown),
        cmocka_unit_test(open_birth_day_keeps_its_year),
        cmocka_unit_test(document_expires_after_its_last_day),
        cmocka_unit_test(unreadable_expiry_counts_as_past),
        cmocka_unit_test(unknown_today_counts_as_past),
        cmocka_unit_test(unspecified_sex_is_x_and_nonsense_is_nothing),
        cmocka_unit_test(full_name_field_may_be_cut),
        cmocka_unit_test(name_without_given_names_is_all_surname),
        cmocka_unit_test(no_lines_give_nothing),
        cmocka_unit_test(check_digit_of_what_no_zone_holds_is_none),
        cmocka_unit_test(names_of_states_and_formats_are_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
