/**
 * Coloured light: the page shows a random slow sequence of colours; the face's chroma must follow
 * it, more than the background's. Off unless the purpose asks; says when ambient light is too
 * strong to tell. Within the flash limits of WCAG 2.3.1: no saturated red, at most one change in
 * 700 ms, bounded steps of luminance.
 */
#ifndef IMI_LIGHT_H
#define IMI_LIGHT_H

#include "imi/face.h"
#include "imi/findings.h"
#include "imi/image.h"
#include "imi/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_LIGHT_COLOURS_MAX = 8,
    IMI_LIGHT_RAMP_MS = 300 /* a colour fades into the next over its first so many milliseconds */
};

/** sRGB, 8 bits each. */
typedef struct imi_light_colour {
    uint8_t red, green, blue;
} imi_light_colour;

typedef struct imi_light_sequence {
    uint32_t count; /* 0: no coloured light */
    uint32_t step_ms; /* each colour is shown so long, its fading in included */
    imi_light_colour colours[IMI_LIGHT_COLOURS_MAX];
} imi_light_sequence;

/** Draw a sequence uniformly. Errors: IMI_E_IO without randomness. */
IMI_MUST_USE imi_status imi_light_draw(imi_light_sequence *out, imi_error *err);
/** Number of sequences that imi_light_draw can give. */
uint64_t imi_light_space(void);

typedef struct imi_light_watch imi_light_watch;
IMI_MUST_USE imi_status imi_light_watch_new(const imi_light_sequence *sequence,
                                            imi_light_watch **out, imi_error *err);
void imi_light_watch_destroy(imi_light_watch **watch);
IMI_AUTO_DEFINE(imi_light_watch, imi_light_watch_destroy)

/**
 * Take one frame. The sequence starts with the first frame whose shown_ms is not negative:
 * shown_ms is the time since the page showed the first colour, by the phone's clock. Frames
 * before and after the sequence are passed over.
 * Errors: IMI_E_INVALID_ARGUMENT for an image that is not RGB8.
 */
IMI_MUST_USE imi_status imi_light_watch_feed(imi_light_watch *watch, const imi_image *image,
                                             const imi_landmarks *landmarks, int64_t shown_ms,
                                             imi_error *err);
/**
 * Fill IMI_LAYER_LIGHT.
 *
 * Units: Fisher z of the correlation of the face's chroma, less the background's, with the shown
 *        sequence, above that of the best of 255 other sequences. Positive: the face answers what
 *        was shown, by chance once in 256. Not measured, with the code "too_bright_to_tell",
 *        "light_incomplete" or "no_background", when the light cannot tell; a wrong answer has
 *        the code "light_wrong", the answer of a face no nearer than its background "light_flat".
 */
void imi_light_watch_report(const imi_light_watch *watch, imi_findings *findings);

#ifdef __cplusplus
}
#endif
#endif
