#include "imi/median.h"

#include <math.h>
#include <stdlib.h>

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

float imi_take_median(float *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (isnan(values[i])) {
            return NAN;
        }
    }
    if (count == 0) {
        return NAN;
    }
    qsort(values, count, sizeof *values, compare_floats);
    return values[(count - 1) / 2];
}
