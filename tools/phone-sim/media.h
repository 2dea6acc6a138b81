/**
 * What a simulated phone plays: a clip or a folder of frames, with the segments that tell
 * what the person does when.
 */
#ifndef IMI_TOOLS_MEDIA_H
#define IMI_TOOLS_MEDIA_H

#include "phone-sim/source.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Everything is borrowed for the call. */
typedef struct imi_media_options {
    const char *clip; /* a video file; exactly one of clip and frames */
    const char *frames; /* a folder of JPEG files, named after their milliseconds or not */
    const char *segments; /* labels; NULL: segments.csv beside the program, if it knows the clip */
    double frames_per_s; /* of frames whose names tell no time */
    bool plain; /* play as it is, even if there are segments */
    bool raw; /* perform without a camera (phone-sim/camera.h): a recording, and cheaper */
} imi_media_options;

typedef struct imi_media imi_media;

/**
 * Load. Segments are found by the clip's file name; a folder of frames has those of its own
 * segments.csv, if there is one (see imi_media_save).
 *
 * Errors: those of the loaders; segments that were asked for must exist.
 */
IMI_MUST_USE imi_status imi_media_open(const imi_media_options *options, imi_media **out,
                                       imi_error *err);
void imi_media_destroy(imi_media **media);
IMI_AUTO_DEFINE(imi_media, imi_media_destroy)

/** A performer before a camera if there are segments, a plain player otherwise. The media
 * outlives it. */
IMI_MUST_USE imi_status imi_media_source(const imi_media *media, imi_source **out, imi_error *err);
/** All frames. */
const imi_sim_frames *imi_media_frames(const imi_media *media);
/** A frame from the middle of the neutral segment, or of everything. */
const imi_sim_frame *imi_media_still(const imi_media *media);
/** Write the frames and, as segments.csv, the segments to a folder. */
IMI_MUST_USE imi_status imi_media_save(const imi_media *media, const char *folder, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
