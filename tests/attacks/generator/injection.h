/**
 * What a program makes of a camera's frames before it sends them as its own: it may put another
 * face over the one that is there, and encodes once more.
 */
#ifndef IMI_GENERATOR_INJECTION_H
#define IMI_GENERATOR_INJECTION_H

#include "camera.h"
#include "stage.h"

/**
 * Take a picture, change it and encode it again.
 *
 * A swapped face has the camera's sharpness and light, a soft edge, and no noise: it was drawn
 * after the sensor. Everything around it carries the camera's noise and has been compressed twice.
 * The picture's images are changed. moment: as for imi_gen_camera_take.
 */
IMI_MUST_USE imi_status imi_gen_inject(imi_gen_camera *camera, const imi_gen_picture *picture,
                                       uint64_t moment, int quality, imi_buffer *jpeg_out,
                                       imi_error *err);

#endif
