/**
 * What can be done to a recording before it is injected, frame by frame, and what is then seen
 * of it by imi/stream.h. Deterministic by seed.
 */
#ifndef IMI_TEST_STREAM_ATTACKS_H
#define IMI_TEST_STREAM_ATTACKS_H

#include "imi/stream.h"

/** How a recording is played. */
typedef enum stream_species {
    STREAM_LIVE = 0, /* bona fide: as it was recorded */
    STREAM_LOOP_RAW, /* a stretch again and again, the same files */
    STREAM_LOOP, /* the same, re-encoded with fresh noise over it */
    STREAM_PING_PONG, /* a stretch forwards and backwards, re-encoded with fresh noise */
    STREAM_STILL_RAW, /* one file again and again */
    STREAM_STILL, /* one picture, re-encoded with the least difference */
    STREAM_STILL_NOISE, /* one picture with fresh noise */
    STREAM_CONSTANT_NOISE, /* as recorded, with the same noise over every frame */
    STREAM_RESTRUCTURED, /* as recorded, from the middle on by another encoder */
    STREAM_SPLICED, /* as recorded, from the middle on another recording */
    STREAM_SPECIES_COUNT
} stream_species;

const char *stream_species_name(stream_species species);

/** A recording: pictures at 12 a second. */
typedef struct stream_take {
    imi_image **pictures;
    size_t count;
} stream_take;

typedef struct stream_plan {
    stream_species species;
    uint64_t seed;
    int quality; /* of the JPEG files, 1 to 100 */
    float noise; /* levels, standard deviation, where the species lays noise over */
    const stream_take *other; /* STREAM_SPLICED */
} stream_plan;

/** Play a recording as the plan says; false when memory or the encoder fails. */
bool stream_play(const stream_take *take, const stream_plan *plan, imi_findings *out);

#endif
