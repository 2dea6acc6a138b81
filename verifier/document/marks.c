#include "marks.h"

#include "view.h"

#include <math.h>

enum {
    WASHED_OUT = 250, /* all channels */
    WHITE_PAPER = 200, /* median luma from which paper itself may be washed out */
    BLOCK = 8, /* glare covers whole blocks; bright print does not */
    LAG_MIN = 3,
    LAG_MAX = 7,
    REACH = 2 /* of the mean that is taken off: what is left is finer than 5 pixels or so */
};

/* The inner part of a face box, which holds skin alone. */
static const float FACE_CORE = 0.7F;

static bool is_washed_out(const uint8_t *rgb)
{
    return rgb[0] >= WASHED_OUT && rgb[1] >= WASHED_OUT && rgb[2] >= WASHED_OUT;
}

static uint32_t luma(const uint8_t *rgb)
{
    return (77U * rgb[0] + 151U * rgb[1] + 28U * rgb[2]) >> 8;
}

static float washed_out_share(const imi_image *view, const imi_pixel_box *box)
{
    uint64_t count = 0;
    for (uint32_t y = box->top; y < box->top + box->height; y++) {
        const uint8_t *pixel = imi_image_row(view, y) + (size_t)box->left * 3;
        for (uint32_t x = 0; x < box->width; x++, pixel += 3) {
            count += is_washed_out(pixel);
        }
    }
    double all = (double)box->width * box->height;
    return all > 0 ? (float)((double)count / all) : 0;
}

static uint32_t median_luma(const imi_image *view)
{
    uint64_t counts[256] = {0};
    for (uint32_t y = 0; y < view->height; y++) {
        const uint8_t *row = imi_image_row(view, y);
        for (uint32_t x = 0; x < view->width; x++) {
            counts[luma(row + (size_t)x * 3)]++;
        }
    }
    uint64_t half = (uint64_t)view->width * view->height / 2;
    uint64_t seen = 0;
    uint32_t level = 0;
    while (level < 255 && (seen += counts[level]) <= half) {
        level++;
    }
    return level;
}

static float washed_out_blocks(const imi_image *view)
{
    uint32_t all = 0;
    uint32_t count = 0;
    for (uint32_t y = 0; y + BLOCK <= view->height; y += BLOCK) {
        for (uint32_t x = 0; x + BLOCK <= view->width; x += BLOCK) {
            imi_pixel_box block = {x, y, BLOCK, BLOCK};
            count += washed_out_share(view, &block) >= 0.9F;
            all++;
        }
    }
    return all > 0 ? (float)count / (float)all : 0;
}

float imi_marks_glare(const imi_image *view, const imi_face_box *face)
{
    float share = 0;
    if (face != NULL) {
        imi_pixel_box core = imi_view_box_around(view, face, FACE_CORE);
        share = washed_out_share(view, &core);
    }
    if (median_luma(view) < WHITE_PAPER) {
        share = fmaxf(share, washed_out_blocks(view));
    }
    return share;
}

/* The two colour differences of a pixel. */
static int difference(const uint8_t *rgb, int which)
{
    return which == 0 ? rgb[0] - rgb[1] : rgb[2] - rgb[1];
}

float imi_marks_colour(const imi_image *view)
{
    double pixels = (double)view->width * view->height;
    double sum = 0;
    for (int which = 0; which < 2; which++) {
        int64_t total = 0;
        for (uint32_t y = 0; y < view->height; y++) {
            for (uint32_t x = 0; x < view->width; x++) {
                total += difference(imi_image_row(view, y) + (size_t)x * 3, which);
            }
        }
        double mean = (double)total / pixels;
        for (uint32_t y = 0; y < view->height; y++) {
            for (uint32_t x = 0; x < view->width; x++) {
                sum += fabs(difference(imi_image_row(view, y) + (size_t)x * 3, which) - mean);
            }
        }
    }
    return (float)(sum / (2 * 255 * pixels));
}

/* Pixels in a row or column, as the direction has it. */
static const uint8_t *pixel_at(const imi_image *view, bool rows, uint32_t line, uint32_t at)
{
    return rows ? imi_image_row(view, line) + (size_t)at * 3
                : imi_image_row(view, at) + (size_t)line * 3;
}

/* What is finer than the mean around a pixel. */
static int detail_at(const imi_image *view, bool rows, uint32_t line, uint32_t at)
{
    int sum = 0;
    for (uint32_t i = at - REACH; i <= at + REACH; i++) {
        sum += (int)luma(pixel_at(view, rows, line, i));
    }
    return (2 * REACH + 1) * (int)luma(pixel_at(view, rows, line, at)) - sum;
}

static void correlate_line(const imi_image *view, bool rows, uint32_t line, uint32_t length,
                           double sums[LAG_MAX + 2])
{
    int recent[LAG_MAX + 2] = {0};
    for (uint32_t at = REACH; at + REACH < length; at++) {
        for (size_t lag = LAG_MAX + 1; lag > 0; lag--) {
            recent[lag] = recent[lag - 1];
        }
        recent[0] = detail_at(view, rows, line, at);
        for (size_t lag = 0; lag < LAG_MAX + 2; lag++) {
            sums[lag] += (double)recent[0] * recent[lag];
        }
    }
}

static float repetition(const imi_image *view, bool rows)
{
    double sums[LAG_MAX + 2] = {0};
    uint32_t lines = rows ? view->height : view->width;
    uint32_t length = rows ? view->width : view->height;
    for (uint32_t line = 0; line < lines; line += 2) {
        correlate_line(view, rows, line, length, sums);
    }
    double highest = 0;
    for (size_t lag = LAG_MIN; lag <= LAG_MAX && sums[0] > 0; lag++) {
        if (sums[lag] > sums[lag - 1] && sums[lag] > sums[lag + 1]) {
            highest = fmax(highest, sums[lag] / sums[0]);
        }
    }
    return (float)highest;
}

float imi_marks_raster(const imi_image *view)
{
    return fmaxf(repetition(view, true), repetition(view, false));
}
