/*
 * MediaPipe Face Mesh (Kartynnik et al., arXiv 1907.06724): a square crop around the face, upright
 * along the eye line, gives 468 points. The detector knows neither the tilt nor the exact place,
 * so the first mesh only says where to crop for the next.
 */
#include "geometry.h"
#include "parts.h"

#include <math.h>

enum { SIDE = 192, PASSES = 3 };

/* The crop's side over the box's, as the model was trained (MediaPipe face_landmark graph). */
static const float CROP_SCALE = 1.5F;

/* A crop that the next mesh moves, turns or scales by less than this is good enough. */
static const float SETTLED_SHIFT = 0.04F; /* of its side */
static const float SETTLED_SCALE = 0.06F;
static const float SETTLED_ROLL_RAD = 0.05F;

typedef struct crop {
    imi_point centre;
    float side;
    float roll_rad; /* clockwise, as seen */
} crop;

typedef struct facemesh {
    imi_landmarker base;
    imi_network *network;
    imi_image *canvas;
} facemesh;

static imi_affine crop_map(const crop *c)
{
    float cosine = cosf(c->roll_rad) * SIDE / c->side;
    float sine = sinf(c->roll_rad) * SIDE / c->side;
    float middle = (SIDE - 1) / 2.0F;
    return (imi_affine){cosine, sine,   middle - cosine * c->centre.x - sine * c->centre.y,
                        -sine,  cosine, middle + sine * c->centre.x - cosine * c->centre.y};
}

static crop crop_of_box(const imi_face_box *box)
{
    float larger = fmaxf(box->width, box->height);
    return (crop){{box->left + box->width / 2, box->top + box->height / 2}, CROP_SCALE * larger, 0};
}

/* The square around all points, turned along the line between the outer eye corners. */
static crop crop_of_mesh(const imi_landmarks *mesh)
{
    imi_point right = imi_mesh_point(mesh, IMI_MESH_RIGHT_EYE_OUTER);
    imi_point left = imi_mesh_point(mesh, IMI_MESH_LEFT_EYE_OUTER);
    float roll = atan2f(left.y - right.y, left.x - right.x);
    float cosine = cosf(roll);
    float sine = sinf(roll);
    imi_point low = {INFINITY, INFINITY};
    imi_point high = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        float x = cosine * mesh->points[i].x + sine * mesh->points[i].y;
        float y = -sine * mesh->points[i].x + cosine * mesh->points[i].y;
        low = (imi_point){fminf(low.x, x), fminf(low.y, y)};
        high = (imi_point){fmaxf(high.x, x), fmaxf(high.y, y)};
    }
    imi_point middle = {(low.x + high.x) / 2, (low.y + high.y) / 2};
    imi_point centre = {cosine * middle.x - sine * middle.y, sine * middle.x + cosine * middle.y};
    return (crop){centre, CROP_SCALE * fmaxf(high.x - low.x, high.y - low.y), roll};
}

static bool settled(const crop *before, const crop *after)
{
    float shift = hypotf(after->centre.x - before->centre.x, after->centre.y - before->centre.y);
    return shift <= SETTLED_SHIFT * before->side &&
           fabsf(after->side / before->side - 1) <= SETTLED_SCALE &&
           fabsf(after->roll_rad - before->roll_rad) <= SETTLED_ROLL_RAD;
}

/* Points that are not numbers must not travel on as a face. */
static void reject(imi_landmarks *out)
{
    *out = (imi_landmarks){.presence = 0};
}

static void read_mesh(const facemesh *self, const imi_affine *crop_to_image, float scale,
                      imi_landmarks *out)
{
    const float *values = imi_network_output(self->network, 0);
    out->presence = imi_network_output(self->network, 1)[0];
    float sum = out->presence;
    for (size_t i = 0; i < IMI_MESH_POINTS; i++, values += 3) {
        /* The network counts from the crop's corner, images from the first pixel's centre. */
        imi_point p =
            imi_affine_apply(crop_to_image, (imi_point){values[0] - 0.5F, values[1] - 0.5F});
        out->points[i] = (imi_point3){p.x, p.y, values[2] * scale};
        sum += p.x + p.y + values[2];
    }
    if (!isfinite(sum)) {
        reject(out);
    }
}

static imi_status look(facemesh *self, const imi_image *image, const crop *c, imi_landmarks *out,
                       imi_error *err)
{
    imi_affine to_crop = crop_map(c);
    imi_affine to_image;
    IMI_TRY(imi_affine_invert(&to_crop, &to_image, err));
    IMI_TRY(imi_image_warp(image, &to_crop, self->canvas, err));
    IMI_TRY(imi_network_run(self->network, self->canvas, err));
    read_mesh(self, &to_image, c->side / SIDE, out);
    return IMI_OK;
}

static imi_status locate(imi_landmarker *base, const imi_image *image, const imi_face_box *box,
                         imi_landmarks *out, imi_error *err)
{
    facemesh *self = (facemesh *)base;
    reject(out);
    IMI_TRY(imi_network_check_image(image, err));
    if (!(box->width >= 1 && box->height >= 1 && isfinite(box->left + box->top) &&
          isfinite(box->width + box->height))) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the face box is empty");
    }
    crop now = crop_of_box(box);
    for (int pass = 0; pass < PASSES; pass++) {
        imi_status status = look(self, image, &now, out, err);
        if (status != IMI_OK) {
            reject(out);
            return status;
        }
        crop next = crop_of_mesh(out);
        if (!(next.side >= 1) || settled(&now, &next)) {
            break;
        }
        now = next;
    }
    return IMI_OK;
}

static void destroy(imi_landmarker *base)
{
    facemesh *self = (facemesh *)base;
    if (self != NULL) {
        imi_network_destroy(&self->network);
        imi_image_destroy(&self->canvas);
        imi_free(self);
    }
}

imi_status imi_facemesh_new(const imi_model_spec *spec, imi_view file, imi_landmarker **out,
                            imi_error *err)
{
    *out = NULL;
    if (spec->output_count != 2 || spec->outputs[0].count != 3 * IMI_MESH_POINTS ||
        spec->outputs[1].count != 1 || spec->input.width != SIDE || spec->input.height != SIDE) {
        IMI_FAIL(err, IMI_E_MANIFEST, "manifest: %s is not described as Face Mesh 192", spec->id);
    }
    facemesh *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %s", spec->id);
    }
    self->base = (imi_landmarker){locate, destroy};
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
