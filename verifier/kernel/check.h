/**
 * Argument checks that the public functions share. Only for files without instruction set flags.
 */
#ifndef IMI_KERNEL_CHECK_H
#define IMI_KERNEL_CHECK_H

#include "imi/kernel.h"

/** IMI_OK if a gallery can be read as it describes itself. */
IMI_MUST_USE imi_status check_gallery_f32(const imi_gallery_f32 *gallery, imi_error *err);
IMI_MUST_USE imi_status check_gallery_i8(const imi_gallery_i8 *gallery, imi_error *err);

#endif
