/*
 * Borders: a held print, phone or tablet ends in straight edges on several sides of the face. A
 * door frame gives one or two; a medium in view gives three or four.
 */
#include "cues.h"

#include <math.h>

/* Half the range of slopes, and lines tried within it: a hand holds a medium upright to 17 deg. */
static const float SLOPE_MAX = 0.3F;
enum { SLOPES = 13, MARGIN = 2 };
/* Gradient, in luma levels a pixel of the small picture, from which a pixel is an edge. */
static const float EDGE_MIN = 4.0F;
/* An edge may lean against its line by this much. */
static const float LEAN_MAX = 0.45F;

/* One side of the face, seen as if it were the left one. */
typedef struct side {
    const passive_thumb *thumb;
    bool transposed, mirrored;
    int across, along; /* size of the small picture as this side sees it */
    int limit; /* lines lie between the picture's edge and here, where the face begins */
    int from, to; /* the face's extent along the side */
} side;

static float at(const side *s, int across, int along)
{
    int x = s->mirrored ? s->across - 1 - across : across;
    return s->transposed ? s->thumb->luma[x][along] : s->thumb->luma[along][x];
}

static bool is_padding(const side *s, int across, int along)
{
    int x = s->mirrored ? s->across - 1 - across : across;
    return s->transposed ? s->thumb->padding[x][along] : s->thumb->padding[along][x];
}

/* A pixel that is half padding lies between it and the picture, so two steps are looked at. */
static bool is_by_padding(const side *s, int across, int along)
{
    return is_padding(s, across - 2, along) || is_padding(s, across - 1, along) ||
           is_padding(s, across + 1, along) || is_padding(s, across + 2, along);
}

/* Edges of one side: how far each leans against the upright, and its polarity. */
typedef struct edges {
    float lean[PASSIVE_THUMB][PASSIVE_THUMB]; /* [along][across]; NaN: no edge */
    bool light[PASSIVE_THUMB][PASSIVE_THUMB]; /* it grows lighter towards the face */
} edges;

static void find_edges(const side *s, edges *out)
{
    for (int along = s->from; along < s->to; along++) {
        for (int across = 0; across < s->limit; across++) {
            out->lean[along][across] = NAN;
            if (across < MARGIN || across + MARGIN >= s->across ||
                is_by_padding(s, across, along)) {
                continue;
            }
            float gx = at(s, across + 1, along) - at(s, across - 1, along);
            float gy = at(s, across, along + 1) - at(s, across, along - 1);
            if (fabsf(gx) >= 2 * EDGE_MIN) {
                out->lean[along][across] = gy / gx;
                out->light[along][across] = gx > 0;
            }
        }
    }
}

/* Share of the line's points that are edges of one polarity along it, in [0, 1]. */
static float support(const side *s, const edges *e, int start, float slope)
{
    int light = 0;
    int dark = 0;
    int middle = (s->from + s->to) / 2;
    for (int along = s->from; along < s->to; along++) {
        int across = start + (int)(slope * (float)(along - middle) + 64.5F) - 64;
        if (across < MARGIN || across >= s->limit) {
            continue;
        }
        float lean = e->lean[along][across];
        if (fabsf(lean + slope) <= LEAN_MAX * fabsf(1 - slope * lean)) {
            light += e->light[along][across];
            dark += !e->light[along][across];
        }
    }
    return (float)(light > dark ? light : dark) / (float)(s->to - s->from);
}

static float best(const side *s)
{
    if (s->to - s->from < 2 * MARGIN) {
        return 0;
    }
    edges e;
    find_edges(s, &e);
    float most = 0;
    for (int start = MARGIN; start < s->limit; start++) {
        for (int i = 0; i < SLOPES; i++) {
            float slope = SLOPE_MAX * (2.0F * (float)i / (SLOPES - 1) - 1);
            most = fmaxf(most, support(s, &e, start, slope));
        }
    }
    return most;
}

static side make_side(const passive_thumb *t, bool transposed, bool mirrored)
{
    int low = (int)(transposed ? t->face.top : t->face.left);
    int high = low + (int)(transposed ? t->face.height : t->face.width);
    int from = (int)(transposed ? t->face.left : t->face.top);
    int to = from + (int)(transposed ? t->face.width : t->face.height);
    side s = {.thumb = t, .transposed = transposed, .mirrored = mirrored};
    s.across = (int)(transposed ? t->height : t->width);
    s.along = (int)(transposed ? t->width : t->height);
    s.limit = mirrored ? s.across - high : low;
    s.from = from > 1 ? from : 1;
    s.to = to < s.along - 1 ? to : s.along - 1;
    return s;
}

/* The mean of the three best sides: a hand hides one, a frame crops one. */
float passive_cue_borders(const passive_scene *scene)
{
    float sum = 0;
    float least = 1;
    for (int i = 0; i < 4; i++) {
        side s = make_side(&scene->thumb, i / 2 != 0, i % 2 != 0);
        float here = best(&s);
        sum += here;
        least = fminf(least, here);
    }
    return (sum - least) / 3;
}
