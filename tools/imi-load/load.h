/**
 * Many simulated phones at once.
 */
#ifndef IMI_LOAD_LOAD_H
#define IMI_LOAD_LOAD_H

#include "client/connection.h"
#include "client/latency.h"
#include "memory_watch.h"
#include "phone-sim/media.h"

/** What to run. Everything is borrowed. */
typedef struct load_plan {
    const imi_connection *connection;
    const imi_media *media;
    imi_view reference_jpeg;
    const char *purpose;
    size_t phones;
    double frames_per_s;
    double seconds; /* stop beginning sessions after so long; 0 = no limit */
    uint64_t sessions; /* stop after so many; 0 = no limit */
    bool brief; /* join, consent, one frame, withdraw */
    bool unary;
} load_plan;

/** Sums over all phones. */
typedef struct load_counts {
    uint64_t sessions; /* ended as planned */
    uint64_t failures; /* ended by an error */
    uint64_t frames; /* answered */
    uint64_t judged; /* of these, looked at */
    uint64_t skipped; /* of these, answered without, as a newer one waited */
    uint64_t missed; /* camera moments at which the server was still busy */
    uint64_t refusals; /* RESOURCE_EXHAUSTED */
    uint64_t waited; /* sessions that were told to let others have their turn */
    uint64_t waited_ms; /* in all, therefore */
    uint64_t longest_wait_ms; /* of one session */
    uint64_t decisions[5]; /* by imi_decision */
} load_counts;

typedef struct load_report {
    load_counts counts;
    imi_latency latency_us; /* from sending a frame to its answer */
    double seconds;
    char last_failure[256]; /* "" if there was none */
} load_report;

/** Run the plan; memory gets a sample a second. Errors: when nothing could be started. */
IMI_MUST_USE imi_status load_run(const load_plan *plan, load_memory *memory, load_report *out,
                                 imi_error *err);

#endif
