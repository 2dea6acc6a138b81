#include "signature.h"

#include <math.h>

enum {
    FULL_SIDE = 240, /* of larger pictures every second, third... pixel is enough */
    BLOCK = 8, /* JPEG and video code blocks of 8 pixels */
    LUMA_RED = 77, /* Rec. 601, in 256ths */
    LUMA_GREEN = 150,
    LUMA_BLUE = 29,
    LUMA_ONE = 256,
    GRAIN_EDGE = 120, /* second difference of an edge rather than of noise */
    CELL_MAX = 4600 /* so that 24 squares of differences fit 31 bits */
};

static const float LOG_UNIT = 2048;
static const float LOG_FLOOR = 8; /* levels; keeps the dark from being all noise */

static uint32_t luma_256(const uint8_t *pixel)
{
    return LUMA_RED * (uint32_t)pixel[0] + LUMA_GREEN * (uint32_t)pixel[1] +
           LUMA_BLUE * (uint32_t)pixel[2];
}

static uint32_t edge_of(uint32_t index, uint32_t count, uint32_t size)
{
    return (uint32_t)((uint64_t)index * size / count);
}

static uint32_t sum_of_run(const uint8_t *row, uint32_t from, uint32_t to, uint32_t step)
{
    uint32_t sum = 0;
    for (uint32_t x = from; x < to; x += step) {
        sum += luma_256(row + (size_t)x * IMI_PIXEL_RGB8);
    }
    return sum;
}

/* Mean luma of a cell, 0 to 255. */
static float cell_mean(const imi_image *image, uint32_t column, uint32_t row, uint32_t step)
{
    uint32_t left = edge_of(column, IMI_THUMB_COLUMNS, image->width);
    uint32_t right = edge_of(column + 1, IMI_THUMB_COLUMNS, image->width);
    uint32_t top = edge_of(row, IMI_THUMB_ROWS, image->height);
    uint32_t bottom = edge_of(row + 1, IMI_THUMB_ROWS, image->height);
    uint64_t sum = 0;
    uint32_t lines = 0;
    for (uint32_t y = top; y < bottom; y += step, lines++) {
        sum += sum_of_run(imi_image_row(image, y), left, right, step);
    }
    uint32_t run = (right - left + step - 1) / step;
    return (float)sum / (float)(LUMA_ONE * lines * run);
}

static void tell_light(const float *means, imi_signature *out)
{
    double sum = 0;
    double squares = 0;
    for (unsigned i = 0; i < IMI_THUMB_CELLS; i++) {
        sum += means[i];
        squares += (double)means[i] * means[i];
    }
    double mean = sum / IMI_THUMB_CELLS;
    out->mean = (float)mean;
    out->contrast = (float)sqrt(fmax(squares / IMI_THUMB_CELLS - mean * mean, 0));
}

/* Take the mean off every line of a grid: count lines of length cells, stride apart. */
static void centre_lines(float *grid, unsigned count, unsigned line_step, unsigned length,
                         unsigned step)
{
    for (unsigned i = 0; i < count; i++) {
        float *line = grid + (size_t)i * line_step;
        float sum = 0;
        for (unsigned j = 0; j < length; j++) {
            sum += line[(size_t)j * step];
        }
        for (unsigned j = 0; j < length; j++) {
            line[(size_t)j * step] -= sum / (float)length;
        }
    }
}

static void make_thumb(const float *means, imi_thumb *out)
{
    float grid[IMI_THUMB_CELLS];
    for (unsigned i = 0; i < IMI_THUMB_CELLS; i++) {
        grid[i] = logf(means[i] + LOG_FLOOR) * LOG_UNIT;
    }
    centre_lines(grid, IMI_THUMB_ROWS, IMI_THUMB_COLUMNS, IMI_THUMB_COLUMNS, 1);
    centre_lines(grid, IMI_THUMB_COLUMNS, 1, IMI_THUMB_ROWS, IMI_THUMB_COLUMNS);
    for (unsigned i = 0; i < IMI_THUMB_CELLS; i++) {
        out->cell[i] = (int16_t)lrintf(fminf(fmaxf(grid[i], -CELL_MAX), CELL_MAX));
    }
}

/* A place within a cell that lies inside a block; neighbours are never across its edge. */
static uint32_t inner_place(uint32_t from, uint32_t to, uint32_t part, uint32_t parts)
{
    uint32_t at = from + (to - from) * (2 * part + 1) / (2 * parts);
    uint32_t within = at % BLOCK;
    uint32_t wanted = within < 2 ? 2 : within > BLOCK - 3 ? BLOCK - 3 : within;
    return at - within + wanted;
}

static int8_t grain_at(const imi_image *image, uint32_t x, uint32_t y)
{
    if (x < 1 || y < 1 || x + 1 >= image->width || y + 1 >= image->height) {
        return IMI_GRAIN_NONE;
    }
    const uint8_t *at = imi_image_row(image, y) + (size_t)x * IMI_PIXEL_RGB8;
    int32_t middle = (int32_t)luma_256(at);
    int32_t around =
        (int32_t)(luma_256(at - IMI_PIXEL_RGB8) + luma_256(at + IMI_PIXEL_RGB8) +
                  luma_256(at - image->stride_bytes) + luma_256(at + image->stride_bytes));
    int32_t grain = (4 * middle - around) / LUMA_ONE;
    bool clipped = middle < 2 * LUMA_ONE || middle > 253 * LUMA_ONE;
    return clipped || grain > GRAIN_EDGE || grain < -GRAIN_EDGE ? IMI_GRAIN_NONE : (int8_t)grain;
}

static void take_grain(const imi_image *image, imi_grain *out)
{
    for (uint32_t i = 0; i < IMI_GRAIN_SAMPLES; i++) {
        uint32_t cell = i / IMI_GRAIN_PER_CELL;
        uint32_t part = i % IMI_GRAIN_PER_CELL;
        uint32_t column = cell % IMI_THUMB_COLUMNS;
        uint32_t row = cell / IMI_THUMB_COLUMNS;
        uint32_t x = inner_place(edge_of(column, IMI_THUMB_COLUMNS, image->width),
                                 edge_of(column + 1, IMI_THUMB_COLUMNS, image->width), part % 2, 2);
        uint32_t y = inner_place(edge_of(row, IMI_THUMB_ROWS, image->height),
                                 edge_of(row + 1, IMI_THUMB_ROWS, image->height), part / 2, 2);
        out->sample[i] = grain_at(image, x, y);
    }
}

bool imi_signature_measure(const imi_image *image, imi_signature *out)
{
    uint32_t smaller = image->width < image->height ? image->width : image->height;
    if (image->format != IMI_PIXEL_RGB8 || smaller < IMI_SIGNATURE_MIN_SIDE) {
        return false;
    }
    uint32_t step = smaller / FULL_SIDE > 1 ? smaller / FULL_SIDE : 1;
    float means[IMI_THUMB_CELLS];
    for (uint32_t i = 0; i < IMI_THUMB_CELLS; i++) {
        means[i] = cell_mean(image, i % IMI_THUMB_COLUMNS, i / IMI_THUMB_COLUMNS, step);
    }
    tell_light(means, out);
    make_thumb(means, &out->thumb);
    take_grain(image, &out->grain);
    return true;
}

/* Rows are summed in 32 bits, see CELL_MAX. */
float imi_thumb_distance_within(const imi_thumb *a, const imi_thumb *b, float limit)
{
    float sum = 0;
    for (unsigned row = 0; row < IMI_THUMB_ROWS && sum <= limit * IMI_THUMB_CELLS; row++) {
        const int16_t *left = a->cell + (size_t)row * IMI_THUMB_COLUMNS;
        const int16_t *right = b->cell + (size_t)row * IMI_THUMB_COLUMNS;
        int32_t line = 0;
        for (unsigned i = 0; i < IMI_THUMB_COLUMNS; i++) {
            int32_t step = left[i] - right[i];
            line += step * step;
        }
        sum += (float)line;
    }
    return sum / IMI_THUMB_CELLS;
}

float imi_thumb_distance(const imi_thumb *a, const imi_thumb *b)
{
    return imi_thumb_distance_within(a, b, INFINITY);
}
