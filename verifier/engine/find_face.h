/**
 * Which face of an image is meant, and how many others could be meant; not public.
 */
#ifndef IMI_FIND_FACE_H
#define IMI_FIND_FACE_H

#include "imi/engine.h"

typedef struct imi_found_face {
    imi_face_box box;
    uint32_t count; /* faces that could be meant; 0 if there is none, the box is then empty */
} imi_found_face;

/** Errors: those of the detectors. */
IMI_MUST_USE imi_status imi_find_face(const imi_engine_parts *parts, const imi_image *image,
                                      imi_capture_kind kind, imi_found_face *out, imi_error *err);

#endif
