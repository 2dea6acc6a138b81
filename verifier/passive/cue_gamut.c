/*
 * Chroma: inks and phosphors reach fewer colours than a scene has, and a print or a screen seen
 * by a camera in other light loses more of them. Measured as the spread of chroma over the face.
 */
#include "cues.h"

#include <math.h>

float passive_cue_gamut(const passive_scene *scene)
{
    const passive_thumb *t = &scene->thumb;
    if (t->grey) {
        return NAN;
    }
    double n = 0;
    double b = 0;
    double r = 0;
    double bb = 0;
    double rr = 0;
    double br = 0;
    for (uint32_t y = t->face.top; y < t->face.top + t->face.height; y++) {
        for (uint32_t x = t->face.left; x < t->face.left + t->face.width; x++) {
            double cb = t->cb[y][x];
            double cr = t->cr[y][x];
            n++;
            b += cb;
            r += cr;
            bb += cb * cb;
            rr += cr * cr;
            br += cb * cr;
        }
    }
    if (n < 1) {
        return NAN;
    }
    double spread_b = bb / n - b * b / (n * n);
    double spread_r = rr / n - r * r / (n * n);
    double common = br / n - b * r / (n * n);
    /* One unit squared each is what rounding and JPEG leave. */
    return (float)(0.5 * log(fmax(spread_b * spread_r - common * common, 0) + 1.0));
}
