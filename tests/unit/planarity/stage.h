/**
 * Textured surfaces before a made-up camera, drawn into an image together with the mesh that a
 * landmarker would report: a head, a photo of it, and the photo curled.
 */
#ifndef IMI_TESTS_STAGE_H
#define IMI_TESTS_STAGE_H

#include "imi/face.h"
#include "imi/image.h"

typedef enum stage_surface {
    STAGE_HEAD = 0,
    STAGE_PHOTO,
    STAGE_CURLED /* the photo, as round as a head */
} stage_surface;

typedef struct stage_pose {
    stage_surface surface;
    double yaw_deg, pitch_deg; /* signs as in imi_head_pose */
    double distance; /* from the camera, in inter-eye distances */
    double shift_x; /* pixels */
    bool blank; /* no texture */
    uint64_t seed; /* of sensor noise */
} stage_pose;

/** A frontal view from 46 cm. */
stage_pose stage_at_rest(stage_surface surface);

enum { STAGE_WIDTH = 480, STAGE_HEIGHT = 640 };

void stage_mesh(const stage_pose *pose, imi_landmarks *out);
/** The caller destroys the image. Fails the test without memory. */
imi_image *stage_draw(const stage_pose *pose, imi_pixel_format format);

#endif
