#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/cohort.h"

#include <math.h>
#include <string.h>

static const imi_cohort_statistics sample = {
    "cohort-0123456789abcdef", 2, {0.25F, -0.125F, 0, 0}, {0.0625F, 0.5F, 0, 0}};

static void encode(const imi_cohort_statistics *statistics, imi_buffer *out)
{
    assert_int_equal(imi_cohort_statistics_encode(statistics, out, NULL), IMI_OK);
}

static void what_was_encoded_is_decoded(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&bytes, "before", NULL), IMI_OK);
    encode(&sample, &bytes);
    imi_cohort_statistics read;
    imi_view behind = {bytes.data + 6, bytes.size - 6};
    assert_int_equal(imi_cohort_statistics_decode(behind, &read, NULL), IMI_OK);
    assert_memory_equal(&read, &sample, sizeof read);
}

static void the_bytes_are_the_same_on_every_machine(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    encode(&sample, &bytes);
    const uint8_t start[] = {'I', 'M', 'I', 'S', 1, 23, 'c', 'o', 'h', 'o', 'r', 't', '-'};
    assert_memory_equal(bytes.data, start, sizeof start);
    const uint8_t numbers[] = {2, 0, 0, 0x80, 0x3E, 0, 0, 0x80, 0x3D, 0, 0, 0, 0xBE, 0, 0, 0, 0x3F};
    assert_memory_equal(bytes.data + 6 + 23, numbers, sizeof numbers);
    assert_int_equal(bytes.size, 6 + 23 + sizeof numbers + 4);
}

static void statistics_that_say_nothing_are_not_encoded(void **state)
{
    (void)state;
    imi_cohort_statistics bad[7];
    for (size_t i = 0; i < 7; i++) {
        bad[i] = sample;
    }
    bad[0].cohort_id[0] = '\0';
    bad[1].count = 0;
    bad[2].count = IMI_TEMPLATE_VECTORS_MAX + 1;
    bad[3].deviation[1] = 0;
    bad[4].deviation[0] = NAN;
    bad[5].mean[1] = INFINITY;
    memset(bad[6].cohort_id, 'x', sizeof bad[6].cohort_id);
    for (size_t i = 0; i < 7; i++) {
        IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
        assert_int_equal(imi_cohort_statistics_encode(&bad[i], &bytes, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_int_equal(bytes.size, 0);
    }
}

static void assert_not_decoded(imi_view bytes)
{
    imi_cohort_statistics read = sample;
    assert_int_equal(imi_cohort_statistics_decode(bytes, &read, NULL), IMI_E_TEMPLATE_FORMAT);
    assert_int_equal(read.count, 0);
    assert_string_equal(read.cohort_id, "");
}

static void any_changed_byte_is_noticed(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    encode(&sample, &bytes);
    for (size_t i = 0; i < bytes.size; i++) {
        bytes.data[i] ^= 1;
        assert_not_decoded(imi_buffer_view(&bytes));
        bytes.data[i] ^= 1;
    }
}

static void any_cut_is_noticed(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    encode(&sample, &bytes);
    for (size_t size = 0; size < bytes.size; size++) {
        assert_not_decoded((imi_view){bytes.data, size});
    }
    assert_int_equal(imi_buffer_append_text(&bytes, "x", NULL), IMI_OK);
    assert_not_decoded(imi_buffer_view(&bytes));
    assert_not_decoded((imi_view){NULL, 0});
}

/* CRC-32 by its definition, to make well-formed bytes that encode would not. */
static void append_crc(imi_buffer *bytes)
{
    uint32_t crc = 0xFFFFFFFFU;
    for (size_t i = 0; i < bytes->size; i++) {
        crc ^= bytes->data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320U : crc >> 1;
        }
    }
    for (int i = 0; i < 4; i++) {
        uint8_t byte = (uint8_t)(~crc >> (8 * i));
        assert_int_equal(imi_buffer_append(bytes, (imi_view){&byte, 1}, NULL), IMI_OK);
    }
}

static void assert_changed_not_decoded(size_t at, uint8_t value)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    encode(&sample, &bytes);
    bytes.size -= 4;
    bytes.data[at] = value;
    append_crc(&bytes);
    assert_not_decoded(imi_buffer_view(&bytes));
}

static void well_formed_nonsense_is_refused(void **state)
{
    (void)state;
    assert_changed_not_decoded(0, 'X');
    assert_changed_not_decoded(4, 2); /* version */
    assert_changed_not_decoded(5, 0); /* no id */
    assert_changed_not_decoded(5, 24); /* id too long */
    assert_changed_not_decoded(29, 0); /* no model */
    assert_changed_not_decoded(29, 1); /* bytes left over */
    assert_changed_not_decoded(29, 5); /* too many */
    assert_changed_not_decoded(37, 0xBD); /* a deviation below zero */
    assert_changed_not_decoded(33, 0xFF); /* 0xFF80...: minus infinity */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_encoded_is_decoded),
        cmocka_unit_test(the_bytes_are_the_same_on_every_machine),
        cmocka_unit_test(statistics_that_say_nothing_are_not_encoded),
        cmocka_unit_test(any_changed_byte_is_noticed),
        cmocka_unit_test(any_cut_is_noticed),
        cmocka_unit_test(well_formed_nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
