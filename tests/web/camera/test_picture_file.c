/* The file that a browser takes for its camera. */
#include "picture_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WIDTH = 8, HEIGHT = 4, LUMA = WIDTH * HEIGHT, FILE_MAX = 4096 };

static const char HEADER[] = "YUV4MPEG2 W8 H4 F20:1 Ip A1:1 C420jpeg\nFRAME\n";

static char path[] = "/tmp/imi-picture.XXXXXX";

static int make_path(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int drop_path(void **state)
{
    (void)state;
    return unlink(path);
}

static imi_picture_file *open_file(void)
{
    imi_picture_file *file = NULL;
    assert_int_equal(imi_picture_file_new(path, WIDTH, HEIGHT, 20, &file, NULL), IMI_OK);
    return file;
}

/* The planes as they lie in the file, behind the right header. */
static void read_planes(uint8_t planes[LUMA * 3 / 2])
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    assert_int_equal(imi_file_read(path, FILE_MAX, &bytes, NULL), IMI_OK);
    assert_int_equal(bytes.size, sizeof HEADER - 1 + LUMA * 3 / 2);
    assert_memory_equal(bytes.data, HEADER, sizeof HEADER - 1);
    memcpy(planes, bytes.data + sizeof HEADER - 1, LUMA * 3 / 2);
}

static imi_image *plain(uint32_t width, uint32_t height, uint32_t rgb)
{
    imi_image *image = NULL;
    assert_int_equal(imi_image_new(width, height, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    for (uint32_t i = 0; i < width * height; i++) {
        uint8_t *pixel = image->pixels + i / width * image->stride_bytes + (size_t)i % width * 3;
        pixel[0] = (uint8_t)(rgb >> 16);
        pixel[1] = (uint8_t)(rgb >> 8);
        pixel[2] = (uint8_t)rgb;
    }
    return image;
}

static void assert_shown(uint32_t rgb, int luma, int cb, int cr)
{
    IMI_AUTO(imi_picture_file) file = open_file();
    IMI_AUTO(imi_image) image = plain(WIDTH, HEIGHT, rgb);
    assert_int_equal(imi_picture_file_show(file, image, NULL), IMI_OK);
    uint8_t planes[LUMA * 3 / 2];
    read_planes(planes);
    for (int i = 0; i < LUMA; i++) {
        assert_int_equal(planes[i], luma);
    }
    for (int i = 0; i < LUMA / 4; i++) {
        assert_int_equal(planes[LUMA + i], cb);
        assert_int_equal(planes[LUMA + LUMA / 4 + i], cr);
    }
}

static void a_new_file_shows_black(void **state)
{
    (void)state;
    IMI_AUTO(imi_picture_file) file = open_file();
    uint8_t planes[LUMA * 3 / 2];
    read_planes(planes);
    assert_int_equal(planes[0], 16);
    assert_int_equal(planes[LUMA - 1], 16);
    assert_int_equal(planes[LUMA], 128);
    assert_int_equal(planes[LUMA * 3 / 2 - 1], 128);
}

/* Values of the standard's table for 8 bits (ITU-R BT.601). */
static void colours_are_those_of_video(void **state)
{
    (void)state;
    assert_shown(0x000000, 16, 128, 128);
    assert_shown(0xFFFFFF, 235, 128, 128);
    assert_shown(0xFF0000, 82, 90, 240);
    assert_shown(0x0000FF, 41, 240, 110);
}

static void a_later_picture_takes_the_place_of_the_first(void **state)
{
    (void)state;
    IMI_AUTO(imi_picture_file) file = open_file();
    IMI_AUTO(imi_image) white = plain(WIDTH, HEIGHT, 0xFFFFFF);
    IMI_AUTO(imi_image) black = plain(WIDTH, HEIGHT, 0);
    assert_int_equal(imi_picture_file_show(file, white, NULL), IMI_OK);
    assert_int_equal(imi_picture_file_show(file, black, NULL), IMI_OK);
    uint8_t planes[LUMA * 3 / 2];
    read_planes(planes);
    assert_int_equal(planes[LUMA / 2], 16);
}

/* Twice as large and much too wide: the left and right of it are cut off. */
static void another_size_fills_the_picture_from_its_middle(void **state)
{
    (void)state;
    IMI_AUTO(imi_picture_file) file = open_file();
    IMI_AUTO(imi_image) image = plain(32, 8, 0xFFFFFF);
    for (uint32_t y = 0; y < 8; y++) {
        memset(image->pixels + y * image->stride_bytes, 0, 8 * 3);
    }
    assert_int_equal(imi_picture_file_show(file, image, NULL), IMI_OK);
    uint8_t planes[LUMA * 3 / 2];
    read_planes(planes);
    for (int i = 1; i < WIDTH; i++) {
        assert_int_equal(planes[WIDTH + i], 235);
    }
}

static void sizes_that_have_no_half_are_refused(void **state)
{
    (void)state;
    static const uint32_t bad[][3] = {{7, 4, 20}, {8, 3, 20}, {0, 4, 20}, {8, 9000, 20}, {8, 4, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        imi_picture_file *file = NULL;
        assert_int_equal(imi_picture_file_new(path, bad[i][0], bad[i][1], bad[i][2], &file, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_null(file);
    }
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    imi_picture_file *file = NULL;
    assert_int_equal(imi_picture_file_new("/nowhere/at/all", WIDTH, HEIGHT, 20, &file, NULL),
                     IMI_E_IO);
    assert_null(file);
}

static void grey_images_are_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_picture_file) file = open_file();
    IMI_AUTO(imi_image) grey = NULL;
    assert_int_equal(imi_image_new(WIDTH, HEIGHT, IMI_PIXEL_GREY8, &grey, NULL), IMI_OK);
    assert_int_equal(imi_picture_file_show(file, grey, NULL), IMI_E_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_shows_black),
        cmocka_unit_test(colours_are_those_of_video),
        cmocka_unit_test(a_later_picture_takes_the_place_of_the_first),
        cmocka_unit_test(another_size_fills_the_picture_from_its_middle),
        cmocka_unit_test(sizes_that_have_no_half_are_refused),
        cmocka_unit_test(a_place_that_cannot_be_written_is_told),
        cmocka_unit_test(grey_images_are_refused),
    };
    return cmocka_run_group_tests(tests, make_path, drop_path);
}
