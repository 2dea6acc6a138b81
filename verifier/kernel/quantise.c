#include "float_env.h"
#include "imi/kernel.h"

#include <math.h>

enum { I8_LARGEST = 127 };

/* Largest magnitude, or NaN if an element is not finite. */
static float largest_magnitude(const float *vector, size_t dim)
{
    float largest = 0.0F;
    for (size_t i = 0; i < dim; i++) {
        if (!isfinite(vector[i])) {
            return NAN;
        }
        largest = fmaxf(largest, fabsf(vector[i]));
    }
    return largest;
}

static void quantise(const float *vector, size_t dim, float largest, int8_t *out)
{
    /* In double: 127 / largest overflows a float when largest is tiny. */
    double inverse = largest > 0.0F ? I8_LARGEST / (double)largest : 0.0;
    for (size_t i = 0; i < dim; i++) {
        out[i] = (int8_t)lrint((double)vector[i] * inverse);
    }
}

imi_status imi_quantise_i8(const float *vector, size_t dim, int8_t *out, float *scale_out,
                           imi_error *err)
{
    if (scale_out == NULL || ((vector == NULL || out == NULL) && dim > 0)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a vector and room for its bytes are required");
    }
    *scale_out = NAN;
    for (size_t i = 0; i < dim; i++) {
        out[i] = 0;
    }
    uint64_t env = float_env_enter();
    float largest = largest_magnitude(vector, dim);
    if (largest >= 0.0F) {
        quantise(vector, dim, largest, out);
        *scale_out = largest / I8_LARGEST;
    }
    float_env_leave(env);
    if (!(largest >= 0.0F)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a vector with an infinite or missing element");
    }
    return IMI_OK;
}
