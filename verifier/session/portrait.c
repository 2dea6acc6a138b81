#include "portrait.h"

static const imi_jpeg_limits photo_limits = IMI_JPEG_LIMITS_PHOTO;

imi_status imi_portrait_inspect(imi_view jpeg, size_t size_max, imi_error *err)
{
    imi_jpeg_limits limits = photo_limits;
    limits.bytes = size_max;
    imi_jpeg_info info;
    return imi_jpeg_inspect(jpeg, &limits, &info, err);
}

static imi_status extract(imi_engine *engine, imi_view jpeg, imi_face *face,
                          imi_template *template_out, imi_error *err)
{
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imi_jpeg_decode(jpeg, &photo_limits, &image, err));
    IMI_TRY(imi_engine_analyse(engine, image, IMI_CAPTURE_PORTRAIT, face, err));
    if (face->reason != IMI_CAPTURE_OK) {
        return IMI_OK;
    }
    return imi_engine_extract(engine, image, face, template_out, err);
}

imi_status imi_portrait_extract(imi_engine *engine, imi_buffer *jpeg,
                                imi_capture_reason *reason_out, float *quality_out,
                                imi_template *template_out, imi_error *err)
{
    *reason_out = IMI_CAPTURE_NO_FACE;
    *quality_out = 0;
    *template_out = (imi_template){0};
    imi_face face = {0};
    imi_status status = extract(engine, imi_buffer_view(jpeg), &face, template_out, err);
    imi_buffer_clean_up(jpeg);
    if (status == IMI_OK) {
        *reason_out = face.reason;
        *quality_out = face.reason == IMI_CAPTURE_NO_FACE ? 0 : face.quality.unified;
    } else {
        imi_template_wipe(template_out);
    }
    imi_wipe(&face, sizeof face);
    return status;
}
