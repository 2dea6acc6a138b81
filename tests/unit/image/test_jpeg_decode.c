#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jpeg_maker.h"

#include <stdlib.h>

static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;

static int channel_at(const imi_image *image, uint32_t x, uint32_t y, size_t channel)
{
    return imi_image_row(image, y)[x * (size_t)image->format + channel];
}

static void assert_near(int value, int wanted, int tolerance)
{
    assert_in_range(value - wanted + 1000, 1000 - tolerance, 1000 + tolerance);
}

static imi_image *decode(const imi_buffer *file)
{
    imi_image *image = NULL;
    assert_int_equal(imi_jpeg_decode(imi_buffer_view(file), &limits, &image, NULL), IMI_OK);
    assert_non_null(image);
    return image;
}

static imi_status decode_status(const imi_buffer *file)
{
    imi_image *image = (imi_image *)(uintptr_t)1;
    int64_t before = imi_alloc_live_blocks();
    imi_status status = imi_jpeg_decode(imi_buffer_view(file), &limits, &image, NULL);
    if (status != IMI_OK) {
        assert_null(image);
        assert_int_equal(imi_alloc_live_blocks(), before);
    } else {
        imi_image_destroy(&image);
    }
    return status;
}

static void assert_decodes_to_plan(const jpeg_plan *plan)
{
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(plan, &file);
    IMI_AUTO(imi_image) image = decode(&file);
    assert_int_equal(image->width, plan->width);
    assert_int_equal(image->height, plan->height);
    assert_int_equal(image->format, IMI_PIXEL_RGB8);
    for (uint32_t y = 2; y < plan->height; y += 13) {
        for (uint32_t x = 2; x < plan->width; x += 11) {
            for (size_t c = 0; c < 3; c++) {
                assert_near(channel_at(image, x, y, c), jpeg_maker_level(plan, x, y), 12);
            }
        }
    }
}

static void colour_grey_and_progressive_files_decode_alike(void **state)
{
    (void)state;
    assert_decodes_to_plan(&(jpeg_plan){.width = 96, .height = 80, .components = 3});
    assert_decodes_to_plan(&(jpeg_plan){.width = 96, .height = 80, .components = 1});
    assert_decodes_to_plan(
        &(jpeg_plan){.width = 96, .height = 80, .components = 3, .progressive = true});
    assert_decodes_to_plan(
        &(jpeg_plan){.width = 96, .height = 80, .components = 3, .restart_rows = 1});
}

static void odd_sizes_decode(void **state)
{
    (void)state;
    assert_decodes_to_plan(&(jpeg_plan){.width = 65, .height = 97, .components = 3});
    assert_decodes_to_plan(
        &(jpeg_plan){.width = 127, .height = 64, .components = 1, .progressive = true});
}

static void a_portrait_as_a_chip_stores_it_decodes(void **state)
{
    (void)state;
    assert_decodes_to_plan(&(jpeg_plan){.width = 102, .height = 126, .components = 1});
}

/* Where the bright stored top-left corner must appear once upright. */
static void every_orientation_comes_out_upright(void **state)
{
    (void)state;
    const struct {
        bool right, bottom, transposed;
    } wanted[9] = {{0},       {0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0},
                   {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}};
    for (uint16_t orientation = 1; orientation <= 8; orientation++) {
        IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
        jpeg_maker_plain(96, 64, &file);
        jpeg_maker_add_orientation(&file, orientation, true);
        IMI_AUTO(imi_image) image = decode(&file);
        assert_int_equal(image->width, wanted[orientation].transposed ? 64 : 96);
        assert_int_equal(image->height, wanted[orientation].transposed ? 96 : 64);
        uint32_t x = wanted[orientation].right ? image->width - 4 : 3;
        uint32_t y = wanted[orientation].bottom ? image->height - 4 : 3;
        assert_near(channel_at(image, x, y, 1), 250, 8);
        assert_true(channel_at(image, image->width - 1 - x, image->height - 1 - y, 1) < 220);
    }
}

/* Orientation 6 is the usual phone photo: stored rows run from the subject's foot to the head. */
static void orientation_six_turns_clockwise(void **state)
{
    (void)state;
    jpeg_plan plan = {.width = 96, .height = 64, .components = 3};
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(&plan, &file);
    jpeg_maker_add_orientation(&file, 6, false);
    IMI_AUTO(imi_image) image = decode(&file);
    for (uint32_t y = 4; y < 96; y += 9) {
        for (uint32_t x = 4; x < 64; x += 9) {
            assert_near(channel_at(image, x, y, 0), jpeg_maker_level(&plan, y, 63 - x), 12);
        }
    }
}

static void a_large_photo_is_decoded_small(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(1600, 1200, &file);
    const struct {
        uint32_t target, width;
    } cases[] = {{0, 1600},  {100, 200},   {200, 200},  {201, 400},
                 {800, 800}, {1500, 1600}, {5000, 1600}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        imi_jpeg_limits scaled = limits;
        scaled.target_dimension = cases[i].target;
        IMI_AUTO(imi_image) image = NULL;
        assert_int_equal(imi_jpeg_decode(imi_buffer_view(&file), &scaled, &image, NULL), IMI_OK);
        assert_int_equal(image->width, cases[i].width);
        assert_int_equal(image->height, cases[i].width * 3 / 4);
        assert_near(channel_at(image, image->width / 10, image->height / 10, 0), 250, 8);
    }
}

static void decoding_repeats_exactly(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(300, 200, &file);
    IMI_AUTO(imi_image) first = decode(&file);
    IMI_AUTO(imi_image) second = decode(&file);
    assert_memory_equal(first->pixels, second->pixels, first->stride_bytes * first->height);
}

/* The end marker put back behind a cut: the header walk passes, libjpeg's warning must not. */
static void a_frame_cut_off_in_its_pixels_is_corrupt(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(128, 128, &file);
    size_t scan = jpeg_maker_find(&file, 0xDA) + 14;
    file.size = scan + (file.size - scan) / 2;
    file.data[file.size - 2] = 0xFF;
    file.data[file.size - 1] = 0xD9;
    assert_int_equal(decode_status(&file), IMI_E_IMAGE_CORRUPT);
}

static void a_missing_quantisation_table_is_corrupt(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(64, 64, &file);
    file.data[jpeg_maker_find(&file, 0xDB) + 1] = 0xEC;
    assert_int_equal(decode_status(&file), IMI_E_IMAGE_CORRUPT);
}

static void what_the_header_check_refuses_is_not_decoded(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    assert_int_equal(decode_status(&file), IMI_E_IMAGE_EMPTY);
    jpeg_maker_make(&(jpeg_plan){.width = 64, .height = 64, .components = 4}, &file);
    assert_int_equal(decode_status(&file), IMI_E_IMAGE_FORMAT);
}

/* Every byte of a small file flipped, in an exact-size block: a status or an image, no leak. */
static void every_flipped_byte_gives_an_answer(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_make(&(jpeg_plan){.width = 64, .height = 64, .components = 3, .progressive = true},
                    &file);
    size_t answered = 0;
    for (size_t at = 0; at < file.size; at++) {
        imi_buffer exact = {malloc(file.size), file.size, file.size};
        imi_copy(exact.data, file.data, file.size);
        exact.data[at] ^= 0xFF;
        answered += decode_status(&exact) <= IMI_OK ? 1 : 0;
        free(exact.data);
    }
    assert_int_equal(answered, file.size);
}

typedef struct failing {
    int allowed;
} failing;

static bool fail_when_spent(void *user, size_t size)
{
    (void)size;
    failing *f = user;
    return f->allowed-- <= 0;
}

static void running_out_of_memory_is_a_status(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    jpeg_maker_plain(80, 64, &file);
    jpeg_maker_add_orientation(&file, 6, true);
    imi_status status = IMI_E_NO_MEMORY;
    int allowed = 0;
    for (; status == IMI_E_NO_MEMORY && allowed < 20; allowed++) {
        failing f = {allowed};
        imi_alloc_set_fail_hook(fail_when_spent, &f);
        status = decode_status(&file);
        imi_alloc_set_fail_hook(NULL, NULL);
    }
    assert_int_equal(status, IMI_OK);
    assert_int_equal(allowed, 5); /* two blocks an image, two images */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_grey_and_progressive_files_decode_alike),
        cmocka_unit_test(odd_sizes_decode),
        cmocka_unit_test(a_portrait_as_a_chip_stores_it_decodes),
        cmocka_unit_test(every_orientation_comes_out_upright),
        cmocka_unit_test(orientation_six_turns_clockwise),
        cmocka_unit_test(a_large_photo_is_decoded_small),
        cmocka_unit_test(decoding_repeats_exactly),
        cmocka_unit_test(a_frame_cut_off_in_its_pixels_is_corrupt),
        cmocka_unit_test(a_missing_quantisation_table_is_corrupt),
        cmocka_unit_test(what_the_header_check_refuses_is_not_decoded),
        cmocka_unit_test(every_flipped_byte_gives_an_answer),
        cmocka_unit_test(running_out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
