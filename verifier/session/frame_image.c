#include "frame_image.h"

static const imi_jpeg_limits frame_limits = IMI_JPEG_LIMITS_FRAME;
/* Cameras send more pixels than the models look at. */
enum { FRAME_TARGET_DIMENSION = 1280 };

imi_status imi_frame_inspect(imi_view jpeg, imi_error *err)
{
    imi_jpeg_info info;
    return imi_jpeg_inspect(jpeg, &frame_limits, &info, err);
}

imi_status imi_frame_decode(imi_view jpeg, imi_image **image_out, imi_error *err)
{
    imi_jpeg_limits limits = frame_limits;
    limits.target_dimension = FRAME_TARGET_DIMENSION;
    return imi_jpeg_decode(jpeg, &limits, image_out, err);
}
