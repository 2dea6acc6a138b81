/** Playing the phone of a session. */
#ifndef IMI_IMICTL_PLAY_H
#define IMI_IMICTL_PLAY_H

#include "imictl.h"

#include "phone-sim/media.h"
#include "phone-sim/phone.h"

/** How to play; filled from the command line. */
typedef struct imictl_play {
    imi_media_options media;
    const char *rate;
    const char *interrupt;
    long interrupt_every; /* frames; 0 = never */
    bool unary;
    bool lockstep;
    const char *cannot; /* actions that the person cannot do, as "blink,nod"; NULL = none */
    uint32_t cannot_mask;
    const char *keep; /* "yes", "no": answer to an offer to keep a reference; NULL = none */
    const char *claim; /* claims to agree to, as "name,degree"; NULL = those that are required */
    imi_cli_names claims;
    const char *wallet; /* folder for what the person keeps; NULL = nothing */
    bool quiet; /* no progress on standard error */
} imictl_play;

#define IMICTL_PLAY_INIT                                                                           \
    {                                                                                              \
        .rate = "12"                                                                               \
    }

/** Rows of an option table for it. */
#define IMICTL_PLAY_ROWS(play)                                                                     \
    {"--clip", &(play).media.clip, NULL, false, "CLIP", "video that the phone plays, or"},         \
        {"--frames", &(play).media.frames, NULL, false, "DIR", "folder of JPEG files"},            \
        {"--segments", &(play).media.segments,                                                     \
         NULL,         false,                                                                      \
         "FILE",       "what the clip shows when [shipped labels]"},                               \
        {"--plain", NULL, &(play).media.plain, false, NULL, "play as it is, whatever is asked"},   \
        {"--rate", &(play).rate, NULL, false, "N", "frames a second [12]"},                        \
        {"--unary", NULL, &(play).unary, false, NULL, "one call a frame, as a browser"},           \
        {"--interrupt", &(play).interrupt, NULL, false, "N", "lose the stream every N frames"},    \
        {"--cannot", &(play).cannot, NULL, false, "ACTIONS", "ask for none of these"},             \
        {"--claims", &(play).claim, NULL,                                                          \
         false,      "NAMES",       "agree to these, and to what is required"},                    \
        {"--wallet", &(play).wallet, NULL, false, "DIR", "keep the key there: see imictl holder"}, \
        {"--keep-reference", &(play).keep, NULL, false, "yes|no", "answer, if it is offered"},     \
    {                                                                                              \
        "--lockstep", NULL, &(play).lockstep, false, NULL, "wait for a slow server"                \
    }

/** Check the options; IMI_EXIT_SUCCESS, or says what is wrong with them. */
int imictl_play_check(const imi_cli_spec *spec, imictl_play *play);

/** Join, consent and capture until there is an outcome. */
IMI_MUST_USE imi_status imictl_play_run(const imictl_play *play, const imi_connection *connection,
                                        const imi_media *media, const char *session_id,
                                        const char *join_secret, imi_phone_result *out,
                                        imi_error *err);

/** "none", "offered" or "kept". */
const char *imictl_keep_name(imi_keep_reference keep);

#endif
