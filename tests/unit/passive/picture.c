#include "picture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef struct noise {
    uint32_t state;
} noise;

/* About normal, mean 0, deviation 1. */
static float draw(noise *n)
{
    float sum = 0;
    for (int i = 0; i < 4; i++) {
        n->state = n->state * 1664525U + 1013904223U;
        sum += (float)(n->state >> 8) / 16777216.0F - 0.5F;
    }
    return sum * 1.732F;
}

picture_recipe picture_plain(void)
{
    return (picture_recipe){
        .width = 640, .height = 480, .format = IMI_PIXEL_RGB8, .noise = 3, .chroma = 1};
}

imi_face_box picture_face(const picture_recipe *recipe)
{
    float width = (float)(recipe->width < recipe->height ? recipe->width : recipe->height) * 0.36F;
    float height = width * 1.25F;
    return (imi_face_box){((float)recipe->width - width) / 2, ((float)recipe->height - height) / 2,
                          width, height, 0.9F};
}

static float lattice(int x, int y, int octave)
{
    noise n = {((uint32_t)x * 73856093U) ^ ((uint32_t)y * 19349663U) ^
               ((uint32_t)octave * 83492791U)};
    draw(&n);
    return draw(&n);
}

/* Smooth noise with one bump a unit: unlike waves it has no frequency of its own. */
static float bumps(float x, float y, int octave)
{
    int left = (int)floorf(x);
    int top = (int)floorf(y);
    float right = x - (float)left;
    float down = y - (float)top;
    float above = lattice(left, top, octave) * (1 - right) + lattice(left + 1, top, octave) * right;
    float below =
        lattice(left, top + 1, octave) * (1 - right) + lattice(left + 1, top + 1, octave) * right;
    return above * (1 - down) + below * down;
}

/* Skin by place: shading, eyes, mouth, and detail at all scales, as natural pictures have. */
static float skin(float x, float y, const picture_recipe *recipe)
{
    float value = 150 - 60 * (x * x + y * y);
    value -= 70 * expf(-((fabsf(x) - 0.4F) * (fabsf(x) - 0.4F) + (y + 0.3F) * (y + 0.3F)) * 90);
    value -= 50 * expf(-(x * x * 8 + (y - 0.5F) * (y - 0.5F) * 200));
    for (int octave = 2; octave < 9; octave++) {
        float f = (float)(1 << octave);
        float blurred = recipe->blur_px * f * 0.02F;
        value += 30 / f * expf(-blurred * blurred) * bumps(f * x, f * y, octave);
    }
    float away = (x - 0.1F) * (x - 0.1F) + (y + 0.6F) * (y + 0.6F);
    return value + recipe->highlight * expf(-away * 60);
}

static bool in_rim(const picture_recipe *recipe, float x, float y)
{
    const float inner = 1.45F;
    const float outer = 1.7F;
    float depth[4] = {-x, x, -y, y};
    bool rim = false;
    for (int side = 0; side < recipe->rim_sides; side++) {
        rim = rim || (depth[side] > inner && depth[side] < outer);
    }
    return rim;
}

static float shade(const picture_recipe *recipe, const imi_face_box *face, uint32_t px, uint32_t py)
{
    float x = ((float)px - face->left - face->width / 2) / (face->width / 2);
    float y = ((float)py - face->top - face->height / 2) / (face->height / 2);
    float value = x * x + y * y < 1 ? skin(x, y, recipe) : 110 + 10 * x;
    value = in_rim(recipe, x, y) ? 20 : value;
    bool reached = recipe->grid_reach <= 0 || hypotf(x + 0.5F, y) < recipe->grid_reach;
    if (recipe->grid_height > 0 && reached) {
        float along = 0.891F * (float)px + 0.454F * (float)py;
        value += recipe->grid_height * cosf(6.2831853F * along / recipe->grid_period_px);
    }
    if (recipe->band_share > 0) {
        value *= 1 + recipe->band_share * sinf(6.2831853F * (float)py / recipe->band_period_px);
    }
    if (recipe->block_px > 0) {
        value += (px / recipe->block_px + py / recipe->block_px) % 2 == 0 ? 3.0F : -3.0F;
    }
    return recipe->veil + value * (1 - recipe->veil / 255);
}

static uint8_t level(float value)
{
    return (uint8_t)fminf(fmaxf(value + 0.5F, 0), 255);
}

imi_image *picture_draw(const picture_recipe *recipe)
{
    imi_image *image = NULL;
    assert_int_equal(imi_image_new(recipe->width, recipe->height, recipe->format, &image, NULL),
                     IMI_OK);
    imi_face_box face = picture_face(recipe);
    noise n = {7};
    for (uint32_t y = 0; y < recipe->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t x = 0; x < recipe->width; x++) {
            float value = shade(recipe, &face, x, y) + recipe->noise * draw(&n);
            float hue = 0.12F + 0.1F * sinf((float)x * 0.05F) * sinf((float)y * 0.04F);
            float cast = 0.1F * sinf((float)x * 0.031F + (float)y * 0.043F);
            for (uint32_t c = 0; c < recipe->format; c++) {
                float tint = 1 + recipe->chroma * (c == 0 ? 2 * hue : c == 1 ? -cast : cast - hue);
                row[x * recipe->format + c] = level(value * tint);
            }
        }
    }
    return image;
}

imi_cues picture_measure(const picture_recipe *recipe)
{
    IMI_AUTO(imi_image) image = picture_draw(recipe);
    imi_face_box face = picture_face(recipe);
    imi_cues cues;
    assert_int_equal(imi_passive_measure(image, &face, NULL, &cues, NULL), IMI_OK);
    return cues;
}
