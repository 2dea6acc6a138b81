/**
 * The bytes of the frames: does one encoder make them, of one camera's pictures in the order in
 * which it took them, and is any file sent again?
 */
#ifndef IMI_STREAM_FILES_H
#define IMI_STREAM_FILES_H

#include "jpeg_shape.h"
#include "limits.h"

typedef struct imi_file_watch {
    uint32_t count; /* of different files in a row */
    uint64_t digest[LIMIT_DIGESTS]; /* ring of the latest */
    imi_jpeg_shape shape; /* of the first file */
    bool has_shape;
    int64_t taken_at_s; /* the latest that EXIF has told since it last was set back; 0: none */
    uint32_t set_back; /* how often */
    uint32_t stall_frames; /* how often the last file came again */
    int64_t stall_since_ms;
    bool reshaped, repeated, stalled;
} imi_file_watch;

/** Take one file. True if it is a new one, false if it shows a recent picture again. */
bool imi_file_watch_feed(imi_file_watch *watch, imi_view jpeg, int64_t at_ms);

#endif
