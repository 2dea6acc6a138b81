/**
 * A face that is drawn, with its mesh known exactly; and parts that see it.
 */
#ifndef IMI_TEST_DRAWN_FACE_H
#define IMI_TEST_DRAWN_FACE_H

#include "imi/engine.h"

/** What to draw. Zero is a good capture, apart from the size. */
typedef struct drawn_face {
    uint32_t width, height; /* of the image */
    float x, y; /* point between the eyes; 0: placed in the middle */
    float inter_eye_px;
    float gain; /* of the light; 0 counts as 1 */
    float side_light; /* 0 even, 1: one side black */
    uint32_t blur; /* radius in pixels */
    bool eyes_covered, mouth_covered;
    float yaw_deg; /* of the mesh only */
} drawn_face;

/** Image and mesh of a drawn face. */
void drawn_face_draw(const drawn_face *face, imi_image **image, imi_landmarks *landmarks);
/** Its box, as a detector gives it. */
imi_face_box drawn_face_box(const drawn_face *face, float confidence);

/** A detector that answers what it is told. */
typedef struct told_detector {
    imi_detector base;
    imi_face_box boxes[8];
    size_t count;
    imi_status status;
    int calls;
} told_detector;
void told_detector_init(told_detector *self);

/** A landmarker that answers what it is told. */
typedef struct told_landmarker {
    imi_landmarker base;
    imi_landmarks landmarks;
    imi_face_box asked;
    imi_status status;
    int calls;
} told_landmarker;
void told_landmarker_init(told_landmarker *self);

/** An extractor whose vector is the mean of each column of a 16 x 16 chip, normalised. */
typedef struct column_extractor {
    imi_extractor base;
    imi_status status;
    bool gives_nan;
    int calls;
} column_extractor;
void column_extractor_init(column_extractor *self, const char *model_id);

#endif
