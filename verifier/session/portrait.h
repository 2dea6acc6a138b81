/**
 * A portrait that came in as JPEG: its face and template.
 */
#ifndef IMI_SESSION_PORTRAIT_H
#define IMI_SESSION_PORTRAIT_H

#include "imi/engine.h"
#include "imi/image.h"

/** Check a portrait's header and size; size_max in bytes. */
IMI_MUST_USE imi_status imi_portrait_inspect(imi_view jpeg, size_t size_max, imi_error *err);

/** What there is to say of a portrait. */
typedef struct imi_portrait_view {
    imi_capture_reason reason; /* OK: fit to be compared */
    float quality; /* unified, 0 to 1 */
    imi_matchability matchability;
} imi_portrait_view;

/** Judge an RGB8 image as a portrait and make its template, as imi_portrait_extract does. */
IMI_MUST_USE imi_status imi_portrait_extract_image(imi_engine *engine, const imi_image *image,
                                                   imi_portrait_view *view_out,
                                                   imi_template *template_out, imi_error *err);

/**
 * Judge a portrait and make its template. Wipes the JPEG when done, whatever comes of it.
 *
 * template_out: empty unless view_out->reason is IMI_CAPTURE_OK; the caller wipes it.
 */
IMI_MUST_USE imi_status imi_portrait_extract(imi_engine *engine, imi_buffer *jpeg,
                                             imi_portrait_view *view_out,
                                             imi_template *template_out, imi_error *err);

#endif
