/*
 * Drawing through a similarity. When the map shrinks by k or more, the part of the source that
 * is drawn is first averaged over k x k blocks, and what shrinking is left is averaged over four
 * samples a pixel. Coordinates are doubles and weights integers: the same on every CPU.
 */
#include "imi/image.h"

#include <math.h>

enum { WEIGHT_BITS = 8, WEIGHT_ONE = 1 << WEIGHT_BITS };

/* Shrinking left over above which one sample a pixel would alias visibly. */
static const double SUPERSAMPLE_ABOVE = 1.25;

typedef struct map {
    double a, b, c, d, e, f;
} map;

static bool invert(const imi_affine *m, map *out)
{
    double det = (double)m->a * m->e - (double)m->b * m->d;
    out->a = m->e / det;
    out->b = -m->b / det;
    out->d = -m->d / det;
    out->e = m->a / det;
    out->c = -(out->a * m->c + out->b * m->f);
    out->f = -(out->d * m->c + out->e * m->f);
    return isfinite(out->a) && isfinite(out->b) && isfinite(out->c) && isfinite(out->d) &&
           isfinite(out->e) && isfinite(out->f);
}

/* Source pixels per destination pixel along one side. */
static double shrink_of(const map *dest_to_source)
{
    const map *m = dest_to_source;
    return sqrt(fabs(m->a * m->e - m->b * m->d));
}

/* Level of one channel at a corner of a sample's cell; black outside the image. */
static uint32_t level_at(const imi_image *image, int64_t x, int64_t y, size_t channel)
{
    bool inside = x >= 0 && y >= 0 && x < image->width && y < image->height;
    return inside ? imi_image_row(image, (uint32_t)y)[(size_t)x * image->format + channel] : 0;
}

static void add_edge_sample(const imi_image *image, int64_t x, int64_t y, const uint32_t *weights,
                            uint32_t *sums)
{
    for (size_t c = 0; c < (size_t)image->format; c++) {
        sums[c] += weights[0] * level_at(image, x, y, c) +
                   weights[1] * level_at(image, x + 1, y, c) +
                   weights[2] * level_at(image, x, y + 1, c) +
                   weights[3] * level_at(image, x + 1, y + 1, c);
    }
}

static void add_inner_sample(const imi_image *image, int64_t x, int64_t y, const uint32_t *weights,
                             uint32_t *sums)
{
    size_t channels = (size_t)image->format;
    const uint8_t *above = imi_image_row(image, (uint32_t)y) + (size_t)x * channels;
    const uint8_t *below = above + image->stride_bytes;
    for (size_t c = 0; c < channels; c++) {
        sums[c] += weights[0] * above[c] + weights[1] * above[channels + c] +
                   weights[2] * below[c] + weights[3] * below[channels + c];
    }
}

/* Bilinear sample at (x, y), in units of a level by WEIGHT_ONE squared, added to sums. */
static void add_sample(const imi_image *image, double x, double y, uint32_t *sums)
{
    if (!(x > -1 && y > -1 && x < image->width && y < image->height)) {
        return;
    }
    /* Adding one before truncation makes it a floor. */
    int64_t column = (int64_t)(x + 1) - 1;
    int64_t row = (int64_t)(y + 1) - 1;
    uint32_t right = (uint32_t)((x - (double)column) * WEIGHT_ONE + 0.5);
    uint32_t low = (uint32_t)((y - (double)row) * WEIGHT_ONE + 0.5);
    uint32_t left = WEIGHT_ONE - right;
    uint32_t high = WEIGHT_ONE - low;
    uint32_t weights[4] = {left * high, right * high, left * low, right * low};
    bool inner = column >= 0 && row >= 0 && column + 1 < image->width && row + 1 < image->height;
    if (inner) {
        add_inner_sample(image, column, row, weights, sums);
    } else {
        add_edge_sample(image, column, row, weights, sums);
    }
}

static void draw_pixel(const imi_image *image, const map *m, double x, double y, bool supersample,
                       uint8_t *to)
{
    static const double quarters[2] = {-0.25, 0.25};
    uint32_t sums[3] = {0, 0, 0};
    uint32_t samples = supersample ? 4 : 1;
    for (uint32_t i = 0; i < samples; i++) {
        double dx = supersample ? x + quarters[i & 1] : x;
        double dy = supersample ? y + quarters[i >> 1] : y;
        add_sample(image, m->a * dx + m->b * dy + m->c, m->d * dx + m->e * dy + m->f, sums);
    }
    uint32_t whole = samples * WEIGHT_ONE * WEIGHT_ONE;
    for (size_t c = 0; c < (size_t)image->format; c++) {
        to[c] = (uint8_t)((sums[c] + whole / 2) / whole);
    }
}

static void draw(const imi_image *image, const map *m, imi_image *destination)
{
    bool supersample = shrink_of(m) > SUPERSAMPLE_ABOVE;
    size_t channels = (size_t)destination->format;
    for (uint32_t y = 0; y < destination->height; y++) {
        uint8_t *to = destination->pixels + (size_t)y * destination->stride_bytes;
        for (uint32_t x = 0; x < destination->width; x++) {
            draw_pixel(image, m, x, y, supersample, to + x * channels);
        }
    }
}

/* The part of the source that the destination shows, in pixels. */
typedef struct region {
    uint32_t left, top, right, bottom; /* right and bottom exclusive */
} region;

static uint32_t limit(double value, uint32_t most)
{
    return value <= 0 ? 0 : value >= most ? most : (uint32_t)value;
}

static region region_shown(const imi_image *source, const map *m, const imi_image *destination)
{
    double right = destination->width - 1.0;
    double bottom = destination->height - 1.0;
    double x_low = m->c + fmin(0, m->a * right) + fmin(0, m->b * bottom);
    double x_high = m->c + fmax(0, m->a * right) + fmax(0, m->b * bottom);
    double y_low = m->f + fmin(0, m->d * right) + fmin(0, m->e * bottom);
    double y_high = m->f + fmax(0, m->d * right) + fmax(0, m->e * bottom);
    double margin = 2 * shrink_of(m) + 1;
    return (region){limit(x_low - margin, source->width), limit(y_low - margin, source->height),
                    limit(x_high + margin, source->width), limit(y_high + margin, source->height)};
}

static void average_block(const imi_image *source, uint32_t left, uint32_t top, uint32_t block,
                          uint8_t *to)
{
    size_t channels = (size_t)source->format;
    uint32_t sums[3] = {0, 0, 0};
    for (uint32_t y = 0; y < block; y++) {
        const uint8_t *from = imi_image_row(source, top + y) + left * channels;
        for (uint32_t x = 0; x < block; x++, from += channels) {
            for (size_t c = 0; c < channels; c++) {
                sums[c] += from[c];
            }
        }
    }
    for (size_t c = 0; c < channels; c++) {
        to[c] = (uint8_t)((sums[c] + block * block / 2) / (block * block));
    }
}

/* Average the shown part over whole blocks; a rest narrower than a block is dropped. */
static imi_status reduce(const imi_image *source, const region *shown, uint32_t block,
                         imi_image **out, imi_error *err)
{
    uint32_t width = (shown->right - shown->left) / block;
    uint32_t height = (shown->bottom - shown->top) / block;
    IMI_TRY(imi_image_new(width, height, source->format, out, err));
    for (uint32_t y = 0; y < height; y++) {
        uint8_t *to = (*out)->pixels + (size_t)y * (*out)->stride_bytes;
        for (uint32_t x = 0; x < width; x++) {
            average_block(source, shown->left + x * block, shown->top + y * block, block,
                          to + x * (size_t)source->format);
        }
    }
    return IMI_OK;
}

static void clear(imi_image *image)
{
    imi_wipe(image->pixels, image->stride_bytes * image->height);
}

imi_status imi_image_warp(const imi_image *source, const imi_affine *source_to_dest,
                          imi_image *destination, imi_error *err)
{
    clear(destination);
    if (source->format != destination->format) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a warp cannot change the pixel format");
    }
    map m;
    if (!invert(source_to_dest, &m)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a warp needs a finite map that can be inverted");
    }
    double shrink = shrink_of(&m);
    if (shrink < 2) {
        draw(source, &m, destination);
        return IMI_OK;
    }
    region shown = region_shown(source, &m, destination);
    /* A block wider than the image would leave nothing; sums stay below 2^32 at 4096. */
    uint32_t block = limit(shrink, 4096);
    if (shown.right - shown.left < block || shown.bottom - shown.top < block) {
        return IMI_OK;
    }
    IMI_AUTO(imi_image) reduced = NULL;
    IMI_TRY(reduce(source, &shown, block, &reduced, err));
    double centre = (block - 1) / 2.0;
    map to_reduced = {m.a / block, m.b / block, (m.c - shown.left - centre) / block,
                      m.d / block, m.e / block, (m.f - shown.top - centre) / block};
    draw(reduced, &to_reduced, destination);
    return IMI_OK;
}
