/*
 * Sharpness by scale: a face before a lens has detail down to the pixels of the camera; shown
 * on a medium it was blurred once more, at the size at which the medium shows it.
 */
#include "cues.h"

#include <math.h>

enum { FIRST = 3, LAST = 26 }; /* periods a tile: below is the face's shape, beyond is noise */

/* Mean power in the ring of a radius, all directions but the axes. */
static void rings(const passive_spectrum *spectrum, float power[PASSIVE_BINS])
{
    unsigned count[PASSIVE_BINS] = {0};
    const int half = PASSIVE_TILE / 2;
    for (int v = -half; v < half; v++) {
        for (int u = 1; u < half; u++) {
            int radius = (int)(sqrtf((float)(u * u + v * v)) + 0.5F);
            if (radius < PASSIVE_BINS && v != 0) {
                power[radius] += spectrum->power[(v + PASSIVE_TILE) % PASSIVE_TILE][u];
                count[radius]++;
            }
        }
    }
    for (int i = 0; i < PASSIVE_BINS; i++) {
        power[i] = count[i] > 0 ? power[i] / ((float)count[i] * (float)spectrum->tiles) : 0;
    }
}

/* The exponent of the fall of power with frequency, by least squares over logarithms. */
float passive_cue_sharpness(const passive_scene *scene)
{
    if (scene->spectrum.tiles == 0) {
        return NAN;
    }
    float power[PASSIVE_BINS] = {0};
    rings(&scene->spectrum, power);
    double n = 0;
    double sx = 0;
    double sy = 0;
    double sxx = 0;
    double sxy = 0;
    for (int i = FIRST; i <= LAST; i++) {
        double x = log(i);
        double y = log(power[i] + 1.0);
        double weight = 1.0 / i; /* octaves count the same */
        n += weight;
        sx += weight * x;
        sy += weight * y;
        sxx += weight * x * x;
        sxy += weight * x * y;
    }
    return (float)((n * sxy - sx * sy) / (n * sxx - sx * sx));
}
