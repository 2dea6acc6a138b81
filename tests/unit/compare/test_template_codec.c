#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void encode(const imi_template *face_template, imi_buffer *out)
{
    assert_int_equal(imi_template_encode(face_template, out, NULL), IMI_OK);
}

/* In a block of its exact size, so that a sanitizer sees any read beyond it. */
static imi_status decode_exact(const uint8_t *bytes, size_t size, imi_template *out)
{
    uint8_t *exact = malloc(size == 0 ? 1 : size);
    imi_copy(exact, bytes, size);
    imi_status status = imi_template_decode((imi_view){exact, size}, out, NULL);
    free(exact);
    return status;
}

/* Set the CRC right again after a change, so that what lies behind the CRC is tested. */
static void seal(imi_buffer *file)
{
    uint32_t crc = 0xFFFFFFFFU;
    for (size_t i = 0; i + 4 < file->size; i++) {
        crc ^= file->data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0);
        }
    }
    for (size_t i = 0; i < 4; i++) {
        file->data[file->size - 4 + i] = (uint8_t)(~crc >> (8 * i));
    }
}

static void a_template_survives_the_round_trip(void **state)
{
    (void)state;
    imi_template written;
    imi_template read;
    sample_template(11, &written);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    encode(&written, &file);
    memset(&read, 0xEE, sizeof read);
    assert_int_equal(decode_exact(file.data, file.size, &read), IMI_OK);
    assert_memory_equal(&read, &written, sizeof read);
}

static void encoding_appends(void **state)
{
    (void)state;
    imi_template written;
    sample_template(11, &written);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append_text(&file, "before", NULL), IMI_OK);
    encode(&written, &file);
    imi_template read;
    assert_int_equal(decode_exact(file.data + 6, file.size - 6, &read), IMI_OK);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    imi_template face_template;
    sample_template(5, &face_template);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    encode(&face_template, &file);
    for (size_t size = 0; size < file.size; size++) {
        assert_int_equal(decode_exact(file.data, size, &face_template), IMI_E_TEMPLATE_FORMAT);
        assert_int_equal(face_template.count, 0);
    }
}

static void every_changed_bit_is_noticed(void **state)
{
    (void)state;
    imi_template face_template;
    sample_template(5, &face_template);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    encode(&face_template, &file);
    for (size_t bit = 0; bit < file.size * 8; bit += 3) {
        file.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        assert_int_equal(decode_exact(file.data, file.size, &face_template), IMI_E_TEMPLATE_FORMAT);
        file.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
}

/* Damage with a valid CRC, as a defect of ours would write it. */
static void damage_under_a_valid_crc_never_gives_an_unsound_template(void **state)
{
    (void)state;
    imi_template face_template;
    sample_template(5, &face_template);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    encode(&face_template, &file);
    for (size_t at = 0; at < 60; at++) {
        uint8_t kept = file.data[at];
        for (int value = 0; value < 256; value += 5) {
            file.data[at] = (uint8_t)value;
            seal(&file);
            if (decode_exact(file.data, file.size, &face_template) == IMI_OK) {
                assert_in_range(face_template.count, 1, IMI_TEMPLATE_VECTORS_MAX);
                assert_in_range(face_template.vectors[0].dim, 1, IMI_EXTRACTOR_DIM_MAX);
            }
        }
        file.data[at] = kept;
    }
}

static void assert_change_refused(size_t at, uint8_t value)
{
    imi_template face_template;
    sample_template(5, &face_template);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    encode(&face_template, &file);
    file.data[at] = value;
    seal(&file);
    assert_int_equal(decode_exact(file.data, file.size, &face_template), IMI_E_TEMPLATE_FORMAT);
}

static void another_magic_version_or_count_is_refused(void **state)
{
    (void)state;
    assert_change_refused(0, 'J');
    assert_change_refused(4, 2);
    assert_change_refused(5, 0);
    assert_change_refused(5, 1);
    assert_change_refused(5, 3);
    assert_change_refused(5, 200);
}

static void a_model_name_that_is_empty_or_not_text_is_refused(void **state)
{
    (void)state;
    assert_change_refused(6, 0);
    assert_change_refused(6, IMI_MODEL_ID_SIZE);
    assert_change_refused(7, 0);
    assert_change_refused(7, 0xFF);
}

static void values_that_are_not_numbers_are_refused(void **state)
{
    (void)state;
    imi_template face_template;
    const float bad[] = {NAN, INFINITY, 2};
    for (size_t i = 0; i < 3; i++) {
        sample_template(5, &face_template);
        face_template.vectors[0].values[0] = bad[i];
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        encode(&face_template, &file);
        assert_int_equal(decode_exact(file.data, file.size, &face_template), IMI_E_TEMPLATE_FORMAT);
    }
}

static void bytes_behind_the_last_vector_are_refused(void **state)
{
    (void)state;
    imi_template face_template;
    sample_template(5, &face_template);
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    encode(&face_template, &file);
    assert_int_equal(imi_buffer_append_text(&file, "\x01\x02\x03\x04", NULL), IMI_OK);
    seal(&file);
    assert_int_equal(decode_exact(file.data, file.size, &face_template), IMI_E_TEMPLATE_FORMAT);
}

static void an_unsound_template_is_not_encoded(void **state)
{
    (void)state;
    imi_template face_template;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    sample_template(5, &face_template);
    face_template.count = 0;
    assert_int_equal(imi_template_encode(&face_template, &file, NULL), IMI_E_INVALID_ARGUMENT);
    face_template.count = IMI_TEMPLATE_VECTORS_MAX + 1;
    assert_int_equal(imi_template_encode(&face_template, &file, NULL), IMI_E_INVALID_ARGUMENT);
    sample_template(5, &face_template);
    face_template.vectors[1].dim = IMI_EXTRACTOR_DIM_MAX + 1;
    assert_int_equal(imi_template_encode(&face_template, &file, NULL), IMI_E_INVALID_ARGUMENT);
    sample_template(5, &face_template);
    face_template.vectors[1].model_id[0] = '\0';
    assert_int_equal(imi_template_encode(&face_template, &file, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(file.size, 0);
}

static int g_allowed;

static bool fail_when_spent(void *user, size_t size)
{
    (void)user;
    (void)size;
    return g_allowed-- <= 0;
}

static void encoding_without_memory_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    imi_template face_template;
    sample_template(5, &face_template);
    imi_status status = IMI_E_NO_MEMORY;
    int allowed = 0;
    for (; status == IMI_E_NO_MEMORY && allowed < 50; allowed++) {
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        g_allowed = allowed;
        imi_alloc_set_fail_hook(fail_when_spent, NULL);
        status = imi_template_encode(&face_template, &file, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_true(status == IMI_OK || file.size == 0);
    }
    assert_int_equal(status, IMI_OK);
    assert_true(allowed > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template_survives_the_round_trip),
        cmocka_unit_test(encoding_appends),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_changed_bit_is_noticed),
        cmocka_unit_test(damage_under_a_valid_crc_never_gives_an_unsound_template),
        cmocka_unit_test(another_magic_version_or_count_is_refused),
        cmocka_unit_test(a_model_name_that_is_empty_or_not_text_is_refused),
        cmocka_unit_test(values_that_are_not_numbers_are_refused),
        cmocka_unit_test(bytes_behind_the_last_vector_are_refused),
        cmocka_unit_test(an_unsound_template_is_not_encoded),
        cmocka_unit_test(encoding_without_memory_leaves_the_buffer_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
