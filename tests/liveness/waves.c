#include "waves.h"

#include <math.h>

static const double TWO_PI = 6.283185307179586;

/* One sine in each way to move: amplitude and period. */
typedef struct swing {
    double size, period_s;
} swing;

typedef struct way {
    const char *name;
    swing yaw, pitch, roll;
    swing zoom; /* of the scale's logarithm */
    swing shift;
    double bend, noise;
    int jpeg_quality;
} way;

static const way waves[IMI_WAVE_COUNT] = {
    {.name = "repeated_frame"},
    {.name = "held_photo", .noise = 4, .jpeg_quality = 60, .shift = {1.5, 1.3}},
    {.name = "tilt_sideways", .noise = 3, .jpeg_quality = 80, .yaw = {60, 5}},
    {.name = "tilt_up_and_down", .noise = 3, .jpeg_quality = 80, .pitch = {55, 5}},
    {.name = "near_and_far", .noise = 3, .jpeg_quality = 80, .zoom = {0.4, 6}},
    {.name = "near_and_far_tilted",
     .noise = 3,
     .jpeg_quality = 80,
     .zoom = {0.4, 7},
     .yaw = {25, 4.1},
     .pitch = {20, 5.3}},
    {.name = "rolled_and_shifted",
     .noise = 3,
     .jpeg_quality = 80,
     .roll = {25, 3.7},
     .shift = {30, 2.9},
     .zoom = {0.2, 5}},
    {.name = "bent",
     .noise = 3,
     .jpeg_quality = 80,
     .bend = 0.5,
     .yaw = {45, 5},
     .zoom = {0.35, 7}},
    {.name = "strongly_bent",
     .noise = 3,
     .jpeg_quality = 80,
     .bend = 0.9,
     .yaw = {35, 5},
     .pitch = {25, 4},
     .zoom = {0.3, 7}},
    {.name = "everything",
     .noise = 3,
     .jpeg_quality = 80,
     .yaw = {50, 4.3},
     .pitch = {40, 3.1},
     .roll = {15, 5.9},
     .zoom = {0.35, 6.7},
     .shift = {15, 2.3},
     .bend = 0.2},
};

const char *imi_wave_name(unsigned wave)
{
    return wave < IMI_WAVE_COUNT ? waves[wave].name : NULL;
}

static double at(swing s, double seconds)
{
    return s.period_s > 0 ? s.size * sin(TWO_PI * seconds / s.period_s) : 0;
}

imi_photo_hold imi_wave_hold(unsigned wave, int64_t at_ms)
{
    const way *w = &waves[wave];
    const double calm_s = 1.5;
    double seconds = fmax((double)at_ms / 1000 - calm_s, 0);
    return (imi_photo_hold){
        .yaw_deg = at(w->yaw, seconds),
        .pitch_deg = at(w->pitch, seconds),
        .roll_deg = at(w->roll, seconds),
        .scale = exp(at(w->zoom, seconds)),
        .shift_x = at(w->shift, seconds),
        .shift_y = at(w->shift, seconds + 1) / 2 - at(w->shift, 1) / 2,
        .bend = seconds > 0 ? w->bend : 0,
        .noise = w->noise,
        .jpeg_quality = w->jpeg_quality,
    };
}
