/* From what was found to reasons: everything that is missing or unknown must count against. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "document/fields.h"
#include "zone.h"

#include <math.h>

#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"

/* A photo on which all is well but what the zone says. */
static imi_document good_photo(void)
{
    return (imi_document){.outline_found = true,
                          .portrait_found = true,
                          .portrait_reason = IMI_CAPTURE_OK,
                          .mrz_lines_seen = 2,
                          .glare = 0,
                          .colour = 0.1F,
                          .raster = 0};
}

static imi_document good_passport(void)
{
    imi_document document = good_photo();
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, TD3_2, NULL, &mrz));
    imi_document_take_mrz(&document, &mrz);
    return document;
}

static void assert_only(const imi_document *document, imi_document_reason reason)
{
    assert_int_equal(document->reasons, 1U << reason);
}

static void good_passport_is_accepted(void **state)
{
    (void)state;
    imi_document document = good_passport();
    imi_document_judge(&document, ZONE_TODAY);
    assert_int_equal(document.reasons, 0);
    assert_true(imi_document_is_accepted(&document));
    assert_int_equal(document.kind, IMI_DOCUMENT_PASSPORT);
}

static void fields_carry_source_and_check_digit(void **state)
{
    (void)state;
    imi_document document = good_passport();
    const imi_document_value *number = &document.fields[IMI_FIELD_DOCUMENT_NUMBER];
    assert_string_equal(number->text, "L898902C3");
    assert_int_equal(number->source, IMI_SOURCE_MRZ);
    assert_int_equal(number->check, IMI_CHECK_HELD);
    assert_string_equal(document.fields[IMI_FIELD_BIRTH_DATE].text, "1974-08-12");
    assert_string_equal(document.fields[IMI_FIELD_SEX].text, "F");
    assert_string_equal(document.fields[IMI_FIELD_ID_NUMBER].text, "ZE184226B");
}

static void untouched_document_is_not_accepted(void **state)
{
    (void)state;
    imi_document document = {.kind = IMI_DOCUMENT_UNKNOWN};
    assert_false(imi_document_is_accepted(&document));
    imi_document_judge(&document, ZONE_TODAY);
    assert_true(imi_document_has(&document, IMI_DOCUMENT_NO_DOCUMENT));
    assert_false(imi_document_is_accepted(&document));
}

static void document_past_its_day_is_expired(void **state)
{
    (void)state;
    imi_document document = good_passport();
    imi_document_judge(&document, (imi_calendar_day){2012, 4, 16});
    assert_only(&document, IMI_DOCUMENT_EXPIRED);
}

static void wrong_check_digit_is_a_reason(void **state)
{
    (void)state;
    imi_document document = good_photo();
    imi_mrz mrz;
    assert_true(zone_read(TD3_1, "L898902C46UTO7408122F1204159ZE184226B<<<<<10", NULL, &mrz));
    imi_document_take_mrz(&document, &mrz);
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_CHECK_DIGIT_WRONG);
}

static void back_of_a_card_is_the_wrong_side(void **state)
{
    (void)state;
    imi_document document = good_photo();
    imi_mrz mrz;
    document.portrait_found = false;
    assert_true(zone_read("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6",
                          "ERIKSSON<<ANNA<MARIA<<<<<<<<<<", &mrz));
    imi_document_take_mrz(&document, &mrz);
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_WRONG_SIDE);
}

static void passport_without_a_portrait_has_none(void **state)
{
    (void)state;
    imi_document document = good_passport();
    document.portrait_found = false;
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_NO_PORTRAIT);
}

static void portrait_that_cannot_serve_is_a_reason(void **state)
{
    (void)state;
    imi_document document = good_passport();
    document.portrait_reason = IMI_CAPTURE_FACE_TOO_SMALL;
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_PORTRAIT_UNFIT);
}

static void outline_without_text_is_unreadable(void **state)
{
    (void)state;
    imi_document document = good_photo();
    document.mrz_lines_seen = 0;
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_MRZ_UNREADABLE);
    assert_false(imi_document_is_accepted(&document));
}

static void face_alone_is_no_document(void **state)
{
    (void)state;
    imi_document document = good_photo();
    document.outline_found = false;
    document.mrz_lines_seen = 0;
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_NO_DOCUMENT);
}

static void glare_is_a_reason_and_so_is_an_unknown_measure(void **state)
{
    (void)state;
    const float measures[] = {0.3F, NAN};
    for (size_t i = 0; i < 2; i++) {
        imi_document document = good_passport();
        document.glare = measures[i];
        imi_document_judge(&document, ZONE_TODAY);
        assert_only(&document, IMI_DOCUMENT_GLARE);
    }
}

static void copy_of_a_copy_is_a_hint_only(void **state)
{
    (void)state;
    imi_document document = good_passport();
    document.colour = 0;
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_COPY_OF_A_COPY);
    assert_true(imi_document_is_accepted(&document));
}

static void claims_that_differ_or_were_not_read_are_told_apart(void **state)
{
    (void)state;
    imi_document document = good_passport();
    document.matches[IMI_CLAIM_NAME] = IMI_DATA_MISMATCH;
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_DATA_DIFFERS);
    document = good_passport();
    document.matches[IMI_CLAIM_ID_NUMBER] = IMI_DATA_NOT_READ;
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_DATA_NOT_READ);
    assert_false(imi_document_is_accepted(&document));
}

static void resident_number_gives_birth_and_sex(void **state)
{
    (void)state;
    imi_document document = good_photo();
    imi_resident_number number;
    assert_true(
        imi_resident_number_read(imi_view_of_text("11010519491231002X"), ZONE_TODAY, &number));
    imi_document_take_resident_number(&document, &number);
    imi_document_judge(&document, ZONE_TODAY);
    assert_true(imi_document_is_accepted(&document));
    assert_int_equal(document.kind, IMI_DOCUMENT_RESIDENT_CARD);
    assert_string_equal(document.fields[IMI_FIELD_BIRTH_DATE].text, "1949-12-31");
    assert_int_equal(document.fields[IMI_FIELD_ID_NUMBER].source, IMI_SOURCE_VISUAL);
}

static void unsound_resident_number_gives_nothing_else(void **state)
{
    (void)state;
    imi_document document = good_photo();
    imi_resident_number number;
    assert_true(
        imi_resident_number_read(imi_view_of_text("110105194912310021"), ZONE_TODAY, &number));
    imi_document_take_resident_number(&document, &number);
    imi_document_judge(&document, ZONE_TODAY);
    assert_only(&document, IMI_DOCUMENT_CHECK_DIGIT_WRONG);
    assert_int_equal(document.fields[IMI_FIELD_BIRTH_DATE].source, IMI_SOURCE_NONE);
}

static void wiped_document_holds_nothing(void **state)
{
    (void)state;
    imi_document document = good_passport();
    imi_document_wipe(&document);
    const uint8_t *bytes = (const uint8_t *)&document;
    for (size_t i = 0; i < sizeof document; i++) {
        assert_int_equal(bytes[i], 0);
    }
    assert_false(imi_document_is_accepted(&document));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_passport_is_accepted),
        cmocka_unit_test(fields_carry_source_and_check_digit),
        cmocka_unit_test(untouched_document_is_not_accepted),
        cmocka_unit_test(document_past_its_day_is_expired),
        cmocka_unit_test(wrong_check_digit_is_a_reason),
        cmocka_unit_test(back_of_a_card_is_the_wrong_side),
        cmocka_unit_test(passport_without_a_portrait_has_none),
        cmocka_unit_test(portrait_that_cannot_serve_is_a_reason),
        cmocka_unit_test(outline_without_text_is_unreadable),
        cmocka_unit_test(face_alone_is_no_document),
        cmocka_unit_test(glare_is_a_reason_and_so_is_an_unknown_measure),
        cmocka_unit_test(copy_of_a_copy_is_a_hint_only),
        cmocka_unit_test(claims_that_differ_or_were_not_read_are_told_apart),
        cmocka_unit_test(resident_number_gives_birth_and_sex),
        cmocka_unit_test(unsound_resident_number_gives_nothing_else),
        cmocka_unit_test(wiped_document_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
