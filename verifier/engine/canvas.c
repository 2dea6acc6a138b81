#include "canvas.h"

#include <math.h>

static uint32_t scaled(uint32_t side, float scale) {
    float size = roundf((float)side * scale);
    return size < 1 ? 1 : (uint32_t)size;
}

static uint32_t clamp_index(int64_t at, uint32_t size) {
    return at < 0 ? 0 : at >= size ? size - 1 : (uint32_t)at;
}

/* Copy with the edge repeated outwards by border pixels. */
static imi_status extend(const imi_image *image, uint32_t border, imi_image **out, imi_error *err) {
    IMI_TRY(imi_image_new(image->width + 2 * border, image->height + 2 * border, image->format, out,
                          err));
    size_t channels = (size_t)image->format;
    for (uint32_t y = 0; y < (*out)->height; y++) {
        const uint8_t *from = imi_image_row(image, clamp_index((int64_t)y - border, image->height));
        uint8_t *to = (*out)->pixels + (size_t)y * (*out)->stride_bytes;
        for (uint32_t x = 0; x < (*out)->width; x++) {
            const uint8_t *pixel =
                from + (size_t)clamp_index((int64_t)x - border, image->width) * channels;
            for (size_t c = 0; c < channels; c++) {
                *to++ = pixel[c];
            }
        }
    }
    return IMI_OK;
}

imi_status imi_canvas_init(imi_canvas *canvas, const imi_image *image, uint32_t larger_side,
                           float border_share, imi_error *err) {
    *canvas = (imi_canvas){NULL, 1, 0};
    uint32_t larger = image->width > image->height ? image->width : image->height;
    float scale = (float)larger_side / (float)larger;
    uint32_t border = (uint32_t)((float)larger_side * border_share);
    IMI_AUTO(imi_image) resized = NULL;
    IMI_TRY(imi_image_resize(image, scaled(image->width, scale), scaled(image->height, scale),
                             &resized, err));
    IMI_TRY(extend(resized, border, &canvas->image, err));
    canvas->scale = scale;
    canvas->border = (float)border;
    return IMI_OK;
}

void imi_canvas_clean_up(imi_canvas *canvas) {
    imi_image_destroy(&canvas->image);
}

void imi_canvas_to_image(const imi_canvas *canvas, imi_face_box *boxes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        imi_face_box *box = &boxes[i];
        /* Pixel centres are integers, so an edge lies half a pixel before its centre. */
        box->left = (box->left + 0.5F - canvas->border) / canvas->scale - 0.5F;
        box->top = (box->top + 0.5F - canvas->border) / canvas->scale - 0.5F;
        box->width /= canvas->scale;
        box->height /= canvas->scale;
    }
}
