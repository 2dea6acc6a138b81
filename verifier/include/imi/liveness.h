/**
 * Liveness: a random challenge, and a judge that watches a face answer it.
 *
 * A challenge is a script of actions drawn per capture. The judge is fed one observation a
 * frame, tells the person one thing at a time, and ends with a verdict. It knows no images:
 * all evidence comes from landmarks over time, and from scores that the caller adds.
 */
#ifndef IMI_LIVENESS_H
#define IMI_LIVENESS_H

#include "imi/face.h"
#include "imi/findings.h"
#include "imi/memory.h"
#include "imi/quality.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a person can be asked to do. Numbers are stable: stored and sent. */
typedef enum imi_action {
    IMI_ACTION_NONE = 0,
    IMI_ACTION_NEAR_FAR = 1, /* bring the phone closer (from wherever it is) */
    IMI_ACTION_TURN_LEFT = 2, /* the subject's own left */
    IMI_ACTION_TURN_RIGHT = 3,
    IMI_ACTION_OPEN_MOUTH = 4,
    IMI_ACTION_BLINK = 5,
    IMI_ACTION_FOLLOW = 6, /* bring the face into an oval beside the middle */
    IMI_ACTION_NOD = 7, /* chin down or up, and back */
    IMI_ACTION_COUNT = 8
} imi_action;

/** Stable name, such as "near_far". Static storage; NULL for an unknown number. */
const char *imi_action_name(imi_action action);
/** Action of a name, IMI_ACTION_NONE if unknown. */
imi_action imi_action_of_name(const char *name);

enum { IMI_CHALLENGE_ACTIONS_MAX = 6, IMI_CHALLENGE_TEXT_SIZE = 128 };

/** Ovals that NEAR_FAR and FOLLOW aim at. Numbers are stable: stored and sent. */
enum {
    IMI_TARGET_ANY = 0, /* near enough is enough; the only one of other actions */
    IMI_NEAR_TARGETS = 3, /* 1 to 3: how near */
    IMI_FOLLOW_TARGETS = 8 /* 1 to 8: clockwise from above, as the person sees the picture */
};

typedef struct imi_challenge {
    uint32_t count;
    imi_action actions[IMI_CHALLENGE_ACTIONS_MAX];
    uint8_t targets[IMI_CHALLENGE_ACTIONS_MAX]; /* of each action */
} imi_challenge;

/** From which scripts to draw. */
typedef struct imi_challenge_rules {
    uint32_t allowed_mask; /* bit (1 << action); at least two actions */
    uint32_t count; /* actions in a script, 2 to IMI_CHALLENGE_ACTIONS_MAX */
    uint32_t count_max; /* as many as this, drawn at random; 0 = count */
    bool near_far_required; /* every script holds NEAR_FAR, the test of depth */
    bool near_targets; /* NEAR_FAR aims at one of IMI_NEAR_TARGETS ovals */
    bool solid_required; /* every script holds what no flat picture can do: NEAR_FAR, a turn, NOD */
} imi_challenge_rules;

/** Where the face is to be: shares of the picture's width, height and smaller side. */
typedef struct imi_oval {
    float centre_x, centre_y;
    float height;
} imi_oval;

/**
 * Draw a script uniformly from those that the rules allow: no action twice in a row, with
 * NEAR_FAR somewhere if required.
 * Errors: IMI_E_INVALID_ARGUMENT if the rules allow no script; IMI_E_IO without randomness.
 */
IMI_MUST_USE imi_status imi_challenge_draw(const imi_challenge_rules *rules, imi_challenge *out,
                                           imi_error *err);
/** Number of different scripts under the rules; 0 if none. */
uint64_t imi_challenge_space(const imi_challenge_rules *rules);

enum { IMI_CHALLENGE_SPACE_MIN = 64 }; /* scripts that alternatives must leave */
/**
 * Rules for a person who cannot do some of the actions: others stand in for them, and scripts
 * grow longer where too few are left. Depth by NEAR_FAR, if required, gives way to another
 * action of a solid (solid_required) only for who cannot do NEAR_FAR.
 *
 * cannot_mask: bit (1 << action) of what the person cannot do; 0 leaves the rules as they are.
 * Errors: IMI_E_INVALID_ARGUMENT for unknown actions and rules that allow no script;
 *         IMI_E_UNSUPPORTED if no solid could be told from a plane any more, or fewer scripts are
 *         left than IMI_CHALLENGE_SPACE_MIN and the rules' own space: a case for staff.
 */
IMI_MUST_USE imi_status imi_challenge_rules_without(const imi_challenge_rules *rules,
                                                    uint32_t cannot_mask, imi_challenge_rules *out,
                                                    imi_error *err);

/**
 * Text form as stored, logged and given to tools: names joined by commas, each with its target
 * if it has one, such as "near_far@2,blink,follow@5". "near_far" alone is near enough anyhow.
 */
void imi_challenge_format(const imi_challenge *challenge, char out[IMI_CHALLENGE_TEXT_SIZE]);
/** Read the text form. Errors: IMI_E_INVALID_ARGUMENT names what is not an action. */
IMI_MUST_USE imi_status imi_challenge_parse(const char *text, imi_challenge *out, imi_error *err);

/** The one thing that the person is told. Numbers are stable: sent to phones. */
typedef enum imi_guidance {
    IMI_GUIDANCE_NONE = 0,
    IMI_GUIDANCE_SHOW_FACE = 1,
    IMI_GUIDANCE_ONE_PERSON_ONLY = 2,
    IMI_GUIDANCE_MOVE_CLOSER = 3,
    IMI_GUIDANCE_MOVE_AWAY = 4,
    IMI_GUIDANCE_CENTRE_FACE = 5,
    IMI_GUIDANCE_LOOK_STRAIGHT = 6,
    IMI_GUIDANCE_HOLD_STILL = 7,
    IMI_GUIDANCE_MORE_LIGHT = 8,
    IMI_GUIDANCE_LESS_LIGHT = 9,
    IMI_GUIDANCE_EVEN_LIGHT = 10,
    IMI_GUIDANCE_UNCOVER_FACE = 11,
    IMI_GUIDANCE_TURN_LEFT = 12,
    IMI_GUIDANCE_TURN_RIGHT = 13,
    IMI_GUIDANCE_OPEN_MOUTH = 14,
    IMI_GUIDANCE_BLINK = 15,
    IMI_GUIDANCE_BACK_TO_CENTRE = 16,
    IMI_GUIDANCE_CLOSE_MOUTH = 17,
    IMI_GUIDANCE_DONE = 18,
    IMI_GUIDANCE_FIT_OVAL = 19, /* bring the face into the oval; the target says which */
    IMI_GUIDANCE_NOD = 20,
    IMI_GUIDANCE_COUNT = 21
} imi_guidance;

/** Stable name, such as "move_closer". Static storage. */
const char *imi_guidance_name(imi_guidance guidance);

/** One frame as the judge sees it. Pointers borrowed for the call. */
typedef struct imi_observation {
    int64_t captured_at_ms;
    int64_t lag_ms; /* how much later than others it came: what is told on it is heard as late */
    uint32_t image_width, image_height;
    imi_capture_reason reason; /* of kind IMI_CAPTURE_MOTION */
    const imi_face_box *box; /* NULL without a face */
    const imi_landmarks *landmarks; /* NULL without a face */
    const imi_quality *quality; /* NULL without a face */
} imi_observation;

/** Why a capture is not accepted as live; the phone never learns which. */
typedef enum imi_liveness_reason {
    IMI_LIVENESS_OK = 0,
    IMI_LIVENESS_INCOMPLETE = 1, /* the script is not answered (yet) */
    IMI_LIVENESS_TIMEOUT = 2, /* the person took too long: not an attack */
    IMI_LIVENESS_FACE_LOST = 3, /* tracking broke: the face left or jumped */
    IMI_LIVENESS_FACE_CHANGED = 4, /* another face took over */
    IMI_LIVENESS_FLAT = 5, /* what moved was a plane */
    IMI_LIVENESS_WRONG_ACTION = 6, /* did something else, repeatedly */
    IMI_LIVENESS_STILL = 7, /* frames do not change as a camera's do */
    IMI_LIVENESS_TIME = 8, /* capture times run backwards or jump */
    IMI_LIVENESS_PASSIVE = 9 /* the layers together say attack (added by the caller) */
} imi_liveness_reason;

/** Stable name, such as "wrong_action". Static storage. */
const char *imi_liveness_reason_name(imi_liveness_reason reason);

typedef struct imi_liveness_verdict {
    bool complete; /* nothing more to wait for: passed or failed */
    bool live; /* true only if complete and every action was answered; false at first */
    imi_liveness_reason reason;
    uint32_t actions_done;
    float flatness_residual; /* homography residual in inter-eye distances over near/far; NaN
                                if not measured; larger = less flat */
} imi_liveness_verdict;

typedef struct imi_liveness_judge imi_liveness_judge;

/** Limits of patience; generous on purpose. */
typedef struct imi_liveness_options {
    int64_t action_timeout_ms; /* per action, face in view, from when it is heard; 0 = 20 s */
    int64_t capture_timeout_ms; /* whole capture, from the first face; 0 = 90 s */
} imi_liveness_options;

/**
 * A judge for one capture.
 *
 * Ownership: challenge and options (NULL: the defaults) are copied.
 * Errors:    IMI_E_INVALID_ARGUMENT for an empty or malformed challenge, IMI_E_NO_MEMORY.
 */
IMI_MUST_USE imi_status imi_liveness_judge_new(const imi_challenge *challenge,
                                               const imi_liveness_options *options,
                                               imi_liveness_judge **out, imi_error *err);
/** Wipe and free: the judge holds landmarks. Accepts NULL, nulls the pointer. */
void imi_liveness_judge_destroy(imi_liveness_judge **judge);
IMI_AUTO_DEFINE(imi_liveness_judge, imi_liveness_judge_destroy)

/** Take one frame, in capture order; answers what to tell the person. After the end: no effect. */
IMI_MUST_USE imi_status imi_liveness_judge_feed(imi_liveness_judge *judge,
                                                const imi_observation *observation,
                                                imi_guidance *guidance_out, imi_error *err);

/** State of the judgement now; before the end live is false and the reason INCOMPLETE. */
void imi_liveness_judge_verdict(const imi_liveness_judge *judge, imi_liveness_verdict *out);

/**
 * Where the face is to be now; false when no oval is to be shown.
 *
 * In the picture as it was sent, which is not mirrored: a page that shows a mirrored preview
 * mirrors the oval with it. The oval spans the face from the top of the forehead to the chin.
 */
bool imi_liveness_judge_target(const imi_liveness_judge *judge, imi_oval *out);
/**
 * Fill IMI_LAYER_CHALLENGE; the other layers are left as they are.
 *
 * Measured when every action was answered. Score: the share of clear actions that were the right
 * ones, wrong ones by their weight: 1 without a mistake, near 0.5 at the last forgiven one.
 * Veto, with a code: "flat", "still", "face_changed". Timeouts, lost faces and wrong actions have
 * a code, but are no proof of an attack.
 */
void imi_liveness_judge_report(const imi_liveness_judge *judge, imi_findings *findings);

/** Whether the frame last fed shows a neutral frontal face, fit to be compared. */
bool imi_liveness_judge_neutral(const imi_liveness_judge *judge);

#ifdef __cplusplus
}
#endif
#endif
