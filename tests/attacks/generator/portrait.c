#include "portrait.h"

#include "imi/face_measure.h"

#include <math.h>

enum { CROP_WIDTH = 600, CROP_HEIGHT = 780, CROP_EYES_Y = 330, SIDE_MAX = 4000 };

static imi_landmarks scaled(const imi_landmarks *mesh, float scale)
{
    imi_landmarks out = *mesh;
    for (int i = 0; i < IMI_MESH_POINTS; i++) {
        out.points[i].x *= scale;
        out.points[i].y *= scale;
        out.points[i].z *= scale;
    }
    return out;
}

imi_status imi_gen_portrait_new(const imi_image *photo, const imi_landmarks *mesh,
                                imi_gen_portrait **out, imi_error *err)
{
    *out = NULL;
    float scale = (float)IMI_GEN_EYES_PX / imi_face_inter_eye_distance(mesh);
    float side = scale * (float)(photo->width > photo->height ? photo->width : photo->height);
    if (!(scale > 0.1F) || !(side <= SIDE_MAX)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the face is too small or too large for a portrait");
    }
    IMI_AUTO(imi_gen_portrait) portrait = imi_alloc(sizeof *portrait);
    if (portrait == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a portrait");
    }
    IMI_TRY(imi_image_resize(photo, (uint32_t)lroundf(scale * (float)photo->width),
                             (uint32_t)lroundf(scale * (float)photo->height), &portrait->image,
                             err));
    portrait->mesh = scaled(mesh, scale);
    imi_point3 right = imi_face_right_eye(&portrait->mesh);
    imi_point3 left = imi_face_left_eye(&portrait->mesh);
    portrait->eyes = (imi_point){(right.x + left.x) / 2, (right.y + left.y) / 2};
    *out = IMI_STEAL(&portrait);
    return IMI_OK;
}

void imi_gen_portrait_destroy(imi_gen_portrait **portrait)
{
    if (portrait == NULL || *portrait == NULL) {
        return;
    }
    imi_image_destroy(&(*portrait)->image);
    imi_wipe(*portrait, sizeof **portrait);
    imi_free(*portrait);
    *portrait = NULL;
}

static uint32_t clamped(long value, uint32_t size)
{
    long last = (long)size - 1;
    return value < 0 ? 0 : value > last ? (uint32_t)last : (uint32_t)value;
}

imi_status imi_gen_portrait_crop(const imi_gen_portrait *portrait, imi_image **out,
                                 imi_point *eyes_out, imi_error *err)
{
    IMI_TRY(imi_image_new(CROP_WIDTH, CROP_HEIGHT, IMI_PIXEL_RGB8, out, err));
    const imi_image *from = portrait->image;
    long left = lroundf(portrait->eyes.x) - CROP_WIDTH / 2;
    long top = lroundf(portrait->eyes.y) - CROP_EYES_Y;
    for (uint32_t y = 0; y < CROP_HEIGHT; y++) {
        uint8_t *row = (*out)->pixels + (size_t)y * (*out)->stride_bytes;
        const uint8_t *source = imi_image_row(from, clamped(top + (long)y, from->height));
        for (uint32_t x = 0; x < CROP_WIDTH; x++) {
            imi_copy(row + (size_t)3 * x, source + (size_t)3 * clamped(left + (long)x, from->width),
                     3);
        }
    }
    *eyes_out = (imi_point){CROP_WIDTH / 2.F, CROP_EYES_Y};
    return IMI_OK;
}

/* Mean colour at the mesh points that lie within the picture. */
static void mean_colour(const imi_gen_portrait *portrait, double out[3])
{
    double count = 1e-9;
    out[0] = out[1] = out[2] = 0;
    for (int i = 0; i < IMI_MESH_POINTS; i++) {
        const imi_point3 *p = &portrait->mesh.points[i];
        if (p->x < 0 || p->y < 0 || p->x >= (float)portrait->image->width ||
            p->y >= (float)portrait->image->height) {
            continue;
        }
        const uint8_t *pixel =
            imi_image_row(portrait->image, (uint32_t)p->y) + (size_t)3 * (uint32_t)p->x;
        for (int c = 0; c < 3; c++) {
            out[c] += pixel[c];
        }
        count++;
    }
    for (int c = 0; c < 3; c++) {
        out[c] /= count;
    }
}

imi_status imi_gen_portrait_recolour(const imi_gen_portrait *portrait, const imi_gen_portrait *like,
                                     imi_image **out, imi_error *err)
{
    const imi_image *from = portrait->image;
    IMI_TRY(imi_image_new(from->width, from->height, IMI_PIXEL_RGB8, out, err));
    double own[3];
    double wanted[3];
    mean_colour(portrait, own);
    mean_colour(like, wanted);
    for (uint32_t y = 0; y < from->height; y++) {
        const uint8_t *source = imi_image_row(from, y);
        uint8_t *row = (*out)->pixels + (size_t)y * (*out)->stride_bytes;
        for (uint32_t i = 0; i < 3 * from->width; i++) {
            double value = source[i] + wanted[i % 3] - own[i % 3];
            row[i] = (uint8_t)fmin(fmax(value, 0), 255);
        }
    }
    return IMI_OK;
}
