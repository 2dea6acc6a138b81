#include "imi/image.h"

static bool is_known_format(imi_pixel_format format)
{
    return format == IMI_PIXEL_GREY8 || format == IMI_PIXEL_RGB8;
}

imi_status imi_image_new(uint32_t width, uint32_t height, imi_pixel_format format, imi_image **out,
                         imi_error *err)
{
    *out = NULL;
    if (width == 0 || height == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an image cannot be %u x %u pixels", width, height);
    }
    if (!is_known_format(format)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "unknown pixel format %d", (int)format);
    }
    size_t stride = 0;
    size_t size = 0;
    if (!imi_size_mul(width, (size_t)format, &stride) || !imi_size_mul(stride, height, &size)) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "an image of %u x %u pixels is too large", width, height);
    }
    IMI_AUTO(imi_image) image = imi_alloc(sizeof *image);
    if (image == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an image");
    }
    image->pixels = imi_alloc(size);
    if (image->pixels == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an image of %u x %u pixels", width, height);
    }
    image->width = width;
    image->height = height;
    image->stride_bytes = stride;
    image->format = format;
    *out = IMI_STEAL(&image);
    return IMI_OK;
}

void imi_image_destroy(imi_image **image_pointer)
{
    imi_image *image = image_pointer == NULL ? NULL : IMI_STEAL(image_pointer);
    if (image != NULL) {
        imi_wipe(image->pixels, image->stride_bytes * image->height);
        imi_free(image->pixels);
        imi_free(image);
    }
}

static void swap_pixels(uint8_t *a, uint8_t *b, size_t channels)
{
    for (size_t c = 0; c < channels; c++) {
        uint8_t kept = a[c];
        a[c] = b[c];
        b[c] = kept;
    }
}

void imi_image_flip(imi_image *image)
{
    size_t channels = (size_t)image->format;
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *left = image->pixels + (size_t)y * image->stride_bytes;
        uint8_t *right = left + (size_t)(image->width - 1) * channels;
        for (; left < right; left += channels, right -= channels) {
            swap_pixels(left, right, channels);
        }
    }
}

/* Rec. 601 weights in 1/65536, rounded so that they sum to one: grey stays exactly grey. */
static uint8_t luma(const uint8_t *rgb)
{
    return (uint8_t)((19595U * rgb[0] + 38470U * rgb[1] + 7471U * rgb[2] + 32768U) >> 16);
}

imi_status imi_image_to_grey(const imi_image *image, imi_image **out, imi_error *err)
{
    IMI_TRY(imi_image_new(image->width, image->height, IMI_PIXEL_GREY8, out, err));
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *from = imi_image_row(image, y);
        uint8_t *to = (*out)->pixels + (size_t)y * (*out)->stride_bytes;
        if (image->format == IMI_PIXEL_GREY8) {
            imi_copy(to, from, image->width);
            continue;
        }
        for (uint32_t x = 0; x < image->width; x++) {
            to[x] = luma(from + (size_t)x * 3);
        }
    }
    return IMI_OK;
}
