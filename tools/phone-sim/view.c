#include "phone-sim/view.h"

#include "phone-sim/frames.h"

#include <math.h>

bool imi_sim_view_is_plain(const imi_sim_view *view)
{
    const float small = 0.0005F; /* a quarter of a pixel in 500 */
    return fabsf(view->shift_x) < small && fabsf(view->shift_y) < small &&
           fabsf(view->zoom - 1) < small;
}

/* The sample at a coordinate along one side: two neighbours and the weight of the second. */
typedef struct tap {
    uint32_t first, second;
    float share;
} tap;

static tap tap_at(float at, uint32_t size)
{
    float last = (float)(size - 1);
    at = fabsf(at);
    at = at > last ? fmaxf(2 * last - at, 0) : at;
    uint32_t first = (uint32_t)at;
    return (tap){first, first + 1 < size ? first + 1 : first, at - (float)first};
}

/* Where in the source the picture's i-th row or column comes from. */
static tap tap_of(uint32_t i, uint32_t size, float shift, float about, float zoom)
{
    float centre = about * (float)size;
    return tap_at(((float)i - centre - shift * (float)size) / zoom + centre, size);
}

static void draw_row(const imi_image *source, const imi_sim_view *view, tap y, uint8_t *row)
{
    const uint8_t *upper = imi_image_row(source, y.first);
    const uint8_t *lower = imi_image_row(source, y.second);
    size_t channels = (size_t)source->format;
    for (uint32_t i = 0; i < source->width; i++) {
        tap x = tap_of(i, source->width, view->shift_x, view->about_x, view->zoom);
        for (size_t c = 0; c < channels; c++) {
            size_t a = x.first * channels + c;
            size_t b = x.second * channels + c;
            float above = (float)upper[a] + x.share * (float)(upper[b] - upper[a]);
            float below = (float)lower[a] + x.share * (float)(lower[b] - lower[a]);
            row[i * channels + c] = (uint8_t)lrintf(above + y.share * (below - above));
        }
    }
}

imi_status imi_sim_view_render(imi_view jpeg, const imi_sim_view *view, imi_buffer *out,
                               imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) source = NULL;
    IMI_AUTO(imi_image) seen = NULL;
    if (!(view->zoom > 0) || !isfinite(view->shift_x) || !isfinite(view->shift_y)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a view needs a shift and a zoom");
    }
    IMI_TRY(imi_jpeg_decode(jpeg, &limits, &source, err));
    IMI_TRY(imi_image_new(source->width, source->height, source->format, &seen, err));
    for (uint32_t i = 0; i < seen->height; i++) {
        tap y = tap_of(i, seen->height, view->shift_y, view->about_y, view->zoom);
        draw_row(source, view, y, seen->pixels + i * seen->stride_bytes);
    }
    return imi_jpeg_encode(seen, IMI_SIM_JPEG_QUALITY, out, err);
}
