/*
 * Reads machine readable zones: long dark lines are looked for at two letter heights, each is
 * read on a grid, and what the network is sure of stays.
 */
#include "document/strip.h"
#include "imi_models/document.h"

#include <math.h>

enum {
    WORK_SIDE = 1000, /* larger side of the image in which lines are looked for */
    BOXES_MAX = 24,
    READINGS_MAX = 16,
    HEIGHTS = 2,
    TILTS = 4
};

/* Letters of a zone that spans the work image are 20 to 27 pixels high; a smaller one's half. */
static const uint32_t letter_heights[HEIGHTS] = {20, 10};

/* Letters join to a line only along the image's rows, so a tilted line shows when these are
 * tilted too: about 8, 14 and 22 degrees either way are reached. */
static const float tilts_rad[TILTS] = {0.26F, -0.26F, 0.45F, -0.45F};

/* A line of text that was read, and where. */
typedef struct found_line {
    imi_tilted_box box;
    imi_strip_reading reading;
} found_line;

typedef struct found_lines {
    found_line lines[READINGS_MAX];
    size_t count;
} found_lines;

typedef struct ocrb_reader {
    imi_text_reader base;
    imi_ocrb *ocrb;
} ocrb_reader;

/* Whether two boxes show one line: their middles are near, seen across the line. */
static bool is_same_line(const imi_tilted_box *a, const imi_tilted_box *b)
{
    float dx = b->x - a->x;
    float dy = b->y - a->y;
    float across = -sinf(a->angle_rad) * dx + cosf(a->angle_rad) * dy;
    float along = cosf(a->angle_rad) * dx + sinf(a->angle_rad) * dy;
    return fabsf(across) < 0.6F * fmaxf(a->height, b->height) &&
           fabsf(along) < 0.5F * fmaxf(a->width, b->width);
}

static void keep(found_lines *all, const imi_tilted_box *box, const imi_strip_reading *reading)
{
    for (size_t i = 0; i < all->count; i++) {
        if (is_same_line(&all->lines[i].box, box)) {
            if (reading->score > all->lines[i].reading.score) {
                all->lines[i] = (found_line){*box, *reading};
            }
            return;
        }
    }
    if (all->count < READINGS_MAX) {
        all->lines[all->count++] = (found_line){*box, *reading};
    }
}

/* How the image in which lines are looked for lies over the whole one. */
typedef struct placing {
    float scale; /* pixels of the whole image per pixel of this one */
    float tilt_rad; /* this one is turned back by so much about its middle */
    float x, y; /* its middle */
} placing;

static imi_tilted_box to_whole(const imi_tilted_box *box, const placing *at)
{
    float c = cosf(at->tilt_rad);
    float s = sinf(at->tilt_rad);
    float dx = box->x - at->x;
    float dy = box->y - at->y;
    return (imi_tilted_box){(at->x + c * dx - s * dy) * at->scale,
                            (at->y + s * dx + c * dy) * at->scale, box->width * at->scale,
                            box->height * at->scale, box->angle_rad + at->tilt_rad};
}

static imi_status look_at(const ocrb_reader *self, const imi_image *grey, const imi_image *work,
                          const placing *at, found_lines *all, imi_error *err)
{
    for (size_t i = 0; i < HEIGHTS; i++) {
        imi_tilted_box boxes[BOXES_MAX];
        size_t count = 0;
        IMI_TRY(imi_imgproc_find_lines(work, letter_heights[i], boxes, BOXES_MAX, &count, err));
        for (size_t k = 0; k < count; k++) {
            imi_tilted_box box = to_whole(&boxes[k], at);
            imi_strip_reading reading;
            IMI_TRY(imi_strip_read(self->ocrb, grey, &box, &reading, err));
            if (reading.count > 0) {
                keep(all, &box, &reading);
            }
            imi_wipe(&reading, sizeof reading);
        }
    }
    return IMI_OK;
}

/* Turn the image back by the tilt, and look again. */
static imi_status look_tilted(const ocrb_reader *self, const imi_image *grey, const imi_image *work,
                              placing at, found_lines *all, imi_error *err)
{
    float c = cosf(at.tilt_rad);
    float s = sinf(at.tilt_rad);
    imi_affine map = {.a = c, .b = s, .d = -s, .e = c};
    map.c = at.x - map.a * at.x - map.b * at.y;
    map.f = at.y - map.d * at.x - map.e * at.y;
    IMI_AUTO(imi_image) turned = NULL;
    IMI_TRY(imi_image_new(work->width, work->height, IMI_PIXEL_GREY8, &turned, err));
    IMI_TRY(imi_image_warp(work, &map, turned, err));
    return look_at(self, grey, turned, &at, all, err);
}

static imi_status find_all(const ocrb_reader *self, const imi_image *grey, found_lines *all,
                           imi_error *err)
{
    float larger = (float)(grey->width > grey->height ? grey->width : grey->height);
    placing at = {.scale = larger / WORK_SIDE};
    uint32_t width = (uint32_t)fmaxf((float)grey->width / at.scale, 1);
    uint32_t height = (uint32_t)fmaxf((float)grey->height / at.scale, 1);
    at.x = (float)(width - 1) / 2;
    at.y = (float)(height - 1) / 2;
    IMI_AUTO(imi_image) work = NULL;
    IMI_TRY(imi_image_resize(grey, width, height, &work, err));
    IMI_TRY(look_at(self, grey, work, &at, all, err));
    for (size_t i = 0; i < TILTS && all->count < 2; i++) {
        at.tilt_rad = tilts_rad[i];
        IMI_TRY(look_tilted(self, grey, work, at, all, err));
    }
    return IMI_OK;
}

/* Top to bottom, as lines of a zone hardly differ in tilt. */
static void sort_by_height(found_lines *all)
{
    for (size_t i = 1; i < all->count; i++) {
        for (size_t k = i; k > 0 && all->lines[k].box.y < all->lines[k - 1].box.y; k--) {
            found_line kept = all->lines[k];
            all->lines[k] = all->lines[k - 1];
            all->lines[k - 1] = kept;
        }
    }
}

static imi_quad quad_of(const imi_tilted_box *box)
{
    float c = cosf(box->angle_rad);
    float s = sinf(box->angle_rad);
    static const float signs[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
    imi_quad quad;
    for (size_t i = 0; i < 4; i++) {
        float along = signs[i][0] * box->width / 2;
        float across = signs[i][1] * box->height / 2;
        quad.corners[i] =
            (imi_point){box->x + c * along - s * across, box->y + s * along + c * across};
    }
    return quad;
}

static void hand_over(const found_lines *all, imi_text_line *lines, size_t capacity,
                      size_t *count_out)
{
    *count_out = all->count < capacity ? all->count : capacity;
    for (size_t i = 0; i < *count_out; i++) {
        const imi_strip_reading *reading = &all->lines[i].reading;
        lines[i] = (imi_text_line){.place = quad_of(&all->lines[i].box)};
        imi_copy_text(lines[i].text, sizeof lines[i].text, reading->text);
        imi_copy(lines[i].confidence, reading->confidence,
                 reading->count * sizeof reading->confidence[0]);
    }
}

static imi_status read_lines(imi_text_reader *base, const imi_image *image, imi_text_hint hint,
                             imi_text_line *lines, size_t capacity, size_t *count_out,
                             imi_error *err)
{
    const ocrb_reader *self = (const ocrb_reader *)base;
    *count_out = 0;
    if (hint != IMI_TEXT_MRZ) {
        return IMI_OK;
    }
    IMI_AUTO(imi_image) grey = NULL;
    IMI_TRY(imi_image_to_grey(image, &grey, err));
    found_lines *all = imi_alloc(sizeof *all);
    if (all == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for lines");
    }
    imi_status status = find_all(self, grey, all, err);
    if (status == IMI_OK) {
        sort_by_height(all);
        hand_over(all, lines, capacity, count_out);
    }
    imi_wipe(all, sizeof *all);
    imi_free(all);
    return status;
}

static void destroy(imi_text_reader *base)
{
    ocrb_reader *self = (ocrb_reader *)base;
    if (self != NULL) {
        imi_ocrb_destroy(&self->ocrb);
        imi_free(self);
    }
}

imi_status imi_ocrb_reader_new(imi_text_reader **out, imi_error *err)
{
    *out = NULL;
    ocrb_reader *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a reader of zones");
    }
    self->base = (imi_text_reader){read_lines, destroy};
    imi_status status = imi_ocrb_new(&self->ocrb, err);
    if (status != IMI_OK) {
        destroy(&self->base);
        return status;
    }
    *out = &self->base;
    return IMI_OK;
}
