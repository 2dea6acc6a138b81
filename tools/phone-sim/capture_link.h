/**
 * How frames travel: one bidi stream, or a unary call each. Internal to phone-sim.
 */
#ifndef IMI_TOOLS_CAPTURE_LINK_H
#define IMI_TOOLS_CAPTURE_LINK_H

#include "imi/service.h"
#include "imi_core/frame_chain.h"
#include "phone-sim/frames.h"
#include "rpc/client.h"

/** A signed frame. The image is borrowed. */
typedef struct imi_signed_frame {
    const imi_sim_frame *image;
    uint64_t sequence;
    int64_t captured_at_ms;
    uint32_t light_shown_ms; /* since the first colour, from 1; 0: none is shown */
    uint8_t signature[IMI_CORE_SIGNATURE_SIZE];
} imi_signed_frame;

typedef struct imi_capture_link imi_capture_link;
struct imi_capture_link {
    imi_status (*send)(imi_capture_link *self, const imi_signed_frame *frame, imi_error *err);
    /** Wait for an answer; *got_out is false when none came in time. */
    imi_status (*receive)(imi_capture_link *self, int64_t timeout_ms, imi_frame_feedback *out,
                          bool *got_out, imi_error *err);
    void (*destroy)(imi_capture_link *self);
};

/** Borrowed; outlive the link. */
typedef struct imi_capture_route {
    imi_rpc_channel *channel;
    const char *authorization;
    const char *capture_id;
} imi_capture_route;

IMI_MUST_USE imi_status imi_capture_link_stream(const imi_capture_route *route,
                                                imi_capture_link **out, imi_error *err);
IMI_MUST_USE imi_status imi_capture_link_unary(const imi_capture_route *route,
                                               imi_capture_link **out, imi_error *err);
void imi_capture_link_destroy(imi_capture_link **link);
IMI_AUTO_DEFINE(imi_capture_link, imi_capture_link_destroy)

#endif
