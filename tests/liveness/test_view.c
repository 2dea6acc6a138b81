/* Views of recorded frames, and a performer that reaches ovals by them. */
#include "phone-sim/source.h"
#include "phone-sim/view.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 160, HEIGHT = 120, BLOB = 16, PERIOD_MS = 80, FRAMES = 100 };

static imi_sim_frames *frames;

static const imi_segment segments[] = {
    {"clip", IMI_ACTION_NONE, 0, 800, 0.5F, 0.5F},
    {"clip", IMI_ACTION_NEAR_FAR, 2000, 4000, 0.5F, 0.5F},
};

/* Grey, with a white square in the middle: the face. */
static void draw_frame(imi_buffer *jpeg)
{
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(imi_image_new(WIDTH, HEIGHT, IMI_PIXEL_RGB8, &image, NULL), IMI_OK);
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            bool blob = x - (WIDTH - BLOB) / 2 < BLOB && y - (HEIGHT - BLOB) / 2 < BLOB;
            memset(image->pixels + y * image->stride_bytes + (size_t)x * 3, blob ? 255 : 80, 3);
        }
    }
    assert_int_equal(imi_jpeg_encode(image, 95, jpeg, NULL), IMI_OK);
}

static int make_frames(void **state)
{
    (void)state;
    frames = imi_alloc(sizeof *frames);
    assert_non_null(frames);
    for (int i = 0; i < FRAMES; i++) {
        imi_buffer jpeg = IMI_BUFFER_INIT;
        draw_frame(&jpeg);
        assert_int_equal(imi_sim_frames_add(frames, &jpeg, (int64_t)i * PERIOD_MS, NULL), IMI_OK);
    }
    return 0;
}

static int drop_frames(void **state)
{
    (void)state;
    imi_sim_frames_destroy(&frames);
    return 0;
}

/* Where the square is, in shares of the picture, and its side in pixels. */
typedef struct blob {
    double x, y, side;
    unsigned darkest;
} blob;

static blob find_blob(imi_view jpeg)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(imi_jpeg_decode(jpeg, &limits, &image, NULL), IMI_OK);
    assert_int_equal(image->width, WIDTH);
    assert_int_equal(image->height, HEIGHT);
    double count = 0;
    blob found = {.darkest = 255};
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            unsigned grey = imi_image_row(image, y)[(size_t)x * 3];
            found.darkest = grey < found.darkest ? grey : found.darkest;
            if (grey > 168) {
                found.x += x;
                found.y += y;
                count++;
            }
        }
    }
    assert_true(count > 0);
    found.x = (found.x / count + 0.5) / WIDTH;
    found.y = (found.y / count + 0.5) / HEIGHT;
    found.side = sqrt(count);
    return found;
}

static blob blob_in_view(imi_sim_view view)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    assert_int_equal(
        imi_sim_view_render(imi_buffer_view(&frames->items[0].jpeg), &view, &jpeg, NULL), IMI_OK);
    return find_blob(imi_buffer_view(&jpeg));
}

/* ---- the view ---- */

static void a_shift_moves_the_picture_by_shares_of_it(void **state)
{
    (void)state;
    blob seen = blob_in_view((imi_sim_view){0.25F, -0.2F, 1, 0.5F, 0.5F});
    assert_true(fabs(seen.x - 0.75) < 0.01 && fabs(seen.y - 0.3) < 0.01);
    assert_true(fabs(seen.side - BLOB) < 1);
}

static void a_zoom_enlarges_about_its_point(void **state)
{
    (void)state;
    blob middle = blob_in_view((imi_sim_view){0, 0, 1.5F, 0.5F, 0.5F});
    assert_true(fabs(middle.x - 0.5) < 0.01 && fabs(middle.side - 1.5 * BLOB) < 1);
    blob aside = blob_in_view((imi_sim_view){0, 0, 1.5F, 0.4F, 0.5F});
    assert_true(fabs(aside.x - 0.55) < 0.01);
}

static void beyond_the_edges_the_picture_is_reflected(void **state)
{
    (void)state;
    blob seen = blob_in_view((imi_sim_view){0.3F, 0.3F, 1, 0.5F, 0.5F});
    assert_true(seen.darkest > 60); /* nothing black came in */
}

static void only_a_view_that_changes_nothing_is_plain(void **state)
{
    (void)state;
    const imi_sim_view plain = {0, 0, 1, 0.3F, 0.6F};
    const imi_sim_view others[] = {
        {0.01F, 0, 1, 0, 0}, {0, -0.01F, 1, 0, 0}, {0, 0, 1.01F, 0, 0}, {NAN, 0, 1, 0, 0}};
    assert_true(imi_sim_view_is_plain(&plain));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(imi_sim_view_is_plain(&others[i]));
    }
}

static void a_view_that_is_none_is_refused(void **state)
{
    (void)state;
    const imi_sim_view bad[] = {
        {0, 0, 0, 0, 0}, {0, 0, -1, 0, 0}, {0, 0, NAN, 0, 0}, {NAN, 0, 1, 0, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
        assert_int_equal(
            imi_sim_view_render(imi_buffer_view(&frames->items[0].jpeg), &bad[i], &jpeg, NULL),
            IMI_E_INVALID_ARGUMENT);
        assert_int_equal(jpeg.size, 0);
    }
    const imi_sim_view plain = {0, 0, 1, 0, 0};
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    imi_status status =
        imi_sim_view_render(imi_view_of_text("no picture at all"), &plain, &jpeg, NULL);
    assert_int_not_equal(status, IMI_OK);
}

/* ---- the performer ---- */

static void open_performer(imi_source **out)
{
    imi_performer_options options = {.frames = frames, .segments = segments, .segment_count = 2};
    assert_int_equal(imi_performer_new(&options, out, NULL), IMI_OK);
}

static imi_sim_cue cue_of(const char *script, imi_guidance guidance)
{
    imi_sim_cue cue = {.guidance = guidance, .has_target = true};
    assert_int_equal(imi_challenge_parse(script, &cue.challenge, NULL), IMI_OK);
    return cue;
}

static const imi_sim_frame *play(imi_source *person, const imi_sim_cue *cue, int64_t *at_ms,
                                 int64_t for_ms)
{
    const imi_sim_frame *frame = NULL;
    for (int64_t until_ms = *at_ms + for_ms; *at_ms < until_ms; *at_ms += PERIOD_MS) {
        frame = person->frame_at(person, *at_ms, cue);
    }
    return frame;
}

static void a_performer_brings_the_face_into_the_oval_and_back(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) person = NULL;
    open_performer(&person);
    imi_sim_cue cue = cue_of("follow@2,blink", IMI_GUIDANCE_FIT_OVAL);
    cue.target = (imi_oval){0.36F, 0.36F, 0.4F};
    int64_t at_ms = 0;
    blob there = find_blob(imi_buffer_view(&play(person, &cue, &at_ms, 1500)->jpeg));
    assert_true(fabs(there.x - 0.36) < 0.01 && fabs(there.y - 0.36) < 0.01);
    cue.actions_done = 1;
    cue.has_target = false;
    cue.guidance = IMI_GUIDANCE_BLINK;
    blob back = find_blob(imi_buffer_view(&play(person, &cue, &at_ms, 1500)->jpeg));
    assert_true(fabs(back.x - 0.5) < 0.01 && fabs(back.y - 0.5) < 0.01);
}

static void a_performer_whose_view_somebody_else_moves_shows_frames_as_recorded(void **state)
{
    (void)state;
    imi_sim_view view = {.zoom = 0};
    imi_performer_options options = {
        .frames = frames, .segments = segments, .segment_count = 2, .view_out = &view};
    IMI_AUTO(imi_source) person = NULL;
    assert_int_equal(imi_performer_new(&options, &person, NULL), IMI_OK);
    imi_sim_cue cue = cue_of("follow@2,blink", IMI_GUIDANCE_FIT_OVAL);
    cue.target = (imi_oval){0.36F, 0.3F, 0.4F};
    int64_t at_ms = 0;
    blob there = find_blob(imi_buffer_view(&play(person, &cue, &at_ms, 1500)->jpeg));
    assert_true(fabs(there.x - 0.5) < 0.01 && fabs(there.y - 0.5) < 0.01);
    assert_true(fabsf(view.shift_x + 0.14F) < 0.001F && fabsf(view.shift_y + 0.2F) < 0.001F);
    assert_true(view.zoom == 1);
}

static void the_face_does_not_jump_to_the_oval(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) person = NULL;
    open_performer(&person);
    imi_sim_cue cue = cue_of("follow@3", IMI_GUIDANCE_FIT_OVAL);
    cue.target = (imi_oval){0.3F, 0.5F, 0.4F};
    double last = 0.5;
    int64_t at_ms = 0;
    while (at_ms < 1200) {
        double now = find_blob(imi_buffer_view(&play(person, &cue, &at_ms, PERIOD_MS)->jpeg)).x;
        assert_true(fabs(now - last) < 0.05);
        last = now;
    }
    assert_true(last < 0.32);
}

static void who_is_told_to_centre_the_face_does(void **state)
{
    (void)state;
    const imi_segment aside[] = {{"clip", IMI_ACTION_NONE, 0, 800, 0.4F, 0.6F}};
    imi_performer_options options = {.frames = frames, .segments = aside, .segment_count = 1};
    IMI_AUTO(imi_source) person = NULL;
    assert_int_equal(imi_performer_new(&options, &person, NULL), IMI_OK);
    imi_sim_cue cue = cue_of("follow@5", IMI_GUIDANCE_CENTRE_FACE);
    int64_t at_ms = 0;
    blob seen = find_blob(imi_buffer_view(&play(person, &cue, &at_ms, 1200)->jpeg));
    assert_true(fabs(seen.x - 0.6) < 0.01 && fabs(seen.y - 0.4) < 0.01);
}

static void a_performer_keeps_near_and_comes_nearer_until_the_oval_is_filled(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) person = NULL;
    open_performer(&person);
    imi_sim_cue cue = cue_of("near_far@3,blink", IMI_GUIDANCE_MOVE_CLOSER);
    int64_t at_ms = 0;
    const imi_sim_frame *first = play(person, &cue, &at_ms, 2400);
    assert_true(fabs(find_blob(imi_buffer_view(&first->jpeg)).side - BLOB) < 1);
    const imi_sim_frame *late = play(person, &cue, &at_ms, 1600);
    assert_in_range(late->at_ms, 3500 - PERIOD_MS, 4000);
    double side = find_blob(imi_buffer_view(&late->jpeg)).side;
    assert_true(side > 1.2 * BLOB);
    cue.guidance = IMI_GUIDANCE_HOLD_STILL;
    const imi_sim_frame *held = play(person, &cue, &at_ms, 800);
    assert_true(fabs(find_blob(imi_buffer_view(&held->jpeg)).side - side) < 1.5);
    cue.actions_done = 1;
    cue.has_target = false;
    cue.guidance = IMI_GUIDANCE_BLINK;
    const imi_sim_frame *done = play(person, &cue, &at_ms, 2400);
    assert_true(done->at_ms < 800);
    assert_true(fabs(find_blob(imi_buffer_view(&done->jpeg)).side - BLOB) < 1);
}

static void frames_that_a_phone_still_sends_stay_as_they_were(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) person = NULL;
    open_performer(&person);
    imi_sim_cue cue = cue_of("follow@3", IMI_GUIDANCE_FIT_OVAL);
    cue.target = (imi_oval){0.3F, 0.5F, 0.4F};
    const imi_sim_frame *kept[8];
    uint8_t digests[8][IMI_SIM_DIGEST_SIZE];
    for (int i = 0; i < 8; i++) {
        kept[i] = person->frame_at(person, (i + 1) * PERIOD_MS, &cue);
        imi_copy(digests[i], kept[i]->digest, sizeof digests[i]);
    }
    for (int i = 0; i < 8; i++) {
        assert_memory_equal(kept[i]->digest, digests[i], sizeof digests[i]);
        find_blob(imi_buffer_view(&kept[i]->jpeg));
    }
}

static void a_new_capture_begins_as_the_clip_was_taken(void **state)
{
    (void)state;
    IMI_AUTO(imi_source) person = NULL;
    open_performer(&person);
    imi_sim_cue cue = cue_of("follow@3", IMI_GUIDANCE_FIT_OVAL);
    cue.target = (imi_oval){0.3F, 0.5F, 0.4F};
    int64_t at_ms = 0;
    play(person, &cue, &at_ms, 1200);
    cue.has_target = false;
    cue.guidance = IMI_GUIDANCE_NONE;
    assert_ptr_equal(person->frame_at(person, 0, &cue), &frames->items[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shift_moves_the_picture_by_shares_of_it),
        cmocka_unit_test(a_zoom_enlarges_about_its_point),
        cmocka_unit_test(beyond_the_edges_the_picture_is_reflected),
        cmocka_unit_test(only_a_view_that_changes_nothing_is_plain),
        cmocka_unit_test(a_view_that_is_none_is_refused),
        cmocka_unit_test(a_performer_brings_the_face_into_the_oval_and_back),
        cmocka_unit_test(a_performer_whose_view_somebody_else_moves_shows_frames_as_recorded),
        cmocka_unit_test(the_face_does_not_jump_to_the_oval),
        cmocka_unit_test(who_is_told_to_centre_the_face_does),
        cmocka_unit_test(a_performer_keeps_near_and_comes_nearer_until_the_oval_is_filled),
        cmocka_unit_test(frames_that_a_phone_still_sends_stay_as_they_were),
        cmocka_unit_test(a_new_capture_begins_as_the_clip_was_taken),
    };
    return cmocka_run_group_tests(tests, make_frames, drop_frames);
}
