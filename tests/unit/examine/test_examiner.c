#include "stage.h"

#include <math.h>
#include <string.h>

enum { PERSON = 3, OTHER = 7 };

static scene faces(uint32_t count)
{
    scene what = scene_neutral(PERSON);
    what.faces = count;
    return what;
}

static const imi_finding *finding(const imi_findings *findings, imi_layer layer)
{
    return &findings->layer[layer];
}

static void nothing_shown_is_nothing_measured(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, "near_far,blink");
    imi_findings findings = stage_report(s);
    for (int i = 0; i < IMI_LAYER_COUNT; i++) {
        assert_false(findings.layer[i].veto);
        assert_true(i == IMI_LAYER_CHALLENGE || !findings.layer[i].measured);
    }
}

static void without_a_challenge_there_is_no_verdict(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    imi_examined seen = stage_hold(s, faces(1), 40);
    assert_false(seen.verdict.complete);
    assert_false(seen.verdict.live);
    assert_int_equal(seen.guidance, IMI_GUIDANCE_NONE);
    assert_false(seen.has_target);
    imi_findings findings = stage_report(s);
    assert_false(finding(&findings, IMI_LAYER_CHALLENGE)->measured);
}

static void the_challenge_is_asked_for(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, "turn_left,near_far");
    imi_examined seen = stage_hold(s, faces(1), 30);
    assert_int_equal(seen.guidance, IMI_GUIDANCE_TURN_LEFT);
    assert_int_equal(seen.verdict.reason, IMI_LIVENESS_INCOMPLETE);
}

static void the_detector_looks_around_now_and_then_only(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    stage_hold(s, faces(1), 50);
    assert_in_range(s->detections, 8, 12 + IMI_PROBES_MAX);
}

static void without_a_face_the_detector_looks_each_time(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    imi_examined seen = stage_hold(s, faces(0), 20);
    assert_int_equal(seen.face.reason, IMI_CAPTURE_NO_FACE);
    assert_false(seen.neutral);
    assert_int_equal(s->detections, 20);
}

static void passive_samples_are_few_and_spread(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    stage_hold(s, faces(1), 30);
    imi_findings findings = stage_report(s);
    assert_true(finding(&findings, IMI_LAYER_PASSIVE)->measured);
    assert_false(finding(&findings, IMI_LAYER_PASSIVE)->reduced);
}

static void turned_heads_are_not_shown_to_the_passive_layer(void **state)
{
    stage *s = *state;
    scene turned = faces(1);
    turned.yaw_deg = 40;
    stage_examiner_new(s, NULL);
    imi_examined seen = stage_hold(s, turned, 30);
    assert_false(seen.neutral);
    imi_findings findings = stage_report(s);
    assert_false(finding(&findings, IMI_LAYER_PASSIVE)->measured);
}

static int templates_made(const stage *s)
{
    return s->embeddings / 2; /* of the chip and its mirror image */
}

static void frontal_frames_become_few_templates(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    stage_hold(s, faces(1), 100);
    assert_int_equal(imi_examiner_probes(s->examiner)->count, IMI_PROBES_MAX);
    assert_int_equal(imi_examiner_probes(s->examiner)->action_count, 0);
    assert_int_equal(templates_made(s), IMI_PROBES_MAX);
    imi_findings findings = stage_report(s);
    assert_false(finding(&findings, IMI_LAYER_CONTINUITY)->veto);
}

static void in_haste_fewer_templates_are_made(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    s->hurried = true;
    stage_hold(s, faces(1), 100);
    assert_int_equal(imi_examiner_probes(s->examiner)->count, 1);
    assert_int_equal(templates_made(s), 1);
    assert_in_range(s->detections, 8, 12);
}

static void without_a_scorer_no_template_is_made(void **state)
{
    stage *s = *state;
    imi_examiner_options options = {.networks = true};
    assert_int_equal(imi_examiner_new(&options, &s->examiner, NULL), IMI_OK);
    stage_hold(s, faces(1), 50);
    assert_int_equal(imi_examiner_probes(s->examiner)->count, 0);
    assert_int_equal(templates_made(s), 0);
}

/* As a person does it, until it is seen. */
static imi_examined open_mouth(stage *s)
{
    scene opening = faces(1);
    imi_examined seen = {.neutral = false};
    for (int i = 0; i < 20 && seen.verdict.actions_done == 0; i++) {
        opening.mouth = fminf(opening.mouth + 0.08F, 0.4F);
        seen = stage_show(s, opening, 100);
    }
    return seen;
}

static void an_answered_action_becomes_a_template_and_is_followed_by_another(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, "open_mouth,near_far");
    s->hurried = true;
    stage_hold(s, faces(1), 30);
    const imi_probes *probes = imi_examiner_probes(s->examiner);
    assert_int_equal(probes->count, 1);
    assert_int_equal(probes->action_count, 0);
    assert_int_equal(templates_made(s), 1); /* the first one's also shows who it is */
    assert_int_equal(open_mouth(s).verdict.actions_done, 1);
    assert_int_equal(probes->action_count, 1);
    assert_int_equal(probes->actions[0].count, 1);
    int before = templates_made(s);
    stage_hold(s, faces(1), 10);
    assert_int_equal(templates_made(s), before + 1);
    assert_int_equal(probes->count, 2);
}

static void another_person_after_an_action_is_proof(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, "open_mouth,near_far");
    s->hurried = true;
    stage_hold(s, faces(1), 30);
    assert_int_equal(open_mouth(s).verdict.actions_done, 1);
    stage_hold(s, scene_neutral(OTHER), 20);
    imi_findings findings = stage_report(s);
    assert_true(finding(&findings, IMI_LAYER_CONTINUITY)->veto);
    assert_string_equal(finding(&findings, IMI_LAYER_CONTINUITY)->code, "another_person");
}

static void unfit_frames_give_the_reason_and_no_template(void **state)
{
    stage *s = *state;
    scene dark = faces(1);
    dark.dark = true;
    stage_examiner_new(s, "turn_left,near_far");
    stage_hold(s, dark, 40);
    assert_int_equal(imi_examiner_probes(s->examiner)->count, 0);
    assert_int_equal(imi_examiner_probes(s->examiner)->refused, IMI_CAPTURE_TOO_DARK);
    assert_int_equal(templates_made(s), 0);
}

static void another_person_after_a_gap_is_proof(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    stage_hold(s, faces(1), 20);
    stage_hold(s, faces(0), 10);
    stage_hold(s, scene_neutral(OTHER), 20);
    imi_findings findings = stage_report(s);
    assert_true(finding(&findings, IMI_LAYER_CONTINUITY)->veto);
    assert_string_equal(finding(&findings, IMI_LAYER_CONTINUITY)->code, "another_person");
}

static void the_same_person_after_a_gap_is_none(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    stage_hold(s, faces(1), 20);
    stage_hold(s, faces(0), 10);
    stage_hold(s, faces(1), 20);
    assert_int_equal(templates_made(s), IMI_PROBES_MAX);
    imi_findings findings = stage_report(s);
    assert_false(finding(&findings, IMI_LAYER_CONTINUITY)->veto);
}

static void a_second_face_is_noted_but_proves_nothing(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    stage_hold(s, faces(1), 5);
    stage_hold(s, faces(2), 30);
    imi_findings findings = stage_report(s);
    assert_false(finding(&findings, IMI_LAYER_CONTINUITY)->veto);
    assert_non_null(finding(&findings, IMI_LAYER_CONTINUITY)->code);
}

static void skipped_frames_need_no_model(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    for (int i = 0; i < 10; i++) {
        stage_skip(s, faces(1), 100);
    }
    assert_int_equal(s->detections, 0);
    assert_int_equal(s->embeddings, 0);
}

static void skipped_frames_count_for_what_the_stream_shows(void **state)
{
    stage *s = *state;
    stage_examiner_new(s, NULL);
    stage_hold(s, faces(1), 30);
    scene same = faces(1);
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    scene_draw_jpeg(&same, &jpeg);
    for (int i = 0; i < 40; i++) {
        s->now_ms += 100;
        s->sequence++;
        imi_examined_frame frame = {.sequence = s->sequence,
                                    .captured_at_ms = s->now_ms,
                                    .arrived_at_ms = -1,
                                    .jpeg = imi_buffer_view(&jpeg),
                                    .light_shown_ms = -1};
        assert_int_equal(imi_examiner_skip(s->examiner, &frame, NULL), IMI_OK);
    }
    imi_findings findings = stage_report(s);
    assert_true(finding(&findings, IMI_LAYER_CONTINUITY)->veto);
}

/* How long somebody who does nothing is waited for, after so many frames that came at once and
 * were looked at, or not, and all others so late. */
static int64_t patience_ms(stage *s, int quick_frames, bool looked_at, int64_t line_ms)
{
    s->on_line = true;
    s->line_ms = 700000;
    stage_examiner_new(s, "open_mouth");
    for (int i = 0; i < quick_frames; i++) {
        if (looked_at) {
            stage_show(s, faces(1), 100);
        } else {
            stage_skip(s, faces(1), 100);
        }
    }
    s->line_ms += line_ms;
    imi_examined seen = stage_show(s, faces(1), 100);
    while (seen.guidance != IMI_GUIDANCE_OPEN_MOUTH) {
        seen = stage_show(s, faces(1), 100);
    }
    int64_t asked_ms = s->now_ms;
    while (!seen.verdict.complete) {
        seen = stage_show(s, faces(1), 400);
    }
    assert_int_equal(seen.verdict.reason, IMI_LIVENESS_TIMEOUT);
    return s->now_ms - asked_ms;
}

static void frames_that_come_late_lengthen_patience(void **state)
{
    assert_in_range(patience_ms(*state, 2, true, 4000), 24000, 24800);
}

static void frames_that_were_skipped_tell_how_late_others_are(void **state)
{
    assert_in_range(patience_ms(*state, 2, false, 4000), 24000, 24800);
}

static void a_line_that_is_always_slow_is_no_lateness(void **state)
{
    assert_in_range(patience_ms(*state, 0, true, 4000), 20000, 20800);
}

static void times_at_the_ends_of_time_are_survived(void **state)
{
    stage *s = *state;
    s->on_line = true;
    stage_examiner_new(s, NULL);
    const int64_t times[] = {0, INT64_MAX, 5, INT64_MAX - 1, -1};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        s->now_ms = times[i];
        assert_int_equal(stage_show(s, faces(1), 0).face.reason, IMI_CAPTURE_OK);
    }
}

static void a_malformed_challenge_makes_no_examiner(void **state)
{
    (void)state;
    imi_challenge empty = {.count = 0};
    imi_examiner_options options = {.challenge = &empty};
    imi_examiner *examiner = NULL;
    assert_int_equal(imi_examiner_new(&options, &examiner, NULL), IMI_E_INVALID_ARGUMENT);
    assert_null(examiner);
}

static bool fail_after(void *user, size_t size)
{
    (void)size;
    int *left = user;
    return (*left)-- <= 0;
}

static void running_out_of_memory_leaves_nothing(void **state)
{
    (void)state;
    int64_t before = imi_alloc_live_blocks();
    imi_light_sequence light = {.count = 2, .step_ms = 800};
    imi_examiner_options options = {.light = &light};
    imi_status status = IMI_E_NO_MEMORY;
    int most = 0;
    while (status != IMI_OK) {
        int left = most++;
        imi_examiner *examiner = NULL;
        imi_alloc_set_fail_hook(fail_after, &left);
        status = imi_examiner_new(&options, &examiner, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_true(status == IMI_OK || status == IMI_E_NO_MEMORY);
        assert_true((status == IMI_OK) == (examiner != NULL));
        imi_examiner_destroy(&examiner);
        assert_int_equal(imi_alloc_live_blocks(), before);
    }
    assert_true(most > 3);
}

static void cues_without_networks_are_told_apart(void **state)
{
    stage *s = *state;
    scene what = faces(1);
    IMI_AUTO(imi_image) image = scene_draw(&what);
    imi_face face;
    imi_cues cues;
    assert_int_equal(imi_engine_analyse(s->engine, image, IMI_CAPTURE_MOTION, &face, NULL), IMI_OK);
    assert_int_equal(imi_examine_cues(s->engine, image, &face, false, &cues, NULL), IMI_OK);
    assert_true(isnan(cues.value[IMI_CUE_NETWORKS]));
    assert_int_equal(imi_examine_cues(s->engine, image, &face, true, &cues, NULL), IMI_OK);
    assert_float_equal(cues.value[IMI_CUE_NETWORKS], logf(0.95F / 0.05F), 0.02);
}

static void a_score_that_is_no_number_is_no_cue(void **state)
{
    stage *s = *state;
    scene what = faces(1);
    what.pad_score = 1.5F;
    IMI_AUTO(imi_image) image = scene_draw(&what);
    imi_face face;
    imi_cues cues;
    assert_int_equal(imi_engine_analyse(s->engine, image, IMI_CAPTURE_MOTION, &face, NULL), IMI_OK);
    assert_int_equal(imi_examine_cues(s->engine, image, &face, true, &cues, NULL), IMI_OK);
    assert_true(isnan(cues.value[IMI_CUE_NETWORKS]));
}

#define EXAMINER_TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXAMINER_TEST(nothing_shown_is_nothing_measured),
        EXAMINER_TEST(without_a_challenge_there_is_no_verdict),
        EXAMINER_TEST(the_challenge_is_asked_for),
        EXAMINER_TEST(the_detector_looks_around_now_and_then_only),
        EXAMINER_TEST(without_a_face_the_detector_looks_each_time),
        EXAMINER_TEST(passive_samples_are_few_and_spread),
        EXAMINER_TEST(turned_heads_are_not_shown_to_the_passive_layer),
        EXAMINER_TEST(frontal_frames_become_few_templates),
        EXAMINER_TEST(in_haste_fewer_templates_are_made),
        EXAMINER_TEST(without_a_scorer_no_template_is_made),
        EXAMINER_TEST(an_answered_action_becomes_a_template_and_is_followed_by_another),
        EXAMINER_TEST(another_person_after_an_action_is_proof),
        EXAMINER_TEST(unfit_frames_give_the_reason_and_no_template),
        EXAMINER_TEST(another_person_after_a_gap_is_proof),
        EXAMINER_TEST(the_same_person_after_a_gap_is_none),
        EXAMINER_TEST(a_second_face_is_noted_but_proves_nothing),
        EXAMINER_TEST(skipped_frames_need_no_model),
        EXAMINER_TEST(skipped_frames_count_for_what_the_stream_shows),
        EXAMINER_TEST(times_at_the_ends_of_time_are_survived),
        EXAMINER_TEST(a_malformed_challenge_makes_no_examiner),
        EXAMINER_TEST(frames_that_come_late_lengthen_patience),
        EXAMINER_TEST(frames_that_were_skipped_tell_how_late_others_are),
        EXAMINER_TEST(a_line_that_is_always_slow_is_no_lateness),
        EXAMINER_TEST(running_out_of_memory_leaves_nothing),
        EXAMINER_TEST(cues_without_networks_are_told_apart),
        EXAMINER_TEST(a_score_that_is_no_number_is_no_cue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
