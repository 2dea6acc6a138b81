#include "drawn_face.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

static drawn_face placed(const drawn_face *face)
{
    drawn_face full = *face;
    if (full.x == 0 && full.y == 0) {
        full.x = (float)full.width / 2;
        full.y = (float)full.height * 0.4F;
    }
    full.gain = full.gain == 0 ? 1 : full.gain;
    return full;
}

/* Level at (u, v) in eye distances from the point between the eyes, before the light. */
static float level_at(const drawn_face *face, float u, float v)
{
    float skin = 150 + 12 * sinf(23 * u) * sinf(19 * v);
    float eye_u = fabsf(u) - 0.5F;
    bool near_eye = fabsf(eye_u) < 0.3F && fabsf(v) < 0.18F;
    bool near_mouth = fabsf(u) < 0.45F && fabsf(v - 1.16F) < 0.22F;
    if (u * u / 1.2F + (v - 0.6F) * (v - 0.6F) / 2.2F > 1) {
        return 90;
    }
    if ((near_eye && face->eyes_covered) || (near_mouth && face->mouth_covered)) {
        return 120;
    }
    if (near_eye) {
        return eye_u * eye_u + v * v < 0.01F ? 30 : fabsf(v) < 0.09F ? 225 : 110;
    }
    return near_mouth && fabsf(v - 1.16F) < 0.05F ? 60 : skin;
}

static void draw(const drawn_face *face, imi_image *image)
{
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            float u = ((float)x - face->x) / face->inter_eye_px;
            float v = ((float)y - face->y) / face->inter_eye_px;
            float light = face->gain * (1 - face->side_light * fminf(fmaxf(u + 0.5F, 0), 1));
            float level = fminf(fmaxf(light * level_at(face, u, v), 0), 255);
            for (size_t c = 0; c < 3; c++) {
                image->pixels[y * image->stride_bytes + x * 3 + c] = (uint8_t)level;
            }
        }
    }
}

/* Box blur by scaling down and up again would move edges; a plain mean does not. */
static imi_image *blurred(const imi_image *image, uint32_t radius)
{
    imi_image *out = NULL;
    assert_int_equal(imi_image_new(image->width, image->height, IMI_PIXEL_RGB8, &out, NULL),
                     IMI_OK);
    int64_t r = radius;
    for (int64_t y = 0; y < image->height; y++) {
        for (int64_t x = 0; x < image->width; x++) {
            uint32_t sum = 0;
            uint32_t count = 0;
            for (int64_t dy = y - r; dy <= y + r; dy++) {
                for (int64_t dx = x - r; dx <= x + r; dx++) {
                    if (dx >= 0 && dy >= 0 && dx < image->width && dy < image->height) {
                        sum += imi_image_row(image, (uint32_t)dy)[dx * 3];
                        count++;
                    }
                }
            }
            for (size_t c = 0; c < 3; c++) {
                out->pixels[(size_t)y * out->stride_bytes + (size_t)x * 3 + c] =
                    (uint8_t)(sum / count);
            }
        }
    }
    return out;
}

static void place_mesh(const drawn_face *face, imi_landmarks *out)
{
    const struct {
        int index;
        float u, v, w;
    } points[] = {
        {IMI_MESH_RIGHT_EYE_OUTER, -0.75F, 0, 0.1F},
        {IMI_MESH_RIGHT_EYE_INNER, -0.25F, 0, 0},
        {IMI_MESH_LEFT_EYE_INNER, 0.25F, 0, 0},
        {IMI_MESH_LEFT_EYE_OUTER, 0.75F, 0, 0.1F},
        {IMI_MESH_RIGHT_CHEEK_EDGE, -1, 0.4F, 0.9F},
        {IMI_MESH_LEFT_CHEEK_EDGE, 1, 0.4F, 0.9F},
        {IMI_MESH_FOREHEAD_TOP, 0, -0.8F, 0},
        {IMI_MESH_CHIN, 0, 1.9F, 0},
        {IMI_MESH_RIGHT_MOUTH, -0.415F, 1.16F, 0},
        {IMI_MESH_LEFT_MOUTH, 0.415F, 1.16F, 0},
        {160, -0.6F, -0.08F, 0},
        {144, -0.6F, 0.08F, 0},
        {158, -0.4F, -0.08F, 0},
        {153, -0.4F, 0.08F, 0},
        {385, 0.4F, -0.08F, 0},
        {380, 0.4F, 0.08F, 0},
        {387, 0.6F, -0.08F, 0},
        {373, 0.6F, 0.08F, 0},
    };
    float rad = face->yaw_deg * 0.01745329F;
    *out = (imi_landmarks){.presence = 1};
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        out->points[i] = (imi_point3){face->x, face->y + 0.5F * face->inter_eye_px, 0};
    }
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        float u = points[i].u * cosf(rad) - points[i].w * sinf(rad);
        float w = points[i].u * sinf(rad) + points[i].w * cosf(rad);
        out->points[points[i].index] =
            (imi_point3){face->x + u * face->inter_eye_px,
                         face->y + points[i].v * face->inter_eye_px, w * face->inter_eye_px};
    }
}

void drawn_face_draw(const drawn_face *face, imi_image **image, imi_landmarks *landmarks)
{
    drawn_face full = placed(face);
    assert_int_equal(imi_image_new(full.width, full.height, IMI_PIXEL_RGB8, image, NULL), IMI_OK);
    draw(&full, *image);
    if (full.blur > 0) {
        imi_image *soft = blurred(*image, full.blur);
        imi_image_destroy(image);
        *image = soft;
    }
    place_mesh(&full, landmarks);
}

imi_face_box drawn_face_box(const drawn_face *face, float confidence)
{
    drawn_face full = placed(face);
    float size = 2.4F * full.inter_eye_px;
    return (imi_face_box){full.x - size / 2, full.y - size * 0.35F, size, size, confidence};
}

static imi_status told_detect(imi_detector *base, const imi_image *image, imi_face_box *boxes,
                              size_t capacity, size_t *count_out, imi_error *err)
{
    (void)image;
    told_detector *self = (told_detector *)base;
    self->calls++;
    if (self->status != IMI_OK) {
        IMI_FAIL(err, self->status, "told to fail");
    }
    *count_out = self->count < capacity ? self->count : capacity;
    imi_copy(boxes, self->boxes, *count_out * sizeof *boxes);
    return IMI_OK;
}

static void destroy_detector(imi_detector *base)
{
    (void)base;
}

void told_detector_init(told_detector *self)
{
    *self = (told_detector){.base = {told_detect, destroy_detector}};
}

static imi_status told_locate(imi_landmarker *base, const imi_image *image, const imi_face_box *box,
                              imi_landmarks *out, imi_error *err)
{
    (void)image;
    told_landmarker *self = (told_landmarker *)base;
    self->calls++;
    self->asked = *box;
    if (self->status != IMI_OK) {
        IMI_FAIL(err, self->status, "told to fail");
    }
    *out = self->landmarks;
    return IMI_OK;
}

static void destroy_landmarker(imi_landmarker *base)
{
    (void)base;
}

void told_landmarker_init(told_landmarker *self)
{
    *self = (told_landmarker){.base = {told_locate, destroy_landmarker}};
}

static imi_status column_align(imi_extractor *base, const imi_landmarks *landmarks,
                               imi_affine *image_to_chip_out, imi_error *err)
{
    (void)base;
    (void)err;
    const imi_point3 *right = &landmarks->points[IMI_MESH_RIGHT_EYE_OUTER];
    const imi_point3 *left = &landmarks->points[IMI_MESH_LEFT_EYE_OUTER];
    float scale = 12 / (left->x - right->x);
    *image_to_chip_out =
        (imi_affine){scale, 0, 2 - scale * right->x, 0, scale, 6 - scale * right->y};
    return IMI_OK;
}

static imi_status column_embed(imi_extractor *base, const imi_image *chip, float *vector_out,
                               imi_error *err)
{
    column_extractor *self = (column_extractor *)base;
    self->calls++;
    if (self->status != IMI_OK) {
        IMI_FAIL(err, self->status, "told to fail");
    }
    double square = 0;
    for (uint32_t x = 0; x < 16; x++) {
        vector_out[x] = self->gives_nan ? NAN : 1;
        for (uint32_t y = 0; y < 16; y++) {
            vector_out[x] += imi_image_row(chip, y)[x * 3];
        }
        square += (double)vector_out[x] * vector_out[x];
    }
    for (uint32_t x = 0; x < 16; x++) {
        vector_out[x] = (float)(vector_out[x] / sqrt(square));
    }
    return IMI_OK;
}

static void destroy_extractor(imi_extractor *base)
{
    (void)base;
}

void column_extractor_init(column_extractor *self, const char *model_id)
{
    *self = (column_extractor){.base = {.dim = 16,
                                        .chip_width = 16,
                                        .chip_height = 16,
                                        .align = column_align,
                                        .embed = column_embed,
                                        .destroy = destroy_extractor}};
    imi_copy_text(self->base.model_id, IMI_MODEL_ID_SIZE, model_id);
}
