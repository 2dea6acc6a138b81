/**
 * Who plays a film of the victim on a screen: which of its frames is shown when, and where in the
 * camera's view the screen is to bring it.
 */
#ifndef IMI_GENERATOR_PLAYER_H
#define IMI_GENERATOR_PLAYER_H

#include "film.h"
#include "phone-sim/source.h"
#include "species.h"

typedef struct imi_gen_player imi_gen_player;

/**
 * stream: IMI_GEN_STREAM_SPLICED is an operator who plays the stretch of what is asked, as soon
 *         and as well as a simulated phone's performer; any other plays the film from a calm
 *         moment on, by seed, and again from the calm stretch, whatever is asked.
 * Ownership: the film is borrowed and outlives it.
 */
IMI_MUST_USE imi_status imi_gen_player_new(const imi_gen_film *film, imi_gen_stream stream,
                                           uint64_t seed, imi_gen_player **out, imi_error *err);
void imi_gen_player_destroy(imi_gen_player **player);
IMI_AUTO_DEFINE(imi_gen_player, imi_gen_player_destroy)

/** What the screen shows. The picture is the player's until the next. */
typedef struct imi_gen_played {
    const imi_image *picture; /* a frame as it is in the film */
    int64_t film_ms; /* its moment there */
    imi_sim_view view; /* how the camera is to see it, by how it filled the one that took it */
} imi_gen_played;

/** Moments as of imi_source. Errors: a frame that is no picture. */
IMI_MUST_USE imi_status imi_gen_player_show(imi_gen_player *player, int64_t at_ms,
                                            const imi_sim_cue *cue, imi_gen_played *out,
                                            imi_error *err);

#endif
