#include "stream_attacks.h"

enum {
    FRAME_MS = 83, /* 12 a second */
    STRETCH_MIN = 18, /* frames of a loop: 1.5 to 4 s */
    STRETCH_RANGE = 30,
    OTHER_QUALITY_STEP = 7
};

static const char *const names[STREAM_SPECIES_COUNT] = {
    "live",        "loop, same files", "loop",           "ping-pong",    "still, same file",
    "still again", "still with noise", "constant noise", "restructured", "spliced",
};

const char *stream_species_name(stream_species species)
{
    return names[species];
}

/* Source: S. Vigna, splitmix64 (public domain). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Nearly normal, variance 1: eight bytes' sum. */
static float next_normal(uint64_t *state)
{
    uint64_t bits = next_random(state);
    int sum = 0;
    for (int i = 0; i < 8; i++, bits >>= 8) {
        sum += (int)(bits & 0xFF);
    }
    return ((float)sum - 1020) / 209;
}

static uint8_t clamp_level(float level)
{
    return level <= 0 ? 0 : level >= 255 ? 255 : (uint8_t)(level + 0.5F);
}

static void add_noise(imi_image *image, float sigma, uint64_t seed)
{
    uint64_t state = seed;
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t x = 0; x < image->width; x++, row += IMI_PIXEL_RGB8) {
            float noise = sigma * next_normal(&state);
            for (int channel = 0; channel < IMI_PIXEL_RGB8; channel++) {
                row[channel] = clamp_level((float)row[channel] + noise);
            }
        }
    }
}

/* Which picture of the recording is shown as the i-th. */
static size_t shown(const stream_take *take, const stream_plan *plan, size_t i)
{
    uint64_t state = plan->seed;
    size_t stretch = STRETCH_MIN + next_random(&state) % STRETCH_RANGE;
    stretch = stretch < take->count / 2 ? stretch : take->count / 2;
    size_t start = next_random(&state) % (take->count - stretch);
    size_t phase = i % (2 * stretch);
    switch (plan->species) {
    case STREAM_LOOP_RAW:
    case STREAM_LOOP:
        return start + i % stretch;
    case STREAM_PING_PONG:
        return start + (phase < stretch ? phase : 2 * stretch - 1 - phase);
    case STREAM_STILL_RAW:
    case STREAM_STILL:
    case STREAM_STILL_NOISE:
        return start;
    default:
        return i;
    }
}

static void disturb(imi_image *image, const stream_plan *plan, size_t i)
{
    switch (plan->species) {
    case STREAM_LOOP:
    case STREAM_PING_PONG:
    case STREAM_STILL_NOISE:
        add_noise(image, plan->noise, plan->seed + i);
        break;
    case STREAM_CONSTANT_NOISE:
        add_noise(image, plan->noise, plan->seed);
        break;
    case STREAM_STILL:
        image->pixels[(i * IMI_PIXEL_RGB8) % ((size_t)image->width * IMI_PIXEL_RGB8)] ^= 0x80;
        break;
    default:
        break;
    }
}

static imi_status encode(const stream_take *take, const stream_plan *plan, size_t i,
                         imi_buffer *out, imi_error *err)
{
    bool late = i >= take->count / 2;
    bool spliced = plan->species == STREAM_SPLICED && late;
    const imi_image *picture =
        spliced ? plan->other->pictures[i - take->count / 2] : take->pictures[shown(take, plan, i)];
    IMI_AUTO(imi_image) copy = NULL;
    IMI_TRY(
        imi_image_resize(picture, take->pictures[0]->width, take->pictures[0]->height, &copy, err));
    disturb(copy, plan, i);
    bool other = plan->species == STREAM_RESTRUCTURED && late;
    return imi_jpeg_encode(copy, plan->quality + (other ? OTHER_QUALITY_STEP : 0), out, err);
}

static imi_status feed(imi_stream_watch *watch, imi_view jpeg, size_t i, imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imi_jpeg_decode(jpeg, &limits, &image, err));
    imi_stream_frame frame = {
        .sequence = i + 1,
        .captured_at_ms = 1000 + (int64_t)i * FRAME_MS + (int64_t)(i % 3),
        .arrived_at_ms = -1,
        .jpeg = jpeg,
        .image = image,
    };
    return imi_stream_watch_feed(watch, &frame, err);
}

/* A splice ends with the recording that was put in. */
static size_t played(const stream_take *take, const stream_plan *plan)
{
    size_t half = take->count / 2;
    bool shorter = plan->species == STREAM_SPLICED && plan->other->count < take->count - half;
    return shorter ? half + plan->other->count : take->count;
}

bool stream_play(const stream_take *take, const stream_plan *plan, imi_findings *out)
{
    *out = (imi_findings){0};
    IMI_AUTO(imi_stream_watch) watch = NULL;
    if (imi_stream_watch_new(NULL, &watch, NULL) != IMI_OK) {
        return false;
    }
    for (size_t i = 0; i < played(take, plan); i++) {
        IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
        if (encode(take, plan, i, &jpeg, NULL) != IMI_OK ||
            feed(watch, imi_buffer_view(&jpeg), i, NULL) != IMI_OK) {
            return false;
        }
    }
    imi_stream_watch_report(watch, out);
    return true;
}
