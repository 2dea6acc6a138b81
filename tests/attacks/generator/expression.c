#include "expression.h"

#include <math.h>
#include <stddef.h>

/* Points of the mesh by what they are: from one corner to the other, upper above lower. */
enum { LIDS = 7, LIPS = 9 };
static const uint16_t LID_UPPER[2][LIDS] = {{246, 161, 160, 159, 158, 157, 173},
                                            {466, 388, 387, 386, 385, 384, 398}};
static const uint16_t LID_LOWER[2][LIDS] = {{7, 163, 144, 145, 153, 154, 155},
                                            {249, 390, 373, 374, 380, 381, 382}};
static const uint16_t LID_FOLD[2][LIDS] = {{247, 30, 29, 27, 28, 56, 190},
                                           {467, 260, 259, 257, 258, 286, 414}};
static const uint16_t EYE_CORNERS[4] = {33, 133, 263, 362};
static const uint16_t LIP_UPPER[LIPS] = {191, 80, 81, 82, 13, 312, 311, 310, 415};
static const uint16_t LIP_LOWER[LIPS] = {95, 88, 178, 87, 14, 317, 402, 318, 324};
enum { LIP_RIGHT = 78, LIP_LEFT = 308 };

static const double JAW_DROP_CM = 2.6; /* gap of a mouth that is opened wide on request */
static const double JAW_BACK = 0.35; /* the chin swings back as it drops */

bool imi_gen_is_inner_lip(unsigned index)
{
    for (size_t i = 0; i < LIPS; i++) {
        if (LIP_UPPER[i] == index || LIP_LOWER[i] == index) {
            return true;
        }
    }
    return index == LIP_RIGHT || index == LIP_LEFT;
}

bool imi_gen_is_lid(unsigned index)
{
    for (size_t eye = 0; eye < 2; eye++) {
        for (size_t i = 0; i < LIDS; i++) {
            if (LID_UPPER[eye][i] == index || LID_LOWER[eye][i] == index) {
                return true;
            }
        }
    }
    for (size_t i = 0; i < 4; i++) {
        if (EYE_CORNERS[i] == index) {
            return true;
        }
    }
    return false;
}

double imi_gen_jaw_drop_cm(double mouth)
{
    return JAW_DROP_CM * mouth;
}

void imi_gen_fit_lids(imi_point *points)
{
    for (size_t eye = 0; eye < 2; eye++) {
        for (size_t i = 0; i < LIDS; i++) {
            imi_point *upper = &points[LID_UPPER[eye][i]];
            imi_point *lower = &points[LID_LOWER[eye][i]];
            float gap = lower->y - upper->y;
            upper->y -= 0.02F * gap;
            lower->y += 0.16F * gap;
        }
    }
}

/* Lids meet a little above the lower one; the fold follows half way. */
static void close_eyes(imi_gen_point *points, double blink)
{
    for (size_t eye = 0; eye < 2; eye++) {
        for (size_t i = 0; i < LIDS; i++) {
            imi_gen_point *upper = &points[LID_UPPER[eye][i]];
            imi_gen_point *fold = &points[LID_FOLD[eye][i]];
            double gap = points[LID_LOWER[eye][i]].y - upper->y;
            upper->y += 1.02 * gap * blink;
            fold->y += 0.45 * gap * blink;
        }
    }
}

/* Height of the line between the lips under a place. */
static double mouth_line(const imi_gen_point *rest, double x)
{
    double before_x = rest[LIP_RIGHT].x;
    double before_y = rest[LIP_RIGHT].y;
    for (size_t i = 0; i <= LIPS; i++) {
        const imi_gen_point *upper = &rest[i < LIPS ? LIP_UPPER[i] : LIP_LEFT];
        const imi_gen_point *lower = &rest[i < LIPS ? LIP_LOWER[i] : LIP_LEFT];
        double at_x = (upper->x + lower->x) / 2;
        double at_y = (upper->y + lower->y) / 2;
        if (x < at_x) {
            double share =
                at_x > before_x ? fmin(fmax((x - before_x) / (at_x - before_x), 0), 1) : 0;
            return before_y + share * (at_y - before_y);
        }
        before_x = at_x;
        before_y = at_y;
    }
    return before_y;
}

static bool is_of(const uint16_t *points, unsigned index)
{
    for (size_t i = 0; i < LIPS; i++) {
        if (points[i] == index) {
            return true;
        }
    }
    return false;
}

/* Share of the jaw's movement: all at the middle of the lower lip and at the chin, less towards
 * the corners of the mouth and the hinges, none above the mouth. */
static double jaw_share(const imi_gen_point *rest, unsigned index)
{
    const imi_gen_point *p = &rest[index];
    if (is_of(LIP_UPPER, index) || index == LIP_RIGHT || index == LIP_LEFT) {
        return 0;
    }
    double below = p->y - mouth_line(rest, p->x);
    if (below <= 0 && !is_of(LIP_LOWER, index)) {
        return 0;
    }
    double middle = (rest[LIP_RIGHT].x + rest[LIP_LEFT].x) / 2;
    double half = fmax((rest[LIP_LEFT].x - rest[LIP_RIGHT].x) / 2, 0.5);
    double depth = fmax(rest[IMI_MESH_CHIN].y - mouth_line(rest, middle), 1);
    double reach = half * (1 + 1.6 * fmin(fmax(below, 0) / depth, 1));
    double aside = (p->x - middle) / reach;
    return sqrt(fmax(1 - aside * aside, 0));
}

void imi_gen_express(imi_gen_point *points, double mouth, double blink)
{
    if (blink > 0 || blink < 0) {
        close_eyes(points, blink);
    }
    if (!(mouth > 0)) {
        return;
    }
    double share[IMI_MESH_POINTS];
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        share[i] = jaw_share(points, i);
    }
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        points[i].y += share[i] * JAW_DROP_CM * mouth;
        points[i].z += share[i] * JAW_DROP_CM * mouth * JAW_BACK;
    }
}
