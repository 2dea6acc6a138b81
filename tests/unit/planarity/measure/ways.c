#include "sheet.h"

#include <math.h>

static const double TAU = 6.283185307179586;

/* One sine in each way to move: amplitude and period. */
typedef struct swing {
    double size, period_s;
} swing;

typedef struct way {
    const char *name;
    swing yaw, pitch, roll, shift;
    swing zoom; /* of the nearness's logarithm */
    double curl, axis_deg;
    swing flex; /* of the curl, about its mean */
    bool screen;
} way;

static const way ways[IMI_WAY_COUNT] = {
    {.name = "flat_near_far", .zoom = {0.35, 6}},
    {.name = "flat_tilt_sideways", .yaw = {55, 5}, .zoom = {0.1, 3}},
    {.name = "flat_tilt_up_down", .pitch = {45, 5}, .zoom = {0.1, 3}},
    {.name = "flat_near_far_aside", .zoom = {0.35, 6}, .shift = {0.15, 4}, .yaw = {15, 4}},
    {.name = "flat_everything",
     .yaw = {45, 4.3},
     .pitch = {35, 3.1},
     .roll = {15, 5.9},
     .zoom = {0.35, 6.7},
     .shift = {0.05, 2.3}},
    {.name = "screen_near_far", .screen = true, .zoom = {0.35, 6}},
    {.name = "screen_waved",
     .screen = true,
     .yaw = {40, 4.3},
     .pitch = {25, 3.1},
     .zoom = {0.35, 6.7}},
    {.name = "bent_near_far", .curl = 2, .zoom = {0.35, 6}},
    {.name = "bent_turned", .curl = 2, .yaw = {35, 5}, .zoom = {0.2, 7}},
    {.name = "round_near_far", .curl = 4, .zoom = {0.35, 6}},
    {.name = "round_turned", .curl = 4, .yaw = {30, 5}, .zoom = {0.2, 7}},
    {.name = "bent_level", .curl = 2.5, .axis_deg = 90, .yaw = {30, 5}, .zoom = {0.3, 6}},
    {.name = "bent_aslant",
     .curl = 2.5,
     .axis_deg = 30,
     .yaw = {30, 5},
     .pitch = {20, 4},
     .zoom = {0.3, 6}},
    {.name = "waved_paper",
     .curl = 1.5,
     .flex = {1.5, 2.7},
     .yaw = {35, 5},
     .pitch = {20, 3.7},
     .zoom = {0.3, 6}},
};

const char *imi_way_name(unsigned index)
{
    return index < IMI_WAY_COUNT ? ways[index].name : NULL;
}

static double at(swing s, double seconds)
{
    return s.period_s > 0 ? s.size * sin(TAU * seconds / s.period_s) : 0;
}

imi_sheet_hold imi_way_hold(unsigned index, int64_t at_ms)
{
    const struct way *w = &ways[index];
    const double calm_s = 0.8;
    double seconds = fmax((double)at_ms / 1000 - calm_s, 0);
    return (imi_sheet_hold){
        .yaw_deg = at(w->yaw, seconds),
        .pitch_deg = at(w->pitch, seconds),
        .roll_deg = at(w->roll, seconds),
        .nearness = exp(at(w->zoom, seconds)),
        .shift = at(w->shift, seconds),
        .curl = fmax(w->curl + at(w->flex, seconds), 0),
        .axis_deg = w->axis_deg,
        .screen = w->screen,
    };
}
