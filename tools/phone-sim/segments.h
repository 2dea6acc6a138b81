/**
 * Which stretch of a sample clip shows which action: the labels of segments.csv.
 */
#ifndef IMI_TOOLS_SEGMENTS_H
#define IMI_TOOLS_SEGMENTS_H

#include "imi/liveness.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_SEGMENT_CLIP_SIZE = 64 };

/** A labelled stretch. It begins and ends with a neutral face, near where neutral shows it. */
typedef struct imi_segment {
    char clip[IMI_SEGMENT_CLIP_SIZE]; /* file name without folder */
    imi_action action; /* IMI_ACTION_NONE: neutral */
    int64_t start_ms; /* within the stretch */
    int64_t end_ms; /* behind it */
    float face_x, face_y; /* centre of the face when neutral, shares of the picture */
} imi_segment;

/** Segments in the file's order. */
typedef struct imi_segments {
    imi_segment *items;
    size_t count;
} imi_segments;

/**
 * Read the segments of one clip, or of all when clip is NULL.
 *
 * The file has a header line `clip,action,start_ms,end_ms`; action is a name of
 * imi_action_name or "neutral"; lines that begin with # are notes. Two more columns,
 * `face_x,face_y`, may say where the face is, midway between forehead and chin; without them it
 * is in the middle.
 *
 * Errors: IMI_E_NOT_FOUND, IMI_E_IO; IMI_E_INVALID_ARGUMENT with the line's number, also when
 *         the clip has no segment.
 */
IMI_MUST_USE imi_status imi_segments_load(const char *path, const char *clip, imi_segments **out,
                                          imi_error *err);
void imi_segments_destroy(imi_segments **segments);
IMI_AUTO_DEFINE(imi_segments, imi_segments_destroy)

#ifdef __cplusplus
}
#endif
#endif
