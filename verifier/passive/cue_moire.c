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

/* Logarithm of the power, for where a period is short enough. */
static float level(const passive_spectrum *spectrum, int v, int u)
{
    return logf(spectrum->power[(v + PASSIVE_TILE) % PASSIVE_TILE][u] / (float)spectrum->tiles + 1);
}

/* How far a bin stands above the mean of the ring around it, in nepers of power. */
static float height(const float (*levels)[PASSIVE_BINS], int v, int u)
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

float passive_cue_moire(const passive_scene *scene)
{
    const passive_spectrum *spectrum = &scene->spectrum;
    if (spectrum->tiles == 0) {
        return NAN;
    }
    float levels[PASSIVE_TILE][PASSIVE_BINS];
    const int half = PASSIVE_TILE / 2;
    for (int v = -half; v < half; v++) {
        for (int u = 0; u < PASSIVE_BINS; u++) {
            levels[(v + PASSIVE_TILE) % PASSIVE_TILE][u] = level(spectrum, v, u);
        }
    }
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
