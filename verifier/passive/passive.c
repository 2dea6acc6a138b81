#include "imi/passive.h"

#include "cues.h"

#include <math.h>

static const char *const NAMES[IMI_CUE_COUNT] = {
    [IMI_CUE_MOIRE] = "moire",
    [IMI_CUE_BORDERS] = "borders",
    [IMI_CUE_BANDING] = "banding",
    [IMI_CUE_SPECULAR] = "specular",
    [IMI_CUE_GAMUT] = "gamut",
    [IMI_CUE_SHARPNESS] = "sharpness",
    [IMI_CUE_COMPRESSION] = "compression",
    [IMI_CUE_NETWORKS] = "networks",
    [IMI_CUE_CONTRAST] = "contrast",
};

const char *imi_cue_name(imi_cue cue)
{
    return (unsigned)cue < IMI_CUE_COUNT ? NAMES[cue] : NULL;
}

static void measure(const passive_scene *scene, imi_cues *out)
{
    out->value[IMI_CUE_MOIRE] = passive_cue_moire(scene);
    out->value[IMI_CUE_BORDERS] = passive_cue_borders(scene);
    out->value[IMI_CUE_BANDING] = passive_cue_banding(scene);
    out->value[IMI_CUE_SPECULAR] = passive_cue_specular(scene);
    out->value[IMI_CUE_GAMUT] = passive_cue_gamut(scene);
    out->value[IMI_CUE_SHARPNESS] = passive_cue_sharpness(scene);
    out->value[IMI_CUE_COMPRESSION] = passive_cue_compression(scene);
    out->value[IMI_CUE_CONTRAST] = passive_cue_contrast(scene);
    out->grid = passive_grid(scene);
}

imi_status imi_passive_measure(const imi_image *image, const imi_face_box *box,
                               const imi_landmarks *landmarks, imi_cues *out, imi_error *err)
{
    for (int i = 0; i < IMI_CUE_COUNT; i++) {
        out->value[i] = NAN;
    }
    out->grid = NAN;
    if (image == NULL || box == NULL || image->pixels == NULL || image->width == 0 ||
        image->height == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "passive: an image and a face box are needed");
    }
    if (image->format != IMI_PIXEL_RGB8 && image->format != IMI_PIXEL_GREY8) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "passive: unknown pixel format");
    }
    passive_scene *scene = imi_alloc(sizeof *scene);
    if (scene == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the passive cues");
    }
    if (passive_scene_look(scene, image, box, landmarks)) {
        measure(scene, out);
    }
    imi_wipe(scene, sizeof *scene);
    imi_free(scene);
    return IMI_OK;
}
