/*
 * Layout of the pixels: in the top-left chip of 112 x 112 the person and the angle of the
 * template as horizontal stripes, which survive being mirrored; right of it columns of blocks,
 * each a number of 14 bits; the rest is texture. The image's tint gives the number of faces,
 * as it survives scaling and borders.
 */
#include "scene.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum { BLOCK = 8, BITS = 14, CHIP = BLOCK * BITS, PERSON_BITS = 5, FIELDS = 7, ANGLE_STEPS = 511 };

static const float FOCAL_PX = 720;
static const float CENTRE_X = 360;
static const float EYES_Y = 210;

scene scene_neutral(uint32_t person)
{
    return (scene){.faces = 1,
                   .person = person,
                   .distance = 8,
                   .mouth = 0.02F,
                   .eyes = 0.3F,
                   .pad_score = 0.95F,
                   .seed = 1};
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

/* ---- Drawing ---- */

static void fill(imi_image *image, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                 const uint8_t rgb[3])
{
    for (uint32_t j = y; j < y + height && j < image->height; j++) {
        uint8_t *row = image->pixels + j * image->stride_bytes;
        for (uint32_t i = x; i < x + width && i < image->width; i++) {
            for (int c = 0; c < 3; c++) {
                row[3 * i + (uint32_t)c] = rgb[c];
            }
        }
    }
}

static void draw_texture(imi_image *image, const scene *what)
{
    uint32_t state = what->seed * 7919U + 17U;
    for (uint32_t y = 0; y < image->height; y += BLOCK / 2) {
        for (uint32_t x = 0; x < image->width; x += BLOCK / 2) {
            uint32_t noise = next_random(&state) % 96;
            uint8_t level = (uint8_t)(what->dark ? noise / 5 : 80 + noise);
            uint8_t rgb[3] = {level, level, level};
            if (what->faces == 0) {
                rgb[2] = 250;
            } else if (what->faces == 2) {
                rgb[0] = 250;
            }
            fill(image, x, y, BLOCK / 2, BLOCK / 2, rgb);
        }
    }
}

static void draw_bit(imi_image *image, uint32_t x, uint32_t row, uint32_t width, bool bit)
{
    const uint8_t level = bit ? 230 : 20;
    const uint8_t rgb[3] = {level, level, level};
    fill(image, x, row * BLOCK, width, BLOCK, rgb);
}

static void draw_number(imi_image *image, uint32_t x, uint32_t width, uint32_t value)
{
    for (uint32_t i = 0; i < BITS; i++) {
        draw_bit(image, x, i, width, (value >> i) & 1);
    }
}

static uint32_t quantise(float value, float scale)
{
    return (uint32_t)lroundf(fminf(fmaxf(value * scale, 0), (1 << BITS) - 1));
}

imi_image *scene_draw(const scene *what)
{
    imi_image *image = NULL;
    if (imi_image_new(SCENE_WIDTH, SCENE_HEIGHT, IMI_PIXEL_RGB8, &image, NULL) != IMI_OK) {
        abort();
    }
    draw_texture(image, what);
    uint32_t angle = (uint32_t)lroundf(what->unlikeness_deg / 90 * ANGLE_STEPS);
    draw_number(image, 0, CHIP, what->person | angle << PERSON_BITS);
    const uint32_t fields[FIELDS] = {
        quantise(what->distance, 1000),
        quantise(what->yaw_deg + 90, 80),
        quantise(what->mouth, 10000),
        quantise(what->eyes, 10000),
        quantise(what->pad_score, 10000),
        (what->flat ? 1U : 0U) | (what->wide_box ? 2U : 0U),
        what->seed,
    };
    for (uint32_t i = 0; i < FIELDS; i++) {
        draw_number(image, CHIP + i * BLOCK, BLOCK, fields[i]);
    }
    return image;
}

_Thread_local bool tl_scene_is_drawing;

void scene_draw_jpeg(const scene *what, imi_buffer *out)
{
    tl_scene_is_drawing = true;
    IMI_AUTO(imi_image) image = scene_draw(what);
    if (imi_jpeg_encode(image, 90, out, NULL) != IMI_OK) {
        abort();
    }
    tl_scene_is_drawing = false;
}

void scene_draw_broken_jpeg(const scene *what, imi_buffer *out)
{
    scene_draw_jpeg(what, out);
    out->size /= 2;
    out->data[out->size - 2] = 0xFF; /* end of image */
    out->data[out->size - 1] = 0xD9;
}

/* ---- Reading back ---- */

static bool read_bit(const imi_image *image, uint32_t x, uint32_t row)
{
    return imi_image_row(image, row * BLOCK + BLOCK / 2)[3 * (x + BLOCK / 2) + 1] > 128;
}

static uint32_t read_number(const imi_image *image, uint32_t x)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < BITS; i++) {
        value |= (uint32_t)read_bit(image, x, i) << i;
    }
    return value;
}

static float read_field(const imi_image *image, uint32_t index, float scale)
{
    return (float)read_number(image, CHIP + index * BLOCK) / scale;
}

/* ---- The head: a mesh in inter-eye distances, eyes at y = 0, z away from the camera ---- */

typedef struct named_point {
    int index;
    imi_point3 at;
} named_point;

static const named_point named[] = {
    {IMI_MESH_NOSE_TIP, {0, 0.65F, -0.55F}},
    {IMI_MESH_FOREHEAD_TOP, {0, -1.0F, 0}},
    {IMI_MESH_CHIN, {0, 1.6F, 0}},
    {IMI_MESH_RIGHT_EYE_OUTER, {-0.72F, 0, 0.05F}},
    {IMI_MESH_RIGHT_EYE_INNER, {-0.28F, 0, 0}},
    {IMI_MESH_LEFT_EYE_INNER, {0.28F, 0, 0}},
    {IMI_MESH_LEFT_EYE_OUTER, {0.72F, 0, 0.05F}},
    {IMI_MESH_RIGHT_MOUTH, {-0.4F, 1.05F, -0.1F}},
    {IMI_MESH_LEFT_MOUTH, {0.4F, 1.05F, -0.1F}},
    {IMI_MESH_RIGHT_CHEEK_EDGE, {-1.1F, 0.3F, 0.8F}},
    {IMI_MESH_LEFT_CHEEK_EDGE, {1.1F, 0.3F, 0.8F}},
};

/* Any other point: somewhere on a bowl, always at the same place. */
static imi_point3 bowl_point(int index)
{
    uint32_t state = (uint32_t)index * 2654435761U + 12345U;
    next_random(&state);
    float x = (float)(next_random(&state) % 2001) / 1000 - 1;
    float y = (float)(next_random(&state) % 2001) / 1000 - 1;
    return (imi_point3){0.9F * x, 0.3F + 1.2F * y, 0.65F * (x * x + y * y) - 0.3F};
}

/* Lid pairs of imi_face_eye_openness: upper, lower, middle of the pair. */
static const struct {
    int upper, lower;
    float x;
} lids[] = {{160, 144, -0.58F}, {158, 153, -0.42F}, {385, 380, 0.42F}, {387, 373, 0.58F}};

static const float EYE_WIDTH = 0.44F;

static void pose_head(float mouth, float eyes, imi_point3 head[IMI_MESH_POINTS])
{
    for (int i = 0; i < IMI_MESH_POINTS; i++) {
        head[i] = bowl_point(i);
    }
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        head[named[i].index] = named[i].at;
    }
    for (size_t i = 0; i < sizeof lids / sizeof lids[0]; i++) {
        float half = eyes * EYE_WIDTH / 2;
        head[lids[i].upper] = (imi_point3){lids[i].x, -half, 0};
        head[lids[i].lower] = (imi_point3){lids[i].x, half, 0};
    }
    head[IMI_MESH_UPPER_LIP_INNER] = (imi_point3){0, 1.03F - mouth / 2, -0.2F};
    head[IMI_MESH_LOWER_LIP_INNER] = (imi_point3){0, 1.07F + mouth / 2, -0.2F};
}

static imi_point3 project(imi_point3 p, float yaw_deg, float distance)
{
    const float yaw = yaw_deg * 0.01745329252F;
    float x = p.x * cosf(yaw) - p.z * sinf(yaw);
    float z = p.x * sinf(yaw) + p.z * cosf(yaw);
    float scale = FOCAL_PX / (distance + z);
    return (imi_point3){CENTRE_X + x * scale, EYES_Y + p.y * scale, z * FOCAL_PX / distance};
}

static float jitter(uint32_t *state)
{
    return ((float)(next_random(state) % 2001) / 1000 - 1) * 0.1F;
}

static void read_landmarks(const imi_image *image, imi_landmarks *out)
{
    float distance = fmaxf(read_field(image, 0, 1000), 1.5F);
    float yaw_deg = read_field(image, 1, 80) - 90;
    bool flat = (read_number(image, CHIP + 5 * BLOCK) & 1U) != 0;
    uint32_t state = read_number(image, CHIP + 6 * BLOCK) * 31U + 7U;
    imi_point3 head[IMI_MESH_POINTS];
    pose_head(read_field(image, 2, 10000), read_field(image, 3, 10000), head);
    for (int i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 p = head[i];
        if (flat) {
            p.z = 0;
        }
        p = project(p, yaw_deg, distance);
        out->points[i] = (imi_point3){p.x + jitter(&state), p.y + jitter(&state), p.z};
    }
    out->presence = 1;
}

static bool is_whole(const imi_image *image)
{
    return image->width == SCENE_WIDTH && image->height == SCENE_HEIGHT;
}

/* ---- The parts ---- */

static uint32_t faces_by_tint(const imi_image *image)
{
    double sum[3] = {0};
    for (uint32_t y = image->height / 3; y < image->height * 2 / 3; y++) {
        for (uint32_t x = image->width / 3; x < image->width * 2 / 3; x++) {
            for (uint32_t c = 0; c < 3; c++) {
                sum[c] += imi_image_row(image, y)[3 * x + c];
            }
        }
    }
    return sum[2] > 1.4 * sum[1] ? 0 : sum[0] > 1.4 * sum[1] ? 2 : 1;
}

static imi_face_box box_of_mesh(const imi_image *image)
{
    if ((read_number(image, CHIP + 5 * BLOCK) & 2U) != 0) {
        return (imi_face_box){160, 120, 320, 260, 0.95F};
    }
    imi_landmarks mesh;
    read_landmarks(image, &mesh);
    float left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int i = 0; i < IMI_MESH_POINTS; i++) {
        left = fminf(left, mesh.points[i].x);
        right = fmaxf(right, mesh.points[i].x);
        top = fminf(top, mesh.points[i].y);
        bottom = fmaxf(bottom, mesh.points[i].y);
    }
    return (imi_face_box){left, top, right - left, bottom - top, 0.95F};
}

static imi_status detect(imi_detector *self, const imi_image *image, imi_face_box *boxes,
                         size_t capacity, size_t *count_out, imi_error *err)
{
    (void)self;
    (void)err;
    float w = (float)image->width, h = (float)image->height;
    size_t count = faces_by_tint(image);
    *count_out = count < capacity ? count : capacity;
    for (size_t i = 0; i < *count_out; i++) {
        boxes[i] = count == 1 && is_whole(image)
                       ? box_of_mesh(image)
                       : (imi_face_box){(float)(i + 1) * w / 4, h / 4, w / 4, h / 3, 0.95F};
    }
    return IMI_OK;
}

static imi_status locate(imi_landmarker *self, const imi_image *image, const imi_face_box *box,
                         imi_landmarks *out, imi_error *err)
{
    (void)self;
    (void)box;
    if (!is_whole(image)) {
        IMI_FAIL(err, IMI_E_MODEL_RUN, "this is no scene");
    }
    read_landmarks(image, out);
    return IMI_OK;
}

/* The chip is the corner with the stripes, whatever the landmarks are. */
static imi_status align(imi_extractor *self, const imi_landmarks *landmarks,
                        imi_affine *image_to_chip_out, imi_error *err)
{
    (void)self;
    (void)landmarks;
    (void)err;
    *image_to_chip_out = (imi_affine){1, 0, 0, 0, 1, 0};
    return IMI_OK;
}

/* Persons are orthogonal; the last axis is what makes a face unlike its own. */
static imi_status embed(imi_extractor *self, const imi_image *chip, float *vector_out,
                        imi_error *err)
{
    (void)self;
    (void)err;
    uint32_t value = read_number(chip, 0);
    uint32_t person = value & ((1U << PERSON_BITS) - 1);
    float angle = (float)(value >> PERSON_BITS) / ANGLE_STEPS * 1.57079633F;
    for (int i = 0; i < SCENE_MODEL_DIM; i++) {
        vector_out[i] = 0;
    }
    vector_out[person % (SCENE_MODEL_DIM - 1)] = cosf(angle);
    vector_out[SCENE_MODEL_DIM - 1] = sinf(angle);
    return IMI_OK;
}

static imi_status assess(imi_pad *self, const imi_image *image, const imi_face_box *box,
                         const imi_landmarks *landmarks, float *bona_fide_score_out, imi_error *err)
{
    (void)self;
    (void)box;
    (void)landmarks;
    (void)err;
    float score = read_field(image, 4, 10000);
    *bona_fide_score_out = score > 1 ? NAN : score;
    return IMI_OK;
}

static imi_status read_lines(imi_text_reader *self, const imi_image *image, imi_text_hint hint,
                             imi_text_line *lines, size_t capacity, size_t *count_out,
                             imi_error *err)
{
    (void)image;
    scene_models *models = (scene_models *)((char *)self - offsetof(scene_models, reader));
    *count_out = 0;
    if (models->reader_is_broken) {
        IMI_FAIL(err, IMI_E_MODEL_RUN, "a reader that cannot run");
    }
    for (size_t i = 0; hint == IMI_TEXT_MRZ && i < capacity && i < SCENE_ZONE_LINES; i++) {
        if (models->zone[i] == NULL) {
            break;
        }
        imi_copy_text(lines[i].text, sizeof lines[i].text, models->zone[i]);
        *count_out = i + 1;
    }
    return IMI_OK;
}

void scene_models_init(scene_models *models)
{
    *models = (scene_models){
        .detector = {.detect = detect},
        .landmarker = {.locate = locate},
        .extractor = {.model_id = SCENE_MODEL_ID,
                      .dim = SCENE_MODEL_DIM,
                      .chip_width = CHIP,
                      .chip_height = CHIP,
                      .align = align,
                      .embed = embed},
        .pad = {.model_id = "scene-pad@000000000001", .assess = assess},
        .reader = {.read = read_lines},
    };
    models->extractors[0] = &models->extractor;
    models->pads[0] = &models->pad;
}

imi_status scene_engine_new(scene_models *models, bool with_pad, imi_engine **out, imi_error *err)
{
    imi_engine_parts parts = {
        .detector = &models->detector,
        .landmarker = &models->landmarker,
        .extractors = models->extractors,
        .extractor_count = 1,
        .pads = models->pads,
        .pad_count = with_pad ? 1 : 0,
        .text_reader = models->reader.read == NULL ? NULL : &models->reader,
    };
    return imi_engine_new(&parts, out, err);
}
