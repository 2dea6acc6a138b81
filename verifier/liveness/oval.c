#include "oval.h"

#include "limits.h"

#include <math.h>

static const float RAD_PER_TARGET = 6.2831853F / IMI_FOLLOW_TARGETS;

/* From the middle of the picture. People see themselves mirrored; the picture is not. */
static imi_point direction(unsigned target)
{
    float clockwise = (float)(target - 1) * RAD_PER_TARGET;
    return (imi_point){-sinf(clockwise), -cosf(clockwise)};
}

static float tallest(float wide, float high)
{
    return LIMIT_OVAL_ROOM * fminf(high, wide / LIMIT_OVAL_WIDTH);
}

bool imi_oval_has_room(float height, const imi_liveness_sample *picture)
{
    return height <= tallest(picture->wide, picture->high);
}

/* The nearest place where something so large lies within [0, 1]. */
static float keep_inside(float centre, float size)
{
    return size >= 1 ? 0.5F : fminf(fmaxf(centre, size / 2), 1 - size / 2);
}

float imi_near_target_growth(unsigned target)
{
    return LIMIT_NEAR_TARGET_FIRST * powf(LIMIT_NEAR_TARGET_STEP, (float)target - 1);
}

imi_oval imi_near_target_oval(unsigned target, const imi_oval *far,
                              const imi_liveness_sample *picture)
{
    float height = far->height * imi_near_target_growth(target);
    return (imi_oval){
        .centre_x = keep_inside(far->centre_x, LIMIT_OVAL_WIDTH * height / picture->wide),
        .centre_y = keep_inside(far->centre_y, height / picture->high),
        .height = height,
    };
}

imi_oval imi_follow_target_oval(unsigned target, float height, const imi_liveness_sample *picture)
{
    imi_point way = direction(target);
    float room = tallest(picture->wide - 2 * LIMIT_FOLLOW_SHIFT * fabsf(way.x),
                         picture->high - 2 * LIMIT_FOLLOW_SHIFT * fabsf(way.y));
    return (imi_oval){
        .centre_x = 0.5F + LIMIT_FOLLOW_SHIFT * way.x / picture->wide,
        .centre_y = 0.5F + LIMIT_FOLLOW_SHIFT * way.y / picture->high,
        .height = fminf(height, room),
    };
}

imi_oval imi_middle_oval(float height, const imi_liveness_sample *picture)
{
    float room = tallest(picture->wide, picture->high);
    return (imi_oval){.centre_x = 0.5F, .centre_y = 0.5F, .height = fminf(height, room)};
}

float imi_oval_distance(const imi_oval *oval, const imi_liveness_sample *sample)
{
    return hypotf((sample->face.centre_x - oval->centre_x) * sample->wide,
                  (sample->face.centre_y - oval->centre_y) * sample->high);
}

unsigned imi_follow_target_at(const imi_liveness_sample *sample)
{
    for (unsigned target = 1; target <= IMI_FOLLOW_TARGETS; target++) {
        imi_oval oval = imi_follow_target_oval(target, sample->face.height, sample);
        if (imi_oval_distance(&oval, sample) <= LIMIT_FOLLOW_CENTRE) {
            return target;
        }
    }
    return 0;
}
