/* JPEG files one behind the other are taken apart at the right places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mjpeg.h"

#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 64, HEIGHT = 48 };

static void append_jpeg(uint8_t level, imi_buffer *out)
{
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(imi_image_new(WIDTH, HEIGHT, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    for (size_t i = 0; i < image->stride_bytes * HEIGHT; i++) {
        image->pixels[i] = (uint8_t)(level + i * 31 % 97);
    }
    assert_int_equal(imi_jpeg_encode(image, 90, out, NULL), IMI_OK);
}

static imi_status load(imi_view bytes, double frames_per_s, imi_sim_frames **out)
{
    char path[] = "/tmp/imi-test-mjpeg-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(imi_file_write(path, bytes, 0600, NULL), IMI_OK);
    imi_status status = eval_mjpeg_load(path, frames_per_s, out, NULL);
    unlink(path);
    return status;
}

static void each_jpeg_is_a_frame(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER first = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER all = IMI_BUFFER_INIT;
    append_jpeg(10, &first);
    append_jpeg(10, &all);
    append_jpeg(60, &all);
    append_jpeg(110, &all);
    IMI_AUTO(imi_sim_frames) frames = NULL;
    assert_int_equal(load(imi_buffer_view(&all), 10, &frames), IMI_OK);
    assert_int_equal(frames->count, 3);
    assert_int_equal(frames->items[2].at_ms, 200);
    assert_true(imi_view_equal(imi_buffer_view(&frames->items[0].jpeg), imi_buffer_view(&first)));
}

/* A thumbnail in a segment has an end of its own. */
static void a_jpeg_within_a_segment_is_no_frame(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER thumbnail = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER plain = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER all = IMI_BUFFER_INIT;
    append_jpeg(10, &thumbnail);
    append_jpeg(60, &plain);
    size_t size = thumbnail.size + 2;
    const uint8_t head[] = {0xFF, 0xD8, 0xFF, 0xE1, (uint8_t)(size >> 8), (uint8_t)size};
    assert_int_equal(imi_buffer_append(&all, (imi_view){head, sizeof head}, NULL), IMI_OK);
    assert_int_equal(imi_buffer_append(&all, imi_buffer_view(&thumbnail), NULL), IMI_OK);
    imi_view rest = {plain.data + 2, plain.size - 2};
    assert_int_equal(imi_buffer_append(&all, rest, NULL), IMI_OK);
    IMI_AUTO(imi_sim_frames) frames = NULL;
    assert_int_equal(load(imi_buffer_view(&all), 10, &frames), IMI_OK);
    assert_int_equal(frames->count, 1);
    assert_int_equal(frames->items[0].jpeg.size, all.size);
}

static void a_file_that_breaks_off_is_refused_at_every_byte(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER one = IMI_BUFFER_INIT;
    append_jpeg(10, &one);
    for (size_t size = 0; size < one.size; size += 1 + size / 16) {
        IMI_AUTO(imi_sim_frames) frames = NULL;
        assert_int_equal(load((imi_view){one.data, size}, 10, &frames), IMI_E_IMAGE_FORMAT);
        assert_null(frames);
    }
}

static void what_is_no_jpeg_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_sim_frames) frames = NULL;
    assert_int_equal(load(imi_view_of_text("this is no picture"), 10, &frames), IMI_E_IMAGE_FORMAT);
    const uint8_t lies[] = {0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF, 0, 0};
    assert_int_equal(load((imi_view){lies, sizeof lies}, 10, &frames), IMI_E_IMAGE_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_jpeg_is_a_frame),
        cmocka_unit_test(a_jpeg_within_a_segment_is_no_frame),
        cmocka_unit_test(a_file_that_breaks_off_is_refused_at_every_byte),
        cmocka_unit_test(what_is_no_jpeg_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
