/**
 * One attempt of an attack at a real server: a subject is enrolled with the victim's photo, a
 * session is made, and the attack holds the phone for one capture.
 */
#ifndef IMI_ATTACKS_ATTEMPT_H
#define IMI_ATTACKS_ATTEMPT_H

#include "casting.h"
#include "client/backend.h"
#include "rpc/client.h"

enum { IMI_ATTEMPT_EVIDENCE_SIZE = 512 };

/** What came of it. */
typedef enum imi_attempt_outcome {
    IMI_ATTEMPT_REFUSED = 0, /* rejected, to be tried again, or sent to staff */
    IMI_ATTEMPT_ACCEPTED = 1, /* verified */
    IMI_ATTEMPT_NO_RESPONSE = 2 /* the phone gave up before there was an answer */
} imi_attempt_outcome;

/** Everything is borrowed. */
typedef struct imi_attempt_plan {
    imi_rpc_channel *party, *phone;
    const char *purpose;
    double frames_per_s;
    imi_gen_species species;
    uint64_t seed;
    imi_gen_casting casting;
} imi_attempt_plan;

typedef struct imi_attempt {
    imi_attempt_outcome outcome;
    char reason[IMI_BACKEND_TEXT_SIZE]; /* of the decision, or what the phone was advised */
    char evidence[IMI_ATTEMPT_EVIDENCE_SIZE]; /* what the layers found */
    uint64_t frames;
} imi_attempt;

/** Errors: when the server or the generator fails, which says nothing about the attack. */
IMI_MUST_USE imi_status imi_attempt_make(const imi_attempt_plan *plan, imi_attempt *out,
                                         imi_error *err);

#endif
