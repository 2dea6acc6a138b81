#include "document/strip.h"

#include "imi/image.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum {
    MARGIN_CHARACTERS = 2, /* on either side, as a box may end early or late */
    STRIP_WIDTH_MAX = 680,
    BAND_HEIGHT = 48, /* of the first look, which finds the line's top and bottom */
    STEP_MIN = 11, /* pixels from character to character */
    STEP_MAX = 16,
    LENGTHS = 3,
    PITCHES = 3,
    SHIFT = 1 /* pixels each way by which a character's vote is moved about */
};

/* A pitch in the strip's pixels: a cell of the network is then taken as it lies. */
static const float PITCH = 1 / IMI_OCRB_CELL_STEP;
/* Cost of a step that is a pixel off the pitch, in log probability. */
static const float STEP_COST = 0.06F;
/* What an empty place costs, and below which share of the line's contrast it is empty. */
static const float EMPTY = -4;
static const float EMPTY_CONTRAST = 0.3F;
/* Pitch by letter height: OCR-B has 1.0 to 1.06, printers and blur make it 0.7 to 1.5. */
static const float SHAPE_MIN = 0.62F;
static const float SHAPE_MAX = 1.6F;
/* Print that is no zone scores below -0.2 where every place is guessed at; zones of letters 5
 * pixels high lie above -0.1. */
static const float SCORE_MIN = -0.25F;
/* Between these it pays to look closer. */
static const float REFINE_MIN = -0.5F;
static const float REFINE_MAX = -0.03F;

static const uint32_t lengths[LENGTHS] = {30, 36, 44};
static const float pitch_factors[PITCHES] = {0.965F, 1, 1.035F};

/* How a strip lies in the image. */
typedef struct placing {
    float x, y; /* centre of the line */
    float angle_rad;
    float pitch_px, letter_px; /* in the image */
} placing;

/* What is known at each place of a strip. */
typedef struct places {
    uint32_t count;
    float probability[STRIP_WIDTH_MAX][IMI_OCRB_CLASSES];
    float emission[STRIP_WIDTH_MAX]; /* best log probability of a character centred here */
    float path[IMI_STRIP_CHARACTERS_MAX][STRIP_WIDTH_MAX];
    uint8_t step[IMI_STRIP_CHARACTERS_MAX][STRIP_WIDTH_MAX];
} places;

/* Draw the surroundings of a line: scale_x and scale_y carry image pixels to strip pixels. */
static imi_status draw(const imi_image *grey, const placing *at, float scale_x, float scale_y,
                       uint32_t width, uint32_t height, imi_image **out, imi_error *err)
{
    float c = cosf(at->angle_rad);
    float s = sinf(at->angle_rad);
    imi_affine map = {.a = scale_x * c, .b = scale_x * s, .d = -scale_y * s, .e = scale_y * c};
    map.c = (float)(width - 1) / 2 - map.a * at->x - map.b * at->y;
    map.f = (float)(height - 1) / 2 - map.d * at->x - map.e * at->y;
    IMI_TRY(imi_image_new(width, height, IMI_PIXEL_GREY8, out, err));
    return imi_image_warp(grey, &map, *out, err);
}

static void measure_rows(const imi_image *strip, float rows[BAND_HEIGHT])
{
    for (uint32_t y = 0; y < BAND_HEIGHT; y++) {
        const uint8_t *row = imi_image_row(strip, y);
        float sum = 0;
        for (uint32_t x = 2; x < strip->width; x++) {
            sum += (float)abs((int)row[x] - (int)row[x - 2]);
        }
        rows[y] = sum;
    }
}

/* Top and bottom of the rows around the middle that are about as lively as the liveliest. */
static void find_band(const float rows[BAND_HEIGHT], float *middle_out, float *height_out)
{
    uint32_t peak = BAND_HEIGHT / 2;
    float lowest = rows[0];
    for (uint32_t y = 0; y < BAND_HEIGHT; y++) {
        lowest = fminf(lowest, rows[y]);
        if (y >= BAND_HEIGHT / 3 && y < BAND_HEIGHT * 2 / 3 && rows[y] > rows[peak]) {
            peak = y;
        }
    }
    float level = lowest + 0.35F * (rows[peak] - lowest);
    uint32_t top = peak;
    uint32_t bottom = peak;
    while (top > 0 && rows[top - 1] >= level) {
        top--;
    }
    while (bottom + 1 < BAND_HEIGHT && rows[bottom + 1] >= level) {
        bottom++;
    }
    *middle_out = (float)(top + bottom) / 2;
    *height_out = (float)(bottom - top + 1);
}

/* Look at the line with room above and below, and set its middle and letter height right. */
static imi_status settle_band(const imi_image *grey, float box_width, placing *at, imi_error *err)
{
    /* Three letters high; blur makes a box higher than its letters, never lower. */
    float scale = BAND_HEIGHT / (3 * at->letter_px);
    float width = fminf(box_width * scale, 4096);
    IMI_AUTO(imi_image) strip = NULL;
    IMI_TRY(draw(grey, at, scale, scale, (uint32_t)fmaxf(width, 8), BAND_HEIGHT, &strip, err));
    float rows[BAND_HEIGHT];
    float middle = 0;
    float height = 0;
    measure_rows(strip, rows);
    find_band(rows, &middle, &height);
    float lower = (middle - (float)(BAND_HEIGHT - 1) / 2) / scale;
    at->x -= sinf(at->angle_rad) * lower;
    at->y += cosf(at->angle_rad) * lower;
    at->letter_px = height / scale;
    return IMI_OK;
}

static float contrast_of(const float *cell)
{
    float sum = 0;
    float square = 0;
    for (size_t i = 0; i < IMI_OCRB_CELL_PIXELS; i++) {
        sum += cell[i];
        square += cell[i] * cell[i];
    }
    float mean = sum / IMI_OCRB_CELL_PIXELS;
    return sqrtf(fmaxf(square / IMI_OCRB_CELL_PIXELS - mean * mean, 0));
}

static void take_cell(const imi_image *strip, uint32_t left, uint32_t top,
                      float cell[IMI_OCRB_CELL_PIXELS])
{
    for (uint32_t y = 0; y < IMI_OCRB_CELL_HEIGHT; y++) {
        const uint8_t *row = imi_image_row(strip, top + y) + left;
        for (uint32_t x = 0; x < IMI_OCRB_CELL_WIDTH; x++) {
            cell[y * IMI_OCRB_CELL_WIDTH + x] = (float)(255 - row[x]) / 255;
        }
    }
}

static size_t highest_of(const float values[IMI_OCRB_CLASSES])
{
    size_t best = 0;
    for (size_t k = 1; k < IMI_OCRB_CLASSES; k++) {
        best = values[k] > values[best] ? k : best;
    }
    return best;
}

/* The probability of the best character about a place: half its own, a quarter each neighbour's,
 * as the network is sure of a character all around its middle, and of a chance likeness not. */
static float emission_at(const places *all, uint32_t x)
{
    const float *before = all->probability[x > 0 ? x - 1 : x];
    const float *here = all->probability[x];
    const float *behind = all->probability[x + 1 < all->count ? x + 1 : x];
    float best = 0;
    for (size_t k = 0; k < IMI_OCRB_CLASSES; k++) {
        best = fmaxf(best, (before[k] + 2 * here[k] + behind[k]) / 4);
    }
    return logf(fmaxf(best, 1e-6F));
}

static void look_at_places(const imi_ocrb *ocrb, const imi_image *strip, places *all)
{
    float contrast[STRIP_WIDTH_MAX];
    float highest = 0;
    all->count = strip->width - IMI_OCRB_CELL_WIDTH + 1;
    for (uint32_t x = 0; x < all->count; x++) {
        float cell[IMI_OCRB_CELL_PIXELS];
        float log_probability[IMI_OCRB_CLASSES];
        take_cell(strip, x, SHIFT, cell);
        imi_ocrb_classify(ocrb, cell, log_probability);
        for (size_t k = 0; k < IMI_OCRB_CLASSES; k++) {
            all->probability[x][k] = expf(log_probability[k]);
        }
        contrast[x] = contrast_of(cell);
        highest = fmaxf(highest, contrast[x]);
    }
    for (uint32_t x = 0; x < all->count; x++) {
        bool empty = !(contrast[x] >= EMPTY_CONTRAST * highest);
        all->emission[x] = empty ? EMPTY : emission_at(all, x);
    }
}

/* The best row of `count` steps: each place is reached from the best place a step before. */
static void find_paths(places *all, uint32_t count)
{
    for (uint32_t x = 0; x < all->count; x++) {
        all->path[0][x] = all->emission[x];
    }
    for (uint32_t n = 1; n < count; n++) {
        for (uint32_t x = 0; x < all->count; x++) {
            float best = -FLT_MAX;
            all->step[n][x] = STEP_MIN;
            for (uint32_t step = STEP_MIN; step <= STEP_MAX && step <= x; step++) {
                float off = (float)step - PITCH;
                float value = all->path[n - 1][x - step] - STEP_COST * off * off;
                if (value > best) {
                    best = value;
                    all->step[n][x] = (uint8_t)step;
                }
            }
            all->path[n][x] = best + all->emission[x];
        }
    }
}

/* Where each character of the best row begins; false when there is no such row. */
static bool follow(const places *all, uint32_t count, uint32_t lefts[IMI_STRIP_CHARACTERS_MAX])
{
    uint32_t end = 0;
    for (uint32_t x = 1; x < all->count; x++) {
        end = all->path[count - 1][x] > all->path[count - 1][end] ? x : end;
    }
    if (!(all->path[count - 1][end] > -FLT_MAX / 100)) {
        return false;
    }
    for (uint32_t n = count; n-- > 0;) {
        lefts[n] = end;
        end -= n > 0 ? all->step[n][end] : 0;
    }
    return true;
}

/* How much a place counts by its distance from the middle. */
static float weight_at(uint32_t at, uint32_t middle)
{
    return at == middle ? 2 : 1;
}

/* The weighted mean of what the network says of a character as it lies and moved by a pixel each
 * way: it is often sure of a wrong character from one place, hardly from nine. */
static float vote(const imi_ocrb *ocrb, const imi_image *strip, uint32_t left, char *character)
{
    float votes[IMI_OCRB_CLASSES] = {0};
    uint32_t last = strip->width - IMI_OCRB_CELL_WIDTH;
    uint32_t from = left > SHIFT ? left - SHIFT : 0;
    float sum = 0;
    for (uint32_t x = from; x <= left + SHIFT && x <= last; x++) {
        for (uint32_t y = 0; y <= 2 * SHIFT; y++) {
            float cell[IMI_OCRB_CELL_PIXELS];
            float log_probability[IMI_OCRB_CLASSES];
            float weight = weight_at(x, left) * weight_at(y, SHIFT);
            take_cell(strip, x, y, cell);
            imi_ocrb_classify(ocrb, cell, log_probability);
            for (size_t k = 0; k < IMI_OCRB_CLASSES; k++) {
                votes[k] += weight * expf(log_probability[k]);
            }
            sum += weight;
        }
    }
    size_t best = highest_of(votes);
    *character = imi_ocrb_alphabet[best];
    return votes[best] / sum;
}

static void read_characters(const imi_ocrb *ocrb, const imi_image *strip,
                            const uint32_t lefts[IMI_STRIP_CHARACTERS_MAX], uint32_t count,
                            imi_strip_reading *out)
{
    float sum = 0;
    for (uint32_t n = 0; n < count; n++) {
        out->confidence[n] = vote(ocrb, strip, lefts[n], &out->text[n]);
        sum += logf(fmaxf(out->confidence[n], 1e-6F));
    }
    out->count = count;
    out->text[count] = '\0';
    out->score = sum / (float)count;
}

static imi_status read_length(const imi_ocrb *ocrb, const imi_image *grey, const placing *at,
                              uint32_t count, places *work, imi_strip_reading *out, imi_error *err)
{
    *out = (imi_strip_reading){.count = 0, .score = -FLT_MAX};
    float scale_x = PITCH / at->pitch_px;
    /* Letters are a little lower than the network's, whose band it is trained to bear. */
    float scale_y = PITCH * IMI_OCRB_CAP_HEIGHT / at->letter_px;
    uint32_t width = (uint32_t)((float)(count + MARGIN_CHARACTERS * 2) * PITCH);
    IMI_AUTO(imi_image) strip = NULL;
    IMI_TRY(draw(grey, at, scale_x, scale_y, width, IMI_OCRB_CELL_HEIGHT + 2 * SHIFT, &strip, err));
    look_at_places(ocrb, strip, work);
    find_paths(work, count);
    uint32_t lefts[IMI_STRIP_CHARACTERS_MAX];
    if (follow(work, count, lefts)) {
        read_characters(ocrb, strip, lefts, count, out);
    }
    return IMI_OK;
}

/* A hypothesis of how the line lies, and what it reads. */
typedef struct hypothesis {
    placing at;
    uint32_t length;
    imi_strip_reading reading;
} hypothesis;

static imi_status try_hypothesis(const imi_ocrb *ocrb, const imi_image *grey, const placing *at,
                                 uint32_t length, places *work, hypothesis *best, imi_error *err)
{
    float shape = at->pitch_px / at->letter_px;
    if (!(shape >= SHAPE_MIN && shape <= SHAPE_MAX)) {
        return IMI_OK;
    }
    imi_strip_reading reading;
    IMI_TRY(read_length(ocrb, grey, at, length, work, &reading, err));
    if (reading.count > 0 && reading.score > best->reading.score) {
        *best = (hypothesis){*at, length, reading};
    }
    imi_wipe(&reading, sizeof reading);
    return IMI_OK;
}

static imi_status read_all(const imi_ocrb *ocrb, const imi_image *grey, const imi_tilted_box *box,
                           placing at, places *work, hypothesis *best, imi_error *err)
{
    for (size_t i = 0; i < LENGTHS; i++) {
        for (size_t k = 0; k < PITCHES; k++) {
            at.pitch_px = box->width / ((float)lengths[i] - 0.3F) * pitch_factors[k];
            IMI_TRY(try_hypothesis(ocrb, grey, &at, lengths[i], work, best, err));
        }
    }
    return IMI_OK;
}

/* Tilt, height and place by small steps: a line that is a little aslant leaves its row of cells
 * at one end. */
static imi_status refine(const imi_ocrb *ocrb, const imi_image *grey, places *work,
                         hypothesis *best, imi_error *err)
{
    static const struct {
        float tilt_rad, lower, letter;
    } steps[] = {{0.008F, 0, 1}, {-0.008F, 0, 1}, {0, 0.08F, 1},
                 {0, -0.08F, 1}, {0, 0, 0.92F},   {0, 0, 1.09F}};
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            placing at = best->at;
            float lower = steps[i].lower * at.letter_px;
            at.angle_rad += steps[i].tilt_rad;
            at.x -= sinf(at.angle_rad) * lower;
            at.y += cosf(at.angle_rad) * lower;
            at.letter_px *= steps[i].letter;
            IMI_TRY(try_hypothesis(ocrb, grey, &at, best->length, work, best, err));
        }
    }
    return IMI_OK;
}

static imi_status read_line(const imi_ocrb *ocrb, const imi_image *grey, const imi_tilted_box *box,
                            placing at, places *work, hypothesis *best, imi_error *err)
{
    IMI_TRY(read_all(ocrb, grey, box, at, work, best, err));
    float score = best->reading.score;
    if (best->reading.count > 0 && score >= REFINE_MIN && score < REFINE_MAX) {
        IMI_TRY(refine(ocrb, grey, work, best, err));
    }
    return IMI_OK;
}

imi_status imi_strip_read(const imi_ocrb *ocrb, const imi_image *grey, const imi_tilted_box *box,
                          imi_strip_reading *out, imi_error *err)
{
    *out = (imi_strip_reading){.count = 0, .score = -FLT_MAX};
    placing at = {box->x, box->y, box->angle_rad, 0, box->height};
    if (!(box->width >= 30 && box->height >= 2)) {
        return IMI_OK;
    }
    IMI_TRY(settle_band(grey, box->width, &at, err));
    places *work = imi_alloc(sizeof *work);
    if (work == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to read a line");
    }
    hypothesis best = {.reading = *out};
    imi_status status = read_line(ocrb, grey, box, at, work, &best, err);
    if (status == IMI_OK && best.reading.count > 0 && best.reading.score >= SCORE_MIN) {
        *out = best.reading;
    }
    imi_wipe(&best, sizeof best);
    imi_wipe(work, sizeof *work);
    imi_free(work);
    return status;
}
