/**
 * The interfaces that the verifier needs from models. Declared here, implemented outside
 * (models/), so that the verifier builds and tests without OpenCV and dlib.
 *
 * An implementation embeds the interface as its first member. Instances are not safe for
 * concurrent use: each worker has its own. A model that runs and finds nothing is a result;
 * a status means that it could not run.
 */
#ifndef IMI_VISION_H
#define IMI_VISION_H

#include "imi/face.h"
#include "imi/image.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Finds faces. */
typedef struct imi_detector imi_detector;
struct imi_detector {
    /**
     * Find the faces of an RGB8 image, most confident first, at most capacity of them.
     * Ownership: image borrowed for the call.
     */
    imi_status (*detect)(imi_detector *self, const imi_image *image, imi_face_box *boxes,
                         size_t capacity, size_t *count_out, imi_error *err);
    void (*destroy)(imi_detector *self);
};

/** Finds the mesh points of one face. */
typedef struct imi_landmarker imi_landmarker;
struct imi_landmarker {
    /** Locate the mesh of the face in box. Low presence is a result, not an error. */
    imi_status (*locate)(imi_landmarker *self, const imi_image *image, const imi_face_box *box,
                         imi_landmarks *out, imi_error *err);
    void (*destroy)(imi_landmarker *self);
};

enum { IMI_MODEL_ID_SIZE = 64, IMI_EXTRACTOR_DIM_MAX = 512 };

/** Makes a template vector from an aligned face chip. */
typedef struct imi_extractor imi_extractor;
struct imi_extractor {
    /** Name and first 12 hex digits of the weights' SHA-256, such as "mobilefacenet@0123456789ab":
     * vectors compare only when these are equal. Bump by a suffix when pre-processing changes. */
    char model_id[IMI_MODEL_ID_SIZE];
    uint32_t dim; /* length of the vector, at most IMI_EXTRACTOR_DIM_MAX */
    uint32_t chip_width; /* of the RGB8 chip that embed takes */
    uint32_t chip_height;
    /** The similarity that carries image pixels to chip pixels for this face. */
    imi_status (*align)(imi_extractor *self, const imi_landmarks *landmarks,
                        imi_affine *image_to_chip_out, imi_error *err);
    /** Vector of a chip: dim floats, L2-normalised. No flip averaging: the engine does it. */
    imi_status (*embed)(imi_extractor *self, const imi_image *chip, float *vector_out,
                        imi_error *err);
    void (*destroy)(imi_extractor *self);
};

/** Passive presentation attack detection on one image. */
typedef struct imi_pad imi_pad;
struct imi_pad {
    char model_id[IMI_MODEL_ID_SIZE];
    /** Score in [0, 1], higher = more like a bona fide presentation. */
    imi_status (*assess)(imi_pad *self, const imi_image *image, const imi_face_box *box,
                         const imi_landmarks *landmarks, float *bona_fide_score_out,
                         imi_error *err);
    void (*destroy)(imi_pad *self);
};

#ifdef __cplusplus
}
#endif
#endif
