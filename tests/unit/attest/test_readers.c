/* The strict readers of DER and CBOR, value by value. */
#include "cbor.h"
#include "der.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define VIEW(text)                                                                                 \
    (imi_view)                                                                                     \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

/* ---- DER ---- */

static bool reads_number(imi_view input, uint32_t *out)
{
    return imi_der_take_number(&input, IMI_DER_INTEGER, out) && input.size == 0;
}

static void a_der_number_is_read(void **state)
{
    (void)state;
    uint32_t value = 0;
    assert_true(reads_number(VIEW("\x02\x01\x00"), &value));
    assert_int_equal(value, 0);
    assert_true(reads_number(VIEW("\x02\x02\x00\x80"), &value));
    assert_int_equal(value, 128);
    assert_true(reads_number(VIEW("\x02\x04\x7F\xFF\xFF\xFF"), &value));
    assert_int_equal(value, INT32_MAX);
}

static void a_der_number_that_is_not_minimal_positive_and_small_is_refused(void **state)
{
    (void)state;
    uint32_t value = 0;
    assert_false(reads_number(VIEW("\x02\x02\x00\x7F"), &value));
    assert_false(reads_number(VIEW("\x02\x01\x80"), &value));
    assert_false(reads_number(VIEW("\x02\x00"), &value));
    assert_false(reads_number(VIEW("\x02\x05\x00\xFF\xFF\xFF\xFF"), &value));
    assert_false(reads_number(VIEW("\x0A\x01\x01"), &value));
    assert_false(reads_number(VIEW("\x22\x01\x01"), &value));
}

static void a_der_boolean_is_all_ones_or_zeros(void **state)
{
    (void)state;
    bool value = false;
    imi_view yes = VIEW("\x01\x01\xFF"), no = VIEW("\x01\x01\x00"), other = VIEW("\x01\x01\x01");
    assert_true(imi_der_take_boolean(&yes, &value) && value);
    assert_true(imi_der_take_boolean(&no, &value) && !value);
    assert_false(imi_der_take_boolean(&other, &value) || value);
}

static bool reads_any(imi_view input)
{
    imi_der_element element;
    return imi_der_take_any(&input, &element);
}

static void a_der_length_that_is_not_minimal_or_definite_is_refused(void **state)
{
    (void)state;
    assert_true(reads_any(VIEW("\x04\x00")));
    assert_false(reads_any(VIEW("\x04\x80\x00\x00"))); /* indefinite */
    assert_false(reads_any(VIEW("\x04\x81\x01\x00"))); /* one byte would do */
    assert_false(reads_any(VIEW("\x04\x82\x00\x01\x00"))); /* leading zero */
    assert_false(reads_any(VIEW("\x04\x83\x00\x00\x01\x00"))); /* longer than any object */
    assert_false(reads_any(VIEW("\x04\xFF")));
}

static void a_der_element_longer_than_its_input_is_refused(void **state)
{
    (void)state;
    assert_false(reads_any(VIEW("\x04\x02\x00")));
    assert_false(reads_any(VIEW("\x04\x82\xFF\xFF\x00")));
    assert_false(reads_any(VIEW("\x04")));
    assert_false(reads_any(VIEW("")));
}

static void a_high_der_tag_is_read(void **state)
{
    (void)state;
    imi_view input = VIEW("\xBF\x85\x45\x00"); /* [709], empty */
    imi_der_element element;
    assert_true(imi_der_take_any(&input, &element));
    assert_int_equal(element.form, IMI_DER_CONTEXT);
    assert_int_equal(element.number, 709);
    assert_int_equal(element.content.size, 0);
}

static void a_high_der_tag_that_is_not_minimal_is_refused(void **state)
{
    (void)state;
    assert_false(reads_any(VIEW("\xBF\x1E\x00"))); /* 30 has a short form */
    assert_false(reads_any(VIEW("\xBF\x80\x45\x00"))); /* leading zero */
    assert_false(reads_any(VIEW("\xBF\x85\x85\x45\x00"))); /* more than two bytes */
    assert_false(reads_any(VIEW("\xBF\x85")));
}

static void a_der_element_of_another_form_is_refused(void **state)
{
    (void)state;
    imi_view content, sequence = VIEW("\x30\x00"), primitive = VIEW("\x10\x00");
    assert_true(imi_der_take(&sequence, IMI_DER_CONSTRUCTED, IMI_DER_SEQUENCE, &content));
    assert_false(imi_der_take(&primitive, IMI_DER_CONSTRUCTED, IMI_DER_SEQUENCE, &content));
}

/* ---- CBOR ---- */

static bool skips(imi_view input)
{
    return imi_cbor_skip(&input) && input.size == 0;
}

static void cbor_items_are_skipped_whole(void **state)
{
    (void)state;
    assert_true(skips(VIEW("\x17")));
    assert_true(skips(VIEW("\x18\x18")));
    assert_true(skips(VIEW("\x26")));
    assert_true(skips(VIEW("\x42\x01\x02")));
    assert_true(skips(VIEW("\x62hi")));
    assert_true(skips(VIEW("\x82\x01\xA1\x01\x80")));
    assert_true(skips(VIEW("\x1B\x00\x00\x00\x01\x00\x00\x00\x00")));
}

static void cbor_in_a_longer_form_is_refused(void **state)
{
    (void)state;
    assert_false(skips(VIEW("\x18\x17")));
    assert_false(skips(VIEW("\x19\x00\xFF")));
    assert_false(skips(VIEW("\x1A\x00\x00\xFF\xFF")));
    assert_false(skips(VIEW("\x1B\x00\x00\x00\x00\xFF\xFF\xFF\xFF")));
}

static void cbor_of_indefinite_length_tags_and_floats_are_refused(void **state)
{
    (void)state;
    assert_false(skips(VIEW("\x5F\x41\x01\xFF")));
    assert_false(skips(VIEW("\x9F\xFF")));
    assert_false(skips(VIEW("\xC0\x60")));
    assert_false(skips(VIEW("\xF5")));
    assert_false(skips(VIEW("\xF9\x00\x00")));
    assert_false(skips(VIEW("\x1C")));
}

static void cbor_longer_than_its_input_is_refused(void **state)
{
    (void)state;
    assert_false(skips(VIEW("")));
    assert_false(skips(VIEW("\x42\x01")));
    assert_false(skips(VIEW("\x82\x01")));
    assert_false(skips(VIEW("\x19\x01")));
    assert_false(skips(VIEW("\x5B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")));
    assert_false(skips(VIEW("\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01")));
    assert_false(skips(VIEW("\xBB\x80\x00\x00\x00\x00\x00\x00\x00\x01\x01")));
}

static void cbor_deeper_than_four_levels_is_refused(void **state)
{
    (void)state;
    assert_true(skips(VIEW("\x81\x81\x81\x81\x01")));
    assert_false(skips(VIEW("\x81\x81\x81\x81\x81\x01")));
}

static void cbor_of_another_kind_is_not_taken(void **state)
{
    (void)state;
    imi_view text = VIEW("\x61x"), bytes = VIEW("\x41x"), out;
    uint64_t count = 7;
    assert_false(imi_cbor_take_bytes(&text, &out));
    assert_null(out.data);
    assert_false(imi_cbor_take_text(&bytes, &out));
    imi_view map = VIEW("\xA0"), array = VIEW("\x80");
    assert_false(imi_cbor_take_array(&map, &count));
    assert_int_equal(count, 0);
    assert_false(imi_cbor_take_map(&array, &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_der_number_is_read),
        cmocka_unit_test(a_der_number_that_is_not_minimal_positive_and_small_is_refused),
        cmocka_unit_test(a_der_boolean_is_all_ones_or_zeros),
        cmocka_unit_test(a_der_length_that_is_not_minimal_or_definite_is_refused),
        cmocka_unit_test(a_der_element_longer_than_its_input_is_refused),
        cmocka_unit_test(a_high_der_tag_is_read),
        cmocka_unit_test(a_high_der_tag_that_is_not_minimal_is_refused),
        cmocka_unit_test(a_der_element_of_another_form_is_refused),
        cmocka_unit_test(cbor_items_are_skipped_whole),
        cmocka_unit_test(cbor_in_a_longer_form_is_refused),
        cmocka_unit_test(cbor_of_indefinite_length_tags_and_floats_are_refused),
        cmocka_unit_test(cbor_longer_than_its_input_is_refused),
        cmocka_unit_test(cbor_deeper_than_four_levels_is_refused),
        cmocka_unit_test(cbor_of_another_kind_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
