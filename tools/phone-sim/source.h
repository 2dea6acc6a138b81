/**
 * What a simulated phone's camera sees at each moment.
 */
#ifndef IMI_TOOLS_SOURCE_H
#define IMI_TOOLS_SOURCE_H

#include "imi/light.h"
#include "imi/liveness.h"
#include "phone-sim/frames.h"
#include "phone-sim/segments.h"
#include "phone-sim/view.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the person before the camera has been told, and what the phone's screen shows. */
typedef struct imi_sim_cue {
    imi_guidance guidance;
    uint32_t actions_done;
    imi_challenge challenge;
    bool has_target; /* an oval is shown */
    imi_oval target;
    imi_light_sequence light; /* colours that the phone shows meanwhile; count 0: none */
    int64_t light_shown_ms; /* since the first of them */
} imi_sim_cue;

/** Who stands before the camera: implement both functions and embed as the first member. */
typedef struct imi_source imi_source;
struct imi_source {
    /**
     * The frame at a moment; moments never step back within one capture. A moment of 0
     * begins a new capture.
     *
     * Ownership: the frame is borrowed from the source.
     */
    const imi_sim_frame *(*frame_at)(imi_source *self, int64_t at_ms, const imi_sim_cue *cue);
    void (*destroy)(imi_source *self);
};

void imi_source_destroy(imi_source **source);
IMI_AUTO_DEFINE(imi_source, imi_source_destroy)

/**
 * Plays frames as they are, whatever the phone is told: forwards, then backwards, and so on,
 * so that nothing jumps. frames is borrowed.
 */
IMI_MUST_USE imi_status imi_clip_player_new(const imi_sim_frames *frames, imi_source **out,
                                            imi_error *err);

/** Options of a performer. Zero means the default in brackets. All borrowed. */
typedef struct imi_performer_options {
    const imi_sim_frames *frames; /* required: must cover the segments */
    const imi_segment *segments; /* required: of this one clip */
    size_t segment_count;
    int64_t reaction_ms; /* from being told to acting [400] */
    int64_t pause_ms; /* between two tries of one action [1,200] */
    /* Where the view is told to somebody who moves what shows the frames: they come as they were
     * recorded. [NULL: they are drawn as the view shows them] */
    imi_sim_view *view_out;
} imi_performer_options;

/**
 * A person who does what the phone asks, as well as the clip has segments for it: neutral
 * until asked, then the action's segment, then neutral again. An action that the clip does
 * not hold is answered by staying neutral. Several segments of one action take turns.
 *
 * Ovals are answered by moving the view: the picture is shifted until the face is in one beside
 * the middle, and enlarged after a near_far segment until the face fills a near one. At most 16
 * frames drawn so live at a time.
 *
 * Errors: IMI_E_INVALID_ARGUMENT without a neutral segment.
 */
IMI_MUST_USE imi_status imi_performer_new(const imi_performer_options *options, imi_source **out,
                                          imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
