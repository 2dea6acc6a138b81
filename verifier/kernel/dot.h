/**
 * The dot product kernels of every level. Signatures and numerics: imi/kernel.h; the
 * specification is dot_ref.c, and every other kernel must equal it bit for bit.
 *
 * A level's files are compiled with its instruction set. They include no function that is not
 * static, call nothing outside themselves but intrinsics, and read no element beyond dim.
 */
#ifndef IMI_KERNEL_DOT_H
#define IMI_KERNEL_DOT_H

#include "imi/kernel.h"

float imi_dot_f32_ref(const float *a, const float *b, size_t dim);
void imi_dot_f32_many_ref(const float *probe, const imi_gallery_f32 *gallery, float *out);
void imi_dot_f32_four_ref(const float *const *probes, const imi_gallery_f32 *gallery,
                          float *const *outs);
int32_t imi_dot_i8_ref(const int8_t *a, const int8_t *b, size_t dim);
void imi_dot_i8_many_ref(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out);
void imi_dot_i8_four_ref(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                         int32_t *const *outs);

#if defined(__x86_64__)
float imi_dot_f32_avx2(const float *a, const float *b, size_t dim);
void imi_dot_f32_many_avx2(const float *probe, const imi_gallery_f32 *gallery, float *out);
void imi_dot_f32_four_avx2(const float *const *probes, const imi_gallery_f32 *gallery,
                           float *const *outs);
int32_t imi_dot_i8_avx2(const int8_t *a, const int8_t *b, size_t dim);
void imi_dot_i8_many_avx2(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out);
void imi_dot_i8_four_avx2(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                          int32_t *const *outs);

float imi_dot_f32_avx512(const float *a, const float *b, size_t dim);
void imi_dot_f32_many_avx512(const float *probe, const imi_gallery_f32 *gallery, float *out);
void imi_dot_f32_four_avx512(const float *const *probes, const imi_gallery_f32 *gallery,
                             float *const *outs);

int32_t imi_dot_i8_vnni(const int8_t *a, const int8_t *b, size_t dim);
void imi_dot_i8_many_vnni(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out);
void imi_dot_i8_four_vnni(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                          int32_t *const *outs);
#endif

#if defined(__aarch64__)
float imi_dot_f32_neon(const float *a, const float *b, size_t dim);
void imi_dot_f32_many_neon(const float *probe, const imi_gallery_f32 *gallery, float *out);
void imi_dot_f32_four_neon(const float *const *probes, const imi_gallery_f32 *gallery,
                           float *const *outs);
int32_t imi_dot_i8_neon(const int8_t *a, const int8_t *b, size_t dim);
void imi_dot_i8_many_neon(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out);
void imi_dot_i8_four_neon(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                          int32_t *const *outs);

int32_t imi_dot_i8_sdot(const int8_t *a, const int8_t *b, size_t dim);
void imi_dot_i8_many_sdot(const int8_t *probe, const imi_gallery_i8 *gallery, int32_t *out);
void imi_dot_i8_four_sdot(const int8_t *const *probes, const imi_gallery_i8 *gallery,
                          int32_t *const *outs);
#endif

#endif
