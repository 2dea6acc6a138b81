/* What is before a live camera, from frames that are drawn here. */
#include "scenes.h"

#include "imi/image.h"
#include "phone-sim/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WIDTH = 320, HEIGHT = 240, DARK = 60, BRIGHT = 200, FRAMES = 3 };

static char folder[] = "/tmp/imi-scenes.XXXXXX";
static imi_media *media;
static imi_buffer beside = IMI_BUFFER_INIT;

static imi_buffer plain_jpeg(int level)
{
    IMI_AUTO(imi_image) image = NULL;
    imi_buffer jpeg = IMI_BUFFER_INIT;
    assert_int_equal(imi_image_new(WIDTH, HEIGHT, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    memset(image->pixels, level, image->stride_bytes * HEIGHT);
    assert_int_equal(imi_jpeg_encode(image, IMI_SIM_JPEG_QUALITY, &jpeg, NULL), IMI_OK);
    return jpeg;
}

static void frame_path(int i, char out[64])
{
    snprintf(out, 64, "%s/%07d.jpg", folder, i * 100);
}

/* A folder of dark frames is the person, who is a plain player without segments. */
static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    imi_buffer dark = plain_jpeg(DARK);
    for (int i = 0; i < FRAMES; i++) {
        char path[64];
        frame_path(i, path);
        assert_int_equal(imi_file_write(path, imi_buffer_view(&dark), 0600, NULL), IMI_OK);
    }
    imi_buffer_clean_up(&dark);
    beside = plain_jpeg(BRIGHT);
    imi_media_options options = {.frames = folder, .frames_per_s = 10};
    return imi_media_open(&options, &media, NULL) == IMI_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < FRAMES; i++) {
        char path[64];
        frame_path(i, path);
        unlink(path);
    }
    imi_media_destroy(&media);
    imi_buffer_clean_up(&beside);
    return rmdir(folder);
}

static imi_live_scenes *make(void)
{
    imi_live_scenes *scenes = NULL;
    IMI_AUTO(imi_source) person = NULL;
    assert_int_equal(imi_media_source(media, &person, NULL), IMI_OK);
    imi_view still = imi_buffer_view(&imi_media_still(media)->jpeg);
    assert_int_equal(imi_live_scenes_new(&person, still, imi_buffer_view(&beside), &scenes, NULL),
                     IMI_OK);
    assert_null(person);
    return scenes;
}

static imi_image *look(imi_live_scenes *scenes, imi_live_scene scene, int64_t at_ms)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    imi_live_instructions told = {.scene = scene};
    imi_image *image = NULL;
    imi_view jpeg = imi_live_scenes_look(scenes, at_ms, &told);
    assert_int_equal(imi_jpeg_decode(jpeg, &limits, &image, NULL), IMI_OK);
    return image;
}

/* Red at a place that is a share of width and height. */
static int level_at(const imi_image *image, float x, float y)
{
    uint32_t column = (uint32_t)(x * (float)image->width);
    return imi_image_row(image, (uint32_t)(y * (float)image->height))[column * 3];
}

static void assert_near(int level, int wanted)
{
    assert_in_range(level, wanted - 12, wanted + 12);
}

static void the_person_is_who_plays(void **state)
{
    (void)state;
    IMI_AUTO(imi_live_scenes) scenes = make();
    IMI_AUTO(imi_image) image = look(scenes, IMI_LIVE_PERSON, 0);
    assert_near(level_at(image, 0.5F, 0.5F), DARK);
}

static void two_are_side_by_side(void **state)
{
    (void)state;
    IMI_AUTO(imi_live_scenes) scenes = make();
    IMI_AUTO(imi_image) image = look(scenes, IMI_LIVE_TWO, 50);
    assert_near(level_at(image, 0.25F, 0.5F), DARK);
    assert_near(level_at(image, 0.75F, 0.5F), BRIGHT);
}

static void nobody_leaves_a_wall(void **state)
{
    (void)state;
    IMI_AUTO(imi_live_scenes) scenes = make();
    IMI_AUTO(imi_image) image = look(scenes, IMI_LIVE_NOBODY, 50);
    assert_true(level_at(image, 0.1F, 0.5F) < level_at(image, 0.9F, 0.5F));
}

static void a_photo_is_taken_afresh_each_time(void **state)
{
    (void)state;
    IMI_AUTO(imi_live_scenes) scenes = make();
    IMI_AUTO(imi_image) first = look(scenes, IMI_LIVE_PHOTO, 50);
    IMI_AUTO(imi_image) second = look(scenes, IMI_LIVE_PHOTO, 100);
    assert_int_equal(first->stride_bytes, second->stride_bytes);
    assert_memory_not_equal(first->pixels, second->pixels, first->stride_bytes * first->height);
}

static void scenes_change_and_change_back(void **state)
{
    (void)state;
    IMI_AUTO(imi_live_scenes) scenes = make();
    IMI_AUTO(imi_image) person = look(scenes, IMI_LIVE_PERSON, 0);
    IMI_AUTO(imi_image) two = look(scenes, IMI_LIVE_TWO, 50);
    IMI_AUTO(imi_image) again = look(scenes, IMI_LIVE_PERSON, 100);
    assert_near(level_at(two, 0.75F, 0.5F), BRIGHT);
    assert_near(level_at(again, 0.75F, 0.5F), DARK);
}

static void who_is_no_picture_cannot_join(void **state)
{
    (void)state;
    imi_live_scenes *scenes = NULL;
    imi_view text = {(const uint8_t *)"no picture", 10};
    IMI_AUTO(imi_source) person = NULL;
    assert_int_equal(imi_media_source(media, &person, NULL), IMI_OK);
    imi_view still = imi_buffer_view(&imi_media_still(media)->jpeg);
    assert_int_not_equal(imi_live_scenes_new(&person, still, text, &scenes, NULL), IMI_OK);
    assert_null(scenes);
    assert_non_null(person);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_person_is_who_plays),
        cmocka_unit_test(two_are_side_by_side),
        cmocka_unit_test(nobody_leaves_a_wall),
        cmocka_unit_test(a_photo_is_taken_afresh_each_time),
        cmocka_unit_test(scenes_change_and_change_back),
        cmocka_unit_test(who_is_no_picture_cannot_join),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
