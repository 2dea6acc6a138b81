/*
 * The hand and the sensor. Sway is a sum of slow waves whose periods differ from hand to hand and
 * have no common multiple, so that it depends on the moment alone and never comes back the same.
 */
#include "phone-sim/camera.h"

#include "imi/image.h"

#include <math.h>

enum {
    NOISE_TABLE = 8192, /* a power of two */
    WAVES = 3
};

/* Periods between a shortest and twice that, and the share of each wave in the whole. */
static const float PERIOD_MS[WAVES] = {2600, 1200, 520};
static const float SHARE[WAVES] = {1, 0.5F, 0.15F};
static const float TURN_RAD = 6.2831853F;

/* Largest sway of the slowest wave, for pictures 400 pixels wide. */
static const float SWAY_PX = 5;
static const float SWAY_WIDTH = 400;
static const float ROLL_RAD = 0.008F;
static const float GROWTH = 0.01F;
static const float ZOOM = 1.08F; /* so that no edge of the scene comes into view */
static const float NOISE_LEVELS = 1.5F;

typedef struct wave_sum {
    float period_ms[WAVES];
    float phase[WAVES];
} wave_sum;

struct imi_camera_hand {
    uint64_t seed;
    wave_sum right, down, roll, growth;
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

static float next_share(uint64_t *state)
{
    return (float)(next_random(state) >> 40) / (float)(1 << 24);
}

static void draw_waves(wave_sum *out, uint64_t *state)
{
    for (int i = 0; i < WAVES; i++) {
        out->period_ms[i] = PERIOD_MS[i] * (1 + next_share(state));
        out->phase[i] = TURN_RAD * next_share(state);
    }
}

imi_status imi_camera_hand_new(uint64_t seed, imi_camera_hand **out, imi_error *err)
{
    *out = imi_alloc(sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a camera");
    }
    (*out)->seed = seed;
    uint64_t state = seed;
    draw_waves(&(*out)->right, &state);
    draw_waves(&(*out)->down, &state);
    draw_waves(&(*out)->roll, &state);
    draw_waves(&(*out)->growth, &state);
    for (int i = 0; i < NOISE_TABLE; i++) {
        float noise = 32 * NOISE_LEVELS * next_normal(&state);
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

static float wave_at(const wave_sum *waves, int64_t at_ms)
{
    double sum = 0;
    for (int i = 0; i < WAVES; i++) {
        double turns = (double)at_ms / (double)waves->period_ms[i];
        sum += (double)SHARE[i] * sin((double)TURN_RAD * turns + (double)waves->phase[i]);
    }
    return (float)sum;
}

/* About the picture's middle: zoom, roll, shift. */
static imi_affine sway(const imi_camera_hand *hand, int64_t at_ms, uint32_t width, uint32_t height)
{
    float unit = SWAY_PX * (float)width / SWAY_WIDTH;
    float right = unit * wave_at(&hand->right, at_ms);
    float down = unit * wave_at(&hand->down, at_ms);
    float roll = ROLL_RAD * wave_at(&hand->roll, at_ms);
    float zoom = ZOOM * (1 + GROWTH * wave_at(&hand->growth, at_ms));
    float cosine = zoom * cosf(roll);
    float sine = zoom * sinf(roll);
    float x = (float)(width - 1) / 2;
    float y = (float)(height - 1) / 2;
    return (imi_affine){
        cosine, -sine,  x - cosine * x + sine * y + right,
        sine,   cosine, y - sine * x - cosine * y + down,
    };
}

static uint8_t clamp_level(int level)
{
    return (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
}

/* Noise of the light, equal in all channels; each row begins elsewhere in the table. */
static void add_noise(const imi_camera_hand *hand, int64_t at_ms, imi_image *image)
{
    uint64_t state = hand->seed ^ (uint64_t)at_ms << 20;
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        uint64_t start = next_random(&state);
        for (uint32_t x = 0; x < image->width; x++, row += IMI_PIXEL_RGB8) {
            int noise = hand->noise[(start + x) % NOISE_TABLE];
            for (int channel = 0; channel < IMI_PIXEL_RGB8; channel++) {
                row[channel] = clamp_level((row[channel] * 32 + noise + 16) >> 5);
            }
        }
    }
}

imi_status imi_camera_hand_shoot(const imi_camera_hand *hand, int64_t at_ms, imi_view jpeg,
                                 imi_buffer *out, imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) scene = NULL;
    IMI_AUTO(imi_image) picture = NULL;
    IMI_TRY(imi_jpeg_decode(jpeg, &limits, &scene, err));
    IMI_TRY(imi_image_new(scene->width, scene->height, IMI_PIXEL_RGB8, &picture, err));
    imi_affine map = sway(hand, at_ms, scene->width, scene->height);
    IMI_TRY(imi_image_warp(scene, &map, picture, err));
    add_noise(hand, at_ms, picture);
    return imi_jpeg_encode(picture, IMI_SIM_JPEG_QUALITY, out, err);
}
