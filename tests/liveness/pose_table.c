#include "pose_table.h"

#include "imi/median.h"

#include <math.h>

enum { COMPARED = 4, SIDES = 2 }; /* steps to either side: 20 degrees */

/* Values of people, those that are finite. */
typedef struct values {
    uint32_t count;
    float value[SIDES * POSE_PEOPLE_MAX];
} values;

static void add(values *all, float value)
{
    if (isfinite(value)) {
        all->value[all->count++] = value;
    }
}

static float mean(const values *all)
{
    float sum = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        sum += all->value[i];
    }
    return sum / (float)all->count;
}

static float deviation(const values *all)
{
    float middle = mean(all);
    float squares = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        squares += (all->value[i] - middle) * (all->value[i] - middle);
    }
    return sqrtf(squares / (float)(all->count - 1));
}

double pose_angle_deg(int angle)
{
    return POSE_STEP_DEG * (angle - POSE_FRONTAL);
}

pose_group pose_table_group(const pose_table *table, int angle)
{
    values all = {.count = 0};
    for (uint32_t i = 0; i < table->people; i++) {
        add(&all, table->reading[i][angle].turned_deg);
    }
    float spread = deviation(&all);
    return (pose_group){all.count, imi_take_median(all.value, all.count), spread};
}

/* Of a person's side, -1 or 1, so many steps from the middle: positive when judged rightly. */
static float judged(const pose_reading *readings, int side, int step)
{
    return (float)side * readings[POSE_FRONTAL + side * step].turned_deg;
}

static bool is_rising(const pose_reading *readings)
{
    bool rising = true;
    for (int i = 1; i < POSE_ANGLES; i++) {
        rising = rising && readings[i].turned_deg > readings[i - 1].turned_deg;
    }
    return rising;
}

/* True turn at which somebody is first judged to have turned enough; NaN: never. */
static float first_enough(const pose_reading *readings, int side, float enough_deg)
{
    for (int step = 1; step <= POSE_FRONTAL; step++) {
        float before = judged(readings, side, step - 1);
        float now = judged(readings, side, step);
        if (now >= enough_deg) {
            float share = (enough_deg - before) / (now - before);
            return POSE_STEP_DEG * ((float)(step - 1) + share);
        }
    }
    return NAN;
}

static void set_enough(values *reached, pose_summary *out)
{
    out->reached = reached->count;
    out->median_deg = imi_take_median(reached->value, reached->count); /* sorts */
    out->least_deg = reached->count > 0 ? reached->value[0] : NAN;
    out->most_deg = reached->count > 0 ? reached->value[reached->count - 1] : NAN;
}

pose_summary pose_table_sum_up(const pose_table *table, float enough_deg)
{
    pose_summary out = {.sides = SIDES * table->people};
    values turned = {.count = 0};
    values variances = {.count = 0};
    values reached = {.count = 0};
    for (uint32_t i = 0; i < table->people; i++) {
        const pose_reading *readings = table->reading[i];
        out.rising += is_rising(readings) ? 1 : 0;
        for (int side = -1; side <= 1; side += 2) {
            add(&turned, judged(readings, side, COMPARED));
            add(&variances, readings[POSE_FRONTAL + side * COMPARED].variance);
            add(&reached, first_enough(readings, side, enough_deg));
        }
    }
    out.slope = mean(&turned) / (float)pose_angle_deg(POSE_FRONTAL + COMPARED);
    out.spread_deg = deviation(&turned) / out.slope;
    out.noise_deg = sqrtf(mean(&variances)) / out.slope;
    set_enough(&reached, &out);
    return out;
}
