/* The checked entry points. */
#include "dot.h"

#include "check.h"
#include "float_env.h"
#include "imi/memory.h"

#include <math.h>

/* rows: are they there, if any is needed. element: bytes of one. */
static imi_status check_shape(const void *rows, size_t count, size_t stride, size_t dim,
                              imi_error *err)
{
    size_t elements = 0;
    if (rows == NULL && count > 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the gallery has no rows");
    }
    if (stride < dim) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a gallery row of %zu elements cannot hold %zu",
                 stride, dim);
    }
    if (!imi_size_mul(count, stride, &elements) || elements > SIZE_MAX / sizeof(float)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a gallery of %zu rows does not fit in memory",
                 count);
    }
    return IMI_OK;
}

imi_status check_gallery_f32(const imi_gallery_f32 *gallery, imi_error *err)
{
    if (gallery == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a gallery is required");
    }
    return check_shape(gallery->rows, gallery->count, gallery->stride, gallery->dim, err);
}

imi_status check_gallery_i8(const imi_gallery_i8 *gallery, imi_error *err)
{
    if (gallery == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a gallery is required");
    }
    if (gallery->dim > IMI_DOT_I8_DIM_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "int8 vectors of %zu elements can overflow",
                 gallery->dim);
    }
    return check_shape(gallery->rows, gallery->count, gallery->stride, gallery->dim, err);
}

float imi_dot_f32(const float *a, const float *b, size_t dim)
{
    if (a == NULL || b == NULL) {
        return NAN;
    }
    uint64_t env = float_env_enter();
    float dot = imi_kernels_host()->dot_f32(a, b, dim);
    float_env_leave(env);
    return dot;
}

imi_status imi_dot_f32_many(const float *probe, const imi_gallery_f32 *gallery, float *dots_out,
                            imi_error *err)
{
    IMI_TRY(check_gallery_f32(gallery, err));
    if (probe == NULL || dots_out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a probe and room for its results are required");
    }
    uint64_t env = float_env_enter();
    imi_kernels_host()->dot_f32_many(probe, gallery, dots_out);
    float_env_leave(env);
    return IMI_OK;
}

int32_t imi_dot_i8(const int8_t *a, const int8_t *b, size_t dim)
{
    return a == NULL || b == NULL ? 0 : imi_kernels_host()->dot_i8(a, b, dim);
}

imi_status imi_dot_i8_many(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *dots_out,
                           imi_error *err)
{
    IMI_TRY(check_gallery_i8(gallery, err));
    if (probe == NULL || dots_out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a probe and room for its results are required");
    }
    imi_kernels_host()->dot_i8_many(probe, gallery, dots_out);
    return IMI_OK;
}

imi_status imi_dot_i8_four(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                           int32_t *const *dots_out, imi_error *err)
{
    IMI_TRY(check_gallery_i8(gallery, err));
    for (size_t p = 0; p < IMI_KERNEL_PROBES; p++) {
        if (probes == NULL || dots_out == NULL || probes[p] == NULL || dots_out[p] == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                     "%d probes and room for their results are "
                     "required",
                     IMI_KERNEL_PROBES);
        }
    }
    imi_kernels_host()->dot_i8_four(probes, gallery, dots_out);
    return IMI_OK;
}
