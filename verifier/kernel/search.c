/*
 * One pass over a gallery for any number of probes: a tile of rows is compared with every probe
 * while it is in the cache, so that memory is read once.
 */
#include "check.h"
#include "float_env.h"
#include "imi/memory.h"

enum { TILE_ROWS = 64, BLOCK = 16 }; /* a tile is whole blocks */

static size_t tile_rows(size_t left)
{
    return left < TILE_ROWS ? left : TILE_ROWS;
}

/* Compare a tile with probes from first on; returns how many probes that were. */
static size_t search_tile_f32(const float *const *probes, size_t probe_count, size_t first,
                              const imi_gallery_f32 *tile, imi_top_k *tops)
{
    const imi_kernels *kernels = imi_kernels_host();
    float similarities[IMI_KERNEL_PROBES][TILE_ROWS];
    float *const outs[IMI_KERNEL_PROBES] = {similarities[0], similarities[1], similarities[2],
                                            similarities[3]};
    size_t taken = probe_count - first >= IMI_KERNEL_PROBES ? IMI_KERNEL_PROBES : 1;
    if (taken == 1) {
        kernels->dot_f32_many(probes[first], tile, similarities[0]);
    } else {
        kernels->dot_f32_four(probes + first, tile, outs);
    }
    for (size_t p = 0; p < taken; p++) {
        imi_top_k_offer(&tops[first + p], similarities[p], tile->count, tile->first_index);
    }
    return taken;
}

static void search_f32(const float *const *probes, size_t probe_count,
                       const imi_gallery_f32 *gallery, imi_top_k *tops)
{
    imi_gallery_f32 tile = *gallery;
    for (size_t row = 0; row < gallery->count; row += tile.count) {
        tile.rows = gallery->rows + row * gallery->stride;
        tile.count = tile_rows(gallery->count - row);
        tile.first_index = gallery->first_index + row;
        for (size_t p = 0; p < probe_count;) {
            p += search_tile_f32(probes, probe_count, p, &tile, tops);
        }
    }
}

imi_status imi_search_f32(const float *const *probes, size_t probe_count,
                          const imi_gallery_f32 *gallery, imi_top_k *tops, imi_error *err)
{
    IMI_TRY(check_gallery_f32(gallery, err));
    if ((probes == NULL || tops == NULL) && probe_count > 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "probes and their selections are required");
    }
    for (size_t p = 0; p < probe_count; p++) {
        if (probes[p] == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "probe %zu is missing", p);
        }
    }
    uint64_t env = float_env_enter();
    search_f32(probes, probe_count, gallery, tops);
    float_env_leave(env);
    return IMI_OK;
}

/* Whole blocks, so that the compiler vectorises; what lies behind count is never used. */
static void scale_dots(const int32_t *dots, const float *scales, size_t count, float probe_scale,
                       float *similarities)
{
    float row_scales[BLOCK] = {0};
    for (size_t first = 0; first < count; first += BLOCK) {
        size_t left = count - first < BLOCK ? count - first : BLOCK;
        imi_copy(row_scales, scales + first, left * sizeof *scales);
        for (size_t i = 0; i < BLOCK; i++) {
            similarities[first + i] = (float)dots[first + i] * (probe_scale * row_scales[i]);
        }
    }
}

static void search_i8(const imi_probe_i8 *probes, size_t probe_count, const imi_gallery_i8 *gallery,
                      imi_top_k *tops)
{
    const imi_kernels *kernels = imi_kernels_host();
    int32_t dots[TILE_ROWS] = {0};
    float similarities[TILE_ROWS];
    imi_gallery_i8 tile = *gallery;
    for (size_t row = 0; row < gallery->count; row += tile.count) {
        tile.rows = gallery->rows + row * gallery->stride;
        tile.count = tile_rows(gallery->count - row);
        for (size_t p = 0; p < probe_count; p++) {
            kernels->dot_i8_many(probes[p].vector, &tile, dots);
            scale_dots(dots, gallery->scales + row, tile.count, probes[p].scale, similarities);
            imi_top_k_offer(&tops[p], similarities, tile.count, gallery->first_index + row);
        }
    }
}

imi_status imi_search_i8(const imi_probe_i8 *probes, size_t probe_count,
                         const imi_gallery_i8 *gallery, imi_top_k *tops, imi_error *err)
{
    IMI_TRY(check_gallery_i8(gallery, err));
    if ((probes == NULL || tops == NULL) && probe_count > 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "probes and their selections are required");
    }
    if (gallery->scales == NULL && gallery->count > 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the gallery has no scales");
    }
    for (size_t p = 0; p < probe_count; p++) {
        if (probes[p].vector == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "probe %zu is missing", p);
        }
    }
    uint64_t env = float_env_enter();
    search_i8(probes, probe_count, gallery, tops);
    float_env_leave(env);
    return IMI_OK;
}
