/*
 * MobileFaceNet (Chen et al., arXiv 1804.07573): a chip of 112 x 112 in which both eyes, the
 * nose tip and the corners of the mouth lie where ArcFace training data has them.
 */
#include "extractor.h"
#include "geometry.h"
#include "parts.h"

enum { POINTS = 5, CHIP = 112 };

/* The five points in the chip: Deng et al., ArcFace, arXiv 1801.07698, as published with
 * InsightFace. Right eye, left eye, nose tip, right and left corner of the mouth. */
static const imi_point TEMPLATE[POINTS] = {{38.2946F, 51.6963F},
                                           {73.5318F, 51.5014F},
                                           {56.0252F, 71.7366F},
                                           {41.5493F, 92.3655F},
                                           {70.7299F, 92.2041F}};

/* An eye's centre is the mean of its contour, which blinks and glances move least. */
static const uint16_t RIGHT_EYE[] = {33,  7,   163, 144, 145, 153, 154, 155,
                                     133, 173, 157, 158, 159, 160, 161, 246};
static const uint16_t LEFT_EYE[] = {263, 249, 390, 373, 374, 380, 381, 382,
                                    362, 398, 384, 385, 386, 387, 388, 466};

static imi_status align(imi_extractor *self, const imi_landmarks *landmarks,
                        imi_affine *image_to_chip_out, imi_error *err) {
    (void)self;
    size_t eye = sizeof RIGHT_EYE / sizeof RIGHT_EYE[0];
    imi_point points[POINTS] = {imi_mesh_mean(landmarks, RIGHT_EYE, eye),
                                imi_mesh_mean(landmarks, LEFT_EYE, eye),
                                imi_mesh_point(landmarks, IMI_MESH_NOSE_TIP),
                                imi_mesh_point(landmarks, IMI_MESH_RIGHT_MOUTH),
                                imi_mesh_point(landmarks, IMI_MESH_LEFT_MOUTH)};
    return imi_similarity_fit(points, TEMPLATE, POINTS, image_to_chip_out, err);
}

imi_status imi_mobilefacenet_new(const imi_model_spec *spec, imi_view file, imi_extractor **out,
                                 imi_error *err) {
    *out = NULL;
    if (spec->input.width != CHIP || spec->input.height != CHIP) {
        IMI_FAIL(err, IMI_E_MANIFEST, "manifest: %s takes chips of 112 x 112", spec->id);
    }
    return imi_extractor_new(spec, file, align, out, err);
}
