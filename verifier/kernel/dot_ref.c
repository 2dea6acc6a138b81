/* The specification: what every other kernel must compute, bit for bit. */
#include "dot.h"

#include <math.h>
#include <stdbool.h>

static float add_lanes(float lanes[IMI_KERNEL_LANES])
{
    for (size_t width = IMI_KERNEL_LANES / 2; width > 0; width /= 2) {
        for (size_t lane = 0; lane < width; lane++) {
            lanes[lane] += lanes[lane + width];
        }
    }
    return lanes[0];
}

float imi_dot_f32_ref(const float *a, const float *b, size_t dim)
{
    float lanes[IMI_KERNEL_LANES] = {0};
    for (size_t i = 0; i < dim; i += IMI_KERNEL_LANES) {
        for (size_t lane = 0; lane < IMI_KERNEL_LANES; lane++) {
            /* Padding is multiplied too: it turns a lane of -0 into +0. */
            bool inside = lane < dim - i;
            float x = inside ? a[i + lane] : 0.0F;
            float y = inside ? b[i + lane] : 0.0F;
            lanes[lane] = fmaf(x, y, lanes[lane]);
        }
    }
    return add_lanes(lanes);
}

void imi_dot_f32_many_ref(const float *probe, const imi_gallery_f32 *gallery, float *out)
{
    for (size_t row = 0; row < gallery->count; row++) {
        out[row] = imi_dot_f32_ref(probe, gallery->rows + row * gallery->stride, gallery->dim);
    }
}

void imi_dot_f32_four_ref(const float *const *probes, const imi_gallery_f32 *gallery,
                          float *const *outs)
{
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        imi_dot_f32_many_ref(probes[p], gallery, outs[p]);
    }
}

int32_t imi_dot_i8_ref(const int8_t *a, const int8_t *b, size_t dim)
{
    /* Unsigned, so that a sum beyond IMI_DOT_I8_DIM_MAX elements wraps and is no defect in C. */
    uint32_t sum = 0;
    for (size_t i = 0; i < dim; i++) {
        sum += (uint32_t)((int32_t)a[i] * (int32_t)b[i]);
    }
    return (int32_t)sum;
}

void imi_dot_i8_many_ref(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out)
{
    for (size_t row = 0; row < gallery->count; row++) {
        out[row] = imi_dot_i8_ref(probe, gallery->rows + row * gallery->stride, gallery->dim);
    }
}

void imi_dot_i8_four_ref(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                         int32_t *const *outs)
{
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        imi_dot_i8_many_ref(probes[p], gallery, outs[p]);
    }
}
