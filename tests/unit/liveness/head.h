/**
 * A made-up head before a made-up camera: 468 mesh points in perspective, as the landmarker
 * would report them, and the same points printed on paper.
 */
#ifndef IMI_TESTS_HEAD_H
#define IMI_TESTS_HEAD_H

#include "imi/liveness.h"

/** How the head is held, and what its face does. */
typedef struct head_pose {
    double yaw_deg, pitch_deg, roll_deg; /* signs as in imi_head_pose */
    double distance; /* from the camera, in inter-eye distances */
    double shift_x, shift_y; /* pixels */
    double eyes; /* 1 open, 0 closed */
    double mouth; /* gap in inter-eye distances */
    double noise_px; /* landmark noise, uniform, +- */
    double eye_noise; /* of the eyes' openness: glasses */
    double width; /* of the face, 1 for this head: another person's differs */
    bool flat; /* a photo of the head instead */
    uint64_t seed;
} head_pose;

/** Calm, frontal, at arm's length. */
head_pose head_at_rest(void);

enum { HEAD_IMAGE_WIDTH = 480, HEAD_IMAGE_HEIGHT = 640 };

/** What the engine would see. */
typedef struct head_view {
    imi_face_box box;
    imi_landmarks landmarks;
    imi_quality quality;
} head_view;

void head_look(const head_pose *pose, head_view *out);

#endif
