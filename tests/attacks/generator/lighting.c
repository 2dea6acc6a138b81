#include "lighting.h"

#include "palette.h"
#include "random.h"

#include <math.h>

/* What docs/light.md reckons by: a phone's screen of 6.5 x 14.5 cm, 35 cm before the face. */
static const double REFERENCE_CM = 35;
static const double SCREEN_WIDTH_CM = 6.5;
static const double SCREEN_HEIGHT_CM = 14.5;
static const double LENS_ABOVE_CM = 0.5; /* the screen begins below the lens */
static const double MIRROR_EDGE_CM = 1; /* coatings blur what they mirror */
/* Linear light of white paper in the generator's rooms. */
static const double WHITE = 0.8;
/* Of exposure and white balance, as in the rendered rooms of docs/light.md. */
static const double SETTLES_MS = 2000;

imi_gen_lighting_traits imi_gen_lighting_traits_of(uint64_t seed)
{
    imi_gen_random random = imi_gen_random_of(seed, "lighting");
    return (imi_gen_lighting_traits){
        .screen = exp(imi_gen_random_between(&random, log(0.03), log(0.25))),
        .delay_ms = (int64_t)imi_gen_random_between(&random, 50, 350),
        .scattered = imi_gen_random_between(&random, 0.003, 0.02),
        .mirrored = imi_gen_random_between(&random, 0.005, 0.045),
    };
}

void imi_gen_lighting_init(imi_gen_lighting *lighting, const imi_gen_lighting_traits *traits)
{
    *lighting = (imi_gen_lighting){.traits = *traits, .gain = {1, 1, 1}};
    for (unsigned i = 0; i < 256; i++) {
        lighting->linear[i] = imi_light_linear((uint8_t)i);
    }
    unsigned level = 0;
    for (unsigned i = 0; i < IMI_GEN_LINEAR_STEPS; i++) {
        float light = ((float)i + 0.5F) / IMI_GEN_LINEAR_STEPS;
        while (level < 255 && lighting->linear[level] + lighting->linear[level + 1] < 2 * light) {
            level++;
        }
        lighting->level[i] = (uint8_t)level;
    }
}

/* How much of the screen is seen in a display at a pixel: the ray from the lens, thrown back to
 * the plane of lens and screen. */
static double mirrored_at(const imi_gen_lit *scene, uint32_t x, uint32_t y, double z)
{
    const imi_gen_lens *lens = scene->lens;
    imi_gen_point n = scene->display.normal;
    imi_gen_point ray = {(x - lens->centre_x) / lens->focal_px,
                         (y - lens->centre_y) / lens->focal_px, 1};
    double twice = 2 * (ray.x * n.x + ray.y * n.y + ray.z * n.z);
    imi_gen_point back = {ray.x - twice * n.x, ray.y - twice * n.y, ray.z - twice * n.z};
    if (!(back.z < 0)) {
        return 0;
    }
    double reach = z / -back.z;
    double aside = fabs(ray.x * z + back.x * reach) - SCREEN_WIDTH_CM / 2;
    double below = ray.y * z + back.y * reach - LENS_ABOVE_CM - SCREEN_HEIGHT_CM / 2;
    double beyond = fmax(aside, fabs(below) - SCREEN_HEIGHT_CM / 2);
    return 1 - imi_gen_ramp(beyond, -MIRROR_EDGE_CM / 2, MIRROR_EDGE_CM / 2);
}

/* How brightly a mirrored screen is seen, by white paper that it lights at the reference distance:
 * pi distance^2 / area, of a small source that faces the paper. */
static double mirror_gain(void)
{
    return 3.14159265 * REFERENCE_CM * REFERENCE_CM / (SCREEN_WIDTH_CM * SCREEN_HEIGHT_CM);
}

/* What the screen does to a pixel, by its light at the reference distance. */
typedef struct answer {
    double times, plus; /* of the pixel's own light; linear light */
} answer;

static answer answer_at(const imi_gen_lighting *lighting, const imi_gen_lit *scene, uint32_t x,
                        uint32_t y)
{
    const imi_gen_canvas *canvas = scene->canvas;
    double near = (double)canvas->nearness[(size_t)y * canvas->image->width + x];
    double falls = REFERENCE_CM * REFERENCE_CM * near * near;
    if (!(near * scene->display.until_cm > 1)) {
        return (answer){.times = falls};
    }
    const imi_gen_lighting_traits *traits = &lighting->traits;
    double mirrored = traits->mirrored * mirror_gain() * mirrored_at(scene, x, y, 1 / near);
    return (answer){.plus = WHITE * (traits->scattered * falls + mirrored)};
}

/* Of every eighth pixel each way: what adapts is the whole picture's mean. */
static void adapt(imi_gen_lighting *lighting, const imi_gen_lit *scene, double pace)
{
    enum { STRIDE = 8 };
    double before[3] = {1e-6, 1e-6, 1e-6};
    double added[3] = {0, 0, 0};
    const imi_image *image = scene->canvas->image;
    for (uint32_t y = 0; y < image->height; y += STRIDE) {
        for (uint32_t x = 0; x < image->width; x += STRIDE) {
            answer at = answer_at(lighting, scene, x, y);
            for (int c = 0; c < 3; c++) {
                double own = (double)lighting->linear[imi_image_row(image, y)[3 * x + (uint32_t)c]];
                before[c] += own;
                added[c] += lighting->light[c] * (at.times * own + at.plus);
            }
        }
    }
    for (int c = 0; c < 3; c++) {
        lighting->gain[c] += pace * (before[c] / (before[c] + added[c]) - lighting->gain[c]);
    }
}

void imi_gen_lighting_show(imi_gen_lighting *lighting, const imi_light_sequence *sequence,
                           int64_t shown_ms, const imi_gen_lit *scene)
{
    shown_light_at(sequence, shown_ms - lighting->traits.delay_ms, lighting->light);
    for (int c = 0; c < 3; c++) {
        lighting->light[c] *= lighting->traits.screen;
    }
    double passed_ms = (double)(shown_ms - lighting->at_ms);
    adapt(lighting, scene, shown_ms <= 0 ? 1 : 1 - exp(-passed_ms / SETTLES_MS));
    lighting->at_ms = shown_ms;
}

static uint8_t level_of(const imi_gen_lighting *lighting, double light)
{
    return lighting->level[(int)fmin(light * IMI_GEN_LINEAR_STEPS, IMI_GEN_LINEAR_STEPS - 1)];
}

void imi_gen_lighting_fall(const imi_gen_lighting *lighting, const imi_gen_lit *scene)
{
    imi_image *image = scene->canvas->image;
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t x = 0; x < image->width; x++) {
            answer at = answer_at(lighting, scene, x, y);
            for (uint32_t c = 0; c < 3; c++) {
                double own = (double)lighting->linear[row[3 * x + c]];
                double lit = own + lighting->light[c] * (at.times * own + at.plus);
                row[3 * x + c] = level_of(lighting, lighting->gain[c] * lit);
            }
        }
    }
}
