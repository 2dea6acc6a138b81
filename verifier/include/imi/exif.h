/**
 * EXIF: what a JPEG file says of the camera that took it.
 *
 * Source: CIPA DC-008 (Exif 2.32) sections 4.6.4 and 4.6.5, TIFF 6.0 section 2.
 */
#ifndef IMI_EXIF_H
#define IMI_EXIF_H

#include "imi/bytes.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is not there, or not as the standard says, is empty or 0. */
typedef struct imi_exif {
    uint32_t orientation; /* 1 to 8; 1 if absent or nonsense */
    imi_view make, model; /* of the camera; without NUL; borrowed from the segment */
    int64_t taken_at_s; /* by the camera's calendar: to compare, as months count 31 days */
} imi_exif;

/**
 * Read the body of an APP1 segment. False, and all 0, for what is not EXIF.
 *
 * Every read is bounded, and of directories only the first and the camera's own are looked at
 * however they point at each other. Time: linear in the segment.
 */
bool imi_exif_read(imi_view segment, imi_exif *out);

#ifdef __cplusplus
}
#endif
#endif
