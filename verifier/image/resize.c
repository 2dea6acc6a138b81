/*
 * Scaling in two passes. A destination pixel covers an interval of the source along each
 * axis; shrinking averages what it covers by area, growing interpolates between the two
 * nearest pixel centres. The sums run in one fixed order, so results do not depend on the CPU.
 */
#include "imi/image.h"

#include <math.h>

/* Along one axis: destination pixel i is the sum of weight[k] * source[first + k], k < count. */
typedef struct tap {
    uint32_t first, count;
    const float *weights;
} tap;

typedef struct axis {
    tap *taps;
    float *weights;
} axis;

static void axis_clean_up(axis *a)
{
    imi_free(a->taps);
    imi_free(a->weights);
}

#define AUTO_AXIS __attribute__((cleanup(axis_clean_up))) axis

static uint32_t cover(double from, double to, uint32_t source, float *weights, uint32_t *first_out)
{
    uint32_t first = (uint32_t)from;
    uint32_t last = (uint32_t)ceil(to) - 1;
    last = last < source ? last : source - 1;
    for (uint32_t k = first; k <= last; k++) {
        double left = k > from ? k : from;
        double right = k + 1 < to ? k + 1 : to;
        weights[k - first] = (float)((right - left) / (to - from));
    }
    *first_out = first;
    return last - first + 1;
}

static uint32_t interpolate(double centre, uint32_t source, float *weights, uint32_t *first_out)
{
    double limited = fmin(fmax(centre, 0), source - 1.0);
    uint32_t first = (uint32_t)limited;
    float fraction = (float)(limited - first);
    weights[0] = 1 - fraction;
    weights[1] = fraction;
    *first_out = first;
    return first + 1 < source ? 2 : 1;
}

static imi_status make_axis(uint32_t source, uint32_t dest, axis *out, imi_error *err)
{
    double scale = (double)source / dest;
    size_t reach = (size_t)ceil(scale) + 2;
    out->taps = imi_alloc_array(dest, sizeof *out->taps);
    out->weights = imi_alloc_array(dest, reach * sizeof *out->weights);
    if (out->taps == NULL || out->weights == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to scale an image");
    }
    for (uint32_t i = 0; i < dest; i++) {
        float *weights = out->weights + i * reach;
        tap *t = &out->taps[i];
        t->weights = weights;
        t->count = scale > 1 ? cover(i * scale, (i + 1) * scale, source, weights, &t->first)
                             : interpolate((i + 0.5) * scale - 0.5, source, weights, &t->first);
    }
    return IMI_OK;
}

/* Down the columns first, into one row of floats. */
static void sum_rows(const imi_image *image, const tap *t, float *row)
{
    size_t width = (size_t)image->width * (size_t)image->format;
    for (size_t x = 0; x < width; x++) {
        row[x] = 0;
    }
    for (uint32_t k = 0; k < t->count; k++) {
        const uint8_t *from = imi_image_row(image, t->first + k);
        float weight = t->weights[k];
        for (size_t x = 0; x < width; x++) {
            row[x] += weight * from[x];
        }
    }
}

static void sum_columns(const float *row, const tap *taps, uint32_t dest_width, size_t channels,
                        uint8_t *to)
{
    for (uint32_t x = 0; x < dest_width; x++) {
        const tap *t = &taps[x];
        for (size_t c = 0; c < channels; c++) {
            float sum = 0.5F;
            for (uint32_t k = 0; k < t->count; k++) {
                sum += t->weights[k] * row[(t->first + k) * channels + c];
            }
            *to++ = (uint8_t)fminf(sum, 255);
        }
    }
}

imi_status imi_image_resize(const imi_image *image, uint32_t width, uint32_t height,
                            imi_image **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_image) resized = NULL;
    IMI_TRY(imi_image_new(width, height, image->format, &resized, err));
    AUTO_AXIS across = {NULL, NULL};
    AUTO_AXIS down = {NULL, NULL};
    IMI_TRY(make_axis(image->width, width, &across, err));
    IMI_TRY(make_axis(image->height, height, &down, err));
    size_t channels = (size_t)image->format;
    float *row = imi_alloc_array(image->width, channels * sizeof *row);
    if (row == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to scale an image");
    }
    for (uint32_t y = 0; y < height; y++) {
        sum_rows(image, &down.taps[y], row);
        sum_columns(row, across.taps, width, channels,
                    resized->pixels + (size_t)y * resized->stride_bytes);
    }
    imi_wipe(row, image->width * channels * sizeof *row);
    imi_free(row);
    *out = IMI_STEAL(&resized);
    return IMI_OK;
}
