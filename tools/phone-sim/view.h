/**
 * What a camera sees of a recorded frame when it is turned a little, or held nearer: the frame
 * shifted and enlarged. An enlarged frame has no perspective of its own.
 */
#ifndef IMI_TOOLS_VIEW_H
#define IMI_TOOLS_VIEW_H

#include "imi/bytes.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Shares of the picture's width and height. */
typedef struct imi_sim_view {
    float shift_x, shift_y;
    float zoom; /* 1: as recorded */
    float about_x, about_y; /* what stays in place when only zoom changes */
} imi_sim_view;

/** Does the view show the frame as it is? */
bool imi_sim_view_is_plain(const imi_sim_view *view);

/** Draw the view of a JPEG and encode it; beyond the edges the picture is reflected. */
IMI_MUST_USE imi_status imi_sim_view_render(imi_view jpeg, const imi_sim_view *view,
                                            imi_buffer *out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
