#include "portrait.h"

#include <math.h>

static const imi_jpeg_limits photo_limits = IMI_JPEG_LIMITS_PHOTO;

imi_status imi_portrait_inspect(imi_view jpeg, size_t size_max, imi_error *err)
{
    imi_jpeg_limits limits = photo_limits;
    limits.bytes = size_max;
    imi_jpeg_info info;
    return imi_jpeg_inspect(jpeg, &limits, &info, err);
}

static imi_status extract(imi_engine *engine, const imi_image *image, imi_face *face,
                          imi_template *template_out, float *mirror_agreement_out, imi_error *err)
{
    *mirror_agreement_out = NAN;
    IMI_TRY(imi_engine_analyse(engine, image, IMI_CAPTURE_PORTRAIT, face, err));
    if (face->reason != IMI_CAPTURE_OK) {
        return IMI_OK;
    }
    return imi_engine_extract_measured(engine, image, face, template_out, mirror_agreement_out,
                                       err);
}

static void start(imi_portrait_view *view_out, imi_template *template_out)
{
    *view_out = (imi_portrait_view){.reason = IMI_CAPTURE_NO_FACE,
                                    .matchability = {.reason = IMI_CAPTURE_NO_FACE}};
    *template_out = (imi_template){0};
}

imi_status imi_portrait_extract_image(imi_engine *engine, const imi_image *image,
                                      imi_portrait_view *view_out, imi_template *template_out,
                                      imi_error *err)
{
    start(view_out, template_out);
    float mirror_agreement = NAN;
    imi_face face = {0};
    imi_status status = extract(engine, image, &face, template_out, &mirror_agreement, err);
    if (status == IMI_OK && face.reason != IMI_CAPTURE_NO_FACE) {
        view_out->reason = face.reason;
        view_out->quality = face.quality.unified;
        view_out->matchability =
            imi_quality_matchability(&face.quality, IMI_CAPTURE_PORTRAIT, mirror_agreement);
    } else if (status != IMI_OK) {
        imi_template_wipe(template_out);
    }
    imi_wipe(&face, sizeof face);
    return status;
}

imi_status imi_portrait_extract(imi_engine *engine, imi_buffer *jpeg, imi_portrait_view *view_out,
                                imi_template *template_out, imi_error *err)
{
    start(view_out, template_out);
    IMI_AUTO(imi_image) image = NULL;
    imi_status status = imi_jpeg_decode(imi_buffer_view(jpeg), &photo_limits, &image, err);
    imi_buffer_clean_up(jpeg);
    IMI_TRY(status);
    return imi_portrait_extract_image(engine, image, view_out, template_out, err);
}
