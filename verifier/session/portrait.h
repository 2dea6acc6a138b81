/**
 * A portrait that came in as JPEG: its face and template.
 */
#ifndef IMI_SESSION_PORTRAIT_H
#define IMI_SESSION_PORTRAIT_H

#include "imi/engine.h"
#include "imi/image.h"

/** Check a portrait's header and size; size_max in bytes. */
IMI_MUST_USE imi_status imi_portrait_inspect(imi_view jpeg, size_t size_max, imi_error *err);

/**
 * Judge a portrait and make its template. Wipes the JPEG when done, whatever comes of it.
 *
 * template_out: empty unless *reason_out is IMI_CAPTURE_OK; the caller wipes it.
 */
IMI_MUST_USE imi_status imi_portrait_extract(imi_engine *engine, imi_buffer *jpeg,
                                             imi_capture_reason *reason_out, float *quality_out,
                                             imi_template *template_out, imi_error *err);

#endif
