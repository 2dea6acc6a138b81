#include "scene.h"

#include <math.h>

/* Sides of what surrounds the face, in those of the face: a held print or phone shows its edges. */
static const float AROUND_SCALE = 2.4F;
/* Below this the mesh is not to be trusted and the detector's box is used. */
static const float PRESENCE_MIN = 0.5F;
/* JPEG leaves this much in what was pure black. */
static const uint8_t PADDING_MAX = 2;
/* Mean chroma below which a picture has no colour. */
static const float GREY_MAX = 1.0F;

enum { TAPS = 3, TILES = 3 /* by side */ };

static imi_face_box extent_of(const imi_landmarks *landmarks)
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
    return (imi_face_box){left, top, right - left, bottom - top, landmarks->presence};
}

/* The span enlarged about its middle and cut to the image: false if nothing is left. */
static bool cut(float low, float length, float scale, uint32_t size, uint32_t *from, uint32_t *span)
{
    float middle = low + length / 2;
    float first = fmaxf(middle - length * scale / 2, 0);
    float last = fminf(middle + length * scale / 2, (float)size);
    if (!(last - first >= PASSIVE_FACE_MIN_PX)) {
        return false;
    }
    *from = (uint32_t)first;
    *span = (uint32_t)(last - first);
    *span = *span < size - *from ? *span : size - *from;
    return true;
}

static bool rect_of(const imi_face_box *box, float scale, const imi_image *image, passive_rect *out)
{
    return cut(box->left, box->width, scale, image->width, &out->left, &out->width) &&
           cut(box->top, box->height, scale, image->height, &out->top, &out->height);
}

static bool find_face(passive_scene *scene, const imi_face_box *box, const imi_landmarks *landmarks)
{
    imi_face_box face = *box;
    if (landmarks != NULL && landmarks->presence >= PRESENCE_MIN) {
        face = extent_of(landmarks);
    }
    return isfinite(face.left + face.top) && isfinite(face.width + face.height) &&
           rect_of(&face, 1, scene->image, &scene->face) &&
           rect_of(&face, AROUND_SCALE, scene->image, &scene->around);
}

/* ---- the small picture ---- */

typedef struct colour {
    float red, green, blue;
} colour;

/* Position of a tap within an interval of the image that one pixel of the small picture covers. */
static uint32_t tap_at(uint32_t from, float step, uint32_t index, unsigned tap, uint32_t end)
{
    uint32_t at = from + (uint32_t)(((float)index + ((float)tap + 0.5F) / TAPS) * step);
    return at < end ? at : end - 1;
}

static colour sample(const passive_scene *scene, uint32_t x, uint32_t y)
{
    const passive_rect *r = &scene->around;
    colour sum = {0, 0, 0};
    for (unsigned j = 0; j < TAPS; j++) {
        uint32_t row = tap_at(r->top, scene->thumb.step, y, j, r->top + r->height);
        const uint8_t *line = imi_image_row(scene->image, row);
        for (unsigned i = 0; i < TAPS; i++) {
            uint32_t column = tap_at(r->left, scene->thumb.step, x, i, r->left + r->width);
            const uint8_t *p = line + (size_t)column * scene->image->format;
            bool grey = scene->image->format == IMI_PIXEL_GREY8;
            sum.red += p[0];
            sum.green += p[grey ? 0 : 1];
            sum.blue += p[grey ? 0 : 2];
        }
    }
    return (colour){sum.red / (TAPS * TAPS), sum.green / (TAPS * TAPS), sum.blue / (TAPS * TAPS)};
}

static passive_rect shrunk(const passive_scene *scene)
{
    float step = scene->thumb.step;
    passive_rect r = {(uint32_t)((float)(scene->face.left - scene->around.left) / step),
                      (uint32_t)((float)(scene->face.top - scene->around.top) / step),
                      (uint32_t)((float)scene->face.width / step),
                      (uint32_t)((float)scene->face.height / step)};
    r.width = r.width + r.left <= scene->thumb.width ? r.width : scene->thumb.width - r.left;
    r.height = r.height + r.top <= scene->thumb.height ? r.height : scene->thumb.height - r.top;
    return r;
}

static void draw_thumb(passive_scene *scene)
{
    passive_thumb *t = &scene->thumb;
    uint32_t side =
        scene->around.width > scene->around.height ? scene->around.width : scene->around.height;
    t->step = fmaxf((float)side / PASSIVE_THUMB, 1);
    t->width = (uint32_t)((float)scene->around.width / t->step);
    t->height = (uint32_t)((float)scene->around.height / t->step);
    t->face = shrunk(scene);
    double chroma = 0;
    for (uint32_t y = 0; y < t->height; y++) {
        for (uint32_t x = 0; x < t->width; x++) {
            colour c = sample(scene, x, y);
            float luma = 0.299F * c.red + 0.587F * c.green + 0.114F * c.blue;
            t->luma[y][x] = luma;
            t->cb[y][x] = 0.564F * (c.blue - luma);
            t->cr[y][x] = 0.713F * (c.red - luma);
            t->padding[y][x] =
                c.red <= PADDING_MAX && c.green <= PADDING_MAX && c.blue <= PADDING_MAX;
            chroma += fabsf(t->cb[y][x]) + fabsf(t->cr[y][x]);
        }
    }
    t->grey = chroma < (double)GREY_MAX * t->width * t->height;
}

/* ---- tiles ---- */

static void add_tile(passive_scene *scene, uint32_t left, uint32_t top)
{
    for (uint32_t y = 0; y < PASSIVE_TILE; y++) {
        for (uint32_t x = 0; x < PASSIVE_TILE; x++) {
            scene->tile.real[y][x] = passive_luma(scene->image, left + x, top + y);
        }
    }
    passive_spectrum_add(&scene->spectrum, &scene->fft, &scene->tile);
}

/* Where tile `index` begins: they lie evenly over the face, and overlap by half at least where
 * it is small. Always the same number, as the highest of fewer means would be higher by chance. */
static uint32_t tile_at(uint32_t from, uint32_t length, uint32_t index, uint32_t size)
{
    float pitch = fmaxf((float)length / (TILES + 1), PASSIVE_TILE / 2.0F);
    float middle = (float)from + (float)length / 2 + pitch * ((float)index - (TILES - 1) / 2.0F);
    float at = middle - PASSIVE_TILE / 2.0F;
    return (uint32_t)fminf(fmaxf(at, 0), (float)(size - PASSIVE_TILE));
}

static void measure_spectrum(passive_scene *scene)
{
    const imi_image *image = scene->image;
    const passive_rect *face = &scene->face;
    if (image->width < PASSIVE_TILE * 2 || image->height < PASSIVE_TILE * 2) {
        return;
    }
    for (uint32_t y = 0; y < TILES; y++) {
        for (uint32_t x = 0; x < TILES; x++) {
            add_tile(scene, tile_at(face->left, face->width, x, image->width),
                     tile_at(face->top, face->height, y, image->height));
        }
    }
}

bool passive_scene_look(passive_scene *scene, const imi_image *image, const imi_face_box *box,
                        const imi_landmarks *landmarks)
{
    scene->image = image;
    if (!find_face(scene, box, landmarks)) {
        return false;
    }
    draw_thumb(scene);
    passive_fft_init(&scene->fft, PASSIVE_TILE);
    measure_spectrum(scene);
    return true;
}
