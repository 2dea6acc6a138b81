/*
 * One pass over a gallery for any number of probes: a tile of rows is compared with every probe
 * while it is in the cache, so that memory is read once.
 */
#include "check.h"
#include "float_env.h"

enum { TILE_ROWS = 64 };

static size_t tile_rows(size_t left) {
    return left < TILE_ROWS ? left : TILE_ROWS;
}

static void search_f32(const float *const *probes, size_t probe_count,
                       const imi_gallery_f32 *gallery, imi_top_k *tops) {
    const imi_kernels *kernels = imi_kernels_host();
    float similarities[TILE_ROWS];
    imi_gallery_f32 tile = *gallery;
    for (size_t row = 0; row < gallery->count; row += tile.count) {
        tile.rows = gallery->rows + row * gallery->stride;
        tile.count = tile_rows(gallery->count - row);
        for (size_t p = 0; p < probe_count; p++) {
            kernels->dot_f32_many(probes[p], &tile, similarities);
            imi_top_k_offer(&tops[p], similarities, tile.count, gallery->first_index + row);
        }
    }
}

imi_status imi_search_f32(const float *const *probes, size_t probe_count,
                          const imi_gallery_f32 *gallery, imi_top_k *tops, imi_error *err) {
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

static void search_i8(const imi_probe_i8 *probes, size_t probe_count, const imi_gallery_i8 *gallery,
                      imi_top_k *tops) {
    const imi_kernels *kernels = imi_kernels_host();
    int32_t dots[TILE_ROWS];
    float similarities[TILE_ROWS];
    imi_gallery_i8 tile = *gallery;
    for (size_t row = 0; row < gallery->count; row += tile.count) {
        tile.rows = gallery->rows + row * gallery->stride;
        tile.scales = gallery->scales + row;
        tile.count = tile_rows(gallery->count - row);
        for (size_t p = 0; p < probe_count; p++) {
            kernels->dot_i8_many(probes[p].vector, &tile, dots);
            for (size_t r = 0; r < tile.count; r++) {
                similarities[r] = (float)dots[r] * (probes[p].scale * tile.scales[r]);
            }
            imi_top_k_offer(&tops[p], similarities, tile.count, gallery->first_index + row);
        }
    }
}

imi_status imi_search_i8(const imi_probe_i8 *probes, size_t probe_count,
                         const imi_gallery_i8 *gallery, imi_top_k *tops, imi_error *err) {
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
