/*
 * The hand and the sensor: sway as a damped random walk, noise from a table of normal values.
 */
#include "phone-sim/camera.h"

#include "imi/image.h"

#include <math.h>

enum { NOISE_TABLE = 8192 }; /* a power of two */

/* Sizes of the sway at rest, for pictures 400 pixels wide; each frame forgets a part of it. */
static const float FORGET = 0.15F;
static const float SWAY_PX = 0.7F; /* a frame */
static const float ROLL_RAD = 0.0015F;
static const float GROWTH = 0.0015F;
static const float SWAY_WIDTH = 400;
static const float ZOOM = 1.04F; /* so that no edge of the scene comes into view */
static const float NOISE_LEVELS = 1.5F;

struct imi_camera_hand {
    uint64_t random;
    float right, down, roll, growth;
    int8_t noise[NOISE_TABLE]; /* in 32nds of a level */
};

/* Source: S. Vigna, splitmix64 (public domain). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Nearly normal, variance 1: the sum of eight bytes. */
static float next_normal(uint64_t *state)
{
    int sum = 0;
    for (uint64_t bits = next_random(state); bits != 0; bits >>= 8) {
        sum += (int)(bits & 0xFF);
    }
    return ((float)sum - 4 * 255) / 209;
}

imi_status imi_camera_hand_new(uint64_t seed, imi_camera_hand **out, imi_error *err)
{
    *out = imi_alloc(sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a camera");
    }
    (*out)->random = seed;
    for (int i = 0; i < NOISE_TABLE; i++) {
        float noise = 32 * NOISE_LEVELS * next_normal(&(*out)->random);
        (*out)->noise[i] = (int8_t)fmaxf(fminf(noise, 127), -127);
    }
    return IMI_OK;
}

void imi_camera_hand_destroy(imi_camera_hand **hand)
{
    if (hand != NULL && *hand != NULL) {
        imi_free(*hand);
        *hand = NULL;
    }
}

static void walk(imi_camera_hand *hand, float *at, float size)
{
    *at += size * next_normal(&hand->random) - FORGET * *at;
}

/* About the picture's middle: zoom, roll, shift. */
static imi_affine sway(imi_camera_hand *hand, uint32_t width, uint32_t height)
{
    walk(hand, &hand->right, SWAY_PX);
    walk(hand, &hand->down, SWAY_PX);
    walk(hand, &hand->roll, ROLL_RAD);
    walk(hand, &hand->growth, GROWTH);
    float unit = (float)width / SWAY_WIDTH;
    float zoom = ZOOM * (1 + hand->growth);
    float cosine = zoom * cosf(hand->roll);
    float sine = zoom * sinf(hand->roll);
    float x = (float)(width - 1) / 2;
    float y = (float)(height - 1) / 2;
    return (imi_affine){
        cosine, -sine,  x - cosine * x + sine * y + unit * hand->right,
        sine,   cosine, y - sine * x - cosine * y + unit * hand->down,
    };
}

static uint8_t clamp_level(int level)
{
    return (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
}

/* Noise of the light, equal in all channels; each row begins elsewhere in the table. */
static void add_noise(imi_camera_hand *hand, imi_image *image)
{
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        uint64_t start = next_random(&hand->random);
        for (uint32_t x = 0; x < image->width; x++, row += IMI_PIXEL_RGB8) {
            int noise = hand->noise[(start + x) % NOISE_TABLE];
            for (int channel = 0; channel < IMI_PIXEL_RGB8; channel++) {
                row[channel] = clamp_level((row[channel] * 32 + noise + 16) >> 5);
            }
        }
    }
}

imi_status imi_camera_hand_shoot(imi_camera_hand *hand, imi_view jpeg, imi_buffer *out,
                                 imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) scene = NULL;
    IMI_AUTO(imi_image) picture = NULL;
    IMI_TRY(imi_jpeg_decode(jpeg, &limits, &scene, err));
    IMI_TRY(imi_image_new(scene->width, scene->height, IMI_PIXEL_RGB8, &picture, err));
    imi_affine map = sway(hand, scene->width, scene->height);
    IMI_TRY(imi_image_warp(scene, &map, picture, err));
    add_noise(hand, picture);
    return imi_jpeg_encode(picture, IMI_SIM_JPEG_QUALITY, out, err);
}
