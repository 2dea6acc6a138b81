#include "imi_core/frame_quality.h"

#include "bytes.h"
#include "luma_rows.h"

/*
 * Where a person is told so before the server has looked. Wide of the server's own limits, so
 * that the phone never argues with it: only what no server can use.
 */
enum {
    MEAN_LOW_MILLI = 40000,
    DARK_HIGH_PERMILLE = 800,
    MEAN_HIGH_MILLI = 225000,
    BRIGHT_HIGH_PERMILLE = 600,
    MOTION_HIGH_MILLI = 40000
};

typedef struct frame_sums {
    uint64_t laplacian, luma, dark, bright, difference;
} frame_sums;

static bool is_measurable(const imi_core_luma *luma)
{
    return luma->pixels != NULL && luma->width >= IMI_CORE_LUMA_SIDE_MIN &&
           luma->width <= IMI_CORE_LUMA_SIDE_MAX && luma->height >= IMI_CORE_LUMA_SIDE_MIN &&
           luma->height <= IMI_CORE_LUMA_SIDE_MAX && luma->stride_bytes >= luma->width;
}

static void add_row(const luma_row *row, uint32_t count, frame_sums *sums)
{
    row_sums part = {0};
    uint32_t done = imi_core_row_vectors(row, count, &part);
    imi_core_row_scalar(row, done, count, &part);
    sums->laplacian += part.laplacian;
    sums->luma += part.luma;
    sums->dark += part.dark;
    sums->bright += part.bright;
    sums->difference += part.difference;
}

static frame_sums sum_frame(const imi_core_luma *frame, const imi_core_luma *before)
{
    frame_sums sums = {0};
    for (uint32_t y = 1; y + 1 < frame->height; y++) {
        const uint8_t *here = frame->pixels + (size_t)y * frame->stride_bytes + 1;
        luma_row row = {
            .above = here - frame->stride_bytes,
            .here = here,
            .below = here + frame->stride_bytes,
            .before = before == NULL ? here : before->pixels + (size_t)y * before->stride_bytes + 1,
        };
        add_row(&row, frame->width - 2, &sums);
    }
    return sums;
}

bool imi_core_quality_measure(const imi_core_luma *frame, const imi_core_luma *before,
                              imi_core_quality *out)
{
    *out = (imi_core_quality){0};
    if (!is_measurable(frame)) {
        return false;
    }
    if (before != NULL && (!is_measurable(before) || before->width != frame->width ||
                           before->height != frame->height)) {
        return false;
    }
    frame_sums sums = sum_frame(frame, before);
    uint32_t pixels = (frame->width - 2) * (frame->height - 2);
    *out = (imi_core_quality){
        .sharpness_milli = divide_u64(sums.laplacian * 1000, pixels),
        .mean_milli = divide_u64(sums.luma * 1000, pixels),
        .dark_permille = divide_u64(sums.dark * 1000, pixels),
        .bright_permille = divide_u64(sums.bright * 1000, pixels),
        .motion_milli = divide_u64(sums.difference * 1000, pixels),
    };
    return true;
}

imi_core_phrase imi_core_quality_advice(const imi_core_quality *quality)
{
    if (quality->mean_milli < MEAN_LOW_MILLI || quality->dark_permille > DARK_HIGH_PERMILLE) {
        return IMI_CORE_PHRASE_MORE_LIGHT;
    }
    if (quality->mean_milli > MEAN_HIGH_MILLI || quality->bright_permille > BRIGHT_HIGH_PERMILLE) {
        return IMI_CORE_PHRASE_LESS_LIGHT;
    }
    return quality->motion_milli > MOTION_HIGH_MILLI ? IMI_CORE_PHRASE_HOLD_STILL
                                                     : IMI_CORE_PHRASE_NONE;
}
