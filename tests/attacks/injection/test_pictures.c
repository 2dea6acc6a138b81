/* A folder of frames is read as a clip is: in order, in time, at a phone's size. */
#include "pictures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void add_frame(imi_sim_frames *frames, uint32_t side, int64_t at_ms)
{
    IMI_AUTO(imi_image) image = NULL;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    assert_int_equal(IMI_OK, imi_image_new(side, side, IMI_PIXEL_RGB8, &image, NULL));
    assert_int_equal(IMI_OK, imi_jpeg_encode(image, 80, &jpeg, NULL));
    assert_int_equal(IMI_OK, imi_sim_frames_add(frames, &jpeg, at_ms, NULL));
}

/* Two frames, the second one larger than a phone sends. */
static int set_up(void **state)
{
    static char folder[] = "/tmp/imi-pictures-XXXXXX";
    IMI_AUTO(imi_sim_frames) frames = imi_alloc(sizeof *frames);
    assert_non_null(mkdtemp(folder));
    add_frame(frames, 64, 1000);
    add_frame(frames, 1024, 1170);
    assert_int_equal(IMI_OK, imi_sim_frames_save(frames, folder, NULL));
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const NAMES[] = {"0001000.jpg", "0001170.jpg"};
    for (int i = 0; i < 2; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", (const char *)*state, NAMES[i]);
        assert_int_equal(0, unlink(path));
    }
    return rmdir(*state);
}

static void frames_come_in_order_and_are_timed_from_the_first(void **state)
{
    pictures from;
    int64_t at_ms[2] = {-1, -1};
    assert_int_equal(IMI_OK, pictures_open(*state, &from, NULL));
    for (int i = 0; i < 2; i++) {
        IMI_AUTO(imi_image) image = NULL;
        assert_int_equal(IMI_OK, pictures_next(&from, &image, &at_ms[i], NULL));
        assert_int_equal(i == 0 ? 64 : 512, image->width);
    }
    assert_int_equal(0, at_ms[0]);
    assert_int_equal(170, at_ms[1]);
    pictures_close(&from);
}

static void behind_the_last_there_is_no_picture_and_no_error(void **state)
{
    pictures from;
    assert_int_equal(IMI_OK, pictures_open(*state, &from, NULL));
    for (int i = 0; i < 4; i++) {
        IMI_AUTO(imi_image) image = NULL;
        int64_t at_ms = 0;
        assert_int_equal(IMI_OK, pictures_next(&from, &image, &at_ms, NULL));
        assert_true((image != NULL) == (i < 2));
    }
    pictures_close(&from);
}

static void what_is_neither_clip_nor_folder_is_refused(void **state)
{
    (void)state;
    pictures from;
    assert_int_not_equal(IMI_OK, pictures_open("/nowhere/at/all", &from, NULL));
    pictures_close(&from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_in_order_and_are_timed_from_the_first),
        cmocka_unit_test(behind_the_last_there_is_no_picture_and_no_error),
        cmocka_unit_test(what_is_neither_clip_nor_folder_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
