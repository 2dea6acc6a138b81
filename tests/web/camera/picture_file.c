#include "picture_file.h"

#include "imi/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { SIDE_MAX = 4096, CHROMA_NONE = 128 };

struct imi_picture_file {
    int fd;
    off_t picture_at; /* where its bytes begin */
    uint32_t width, height;
    size_t size;
    uint8_t planes[]; /* Y at full size, then Cb and Cr at half */
};

void imi_picture_file_destroy(imi_picture_file **file)
{
    if (file != NULL && *file != NULL) {
        if ((*file)->fd >= 0) {
            close((*file)->fd);
        }
        imi_free(*file);
        *file = NULL;
    }
}

static imi_status write_at(const imi_picture_file *file, imi_view bytes, off_t at, imi_error *err)
{
    if (pwrite(file->fd, bytes.data, bytes.size, at) != (ssize_t)bytes.size) {
        IMI_FAIL(err, IMI_E_IO, "cannot write the picture: %s", strerror(errno));
    }
    return IMI_OK;
}

static imi_status write_header(imi_picture_file *file, uint32_t frames_per_s, imi_error *err)
{
    IMI_AUTO_BUFFER header = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_printf(&header, err, "YUV4MPEG2 W%u H%u F%u:1 Ip A1:1 C420jpeg\nFRAME\n",
                              file->width, file->height, frames_per_s));
    file->picture_at = (off_t)header.size;
    return write_at(file, imi_buffer_view(&header), 0, err);
}

static imi_status write_picture(const imi_picture_file *file, imi_error *err)
{
    return write_at(file, (imi_view){file->planes, file->size}, file->picture_at, err);
}

imi_status imi_picture_file_new(const char *path, uint32_t width, uint32_t height,
                                uint32_t frames_per_s, imi_picture_file **out, imi_error *err)
{
    *out = NULL;
    if (width < 2 || height < 2 || width > SIDE_MAX || height > SIDE_MAX || width % 2 != 0 ||
        height % 2 != 0 || frames_per_s == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a picture of %ux%u cannot be shown", width, height);
    }
    size_t luma = (size_t)width * height;
    IMI_AUTO(imi_picture_file) file = imi_alloc(sizeof *file + luma + luma / 2);
    if (file == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a picture");
    }
    file->width = width;
    file->height = height;
    file->size = luma + luma / 2;
    memset(file->planes, 16, luma);
    memset(file->planes + luma, CHROMA_NONE, luma / 2);
    file->fd = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);
    if (file->fd < 0) {
        IMI_FAIL(err, IMI_E_IO, "cannot make %s: %s", path, strerror(errno));
    }
    IMI_TRY(write_header(file, frames_per_s, err));
    IMI_TRY(write_picture(file, err));
    *out = IMI_STEAL(&file);
    return IMI_OK;
}

/* ITU-R BT.601 with studio swing, in 256ths. */
static uint8_t luma_of(const uint8_t *rgb)
{
    return (uint8_t)((66 * rgb[0] + 129 * rgb[1] + 25 * rgb[2] + 128 + 16 * 256) >> 8);
}

/* Cb and Cr of a square of four pixels. */
static void chroma_of(const uint8_t *upper, const uint8_t *lower, uint8_t *cb, uint8_t *cr)
{
    int sum[IMI_PIXEL_RGB8];
    for (int i = 0; i < IMI_PIXEL_RGB8; i++) {
        sum[i] = upper[i] + upper[i + IMI_PIXEL_RGB8] + lower[i] + lower[i + IMI_PIXEL_RGB8];
    }
    *cb = (uint8_t)((-38 * sum[0] - 74 * sum[1] + 112 * sum[2] + 512 + CHROMA_NONE * 1024) >> 10);
    *cr = (uint8_t)((112 * sum[0] - 94 * sum[1] - 18 * sum[2] + 512 + CHROMA_NONE * 1024) >> 10);
}

static void to_planes(imi_picture_file *file, const imi_image *image)
{
    size_t luma = (size_t)file->width * file->height;
    for (uint32_t y = 0; y < file->height; y++) {
        const uint8_t *row = imi_image_row(image, y);
        uint8_t *out = file->planes + (size_t)y * file->width;
        for (uint32_t x = 0; x < file->width; x++) {
            out[x] = luma_of(row + (size_t)x * IMI_PIXEL_RGB8);
        }
    }
    for (uint32_t y = 0; y < file->height / 2; y++) {
        const uint8_t *upper = imi_image_row(image, 2 * y);
        const uint8_t *lower = imi_image_row(image, 2 * y + 1);
        uint8_t *cb = file->planes + luma + (size_t)y * (file->width / 2);
        for (uint32_t x = 0; x < file->width / 2; x++) {
            size_t at = (size_t)2 * x * IMI_PIXEL_RGB8;
            chroma_of(upper + at, lower + at, &cb[x], &cb[x + luma / 4]);
        }
    }
}

/* Scale about the middle, until both sides are filled. */
static imi_affine filling(const imi_picture_file *file, const imi_image *image)
{
    float across = (float)file->width / (float)image->width;
    float down = (float)file->height / (float)image->height;
    float scale = across > down ? across : down;
    return (imi_affine){
        scale, 0,     ((float)(file->width - 1) - scale * (float)(image->width - 1)) / 2,
        0,     scale, ((float)(file->height - 1) - scale * (float)(image->height - 1)) / 2,
    };
}

imi_status imi_picture_file_show(imi_picture_file *file, const imi_image *image, imi_error *err)
{
    if (image->format != IMI_PIXEL_RGB8) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a picture has colours");
    }
    IMI_AUTO(imi_image) fitted = NULL;
    IMI_TRY(imi_image_new(file->width, file->height, IMI_PIXEL_RGB8, &fitted, err));
    imi_affine map = filling(file, image);
    IMI_TRY(imi_image_warp(image, &map, fitted, err));
    to_planes(file, fitted);
    return write_picture(file, err);
}
