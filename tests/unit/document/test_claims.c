/* What was read against what a session claims. Only a match may confirm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "imi/document.h"

typedef struct fixture {
    imi_document_value fields[IMI_FIELD_COUNT];
    imi_data_match matches[IMI_CLAIM_COUNT];
} fixture;

static void put(fixture *f, imi_document_field field, const char *text, imi_check_state check)
{
    imi_copy_text(f->fields[field].text, IMI_MRZ_TEXT_SIZE, text);
    f->fields[field].source = IMI_SOURCE_MRZ;
    f->fields[field].check = check;
}

static fixture specimen(void)
{
    fixture f = {.fields = {{.text = ""}}};
    put(&f, IMI_FIELD_DOCUMENT_NUMBER, "L898902C3", IMI_CHECK_HELD);
    put(&f, IMI_FIELD_ID_NUMBER, "ZE184226B", IMI_CHECK_HELD);
    put(&f, IMI_FIELD_BIRTH_DATE, "1974-08-12", IMI_CHECK_HELD);
    put(&f, IMI_FIELD_SURNAME, "ERIKSSON", IMI_CHECK_NONE);
    put(&f, IMI_FIELD_GIVEN_NAMES, "ANNA MARIA", IMI_CHECK_NONE);
    return f;
}

static imi_data_match compare(fixture *f, imi_claim which, const char *text)
{
    imi_document_claims claims = {.document_number = NULL};
    const char **slots[IMI_CLAIM_COUNT] = {&claims.document_number, &claims.id_number,
                                           &claims.birth_date, &claims.name};
    *slots[which] = text;
    imi_document_compare(f->fields, false, &claims, f->matches);
    return f->matches[which];
}

static void nothing_claimed_is_nothing_compared(void **state)
{
    (void)state;
    fixture f = specimen();
    for (int i = 0; i < IMI_CLAIM_COUNT; i++) {
        assert_int_equal(compare(&f, (imi_claim)i, NULL), IMI_DATA_NOT_CLAIMED);
        assert_int_equal(compare(&f, (imi_claim)i, ""), IMI_DATA_NOT_CLAIMED);
    }
}

static void equal_claims_match(void **state)
{
    (void)state;
    fixture f = specimen();
    assert_int_equal(compare(&f, IMI_CLAIM_DOCUMENT_NUMBER, "L898902C3"), IMI_DATA_MATCH);
    assert_int_equal(compare(&f, IMI_CLAIM_ID_NUMBER, "ZE184226B"), IMI_DATA_MATCH);
    assert_int_equal(compare(&f, IMI_CLAIM_BIRTH_DATE, "1974-08-12"), IMI_DATA_MATCH);
}

static void blanks_hyphens_and_case_of_numbers_do_not_count(void **state)
{
    (void)state;
    fixture f = specimen();
    assert_int_equal(compare(&f, IMI_CLAIM_DOCUMENT_NUMBER, "l89-8902 c3"), IMI_DATA_MATCH);
}

static void numbers_are_never_nearly_equal(void **state)
{
    (void)state;
    fixture f = specimen();
    static const char *const near[] = {"L8989O2C3", "L898902C", "L898902C30", "898902C3",
                                       "L898902C8"};
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
        assert_int_equal(compare(&f, IMI_CLAIM_DOCUMENT_NUMBER, near[i]), IMI_DATA_MISMATCH);
    }
}

static void wrong_check_digit_counts_as_not_read(void **state)
{
    (void)state;
    fixture f = specimen();
    f.fields[IMI_FIELD_DOCUMENT_NUMBER].check = IMI_CHECK_WRONG;
    assert_int_equal(compare(&f, IMI_CLAIM_DOCUMENT_NUMBER, "L898902C3"), IMI_DATA_NOT_READ);
}

static void missing_field_is_not_read(void **state)
{
    (void)state;
    fixture f = {.fields = {{.text = ""}}};
    assert_int_equal(compare(&f, IMI_CLAIM_DOCUMENT_NUMBER, "L898902C3"), IMI_DATA_NOT_READ);
    assert_int_equal(compare(&f, IMI_CLAIM_BIRTH_DATE, "1974-08-12"), IMI_DATA_NOT_READ);
    assert_int_equal(compare(&f, IMI_CLAIM_NAME, "Anna"), IMI_DATA_NOT_READ);
}

static void number_without_a_check_digit_denies_nothing(void **state)
{
    (void)state;
    fixture f = specimen();
    f.fields[IMI_FIELD_ID_NUMBER].check = IMI_CHECK_NONE;
    assert_int_equal(compare(&f, IMI_CLAIM_ID_NUMBER, "12345"), IMI_DATA_NOT_READ);
    assert_int_equal(compare(&f, IMI_CLAIM_ID_NUMBER, "ZE184226B"), IMI_DATA_MATCH);
}

static void other_birth_date_differs(void **state)
{
    (void)state;
    fixture f = specimen();
    assert_int_equal(compare(&f, IMI_CLAIM_BIRTH_DATE, "1974-12-08"), IMI_DATA_MISMATCH);
    assert_int_equal(compare(&f, IMI_CLAIM_BIRTH_DATE, "12.08.1974"), IMI_DATA_MISMATCH);
}

static void open_birth_day_confirms_nothing(void **state)
{
    (void)state;
    fixture f = specimen();
    put(&f, IMI_FIELD_BIRTH_DATE, "1974-00-00", IMI_CHECK_HELD);
    assert_int_equal(compare(&f, IMI_CLAIM_BIRTH_DATE, "1974-08-12"), IMI_DATA_NOT_READ);
    assert_int_equal(compare(&f, IMI_CLAIM_BIRTH_DATE, "1975-08-12"), IMI_DATA_MISMATCH);
}

static void name_matches_in_either_order(void **state)
{
    (void)state;
    fixture f = specimen();
    assert_int_equal(compare(&f, IMI_CLAIM_NAME, "Anna Maria Eriksson"), IMI_DATA_MATCH);
    assert_int_equal(compare(&f, IMI_CLAIM_NAME, "ERIKSSON, Anna Maria"), IMI_DATA_MATCH);
}

static void part_of_a_name_does_not_match(void **state)
{
    (void)state;
    fixture f = specimen();
    assert_int_equal(compare(&f, IMI_CLAIM_NAME, "Anna Eriksson"), IMI_DATA_MISMATCH);
    assert_int_equal(compare(&f, IMI_CLAIM_NAME, "Eriksson"), IMI_DATA_MISMATCH);
    assert_int_equal(compare(&f, IMI_CLAIM_NAME, "Eriksson Anna Maria Sofia"), IMI_DATA_MISMATCH);
}

static void cut_name_matches_only_where_it_may_be_cut(void **state)
{
    (void)state;
    fixture f = specimen();
    const imi_document_claims claims = {.name = "Eriksson Anna Maria Sofia"};
    imi_document_compare(f.fields, true, &claims, f.matches);
    assert_int_equal(f.matches[IMI_CLAIM_NAME], IMI_DATA_MATCH);
    imi_document_compare(f.fields, false, &claims, f.matches);
    assert_int_equal(f.matches[IMI_CLAIM_NAME], IMI_DATA_MISMATCH);
}

static void name_of_another_script_is_not_read(void **state)
{
    (void)state;
    fixture f = specimen();
    assert_int_equal(compare(&f, IMI_CLAIM_NAME, "林美華"), IMI_DATA_NOT_READ);
}

static void stable_names_are_kept(void **state)
{
    (void)state;
    assert_string_equal(imi_document_reason_name(IMI_DOCUMENT_NO_DOCUMENT), "no_document");
    assert_string_equal(imi_document_reason_name(IMI_DOCUMENT_DATA_NOT_READ), "data_not_read");
    assert_string_equal(imi_document_reason_name(IMI_DOCUMENT_REASON_COUNT), "unknown");
    assert_string_equal(imi_document_kind_name(IMI_DOCUMENT_RESIDENT_CARD), "resident_card");
    assert_string_equal(imi_document_kind_name((imi_document_kind)-1), "unknown");
    assert_string_equal(imi_document_field_name(IMI_FIELD_ID_NUMBER), "id_number");
    assert_string_equal(imi_data_match_name(IMI_DATA_MISMATCH), "mismatch");
    assert_string_equal(imi_claim_name(IMI_CLAIM_NAME), "name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_claimed_is_nothing_compared),
        cmocka_unit_test(equal_claims_match),
        cmocka_unit_test(blanks_hyphens_and_case_of_numbers_do_not_count),
        cmocka_unit_test(numbers_are_never_nearly_equal),
        cmocka_unit_test(wrong_check_digit_counts_as_not_read),
        cmocka_unit_test(missing_field_is_not_read),
        cmocka_unit_test(number_without_a_check_digit_denies_nothing),
        cmocka_unit_test(other_birth_date_differs),
        cmocka_unit_test(open_birth_day_confirms_nothing),
        cmocka_unit_test(name_matches_in_either_order),
        cmocka_unit_test(part_of_a_name_does_not_match),
        cmocka_unit_test(cut_name_matches_only_where_it_may_be_cut),
        cmocka_unit_test(name_of_another_script_is_not_read),
        cmocka_unit_test(stable_names_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
