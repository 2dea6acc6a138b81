#include "imi/image.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

enum { CHUNK = 16384 };

/* libjpeg's destination, appending whole chunks to a buffer of ours. */
typedef struct encoder {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf escape;
    imi_status status;
    imi_error *err;
    imi_buffer *out;
    uint8_t chunk[CHUNK];
} encoder;

static void give_up(j_common_ptr jpeg)
{
    encoder *self = jpeg->client_data;
    char reason[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, reason);
    self->status = imi_error_set(self->err, IMI_E_INTERNAL, jpeg->err->msg_code, __FILE__, __LINE__,
                                 "JPEG cannot be encoded: %s", reason);
    longjmp(self->escape, 1);
}

static void start_chunk(j_compress_ptr jpeg)
{
    encoder *self = jpeg->client_data;
    self->destination.next_output_byte = self->chunk;
    self->destination.free_in_buffer = CHUNK;
}

static void append_chunk(encoder *self, size_t size)
{
    self->status = imi_buffer_append(self->out, (imi_view){self->chunk, size}, self->err);
    if (self->status != IMI_OK) {
        longjmp(self->escape, 1);
    }
}

/* libjpeg's rule: the chunk counts as full whatever free_in_buffer says. */
static boolean on_chunk_full(j_compress_ptr jpeg)
{
    append_chunk(jpeg->client_data, CHUNK);
    start_chunk(jpeg);
    return TRUE;
}

static void on_end(j_compress_ptr jpeg)
{
    encoder *self = jpeg->client_data;
    append_chunk(self, CHUNK - self->destination.free_in_buffer);
}

static void set_up(encoder *self)
{
    self->jpeg.err = jpeg_std_error(&self->errors);
    self->jpeg.client_data = self;
    self->errors.error_exit = give_up;
    self->destination.init_destination = start_chunk;
    self->destination.empty_output_buffer = on_chunk_full;
    self->destination.term_destination = on_end;
}

/* The only function that libjpeg jumps back to; it has no locals that it changes. */
static imi_status encode(encoder *self, const imi_image *image, int quality)
{
    struct jpeg_compress_struct *const jpeg = &self->jpeg;
    if (setjmp(self->escape) != 0) {
        return self->status;
    }
    jpeg_create_compress(jpeg);
    jpeg->dest = &self->destination;
    jpeg->image_width = image->width;
    jpeg->image_height = image->height;
    jpeg->input_components = (int)image->format;
    jpeg->in_color_space = image->format == IMI_PIXEL_GREY8 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = image->pixels + jpeg->next_scanline * image->stride_bytes;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return IMI_OK;
}

imi_status imi_jpeg_encode(const imi_image *image, int quality, imi_buffer *out, imi_error *err)
{
    if (quality < 1 || quality > 100) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "JPEG quality is 1 to 100, not %d", quality);
    }
    if (image->width > JPEG_MAX_DIMENSION || image->height > JPEG_MAX_DIMENSION) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "a JPEG cannot be %u x %u pixels", image->width,
                 image->height);
    }
    encoder self = {.err = err, .out = out};
    set_up(&self);
    size_t size_before = out->size;
    imi_status status = encode(&self, image, quality);
    jpeg_destroy_compress(&self.jpeg);
    imi_wipe(self.chunk, sizeof self.chunk);
    if (status != IMI_OK) {
        out->size = size_before;
    }
    return status;
}
