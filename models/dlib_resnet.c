/*
 * dlib's face recognition ResNet: a chip of 150 x 150 placed by dlib's own rule from the 68
 * points of the iBUG scheme, for which mesh points stand in.
 */
#include "extractor.h"
#include "geometry.h"
#include "parts.h"
#include "shim/imi_dlib.h"

enum { CHIP = 150 };

/* Share of the face left around it on each side, as the network was trained. */
static const double PADDING = 0.25;

/* Mesh point for each iBUG point. dlib's rule reads only the nose (27 to 35), the eyes (36 to
 * 47), the upper lip (48 to 54) and its inner edge (60 to 64). */
static const uint16_t MESH_OF_IBUG[IMI_DLIB_POINTS] = {
    127, 234, 93,  132, 58,  172, 150, 176, 152, 400, 379, 397, 288, 361, 323, 454, 356, /* jaw */
    70,  63,  105, 66,  107, 336, 296, 334, 293, 300, /* brows */
    168, 197, 5,   1,   98,  97,  2,   326, 327, /* nose */
    33,  160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380, /* eyes */
    61,  39,  37,  0,   267, 269, 291, 405, 314, 17,  84,  181, /* outer lips */
    78,  82,  13,  312, 308, 317, 14,  87}; /* inner lips */

static imi_status align(imi_extractor *self, const imi_landmarks *landmarks,
                        imi_affine *image_to_chip_out, imi_error *err)
{
    imi_point points[IMI_DLIB_POINTS];
    for (size_t i = 0; i < IMI_DLIB_POINTS; i++) {
        points[i] = imi_mesh_point(landmarks, MESH_OF_IBUG[i]);
    }
    return imi_dlib_chip_map(points, self->chip_width, PADDING, image_to_chip_out, err);
}

imi_status imi_dlib_resnet_new(const imi_model_spec *spec, imi_view file, imi_extractor **out,
                               imi_error *err)
{
    *out = NULL;
    if (spec->input.width != CHIP || spec->input.height != CHIP) {
        IMI_FAIL(err, IMI_E_MANIFEST, "manifest: %s takes chips of 150 x 150", spec->id);
    }
    return imi_extractor_new(spec, file, align, out, err);
}
