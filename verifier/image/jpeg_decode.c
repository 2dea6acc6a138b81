#include "jpeg_internal.h"

#include <setjmp.h>
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>

/*
 * What libjpeg may hold for a progressive file's coefficients: 42 megapixels at 4:2:0.
 * A larger one is refused, as it would otherwise take memory that no limit on pixels shows.
 */
static const long MEMORY_LIMIT = 128L << 20;

/* All state lies here, not in locals, so that longjmp cannot leave it undefined. */
typedef struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    imi_status status;
    imi_error *err;
    imi_image *image;
} decoder;

static imi_status status_of(int code)
{
    switch (code) {
    case JERR_OUT_OF_MEMORY:
        return IMI_E_NO_MEMORY;
    case JERR_NO_BACKING_STORE:
    case JERR_IMAGE_TOO_BIG:
        return IMI_E_IMAGE_TOO_LARGE;
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
        return IMI_E_IMAGE_FORMAT;
    default:
        return IMI_E_IMAGE_CORRUPT;
    }
}

static void give_up(j_common_ptr jpeg)
{
    decoder *self = jpeg->client_data;
    char reason[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, reason);
    self->status = imi_error_set(self->err, status_of(jpeg->err->msg_code), jpeg->err->msg_code,
                                 __FILE__, __LINE__, "JPEG cannot be decoded: %s", reason);
    longjmp(self->escape, 1);
}

/* Negative levels are warnings: libjpeg found damage and would fill the rest with grey. */
static void on_message(j_common_ptr jpeg, int level)
{
    if (level < 0) {
        give_up(jpeg);
    }
}

/* Eighths to decode at, so that the larger side stays at least target. */
static unsigned scale_eighths(const imi_jpeg_info *info, uint32_t target)
{
    uint64_t larger = info->width > info->height ? info->width : info->height;
    unsigned eighths = 1;
    while (target > 0 && eighths < 8 && (larger * eighths + 7) / 8 < target) {
        eighths++;
    }
    return target == 0 ? 8 : eighths;
}

static imi_status read_pixels(decoder *self)
{
    struct jpeg_decompress_struct *jpeg = &self->jpeg;
    IMI_TRY(imi_image_new(jpeg->output_width, jpeg->output_height, IMI_PIXEL_RGB8, &self->image,
                          self->err));
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = self->image->pixels + jpeg->output_scanline * self->image->stride_bytes;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    return IMI_OK;
}

/* The only function that libjpeg jumps back to; it has no locals that it changes. */
static imi_status decode(decoder *self, imi_view file, unsigned eighths)
{
    struct jpeg_decompress_struct *const jpeg = &self->jpeg;
    if (setjmp(self->escape) != 0) {
        return self->status;
    }
    jpeg_create_decompress(jpeg);
    jpeg->mem->max_memory_to_use = MEMORY_LIMIT;
    jpeg_mem_src(jpeg, file.data, file.size);
    jpeg_read_header(jpeg, TRUE);
    jpeg->out_color_space = JCS_RGB;
    jpeg->scale_num = eighths;
    jpeg->scale_denom = 8;
    /* The accurate integer transform gives the same pixels on every CPU. */
    jpeg->dct_method = JDCT_ISLOW;
    jpeg->do_block_smoothing = FALSE;
    jpeg_start_decompress(jpeg);
    IMI_TRY(read_pixels(self));
    jpeg_finish_decompress(jpeg);
    return IMI_OK;
}

imi_status imi_jpeg_decode(imi_view jpeg, const imi_jpeg_limits *limits, imi_image **image_out,
                           imi_error *err)
{
    *image_out = NULL;
    imi_jpeg_info info;
    IMI_TRY(imi_jpeg_inspect(jpeg, limits, &info, err));

    decoder self = {.err = err};
    self.jpeg.err = jpeg_std_error(&self.errors);
    self.jpeg.client_data = &self;
    self.errors.error_exit = give_up;
    self.errors.emit_message = on_message;
    imi_status status = decode(&self, jpeg, scale_eighths(&info, limits->target_dimension));
    jpeg_destroy_decompress(&self.jpeg);
    if (status == IMI_OK) {
        status = imi_image_orient(&self.image, info.orientation, err);
    }
    if (status != IMI_OK) {
        imi_image_destroy(&self.image);
    }
    *image_out = self.image;
    return status;
}
