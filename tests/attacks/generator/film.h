/**
 * A clip of a living person as somebody has it who attacks with it: its frames, and which stretch
 * shows what.
 */
#ifndef IMI_GENERATOR_FILM_H
#define IMI_GENERATOR_FILM_H

#include "phone-sim/frames.h"
#include "phone-sim/segments.h"

/** Immutable once made, shared by threads. */
typedef struct imi_gen_film {
    imi_sim_frames *frames;
    imi_segments *segments;
    imi_segment calm; /* the first neutral one; says where the face is */
    int64_t replay_end_ms; /* of what is shown by who plays it from the calm stretch on */
    uint32_t width, height; /* of the frames, px */
} imi_gen_film;

/**
 * Read the labelled stretches of a video and what follows the calm one.
 *
 * labels: of imi_segments_load.
 * Errors: those of the loaders; IMI_E_INVALID_ARGUMENT without a neutral stretch.
 */
IMI_MUST_USE imi_status imi_gen_film_load(const char *path, const char *labels, imi_gen_film **out,
                                          imi_error *err);
/** The same of frames that are at hand; both move in on success. */
IMI_MUST_USE imi_status imi_gen_film_new(imi_sim_frames **take_frames, imi_segments **take_segments,
                                         imi_gen_film **out, imi_error *err);
/** Wipes the frames. */
void imi_gen_film_destroy(imi_gen_film **film);
IMI_AUTO_DEFINE(imi_gen_film, imi_gen_film_destroy)

#endif
