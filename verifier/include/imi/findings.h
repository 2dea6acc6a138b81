/**
 * What each layer of presentation attack detection has found, and how the findings are weighed.
 *
 * A layer measures one thing by itself and knows nothing of the others. It reports a score in its
 * own units, or a veto where one observation is proof; the policy turns scores into likelihood
 * ratios and says how much is enough. A layer that could not measure says so: absence of
 * evidence is never evidence of life.
 */
#ifndef IMI_FINDINGS_H
#define IMI_FINDINGS_H

#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Layers that fail independently. Numbers are stable: stored. */
typedef enum imi_layer {
    IMI_LAYER_CHALLENGE = 0, /* what the script asked for was done (imi/liveness.h) */
    IMI_LAYER_GEOMETRY = 1, /* mesh: a solid or a plane (imi/planarity.h) */
    IMI_LAYER_PARALLAX = 2, /* feature tracks: a solid or a plane (imi/planarity.h) */
    IMI_LAYER_PASSIVE = 3, /* pixels: skin or a medium (imi/passive.h) */
    IMI_LAYER_CONTINUITY = 4, /* one take: no cut, freeze, loop, repetition (imi/stream.h) */
    IMI_LAYER_CAMERA = 5, /* frames come from a camera: noise, timing, JPEG (imi/stream.h) */
    IMI_LAYER_LIGHT = 6, /* the face answers coloured light (imi/light.h) */
    IMI_LAYER_ATTESTATION = 7, /* the platform vouches for the app (imi/attest.h) */
    IMI_LAYER_COUNT = 8
} imi_layer;

/** Stable name, such as "geometry". Static storage; NULL for an unknown number. */
const char *imi_layer_name(imi_layer layer);
/** Layer of a name, IMI_LAYER_COUNT if unknown. */
imi_layer imi_layer_of_name(const char *name);

/** What one layer has found. Zeros: it has not measured. */
typedef struct imi_finding {
    bool measured; /* score is a number */
    bool veto; /* an attack beyond doubt, whatever the rest says */
    bool reduced; /* without an optional part, such as the detection networks */
    float score; /* higher = more like a bona fide presentation; units are the layer's own */
    float uncertainty; /* standard deviation of score; NaN if unknown */
    const char *code; /* what it was, such as "frames_repeat"; static storage; NULL = nothing */
} imi_finding;

/** One finding a layer. */
typedef struct imi_findings {
    imi_finding layer[IMI_LAYER_COUNT];
} imi_findings;

enum { IMI_LAYER_KNOTS_MAX = 12 };

/**
 * How a layer counts: its score by linear interpolation between knots (scores strictly rising,
 * constant beyond the ends) becomes the natural logarithm of P(score | bona fide) /
 * P(score | attack). Without knots the layer counts only by its vetoes.
 */
typedef struct imi_layer_weight {
    bool required; /* a capture without this measurement is not accepted */
    uint32_t knot_count;
    float score[IMI_LAYER_KNOTS_MAX];
    float log_ratio[IMI_LAYER_KNOTS_MAX];
} imi_layer_weight;

/** The combination: part of the policy, versioned with it. */
typedef struct imi_weighing {
    imi_layer_weight layer[IMI_LAYER_COUNT];
    float accept; /* sum of log ratios from which on a capture is bona fide */
    float reject; /* below this it is an attack; between the two it shows nothing; <= accept */
} imi_weighing;

/** Outcome. Zero is undecided; nothing is accepted by default. */
typedef enum imi_pad_decision {
    IMI_PAD_UNDECIDED = 0, /* too little was measured, or it contradicts itself */
    IMI_PAD_BONA_FIDE = 1,
    IMI_PAD_ATTACK = 2
} imi_pad_decision;

typedef struct imi_weighed {
    imi_pad_decision decision;
    float log_ratio; /* sum; NaN if nothing was measured */
    float part[IMI_LAYER_COUNT]; /* of each layer; 0 if it does not count */
    uint32_t vetoes; /* bit (1 << layer) */
    uint32_t missing; /* required layers that have not measured, bit (1 << layer) */
} imi_weighed;

/**
 * Weigh the findings. A veto is an attack; a missing required layer or any NaN is at best
 * undecided; otherwise the sum decides.
 *
 * only_measured: required layers may be missing (for clips that answer no challenge).
 */
imi_weighed imi_weigh(const imi_weighing *weighing, const imi_findings *findings,
                      bool only_measured);

/** Errors: IMI_E_INVALID_ARGUMENT says which layer's knots do not rise or are not finite. */
IMI_MUST_USE imi_status imi_weighing_check(const imi_weighing *weighing, imi_error *err);

enum { IMI_FINDINGS_TEXT_SIZE = 512 };
/**
 * Text for the decision record, such as
 * "challenge:+2.0 passive:-0.4(reduced) continuity:veto(frames_repeat) light:missing sum:+1.6":
 * log ratios and codes of layers that measured or say why not, required ones that did not, and
 * the sum. Never sent to a phone.
 */
void imi_weighed_format(const imi_weighed *weighed, const imi_findings *findings,
                        char out[IMI_FINDINGS_TEXT_SIZE]);

#ifdef __cplusplus
}
#endif
#endif
