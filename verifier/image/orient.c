#include "jpeg_internal.h"

/*
 * Where the upright pixel (x, y) lies in the stored image:
 * stored = origin + x * step_x + y * step_y, the origin being a corner.
 */
typedef struct placement {
    bool from_right, from_bottom; /* corner of the stored image that becomes top left */
    bool transposed; /* upright x runs along stored y */
} placement;

/* Indexed by the EXIF orientation. Source: CIPA DC-008 (Exif 2.32), tag 0x0112. */
static const placement placements[9] = {
    [1] = {false, false, false}, [2] = {true, false, false}, [3] = {true, true, false},
    [4] = {false, true, false},  [5] = {false, false, true}, [6] = {false, true, true},
    [7] = {true, true, true},    [8] = {true, false, true},
};

static void copy_upright(const imi_image *stored, const placement *place, imi_image *upright)
{
    ptrdiff_t channels = (ptrdiff_t)stored->format;
    ptrdiff_t across = place->from_right ? -channels : channels;
    ptrdiff_t down = (ptrdiff_t)stored->stride_bytes * (place->from_bottom ? -1 : 1);
    const uint8_t *origin = imi_image_row(stored, place->from_bottom ? stored->height - 1 : 0) +
                            (place->from_right ? (ptrdiff_t)(stored->width - 1) * channels : 0);
    ptrdiff_t step_x = place->transposed ? down : across;
    ptrdiff_t step_y = place->transposed ? across : down;
    for (uint32_t y = 0; y < upright->height; y++) {
        uint8_t *to = upright->pixels + (size_t)y * upright->stride_bytes;
        for (uint32_t x = 0; x < upright->width; x++) {
            const uint8_t *from = origin + (ptrdiff_t)x * step_x + (ptrdiff_t)y * step_y;
            for (ptrdiff_t c = 0; c < channels; c++) {
                *to++ = from[c];
            }
        }
    }
}

imi_status imi_image_orient(imi_image **image, uint32_t orientation, imi_error *err)
{
    if (orientation < 1 || orientation > 8) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "orientation %u does not exist", orientation);
    }
    if (orientation == 1) {
        return IMI_OK;
    }
    const placement *place = &placements[orientation];
    const imi_image *stored = *image;
    uint32_t width = place->transposed ? stored->height : stored->width;
    uint32_t height = place->transposed ? stored->width : stored->height;
    imi_image *upright = NULL;
    IMI_TRY(imi_image_new(width, height, stored->format, &upright, err));
    copy_upright(stored, place, upright);
    imi_image_destroy(image);
    *image = upright;
    return IMI_OK;
}
