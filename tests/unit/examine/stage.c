#include "stage.h"

static const char calibration[] =
    "{\"version\": \"scene.1\", \"measured_on\": \"scenes\", \"made_at\": \"2026-01-01\","
    " \"models\": [{\"id\": \"" SCENE_MODEL_ID "\", "
    "\"weights\": {\"raw\": 1, \"normalised\": 1}}],"
    " \"tables\": {\"raw\": {\"comparisons\": 1000000, \"fmr_floor\": 1e-5,"
    " \"groups\": {\"all\": {\"comparisons\": 1000000}},"
    " \"knots\": [[-1, 1], [0, 0.5], [0.3, 1e-2], [0.6, 1e-4], [0.9, 1e-5]]}}}";

/* The scene's own parts, which the counting ones stand before. */
static scene_models plain;
static stage *current;

static imi_status count_detect(imi_detector *self, const imi_image *image, imi_face_box *boxes,
                               size_t capacity, size_t *count_out, imi_error *err)
{
    current->detections++;
    return plain.detector.detect(self, image, boxes, capacity, count_out, err);
}

static imi_status count_embed(imi_extractor *self, const imi_image *chip, float *vector_out,
                              imi_error *err)
{
    current->embeddings++;
    return plain.extractor.embed(self, chip, vector_out, err);
}

int stage_set_up(void **state)
{
    stage *s = imi_alloc(sizeof *s);
    assert_non_null(s);
    scene_models_init(&plain);
    scene_models_init(&s->models);
    s->models.detector.detect = count_detect;
    s->models.extractor.embed = count_embed;
    assert_int_equal(scene_engine_new(&s->models, true, &s->engine, NULL), IMI_OK);
    assert_int_equal(imi_scorer_parse(imi_view_of_text(calibration), &s->scorer, NULL), IMI_OK);
    current = s;
    *state = s;
    return 0;
}

int stage_tear_down(void **state)
{
    stage *s = *state;
    imi_examiner_destroy(&s->examiner);
    imi_scorer_destroy(&s->scorer);
    imi_engine_destroy(&s->engine);
    imi_free(s);
    return 0;
}

void stage_examiner_new(stage *s, const char *challenge)
{
    imi_challenge script = {.count = 0};
    if (challenge != NULL) {
        assert_int_equal(imi_challenge_parse(challenge, &script, NULL), IMI_OK);
    }
    imi_examiner_options options = {
        .challenge = challenge == NULL ? NULL : &script, .networks = true, .scorer = s->scorer};
    assert_int_equal(imi_examiner_new(&options, &s->examiner, NULL), IMI_OK);
}

static imi_examined_frame next_frame(stage *s, int64_t after_ms, const imi_image *image)
{
    s->now_ms += after_ms;
    s->sequence++;
    return (imi_examined_frame){.sequence = s->sequence,
                                .captured_at_ms = s->now_ms,
                                .arrived_at_ms = s->on_line ? s->now_ms + s->line_ms : -1,
                                .image = image,
                                .light_shown_ms = -1,
                                .hurried = s->hurried};
}

imi_examined stage_show(stage *s, scene what, int64_t after_ms)
{
    what.seed = (uint32_t)(s->sequence + 1);
    IMI_AUTO(imi_image) image = scene_draw(&what);
    imi_examined_frame frame = next_frame(s, after_ms, image);
    imi_examined seen;
    assert_int_equal(imi_examiner_feed(s->examiner, s->engine, &frame, &seen, NULL), IMI_OK);
    return seen;
}

imi_examined stage_hold(stage *s, scene what, int frames)
{
    imi_examined seen = {.neutral = false};
    for (int i = 0; i < frames; i++) {
        seen = stage_show(s, what, 100);
    }
    return seen;
}

void stage_skip(stage *s, scene what, int64_t after_ms)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    what.seed = (uint32_t)(s->sequence + 1);
    scene_draw_jpeg(&what, &jpeg);
    imi_examined_frame frame = next_frame(s, after_ms, NULL);
    frame.jpeg = imi_buffer_view(&jpeg);
    assert_int_equal(imi_examiner_skip(s->examiner, &frame, NULL), IMI_OK);
}

imi_findings stage_report(const stage *s)
{
    imi_findings findings;
    imi_examiner_report(s->examiner, &findings);
    return findings;
}
