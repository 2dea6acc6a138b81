/*
 * Moire: where the grid of a screen or the dots of a print meet the camera's pixels they beat,
 * and the spectrum of the face has narrow peaks that skin and hair do not make.
 */
#include "cues.h"

#include <math.h>

enum {
    LOW = 6, /* below this many periods a tile there is the face itself */
    AXIS = 3, /* JPEG blocks and straight edges put their power beside the axes */
    PEAKS = 4
};

typedef float spectrum_levels[PASSIVE_TILE][PASSIVE_BINS]; /* nepers of power */

/* How far a bin stands above the mean of the ring around it, in nepers of power. */
static float height(const spectrum_levels levels, int v, int u)
{
    float ring = 0;
    int count = 0;
    for (int dv = -3; dv <= 3; dv++) {
        for (int du = -3; du <= 3; du++) {
            if (dv * dv <= 1 && du * du <= 1) {
                continue;
            }
            ring += levels[(v + dv + PASSIVE_TILE) % PASSIVE_TILE][u + du];
            count++;
        }
    }
    return levels[(v + PASSIVE_TILE) % PASSIVE_TILE][u] - ring / (float)count;
}

/* Keep the largest, in falling order. */
static void insert(float peaks[PEAKS], float value)
{
    for (int i = 0; i < PEAKS; i++) {
        if (value > peaks[i]) {
            float pushed = peaks[i];
            peaks[i] = value;
            value = pushed;
        }
    }
}

/* Mean of the highest, where a period is short enough. */
static float highest(const spectrum_levels levels)
{
    const int half = PASSIVE_TILE / 2;
    float peaks[PEAKS] = {0};
    for (int v = -half + 4; v < half - 3; v++) {
        for (int u = AXIS; u < PASSIVE_BINS - 3; u++) {
            if (v * v >= AXIS * AXIS && u * u + v * v >= LOW * LOW) {
                insert(peaks, height(levels, v, u));
            }
        }
    }
    float sum = 0;
    for (int i = 0; i < PEAKS; i++) {
        sum += peaks[i];
    }
    return sum / PEAKS;
}

/* How much of a frequency there is, in nepers of power. */
typedef float level_of(const passive_spectrum *spectrum, int v, int u);

static float level_of_mean(const passive_spectrum *spectrum, int v, int u)
{
    return logf(spectrum->power[v][u] / (float)spectrum->tiles + 1);
}

static float mean_of_levels(const passive_spectrum *spectrum, int v, int u)
{
    return spectrum->nepers[v][u] / (float)spectrum->tiles;
}

static float highest_by(level_of *level, const passive_spectrum *spectrum)
{
    if (spectrum->tiles == 0) {
        return NAN;
    }
    spectrum_levels levels;
    for (int v = 0; v < PASSIVE_TILE; v++) {
        for (int u = 0; u < PASSIVE_BINS; u++) {
            levels[v][u] = level(spectrum, v, u);
        }
    }
    return highest(levels);
}

float passive_cue_moire(const passive_scene *scene)
{
    return highest_by(level_of_mean, &scene->spectrum);
}

/* A lash or a strand of hair lies in one tile and makes most of the mean power there. A grid is in
 * all of them: the mean of the logarithms keeps it and loses the lash. */
float passive_grid(const passive_scene *scene)
{
    return highest_by(mean_of_levels, &scene->spectrum);
}
