#include "injection.h"

enum { SOFT_PX = 2, SIDE = 2 * SOFT_PX + 1 }; /* of a swapped face's edge */

/* 1 where a program has drawn, by pixel. */
static imi_status find_swapped(const imi_gen_picture *picture, imi_image **out, imi_error *err)
{
    const imi_image *scene = picture->scene;
    IMI_TRY(imi_image_new(scene->width, scene->height, IMI_PIXEL_GREY8, out, err));
    for (uint32_t y = 0; y < scene->height; y++) {
        const uint8_t *a = imi_image_row(scene, y);
        const uint8_t *b = imi_image_row(picture->swapped, y);
        uint8_t *row = (*out)->pixels + (size_t)y * (*out)->stride_bytes;
        for (uint32_t x = 0; x < scene->width; x++, a += 3, b += 3) {
            row[x] = a[0] != b[0] || a[1] != b[1] || a[2] != b[2];
        }
    }
    return IMI_OK;
}

static uint32_t share_at(const imi_image *swapped, uint32_t x, uint32_t y)
{
    uint32_t sum = 0;
    for (uint32_t dy = 0; dy < SIDE; dy++) {
        const uint8_t *row = imi_image_row(swapped, y + dy - SOFT_PX) + x - SOFT_PX;
        for (uint32_t dx = 0; dx < SIDE; dx++) {
            sum += row[dx];
        }
    }
    return sum;
}

static void paint(const imi_image *swapped, const imi_image *face, imi_image *frame)
{
    for (uint32_t y = SOFT_PX; y + SOFT_PX < frame->height; y++) {
        uint8_t *row = frame->pixels + (size_t)y * frame->stride_bytes;
        const uint8_t *painted = imi_image_row(face, y);
        for (uint32_t x = SOFT_PX; x + SOFT_PX < frame->width; x++) {
            uint32_t share = share_at(swapped, x, y);
            for (uint32_t i = 3 * x; share > 0 && i < 3 * x + 3; i++) {
                uint32_t sum = share * painted[i] + (SIDE * SIDE - share) * row[i];
                row[i] = (uint8_t)((sum + SIDE * SIDE / 2) / (SIDE * SIDE));
            }
        }
    }
}

imi_status imi_gen_inject(imi_gen_camera *camera, const imi_gen_picture *picture, uint64_t moment,
                          int quality, imi_buffer *jpeg_out, imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO_BUFFER earlier = IMI_BUFFER_INIT;
    IMI_AUTO(imi_image) swapped = NULL;
    IMI_AUTO(imi_image) frame = NULL;
    if (picture->swapped != NULL) {
        IMI_TRY(find_swapped(picture, &swapped, err));
        IMI_TRY(imi_gen_camera_imitate(camera, picture->swapped, err));
    }
    IMI_TRY(imi_gen_camera_take(camera, picture->scene, moment, &earlier, err));
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&earlier), &limits, &frame, err));
    if (swapped != NULL) {
        paint(swapped, picture->swapped, frame);
    }
    return imi_jpeg_encode(frame, quality, jpeg_out, err);
}
