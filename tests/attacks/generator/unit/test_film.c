#include "cmocka_all.h"
#include "drawn_film.h"
#include "imi/bytes.h"

#include <stdio.h>
#include <unistd.h>

static void a_film_knows_its_size_and_its_calm_stretch(void **state)
{
    (void)state;
    IMI_AUTO(imi_gen_film) film = drawn_film_new();
    assert_int_equal(DRAWN_FILM_WIDTH, film->width);
    assert_int_equal(DRAWN_FILM_HEIGHT, film->height);
    assert_int_equal(IMI_ACTION_NONE, film->calm.action);
    assert_int_equal(500, film->calm.start_ms);
}

static void what_is_replayed_ends_with_the_frames(void **state)
{
    (void)state;
    IMI_AUTO(imi_gen_film) film = drawn_film_new();
    assert_int_equal(DRAWN_FILM_MS, film->replay_end_ms);
}

/* Both stay with the caller. */
static void check_refused(imi_sim_frames **frames, imi_segments **segments)
{
    imi_gen_film *film = NULL;
    assert_int_not_equal(IMI_OK, imi_gen_film_new(frames, segments, &film, NULL));
    assert_null(film);
    assert_non_null(*frames);
    assert_non_null(*segments);
}

static void a_film_without_a_calm_stretch_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_sim_frames) frames = drawn_frames_new();
    IMI_AUTO(imi_segments) segments = drawn_segments_new(1);
    check_refused(&frames, &segments);
}

static void a_film_that_ends_before_its_calm_stretch_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_sim_frames) frames = drawn_frames_new();
    IMI_AUTO(imi_segments) segments = drawn_segments_new(0);
    segments->items[0].start_ms = DRAWN_FILM_MS;
    segments->items[0].end_ms = DRAWN_FILM_MS + 1000;
    check_refused(&frames, &segments);
}

static void a_film_without_frames_or_of_other_bytes_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_segments) segments = drawn_segments_new(0);
    IMI_AUTO(imi_sim_frames) frames = imi_alloc(sizeof *frames);
    assert_non_null(frames);
    check_refused(&frames, &segments);
    imi_buffer bytes = IMI_BUFFER_INIT;
    assert_int_equal(IMI_OK, imi_buffer_append_text(&bytes, "no picture", NULL));
    assert_int_equal(IMI_OK, imi_sim_frames_add(frames, &bytes, 600, NULL));
    check_refused(&frames, &segments);
}

static void a_clip_that_is_missing_or_has_no_labels_is_refused(void **state)
{
    (void)state;
    imi_gen_film *film = NULL;
    const char *labels = "clip,action,start_ms,end_ms\nmissing.mp4,neutral,0,500\n";
    assert_int_equal(IMI_OK, imi_file_write("labels.csv", imi_view_of_text(labels), 0600, NULL));
    assert_int_not_equal(IMI_OK, imi_gen_film_load("missing.mp4", "labels.csv", &film, NULL));
    assert_int_equal(IMI_E_INVALID_ARGUMENT,
                     imi_gen_film_load("folder/unknown.mp4", "labels.csv", &film, NULL));
    assert_null(film);
}

static void a_shipped_clip_has_frames_for_all_that_its_labels_say(void **state)
{
    (void)state;
    const char *path = IMI_MEDIA_FOLDER "/cap13_edit2.mp4";
    if (access(path, R_OK) != 0) {
        skip();
    }
    IMI_AUTO(imi_gen_film) film = NULL;
    assert_int_equal(IMI_OK, imi_gen_film_load(path, IMI_LABELS, &film, NULL));
    assert_int_equal(400, film->width);
    assert_int_equal(300, film->height);
    for (size_t i = 0; i < film->segments->count; i++) {
        const imi_segment *segment = &film->segments->items[i];
        const imi_sim_frame *frame = imi_sim_frames_at(film->frames, segment->start_ms + 40);
        assert_in_range(frame->at_ms, segment->start_ms, segment->start_ms + 40);
        assert_true(segment->end_ms <= imi_sim_frames_end_ms(film->frames));
    }
    assert_in_range(film->replay_end_ms - film->calm.start_ms, 10000, 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_film_knows_its_size_and_its_calm_stretch),
        cmocka_unit_test(what_is_replayed_ends_with_the_frames),
        cmocka_unit_test(a_film_without_a_calm_stretch_is_refused),
        cmocka_unit_test(a_film_that_ends_before_its_calm_stretch_is_refused),
        cmocka_unit_test(a_film_without_frames_or_of_other_bytes_is_refused),
        cmocka_unit_test(a_clip_that_is_missing_or_has_no_labels_is_refused),
        cmocka_unit_test(a_shipped_clip_has_frames_for_all_that_its_labels_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
