#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include <math.h>

/* Source: S. Vigna, splitmix64 (public domain). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Nearly normal, variance 1. */
static float next_normal(uint64_t *state)
{
    int sum = 0;
    for (uint64_t bits = next_random(state); bits != 0; bits >>= 8) {
        sum += (int)(bits & 0xFF);
    }
    return ((float)sum - 1020) / 209;
}

static float wall(uint32_t room, float x, float y)
{
    float a = 0.011F * (float)(room + 2);
    return 110 + 40 * sinf(a * x + 0.3F * (float)room) + 30 * cosf(0.017F * y + a * y);
}

/* A head with two eyes, which sways by periods that have no common multiple. */
static float head(const scene *what, float x, float y, float behind)
{
    float t = (float)what->at_ms / 1000;
    float left = 160 + 14 * sinf(1.13F * t) + 9 * sinf(2.71F * t + (float)what->room);
    float top = 120 + 7 * sinf(1.87F * t) + 5 * cosf(0.61F * t);
    float u = (x - left) / 55;
    float v = (y - top) / 75;
    if (u * u + v * v > 1) {
        return behind;
    }
    float eye = hypotf(fabsf(u) - 0.4F, v + 0.2F);
    return eye < 0.15F ? 40 : 190 - 35 * u + 6 * sinf(9 * u) * cosf(11 * v);
}

static uint8_t level_of(const scene *what, uint32_t x, uint32_t y, uint64_t *noise)
{
    float light = head(what, (float)x, (float)y, wall(what->room, (float)x, (float)y));
    float phase = (float)y / 40 + (float)what->at_ms / 77;
    light *= expf(what->exposure) * (1 - what->bands * (0.5F + 0.5F * sinf(phase)));
    light += what->noise > 0 ? what->noise * next_normal(noise) : 0;
    return (uint8_t)fmaxf(fminf(light + 0.5F, 255), 0);
}

imi_image *scene_draw(const scene *what)
{
    imi_image *image = NULL;
    assert_int_equal(imi_image_new(SCENE_WIDTH, SCENE_HEIGHT, IMI_PIXEL_RGB8, &image, NULL),
                     IMI_OK);
    uint64_t noise = what->noise_seed;
    for (uint32_t y = 0; y < SCENE_HEIGHT; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t x = 0; x < SCENE_WIDTH; x++, row += IMI_PIXEL_RGB8) {
            row[0] = row[1] = row[2] = level_of(what, x, y, &noise);
        }
    }
    return image;
}

void scene_encode(const scene *what, int quality, imi_buffer *out)
{
    IMI_AUTO(imi_image) image = scene_draw(what);
    assert_int_equal(imi_jpeg_encode(image, quality, out, NULL), IMI_OK);
}
