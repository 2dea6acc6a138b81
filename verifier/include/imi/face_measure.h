/**
 * Measures of one face taken from its mesh: pose, size, how far eyes and mouth are open; and of
 * how far two boxes are the same face's.
 * Plain arithmetic, shared by quality, which judges one image, and liveness, which judges
 * how they change.
 *
 * All measures use the depth of the mesh too, so that a turned head does not look narrower.
 * Degenerate landmarks (points that coincide, or are not finite) give NaN, which passes no
 * threshold. All functions are safe on every thread.
 */
#ifndef IMI_FACE_MEASURE_H
#define IMI_FACE_MEASURE_H

#include "imi/face.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Eye aspect ratios: lid distance by eye width; about 0.1 closed, 0.3 open. */
typedef struct imi_eye_openness {
    float right, left; /* the subject's own right and left */
} imi_eye_openness;

/**
 * Head pose from the mesh.
 *
 * Units:  degrees, signs as in imi_head_pose; a subject who looks straight at the camera is
 *         near zero in all three.
 * Source: the angles of R = Rz(roll) Ry(yaw) Rx(pitch), with the head's axes taken from the
 *         eye line, the cheek line and the line from forehead to chin.
 */
imi_head_pose imi_face_head_pose(const imi_landmarks *landmarks);

/** Source: Soukupova and Cech, "Real-Time Eye Blink Detection using Facial Landmarks", 2016. */
imi_eye_openness imi_face_eye_openness(const imi_landmarks *landmarks);

/** Gap between the inner lips by inter-eye distance: near 0 closed, above 0.3 wide open. */
float imi_face_mouth_openness(const imi_landmarks *landmarks);

/**
 * Distance between the eye centres in pixels, the eye centre being midway between its corners.
 * Source: ISO/IEC 29794-5, inter-eye distance (which corrects for yaw, as depth does here).
 */
float imi_face_inter_eye_distance(const imi_landmarks *landmarks);

/** Middle of the eye's two corners. */
imi_point3 imi_face_right_eye(const imi_landmarks *landmarks);
imi_point3 imi_face_left_eye(const imi_landmarks *landmarks);

/**
 * What two boxes share, in square pixels; 0 if they only touch, or one has no extent.
 */
float imi_face_box_common_area(const imi_face_box *a, const imi_face_box *b);
/** The same as a share of what they cover together (intersection over union), in [0, 1]. */
float imi_face_box_overlap(const imi_face_box *a, const imi_face_box *b);

#ifdef __cplusplus
}
#endif
#endif
