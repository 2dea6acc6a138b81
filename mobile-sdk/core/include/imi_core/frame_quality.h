/**
 * Quality of a camera frame from its luma. Integer arithmetic: SSE2, NEON and WASM SIMD128 give
 * exactly what the scalar code gives.
 */
#ifndef IMI_CORE_FRAME_QUALITY_H
#define IMI_CORE_FRAME_QUALITY_H

#include "imi_core/codes.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_CORE_LUMA_SIDE_MIN = 16,
    IMI_CORE_LUMA_SIDE_MAX = 4096, /* so that a row's sums fit 32 bits */
    IMI_CORE_LUMA_DARK = 32, /* at most: counts as dark */
    IMI_CORE_LUMA_BRIGHT = 240 /* at least: counts as blown out */
};

/** One byte a pixel, rows from the top. Borrowed for the call. */
typedef struct imi_core_luma {
    const uint8_t *pixels;
    uint32_t width;
    uint32_t height;
    uint32_t stride_bytes; /* at least width */
} imi_core_luma;

/** All over the inner pixels, without the outermost rows and columns. */
typedef struct imi_core_quality {
    uint32_t sharpness_milli; /* mean absolute Laplacian (4 neighbours), thousandths of a level */
    uint32_t mean_milli; /* mean luma, thousandths of a level */
    uint32_t dark_permille;
    uint32_t bright_permille;
    uint32_t motion_milli; /* mean absolute difference to the frame before; 0 without one */
} imi_core_quality;

/**
 * Measure a frame, and its difference to the one before (NULL, or of the same size).
 *
 * Errors: false for sides out of range or unlike; out is all zero then.
 */
IMI_CORE_API bool imi_core_quality_measure(const imi_core_luma *frame, const imi_core_luma *before,
                                           imi_core_quality *out);

/**
 * What to tell the person before the server has looked: MORE_LIGHT, LESS_LIGHT, HOLD_STILL or
 * NONE. A hint; only the server judges.
 */
IMI_CORE_API imi_core_phrase imi_core_quality_advice(const imi_core_quality *quality);

#ifdef __cplusplus
}
#endif
#endif
