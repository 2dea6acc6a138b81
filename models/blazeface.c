/*
 * BlazeFace (Bazarevsky et al., arXiv 1907.05047), the 256 x 256 model: the image is drawn into
 * a square, every anchor gives a logit and a box relative to itself, overlapping boxes are
 * reduced to the best one.
 */
#include "imi/face_measure.h"
#include "parts.h"

#include <math.h>

enum {
    SIDE = 256,
    GRIDS = 2,
    BOX_VALUES = 16, /* centre, size, and six key points that we do not use */
    CANDIDATES_MAX = 256,
    FACES_MAX = 32
};

/* Anchors per cell and cell size of the two output grids. */
typedef struct grid {
    uint32_t stride, anchors_per_cell, count;
} grid;

static const grid GRID[GRIDS] = {{16, 2, 512}, {32, 6, 384}};

/* Score of a face, by the model's authors; and the overlap from which two boxes are one face. */
static const float SCORE_MIN = 0.5F;
static const float OVERLAP_MAX = 0.3F;

/* A face that fills the picture, as in a document portrait, is found only with room around it:
 * the second look leaves this share of the square free on every side. */
static const float BORDER = 0.22F;

/* A box this near to the edge, as a share of its size, may have been cut. */
static const float EDGE = 0.02F;

/* The share of the smaller box from which two looks are held to have seen one face. */
static const float PART_MIN = 0.5F;

/* Faces of one look, or of both: most confident first. */
typedef struct face_list {
    imi_face_box boxes[FACES_MAX];
    size_t count;
} face_list;

typedef struct blazeface {
    imi_detector base;
    imi_network *network;
    imi_image *canvas;
    imi_face_box candidates[CANDIDATES_MAX];
    size_t count;
} blazeface;

static imi_affine canvas_map(const imi_image *image, float border)
{
    float larger = (float)(image->width > image->height ? image->width : image->height);
    float scale = SIDE * (1 - 2 * border) / larger;
    float left = (SIDE - scale * (float)image->width) / 2;
    float top = (SIDE - scale * (float)image->height) / 2;
    float half = (scale - 1) / 2; /* pixel centres, not corners, carry whole coordinates */
    return (imi_affine){scale, 0, left + half, 0, scale, top + half};
}

static void keep(blazeface *self, const float *values, imi_point anchor, float score,
                 const imi_affine *map)
{
    float width = values[2] / map->a;
    float height = values[3] / map->e;
    float x = (anchor.x + values[0] - 0.5F - map->c) / map->a;
    float y = (anchor.y + values[1] - 0.5F - map->f) / map->e;
    imi_face_box box = {x - width / 2, y - height / 2, width, height, score};
    if (width > 0 && height > 0 && isfinite(box.left + box.top + width + height) &&
        self->count < CANDIDATES_MAX) {
        self->candidates[self->count++] = box;
    }
}

static void decode_grid(blazeface *self, size_t index, const imi_affine *map)
{
    const grid *g = &GRID[index];
    const float *scores = imi_network_output(self->network, index);
    const float *boxes = imi_network_output(self->network, GRIDS + index);
    uint32_t cells = SIDE / g->stride;
    for (uint32_t i = 0; i < g->count; i++) {
        float score = 1 / (1 + expf(-scores[i]));
        if (score >= SCORE_MIN) {
            uint32_t cell = i / g->anchors_per_cell;
            imi_point anchor = {((float)(cell % cells) + 0.5F) * (float)g->stride,
                                ((float)(cell / cells) + 0.5F) * (float)g->stride};
            keep(self, boxes + (size_t)i * BOX_VALUES, anchor, score, map);
        }
    }
}

static imi_status look(blazeface *self, const imi_image *image, float border, imi_error *err)
{
    self->count = 0;
    imi_affine map = canvas_map(image, border);
    IMI_TRY(imi_image_warp(image, &map, self->canvas, err));
    IMI_TRY(imi_network_run(self->network, self->canvas, err));
    for (size_t i = 0; i < GRIDS; i++) {
        decode_grid(self, i, &map);
    }
    return IMI_OK;
}

/* Insert by falling confidence; the least sure falls out when the list is full. */
static void insert(face_list *faces, const imi_face_box *box)
{
    size_t at = faces->count < FACES_MAX ? faces->count++ : FACES_MAX;
    for (; at > 0 && faces->boxes[at - 1].confidence < box->confidence; at--) {
        if (at < FACES_MAX) {
            faces->boxes[at] = faces->boxes[at - 1];
        }
    }
    if (at < FACES_MAX) {
        faces->boxes[at] = *box;
    }
}

/* Non-maximum suppression: of candidates that lie on one another, the surest is the face. */
static void reduce(blazeface *self, face_list *faces)
{
    while (self->count > 0) {
        imi_face_box best = self->candidates[0];
        for (size_t i = 1; i < self->count; i++) {
            if (self->candidates[i].confidence > best.confidence) {
                best = self->candidates[i];
            }
        }
        insert(faces, &best);
        size_t kept = 0;
        for (size_t i = 0; i < self->count; i++) {
            if (imi_face_box_overlap(&best, &self->candidates[i]) <= OVERLAP_MAX) {
                self->candidates[kept++] = self->candidates[i];
            }
        }
        self->count = kept;
    }
}

static bool may_be_cut(const face_list *faces, const imi_image *image)
{
    for (size_t i = 0; i < faces->count; i++) {
        const imi_face_box *box = &faces->boxes[i];
        float x = EDGE * box->width;
        float y = EDGE * box->height;
        if (box->left < x || box->top < y || box->left + box->width > (float)image->width - x ||
            box->top + box->height > (float)image->height - y) {
            return true;
        }
    }
    return false;
}

/* Whether most of the smaller of two boxes is common: then they are one face. */
static bool is_known(const face_list *faces, const imi_face_box *box)
{
    for (size_t i = 0; i < faces->count; i++) {
        const imi_face_box *face = &faces->boxes[i];
        float smaller = fminf(box->width * box->height, face->width * face->height);
        if (imi_face_box_common_area(box, face) > PART_MIN * smaller) {
            return true;
        }
    }
    return false;
}

/* A face that is cut off can look like several small ones, so what the second look finds in a
 * place counts, and of the first only what the second, seeing all smaller, has not. */
static imi_status find(blazeface *self, const imi_image *image, face_list *faces, imi_error *err)
{
    face_list first = {.count = 0};
    IMI_TRY(look(self, image, 0, err));
    reduce(self, &first);
    if (first.count > 0 && !may_be_cut(&first, image)) {
        *faces = first;
        return IMI_OK;
    }
    IMI_TRY(look(self, image, BORDER, err));
    reduce(self, faces);
    face_list second = *faces;
    for (size_t i = 0; i < first.count; i++) {
        if (!is_known(&second, &first.boxes[i])) {
            insert(faces, &first.boxes[i]);
        }
    }
    return IMI_OK;
}

static imi_status detect(imi_detector *base, const imi_image *image, imi_face_box *boxes,
                         size_t capacity, size_t *count_out, imi_error *err)
{
    face_list faces = {.count = 0};
    *count_out = 0;
    IMI_TRY(imi_network_check_image(image, err));
    IMI_TRY(find((blazeface *)base, image, &faces, err));
    *count_out = faces.count < capacity ? faces.count : capacity;
    imi_copy(boxes, faces.boxes, *count_out * sizeof boxes[0]);
    return IMI_OK;
}

static void destroy(imi_detector *base)
{
    blazeface *self = (blazeface *)base;
    if (self != NULL) {
        imi_network_destroy(&self->network);
        imi_image_destroy(&self->canvas);
        imi_free(self);
    }
}

static bool outputs_fit(const imi_model_spec *spec)
{
    bool fit =
        spec->output_count == 2 * GRIDS && spec->input.width == SIDE && spec->input.height == SIDE;
    for (size_t i = 0; i < GRIDS; i++) {
        fit = fit && spec->outputs[i].count == GRID[i].count &&
              spec->outputs[GRIDS + i].count == GRID[i].count * BOX_VALUES;
    }
    return fit;
}

imi_status imi_blazeface_new(const imi_model_spec *spec, imi_view file, imi_detector **out,
                             imi_error *err)
{
    *out = NULL;
    if (!outputs_fit(spec)) {
        IMI_FAIL(err, IMI_E_MANIFEST, "manifest: %s is not described as BlazeFace 256", spec->id);
    }
    blazeface *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %s", spec->id);
    }
    self->base = (imi_detector){detect, destroy};
    imi_status status = imi_network_new(spec, file, &self->network, err);
    if (status == IMI_OK) {
        status = imi_image_new(SIDE, SIDE, IMI_PIXEL_RGB8, &self->canvas, err);
    }
    if (status != IMI_OK) {
        destroy(&self->base);
        return status;
    }
    *out = &self->base;
    return IMI_OK;
}
