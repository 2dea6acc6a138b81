#include "medium.h"

#include <math.h>

static const float TURN = 6.2831853F;

double imi_gen_medium_visible(const imi_gen_medium *medium, double texture_px_per_px)
{
    double cells = 3.14159265 * medium->cells_per_px * texture_px_per_px;
    double kept = cells < 1e-6 ? 1 : fabs(sin(cells) / cells);
    return medium->depth * kept;
}

static void shade_screen(const imi_gen_medium *medium, float visible, imi_point at, float rgb[3])
{
    float u = at.x * (float)medium->cells_per_px;
    float v = at.y * (float)medium->cells_per_px;
    float rows = 1 + 0.5F * visible * cosf(TURN * v);
    for (int c = 0; c < 3; c++) {
        rgb[c] *= rows * (1 + visible * cosf(TURN * (u - (float)c / 3)));
    }
}

/* Dots vanish in full white and full black and are strongest between. */
static void shade_print(const imi_gen_medium *medium, float visible, imi_point at, float rgb[3])
{
    static const float COSINE[3] = {0.966F, 0.259F, 0.707F}; /* 15, 75 and 45 degrees */
    static const float SINE[3] = {0.259F, 0.966F, 0.707F};
    float u = at.x * (float)medium->cells_per_px;
    float v = at.y * (float)medium->cells_per_px;
    for (int c = 0; c < 3; c++) {
        float along = u * COSINE[c] + v * SINE[c];
        float across = v * COSINE[c] - u * SINE[c];
        float tone = rgb[c] / 255;
        float strength = 4 * tone * (1 - tone) * 127 * visible;
        rgb[c] += strength * 0.5F * (cosf(TURN * along) + cosf(TURN * across));
    }
}

static float reflection(const imi_gen_medium *medium, imi_point at)
{
    float dx = (at.x - medium->glare_at.x) / (float)medium->glare_radius;
    float dy = (at.y - medium->glare_at.y) / (float)medium->glare_radius;
    float rest = 1 - dx * dx - dy * dy;
    return rest > 0 ? (float)medium->glare * rest * rest : 0;
}

void imi_gen_medium_shade(const imi_gen_medium *medium, double visible, imi_point at, uint32_t row,
                          float rgb[3])
{
    bool inside = at.x >= medium->picture_low.x && at.x < medium->picture_high.x &&
                  at.y >= medium->picture_low.y && at.y < medium->picture_high.y;
    if (inside && visible > 0.004) {
        if (medium->kind == IMI_GEN_SCREEN) {
            shade_screen(medium, (float)visible, at, rgb);
        } else {
            shade_print(medium, (float)visible, at, rgb);
        }
    }
    float level = 1;
    if (inside && medium->band > 0) {
        double phase = row / medium->band_period_px + medium->band_phase;
        level -= (float)medium->band * (0.5F + 0.5F * cosf(TURN * (float)(phase - floor(phase))));
    }
    float shine = medium->glare > 0 ? reflection(medium, at) : 0;
    for (int c = 0; c < 3; c++) {
        float kept = inside ? (float)(medium->black + medium->contrast * rgb[c]) : rgb[c];
        rgb[c] = kept * level * (inside ? (float)medium->tint[c] : 1) + shine;
    }
}
