#include "answer.h"
#include "sample.h"

#include <math.h>

/* Below a swing of 2 % in chroma, turning in a room's light and white balance look alike. */
static const float response_min = 0.02f;
/* Steps stand out from noise and drift (about 1) fourfold. */
static const float sharpness_min = 4.0f;
/* Of the face's answer, this much must be missing in its background, which is further away. */
static const float nearer_min = 0.25f;
/* Frames with a background, of those with a face. */
static const float background_min = 0.8f;

struct imi_light_watch {
    imi_light_sequence sequence;
    imi_light_curve curve;
    imi_light_series face, nearer; /* nearer: the face's chroma less its background's */
};

/* The page promises at most one change in 700 ms (WCAG 2.3.1). */
enum { STEP_MIN_MS = 700, STEP_MAX_MS = 10000 };

imi_status imi_light_watch_new(const imi_light_sequence *sequence, imi_light_watch **out,
                               imi_error *err)
{
    if (out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "nowhere to put the watch");
    }
    *out = NULL;
    if (sequence == NULL || sequence->count < 2 || sequence->count > IMI_LIGHT_COLOURS_MAX ||
        sequence->step_ms < STEP_MIN_MS || sequence->step_ms > STEP_MAX_MS) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a sequence has 2 to %d colours, each for %d to %d ms", IMI_LIGHT_COLOURS_MAX,
                 STEP_MIN_MS, STEP_MAX_MS);
    }
    imi_light_watch *watch = imi_alloc(sizeof *watch);
    if (watch == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a watch of light");
    }
    watch->sequence = *sequence;
    imi_light_curve_init(&watch->curve);
    *out = watch;
    return IMI_OK;
}

void imi_light_watch_destroy(imi_light_watch **watch)
{
    if (watch != NULL && *watch != NULL) {
        imi_light_watch *old = IMI_STEAL(watch);
        imi_wipe(old, sizeof *old);
        imi_free(old);
    }
}

static bool is_shown(const imi_light_watch *watch, int64_t shown_ms)
{
    return shown_ms >= 0 &&
           shown_ms < (int64_t)watch->sequence.count * (int64_t)watch->sequence.step_ms;
}

/* Samples beyond the bound, or that go back in time, are passed over. */
static void append(imi_light_series *series, int64_t shown_ms, imi_chroma chroma)
{
    bool full = series->count == IMI_LIGHT_SAMPLES_MAX;
    if (!full && (series->count == 0 || shown_ms > series->shown_ms[series->count - 1])) {
        series->shown_ms[series->count] = shown_ms;
        series->chroma[series->count] = chroma;
        series->count++;
    }
}

imi_status imi_light_watch_feed(imi_light_watch *watch, const imi_image *image,
                                const imi_landmarks *landmarks, int64_t shown_ms, imi_error *err)
{
    if (watch == NULL || image == NULL || landmarks == NULL || image->format != IMI_PIXEL_RGB8) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a watch of light needs an RGB8 image and a face");
    }
    imi_chroma face, background;
    if (!is_shown(watch, shown_ms) ||
        !imi_light_sample_skin(&watch->curve, image, landmarks, &face)) {
        return IMI_OK;
    }
    append(&watch->face, shown_ms, face);
    if (imi_light_sample_background(&watch->curve, image, landmarks, &background)) {
        imi_chroma nearer = {face.red - background.red, face.blue - background.blue};
        append(&watch->nearer, shown_ms, nearer);
    }
    return IMI_OK;
}

static const char *find_gap(const imi_light_watch *watch)
{
    if (!imi_light_is_covered(&watch->face, &watch->sequence)) {
        return "light_incomplete";
    }
    bool enough = (float)watch->nearer.count >= background_min * (float)watch->face.count &&
                  imi_light_is_covered(&watch->nearer, &watch->sequence);
    return enough ? NULL : "no_background";
}

static bool stands_out(const imi_light_steps *steps)
{
    return steps->response >= response_min && steps->sharpness >= sharpness_min;
}

void imi_light_watch_report(const imi_light_watch *watch, imi_findings *findings)
{
    if (watch == NULL || findings == NULL) {
        return;
    }
    imi_finding *finding = &findings->layer[IMI_LAYER_LIGHT];
    *finding = (imi_finding){.code = find_gap(watch)};
    if (finding->code != NULL) {
        return;
    }
    imi_light_steps face = imi_light_find_steps(&watch->face, watch->sequence.step_ms);
    imi_light_steps nearer = imi_light_find_steps(&watch->nearer, watch->sequence.step_ms);
    bool flat = stands_out(&face) && nearer.response < nearer_min * face.response;
    if (!flat && !stands_out(&nearer)) {
        finding->code = "too_bright_to_tell";
        return;
    }
    finding->measured = true;
    /* A flat scene counts against as clearly as its answer would have counted for it. */
    finding->score = flat ? -fabsf(imi_light_margin(&watch->face, &watch->sequence))
                          : imi_light_margin(&watch->nearer, &watch->sequence);
    /* Of Fisher's z, over two channels of so many steps less two for drift and two for gain. */
    finding->uncertainty = 1.0f / sqrtf(2.0f * (float)watch->sequence.count - 6.0f);
    finding->code = flat ? "light_flat" : finding->score > 0 ? NULL : "light_wrong";
}
