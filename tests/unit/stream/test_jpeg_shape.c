#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exif_maker.h"
#include "jpeg_shape.h"
#include "scene.h"

static imi_jpeg_shape shape_of(const imi_buffer *file)
{
    imi_jpeg_shape shape;
    assert_true(imi_jpeg_shape_read(imi_buffer_view(file), &shape));
    return shape;
}

static void one_encoder_gives_one_shape_whatever_it_shows(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER a = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER b = IMI_BUFFER_INIT;
    scene_encode(&(scene){.room = 1}, 85, &a);
    scene_encode(&(scene){.room = 2, .noise = 3}, 85, &b);
    assert_int_equal(shape_of(&a).coding, shape_of(&b).coding);
    assert_int_equal(shape_of(&a).width, SCENE_WIDTH);
    assert_int_equal(shape_of(&a).height, SCENE_HEIGHT);
}

static void another_quality_is_another_shape(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER a = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER b = IMI_BUFFER_INIT;
    scene_encode(&(scene){0}, 85, &a);
    scene_encode(&(scene){0}, 86, &b);
    assert_int_not_equal(shape_of(&a).coding, shape_of(&b).coding);
}

static size_t find_marker(const imi_buffer *file, uint8_t code)
{
    for (size_t i = 2; i + 1 < file->size; i++) {
        if (file->data[i] == 0xFF && file->data[i + 1] == code) {
            return i;
        }
    }
    fail_msg("no marker %x", code);
    return 0;
}

static void the_steps_of_luma_are_told(void **state)
{
    (void)state;
    /* ITU-T T.81, table K.1, in zigzag order: what encoders scale by, unchanged at 50. */
    static const uint8_t STEPS[IMI_JPEG_LUMA_STEPS] = {16, 11, 12, 14, 12, 10, 16, 14, 13, 14};
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(&(scene){0}, 50, &file);
    imi_jpeg_shape shape = shape_of(&file);
    assert_memory_equal(STEPS, shape.luma_steps, sizeof STEPS);
}

static void steps_of_sixteen_bits_are_not_told(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(&(scene){0}, 50, &file);
    file.data[find_marker(&file, 0xDB) + 4] |= 0x10;
    imi_jpeg_shape shape = shape_of(&file);
    assert_int_equal(0, shape.luma_steps[1]);
}

static void huffman_tables_fitted_to_a_picture_do_not_change_the_shape(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(&(scene){0}, 85, &file);
    imi_jpeg_shape before = shape_of(&file);
    file.data[find_marker(&file, 0xC4) + 10] ^= 1;
    assert_int_equal(shape_of(&file).coding, before.coding);
}

static void sampling_and_a_further_segment_change_the_shape(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(&(scene){0}, 85, &file);
    imi_jpeg_shape before = shape_of(&file);
    uint8_t *sampling = &file.data[find_marker(&file, 0xC0) + 11];
    *sampling ^= 0x30;
    assert_int_not_equal(shape_of(&file).coding, before.coding);
    *sampling ^= 0x30;
    IMI_AUTO_BUFFER longer = IMI_BUFFER_INIT;
    static const uint8_t comment[] = {0xFF, 0xFE, 0, 3, 'x'};
    assert_int_equal(imi_buffer_append(&longer, (imi_view){file.data, 2}, NULL), IMI_OK);
    assert_int_equal(imi_buffer_append(&longer, (imi_view){comment, sizeof comment}, NULL), IMI_OK);
    assert_int_equal(imi_buffer_append(&longer, (imi_view){file.data + 2, file.size - 2}, NULL),
                     IMI_OK);
    assert_int_not_equal(shape_of(&longer).coding, before.coding);
}

static const exif_plan CAMERA = {
    .make = "Maker",
    .model = "Model 1",
    .taken_at = "2026:11:23 17:15:00",
    .orientation = 1,
};

static imi_jpeg_shape shape_with(const exif_plan *plan)
{
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(&(scene){0}, 85, &file);
    exif_maker_add(plan, &file);
    return shape_of(&file);
}

static void another_camera_or_none_is_another_shape(void **state)
{
    (void)state;
    uint64_t coding = shape_with(&CAMERA).coding;
    static const char *const names[] = {"another", NULL};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        exif_plan make = CAMERA;
        exif_plan model = CAMERA;
        make.make = names[i];
        model.model = names[i];
        assert_int_not_equal(shape_with(&make).coding, coding);
        assert_int_not_equal(shape_with(&model).coding, coding);
    }
}

static void names_that_change_places_are_another_shape(void **state)
{
    (void)state;
    exif_plan other = CAMERA;
    other.make = CAMERA.model;
    other.model = CAMERA.make;
    assert_int_not_equal(shape_with(&other).coding, shape_with(&CAMERA).coding);
}

static void date_and_orientation_are_no_part_of_the_shape(void **state)
{
    (void)state;
    exif_plan later = CAMERA;
    later.taken_at = "2026:11:23 17:15:01";
    later.orientation = 6;
    imi_jpeg_shape before = shape_with(&CAMERA);
    imi_jpeg_shape after = shape_with(&later);
    assert_int_equal(after.coding, before.coding);
    assert_int_equal(after.taken_at_s - before.taken_at_s, 1);
}

static void the_first_exif_counts(void **state)
{
    (void)state;
    exif_plan second = CAMERA;
    second.model = "Model 2";
    second.taken_at = "2020:01:01 00:00:00";
    const exif_plan *behind[] = {&CAMERA, &second};
    imi_jpeg_shape shapes[2];
    for (int i = 0; i < 2; i++) {
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        scene_encode(&(scene){0}, 85, &file);
        exif_maker_add(behind[i], &file);
        exif_maker_add(&CAMERA, &file);
        shapes[i] = shape_of(&file);
    }
    assert_int_equal(shapes[0].coding, shapes[1].coding);
    assert_int_equal(shapes[1].taken_at_s, shape_with(&CAMERA).taken_at_s);
}

static void a_header_cut_off_anywhere_has_no_shape(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    scene_encode(&(scene){0}, 85, &file);
    exif_maker_add(&CAMERA, &file);
    size_t scan = find_marker(&file, 0xDA);
    for (size_t size = 0; size < scan + 4; size++) {
        /* An exact block, so that a sanitizer sees every byte read behind it. */
        uint8_t *block = imi_alloc(size);
        assert_non_null(block);
        imi_copy(block, file.data, size);
        imi_jpeg_shape shape;
        assert_false(imi_jpeg_shape_read((imi_view){block, size}, &shape));
        imi_free(block);
    }
}

static void what_is_no_jpeg_has_no_shape(void **state)
{
    (void)state;
    static const uint8_t samples[][8] = {
        {0}, {0xFF, 0xD8, 0xFF, 0xDA, 0, 1, 0, 0}, {0xFF, 0xD8, 0, 0, 0, 4, 0, 0}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        imi_jpeg_shape shape;
        assert_false(imi_jpeg_shape_read((imi_view){samples[i], sizeof samples[i]}, &shape));
    }
    imi_jpeg_shape shape;
    assert_false(imi_jpeg_shape_read((imi_view){NULL, 0}, &shape));
}

static void endless_segments_end(void **state)
{
    (void)state;
    uint8_t file[1024] = {0xFF, 0xD8};
    for (size_t i = 2; i + 4 <= sizeof file; i += 4) {
        static const uint8_t empty[] = {0xFF, 0xFE, 0, 2};
        imi_copy(file + i, empty, sizeof empty);
    }
    imi_jpeg_shape shape;
    assert_false(imi_jpeg_shape_read((imi_view){file, sizeof file}, &shape));
}

static void every_byte_counts_in_the_digest(void **state)
{
    (void)state;
    uint8_t bytes[37] = {0};
    uint64_t before = imi_stream_digest((imi_view){bytes, sizeof bytes});
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = 1;
        assert_int_not_equal(imi_stream_digest((imi_view){bytes, sizeof bytes}), before);
        bytes[i] = 0;
    }
    assert_int_not_equal(imi_stream_digest((imi_view){bytes, sizeof bytes - 1}), before);
    assert_int_equal(imi_stream_digest((imi_view){bytes, sizeof bytes}), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_encoder_gives_one_shape_whatever_it_shows),
        cmocka_unit_test(another_quality_is_another_shape),
        cmocka_unit_test(the_steps_of_luma_are_told),
        cmocka_unit_test(steps_of_sixteen_bits_are_not_told),
        cmocka_unit_test(huffman_tables_fitted_to_a_picture_do_not_change_the_shape),
        cmocka_unit_test(sampling_and_a_further_segment_change_the_shape),
        cmocka_unit_test(another_camera_or_none_is_another_shape),
        cmocka_unit_test(names_that_change_places_are_another_shape),
        cmocka_unit_test(date_and_orientation_are_no_part_of_the_shape),
        cmocka_unit_test(the_first_exif_counts),
        cmocka_unit_test(a_header_cut_off_anywhere_has_no_shape),
        cmocka_unit_test(what_is_no_jpeg_has_no_shape),
        cmocka_unit_test(endless_segments_end),
        cmocka_unit_test(every_byte_counts_in_the_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
