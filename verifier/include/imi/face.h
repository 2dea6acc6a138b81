/**
 * What is known of a face in one image: plain data that detectors, landmarkers, quality
 * measures and liveness share. Pixel coordinates follow imi/image.h.
 */
#ifndef IMI_FACE_H
#define IMI_FACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A detected face: upright box in pixels, may reach over the image's edge. */
typedef struct imi_face_box {
    float left, top, width, height;
    float confidence; /* in [0, 1]; comparable within one detector only */
} imi_face_box;

typedef struct imi_point {
    float x, y;
} imi_point;

typedef struct imi_point3 {
    float x, y, z; /* z grows away from the camera, in pixels of the same scale as x */
} imi_point3;

enum { IMI_MESH_POINTS = 468 };

/** The 468 points of the MediaPipe face mesh. */
typedef struct imi_landmarks {
    imi_point3 points[IMI_MESH_POINTS];
    float presence; /* in [0, 1]: a face is in the crop at all */
} imi_landmarks;

/** Indices of mesh points used by name ("right" is the subject's own right, left in the image). */
enum {
    IMI_MESH_NOSE_TIP = 1,
    IMI_MESH_FOREHEAD_TOP = 10,
    IMI_MESH_CHIN = 152,
    IMI_MESH_RIGHT_EYE_OUTER = 33,
    IMI_MESH_RIGHT_EYE_INNER = 133,
    IMI_MESH_LEFT_EYE_INNER = 362,
    IMI_MESH_LEFT_EYE_OUTER = 263,
    IMI_MESH_RIGHT_MOUTH = 61,
    IMI_MESH_LEFT_MOUTH = 291,
    IMI_MESH_UPPER_LIP_INNER = 13,
    IMI_MESH_LOWER_LIP_INNER = 14,
    IMI_MESH_RIGHT_CHEEK_EDGE = 234,
    IMI_MESH_LEFT_CHEEK_EDGE = 454
};

/**
 * Head pose in degrees, camera at zero. Yaw > 0: the subject turns to their own left (the nose
 * moves right in the image). Pitch > 0: chin up. Roll > 0: head tilts clockwise as seen.
 */
typedef struct imi_head_pose {
    float yaw_deg, pitch_deg, roll_deg;
} imi_head_pose;

#ifdef __cplusplus
}
#endif
#endif
