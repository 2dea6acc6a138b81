/**
 * Earlier encodings: whatever a JPEG file held before keeps the steps to which its coefficients
 * were rounded, so that in the next file some values are rarer than both of their neighbours. A
 * camera's frame has none of it, or has it everywhere; where a program has painted a face into
 * frames that were encoded before, what is around has it and the face has not.
 *
 * Source of the idea: J. Lukas, J. Fridrich, Estimation of primary quantization matrix in double
 * compressed JPEG images, 2003.
 */
#ifndef IMI_STREAM_CODINGS_H
#define IMI_STREAM_CODINGS_H

#include "imi/stream.h"
#include "jpeg_shape.h"
#include "limits.h"

typedef enum imi_coding_region {
    IMI_CODING_FACE = 0,
    IMI_CODING_AROUND,
    IMI_CODING_REGIONS
} imi_coding_region;

enum { IMI_CODING_LEVELS = 17 }; /* magnitudes of quantised coefficients that are counted */

/** Histograms of a capture's quantised coefficients: by frequency in zigzag order, the first
 * behind the constant one. */
typedef struct imi_coding_watch {
    uint32_t frames; /* looked at */
    int64_t last_ms; /* moment of the last of them */
    uint8_t steps[IMI_JPEG_LUMA_STEPS];
    uint32_t count[IMI_CODING_REGIONS][IMI_JPEG_LUMA_STEPS][IMI_CODING_LEVELS];
} imi_coding_watch;

/** Frames without file, picture or mesh, and those that come too fast, are not looked at. */
void imi_coding_watch_feed(imi_coding_watch *watch, const imi_stream_frame *frame);
/** How uneven the histograms of a region are, from neighbour to neighbour: about 0 for what was
 * encoded once; a logarithm of counts. NaN: too little was seen. */
float imi_coding_watch_unevenness(const imi_coding_watch *watch, imi_coding_region region);
/** By how much what is around the face is more uneven than the face; NaN: not known. */
float imi_coding_watch_patched(const imi_coding_watch *watch);

#endif
