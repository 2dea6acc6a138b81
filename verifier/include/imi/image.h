/**
 * Images in memory, JPEG in and out, geometric warps.
 *
 * Pixels are 8-bit, rows top to bottom, channels interleaved, upright (EXIF orientation
 * already applied). Coordinates: x to the right, y down, (0, 0) is the centre of the
 * top-left pixel.
 */
#ifndef IMI_IMAGE_H
#define IMI_IMAGE_H

#include "imi/bytes.h"
#include "imi/memory.h"
#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum imi_pixel_format {
    IMI_PIXEL_GREY8 = 1, /* 1 byte a pixel: luma */
    IMI_PIXEL_RGB8 = 3 /* 3 bytes a pixel: red, green, blue (sRGB) */
} imi_pixel_format;

/** An owned image. pixels holds stride_bytes * height bytes; stride_bytes >= width * format. */
typedef struct imi_image {
    uint32_t width;
    uint32_t height;
    size_t stride_bytes;
    imi_pixel_format format;
    uint8_t *pixels;
} imi_image;

/** Make a black image. Errors: IMI_E_INVALID_ARGUMENT for an empty size, IMI_E_OVERFLOW. */
IMI_MUST_USE imi_status imi_image_new(uint32_t width, uint32_t height, imi_pixel_format format,
                                      imi_image **out, imi_error *err);
/** Wipe and free: images hold biometric samples. */
void imi_image_destroy(imi_image **image);
IMI_AUTO_DEFINE(imi_image, imi_image_destroy)

/** Pixel row y. */
static inline const uint8_t *imi_image_row(const imi_image *image, uint32_t y)
{
    return image->pixels + (size_t)y * image->stride_bytes;
}

/** What an incoming JPEG may be at most. All are checked before any pixel is decoded. */
typedef struct imi_jpeg_limits {
    size_t bytes; /* of the file */
    uint64_t pixels; /* width * height as stored */
    uint32_t dimension; /* larger side as stored */
    uint32_t min_dimension; /* smaller side as stored */
    uint32_t scans; /* of a progressive file: more is a decompression bomb */
    uint32_t target_dimension; /* when > 0, decode scaled down (by libjpeg-turbo's n/8) to the
                                  smallest size whose larger side is still >= this */
} imi_jpeg_limits;

/** Defaults for a camera frame (1 MiB, 4 Mpx) and for a document photo (16 MiB, 50 Mpx). */
#define IMI_JPEG_LIMITS_FRAME                                                                      \
    {                                                                                              \
        1U << 20, 4000000U, 4096U, 64U, 32U, 0U                                                    \
    }
#define IMI_JPEG_LIMITS_PHOTO                                                                      \
    {                                                                                              \
        16U << 20, 50000000U, 16384U, 48U, 64U, 2048U                                              \
    }

/** What a JPEG's header says, read without decoding. */
typedef struct imi_jpeg_info {
    uint32_t width; /* as stored, before orientation */
    uint32_t height;
    uint32_t components; /* 1 grey, 3 colour */
    bool progressive;
    uint32_t orientation; /* EXIF, 1 to 8; 1 if absent or nonsense */
} imi_jpeg_info;

/**
 * Check a JPEG against limits from its header alone.
 *
 * Errors: IMI_E_IMAGE_EMPTY, _FORMAT (not a JPEG, CMYK, arithmetic, 12-bit, lossless),
 *         _CORRUPT, _TOO_LARGE, _TOO_SMALL; the message says which limit.
 */
IMI_MUST_USE imi_status imi_jpeg_inspect(imi_view jpeg, const imi_jpeg_limits *limits,
                                         imi_jpeg_info *info_out, imi_error *err);

/**
 * Decode a JPEG to RGB8 (grey files to RGB8 with equal channels), upright.
 *
 * Errors: those of imi_jpeg_inspect; IMI_E_IMAGE_CORRUPT also when libjpeg-turbo warns, as a
 *         truncated frame must not be judged on its grey half.
 * Threads: safe.
 */
IMI_MUST_USE imi_status imi_jpeg_decode(imi_view jpeg, const imi_jpeg_limits *limits,
                                        imi_image **image_out, imi_error *err);

/** Encode at quality 1 to 100, 4:2:0 for RGB8; appends to out. */
IMI_MUST_USE imi_status imi_jpeg_encode(const imi_image *image, int quality, imi_buffer *out,
                                        imi_error *err);

/** A 2x3 affine map: x' = a*x + b*y + c, y' = d*x + e*y + f. */
typedef struct imi_affine {
    float a, b, c, d, e, f;
} imi_affine;

/**
 * Draw source through a similarity map into destination (made by the caller, same format).
 *
 * Bilinear; when the map shrinks, samples are averaged so that nothing aliases. Pixels from
 * outside the source are black. Integer coordinates are pixel centres. The result is the
 * same on every CPU.
 */
IMI_MUST_USE imi_status imi_image_warp(const imi_image *source, const imi_affine *source_to_dest,
                                       imi_image *destination, imi_error *err);

/** Mirror left to right, in place. */
void imi_image_flip(imi_image *image);

/** Luma (Rec. 601) of an RGB8 image; a copy of a GREY8 one. */
IMI_MUST_USE imi_status imi_image_to_grey(const imi_image *image, imi_image **out, imi_error *err);

/** Scale to an exact size, area-averaged down, bilinear up. */
IMI_MUST_USE imi_status imi_image_resize(const imi_image *image, uint32_t width, uint32_t height,
                                         imi_image **out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
