/**
 * A phone's camera behind the lens: blur, exposure, white balance, shot and read noise, JPEG.
 */
#ifndef IMI_GENERATOR_CAMERA_H
#define IMI_GENERATOR_CAMERA_H

#include "imi/image.h"

#include <stdint.h>

/** What a camera does to every frame; drawn by seed within what phones show. */
typedef struct imi_gen_camera_traits {
    double blur; /* share of a pixel's light that falls on each neighbour, 0 to 0.25 */
    double gain[3]; /* exposure and white balance */
    double read_noise; /* standard deviation in levels */
    double shot_noise; /* added variance by level */
    int jpeg_quality; /* 1 to 100 */
} imi_gen_camera_traits;

imi_gen_camera_traits imi_gen_camera_traits_of(uint64_t seed);

typedef struct imi_gen_camera imi_gen_camera;
IMI_MUST_USE imi_status imi_gen_camera_new(const imi_gen_camera_traits *traits,
                                           imi_gen_camera **out, imi_error *err);
void imi_gen_camera_destroy(imi_gen_camera **camera);
IMI_AUTO_DEFINE(imi_gen_camera, imi_gen_camera_destroy)

/**
 * Take a picture of a scene; the scene's image is changed.
 *
 * moment: noise depends on it alone, so that equal moments give equal frames. It must differ
 *         where a camera is real.
 */
IMI_MUST_USE imi_status imi_gen_camera_take(imi_gen_camera *camera, imi_image *scene,
                                            uint64_t moment, imi_buffer *jpeg_out, imi_error *err);
/** What a program paints that has matched sharpness and light to those of the camera's frames,
 * but not its noise. In place. */
IMI_MUST_USE imi_status imi_gen_camera_imitate(imi_gen_camera *camera, imi_image *image,
                                               imi_error *err);

#endif
