/*
 * MiniFASNet of minivision's Silent-Face-Anti-Spoofing: the face and what surrounds it, scaled
 * to 80 x 80, is told apart as live, flat or three-dimensional attack.
 */
#include "parts.h"

#include <math.h>

enum { SIDE = 80, CLASSES = 3, LIVE = 1, CHANNELS = 3 };

/* Below this the mesh is not to be trusted and the detector's box is used. */
static const float PRESENCE_MIN = 0.5F;

typedef struct minifasnet {
    imi_pad base;
    imi_network *network;
    imi_image *canvas;
} minifasnet;

/* Pixels, both edges inclusive. */
typedef struct region {
    uint32_t left, top, right, bottom;
} region;

/* The span of length around middle, moved (not cut) to lie within 0 to last. */
static void place(float middle, float length, float last, uint32_t *low_out, uint32_t *high_out)
{
    float low = middle - length / 2;
    low = fminf(fmaxf(low, 0), last - length);
    *low_out = (uint32_t)fmaxf(low, 0);
    *high_out = (uint32_t)fminf(low + length, last);
}

/* The training crop: the box enlarged about its centre, less where the image ends. */
static region crop_of(const imi_image *image, const imi_face_box *box, float crop_scale)
{
    float last_x = (float)(image->width - 1);
    float last_y = (float)(image->height - 1);
    float scale = fminf(crop_scale, fminf(last_x / box->width, last_y / box->height));
    region r;
    place(box->left + box->width / 2, box->width * scale, last_x, &r.left, &r.right);
    place(box->top + box->height / 2, box->height * scale, last_y, &r.top, &r.bottom);
    return r;
}

/* Where output pixel index falls: the left neighbour and the weight of the right one. */
static uint32_t sample_at(uint32_t index, uint32_t low, uint32_t high, float *weight_out)
{
    float length = (float)(high - low + 1);
    float at = ((float)index + 0.5F) * length / SIDE - 0.5F;
    at = fminf(fmaxf(at, 0), length - 1);
    *weight_out = at - floorf(at);
    return low + (uint32_t)at;
}

/* Plain bilinear sampling, without averaging when it shrinks: the networks were trained on the
 * aliasing of that, so an imi_image_warp would show them pictures they do not know. */
static void draw(const imi_image *image, const region *r, imi_image *canvas)
{
    for (uint32_t y = 0; y < SIDE; y++) {
        float down = 0;
        uint32_t row = sample_at(y, r->top, r->bottom, &down);
        const uint8_t *above = imi_image_row(image, row);
        const uint8_t *below = imi_image_row(image, row < r->bottom ? row + 1 : row);
        uint8_t *to = canvas->pixels + (size_t)y * canvas->stride_bytes;
        for (uint32_t x = 0; x < SIDE; x++) {
            float right = 0;
            size_t here = sample_at(x, r->left, r->right, &right);
            size_t next = here < r->right ? here + 1 : here;
            for (size_t c = 0; c < CHANNELS; c++) {
                float upper =
                    (1 - right) * above[here * CHANNELS + c] + right * above[next * CHANNELS + c];
                float lower =
                    (1 - right) * below[here * CHANNELS + c] + right * below[next * CHANNELS + c];
                *to++ = (uint8_t)((1 - down) * upper + down * lower + 0.5F);
            }
        }
    }
}

static bool is_usable(const imi_face_box *box)
{
    return box->width >= 1 && box->height >= 1 && isfinite(box->left + box->top) &&
           isfinite(box->width + box->height);
}

/* The extent of the mesh, which is what the face boxes of the training data cover and does not
 * depend on the detector. On NUAA it separated live from print with an area under the curve of
 * 0.9965, the detector's box with 0.9956. */
static imi_face_box box_of(const imi_landmarks *landmarks, const imi_face_box *detected)
{
    float left = INFINITY;
    float top = INFINITY;
    float right = -INFINITY;
    float bottom = -INFINITY;
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        left = fminf(left, landmarks->points[i].x);
        right = fmaxf(right, landmarks->points[i].x);
        top = fminf(top, landmarks->points[i].y);
        bottom = fmaxf(bottom, landmarks->points[i].y);
    }
    imi_face_box box = {left, top, right - left, bottom - top, landmarks->presence};
    return landmarks->presence >= PRESENCE_MIN && is_usable(&box) ? box : *detected;
}

static float softmax_at(const float *logits, size_t index)
{
    float sum = 0;
    for (size_t i = 0; i < CLASSES; i++) {
        sum += expf(logits[i] - logits[index]);
    }
    return 1 / sum;
}

static imi_status assess(imi_pad *base, const imi_image *image, const imi_face_box *box,
                         const imi_landmarks *landmarks, float *bona_fide_score_out, imi_error *err)
{
    minifasnet *self = (minifasnet *)base;
    *bona_fide_score_out = NAN;
    IMI_TRY(imi_network_check_image(image, err));
    imi_face_box face = box_of(landmarks, box);
    if (!is_usable(&face)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the face box is empty");
    }
    region r = crop_of(image, &face, imi_network_spec(self->network)->input.crop_scale);
    draw(image, &r, self->canvas);
    IMI_TRY(imi_network_run(self->network, self->canvas, err));
    *bona_fide_score_out = softmax_at(imi_network_output(self->network, 0), LIVE);
    return IMI_OK;
}

static void destroy(imi_pad *base)
{
    minifasnet *self = (minifasnet *)base;
    if (self != NULL) {
        imi_network_destroy(&self->network);
        imi_image_destroy(&self->canvas);
        imi_free(self);
    }
}

imi_status imi_minifasnet_new(const imi_model_spec *spec, imi_view file, imi_pad **out,
                              imi_error *err)
{
    *out = NULL;
    if (spec->output_count != 1 || spec->outputs[0].count != CLASSES || spec->input.width != SIDE ||
        spec->input.height != SIDE || !(spec->input.crop_scale > 0)) {
        IMI_FAIL(err, IMI_E_MANIFEST, "manifest: %s is not described as MiniFASNet 80", spec->id);
    }
    minifasnet *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %s", spec->id);
    }
    self->base = (imi_pad){.assess = assess, .destroy = destroy};
    imi_status status = imi_network_name(spec, self->base.model_id, err);
    if (status == IMI_OK) {
        status = imi_network_new(spec, file, &self->network, err);
    }
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
