#include "watch.h"

#include <math.h>

void imi_blink_watch_reset(imi_blink_watch *watch)
{
    *watch = (imi_blink_watch){0};
}

/* Share of the open level below which eyes count as closed: deeper for noisy eyes. */
static float closed_share(const imi_liveness_baseline *baseline, float most)
{
    float share = 1 - LIMIT_BLINK_NOISE * baseline->eye_noise;
    return fmaxf(fminf(share, most), LIMIT_BLINK_CLOSED_LEAST);
}

/* Has the head moved by no more since the eyes were open? */
static bool head_rests(const imi_blink_watch *watch, const imi_liveness_reading *reading,
                       float most_deg, float most_scale)
{
    return fabsf(reading->scale / watch->start_scale - 1) <= most_scale &&
           fabsf(reading->yaw_deg - watch->start_yaw_deg) <= most_deg &&
           fabsf(reading->pitch_deg - watch->start_pitch_deg) <= most_deg;
}

/* Lids of narrow eyes change the mesh by little, but from one frame to the next and alone; a head
 * that moves or a mouth that opens narrows the eyes by as much. */
static bool falls_alone(const imi_blink_watch *watch, const imi_liveness_reading *reading,
                        float level)
{
    return watch->eyes >= LIMIT_BLINK_OPEN_BEFORE * level &&
           fabsf(reading->mouth - watch->start_mouth) <= LIMIT_BLINK_REST_MOUTH &&
           head_rests(watch, reading, LIMIT_BLINK_REST_DEG, LIMIT_BLINK_REST_SCALE);
}

/* A tilted photo narrows its eyes too, but then its shape or pose is off. */
static bool is_steady(const imi_blink_watch *watch, const imi_liveness_reading *reading)
{
    return reading->shape <= LIMIT_BLINK_SHAPE &&
           head_rests(watch, reading, LIMIT_BLINK_POSE_DEG, LIMIT_BLINK_SCALE);
}

static void note_open(imi_blink_watch *watch, const imi_liveness_reading *reading, float eyes)
{
    /* The level follows slowly: lids droop when a person tires or looks down at the phone. */
    watch->open_level = watch->open_level > 0 ? 0.8F * watch->open_level + 0.2F * eyes : eyes;
    watch->eyes = eyes;
    watch->last_open_ms = reading->sample->at_ms;
    watch->start_yaw_deg = reading->yaw_deg;
    watch->start_pitch_deg = reading->pitch_deg;
    watch->start_scale = reading->scale;
    watch->start_mouth = reading->mouth;
    watch->closed = false;
}

imi_watch_answer imi_blink_watch_feed(imi_blink_watch *watch, const imi_liveness_baseline *baseline,
                                      const imi_liveness_reading *reading)
{
    const imi_liveness_sample *sample = reading->sample;
    float eyes = (sample->right_eye + sample->left_eye) / 2;
    if (!(watch->open_level > 0)) {
        if (eyes >= LIMIT_NEUTRAL_EYES * baseline->eyes) {
            note_open(watch, reading, eyes);
        }
        return IMI_WATCH_WAITING;
    }
    /* The eyes of a lowered head look wider, and would close by rising again. */
    float level = fminf(watch->open_level, LIMIT_BLINK_OPEN_MOST * baseline->eyes);
    if (!is_steady(watch, reading)) {
        watch->open_level = 0; /* the head moved: start afresh */
        watch->closed = false;
        return IMI_WATCH_WAITING;
    }
    int64_t shut_ms = sample->at_ms - watch->last_open_ms;
    if (watch->closed && shut_ms > LIMIT_BLINK_MAX_MS) {
        watch->open_level = 0; /* not a blink: lids that stay down are the new level */
        watch->closed = false;
        return IMI_WATCH_WAITING;
    }
    if (watch->closed) {
        if (!(eyes >= LIMIT_BLINK_REOPENED * level)) {
            return IMI_WATCH_WAITING;
        }
        note_open(watch, reading, level);
        return shut_ms >= LIMIT_BLINK_MIN_MS ? IMI_WATCH_DONE : IMI_WATCH_WAITING;
    }
    float most = falls_alone(watch, reading, level) ? LIMIT_BLINK_CLOSED_ALONE : LIMIT_BLINK_CLOSED;
    if (eyes <= closed_share(baseline, most) * level &&
        fmaxf(sample->right_eye, sample->left_eye) <= LIMIT_BLINK_EITHER * level) {
        watch->closed = true;
    } else {
        note_open(watch, reading, eyes);
    }
    return IMI_WATCH_WAITING;
}
