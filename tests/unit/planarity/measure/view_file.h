/**
 * What the camera and the engine saw of a clip, luma and mesh, kept in a file so that the watch
 * can be measured many times without decoding video and running networks again. A cache in the
 * build folder, never committed.
 */
#ifndef IMI_TESTS_VIEW_FILE_H
#define IMI_TESTS_VIEW_FILE_H

#include "imi/face.h"
#include "imi/image.h"

#include <stdio.h>

/** One frame. */
typedef struct imi_seen_view {
    int64_t at_ms;
    bool face; /* landmarks are valid */
    imi_landmarks landmarks;
    imi_image *luma;
} imi_seen_view;

IMI_MUST_USE imi_status imi_seen_view_write(FILE *file, const imi_seen_view *view, imi_error *err);
/** Read the next frame; view->luma is NULL at the end and the caller's otherwise. */
IMI_MUST_USE imi_status imi_seen_view_read(FILE *file, imi_seen_view *view, imi_error *err);

#endif
