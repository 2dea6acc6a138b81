/**
 * A file of YUV4MPEG2 that holds one frame, which is overwritten in place: a browser that plays
 * it as its camera reads it again for every picture that it takes.
 */
#ifndef IMI_TESTS_WEB_PICTURE_FILE_H
#define IMI_TESTS_WEB_PICTURE_FILE_H

#include "imi/image.h"

typedef struct imi_picture_file imi_picture_file;

/** Make the file, its picture black. width, height: even. Errors: IMI_E_INVALID_ARGUMENT, IMI_E_IO.
 */
IMI_MUST_USE imi_status imi_picture_file_new(const char *path, uint32_t width, uint32_t height,
                                             uint32_t frames_per_s, imi_picture_file **out,
                                             imi_error *err);
/** Closes; the file stays. */
void imi_picture_file_destroy(imi_picture_file **file);
IMI_AUTO_DEFINE(imi_picture_file, imi_picture_file_destroy)

/** Show an RGB8 image, scaled to fill the picture, what is too wide or too high cut off evenly. */
IMI_MUST_USE imi_status imi_picture_file_show(imi_picture_file *file, const imi_image *image,
                                              imi_error *err);

#endif
