/**
 * Tells a run in numbered steps, for someone who has never seen the product.
 */
#ifndef IMI_DEMO_STORY_H
#define IMI_DEMO_STORY_H

#include "client/backend.h"
#include "imi/ledger_proof.h"
#include "imi/liveness.h"
#include "phone-sim/phone.h"

#include <stdio.h>

/** Counts the steps of one run; zero at first. */
typedef struct demo_story {
    int step;
    uint32_t actions_done;
} demo_story;

/** Where to tell everything; required first. */
void demo_story_tell_to(FILE *out);
/** "== title", and begin counting anew. */
void demo_story_begin(demo_story *story, const char *title);
/** "  3. text". */
void demo_story_step(demo_story *story, const char *format, ...) IMI_PRINTF(2, 3);
/** A line under the present step. */
void demo_story_line(const char *format, ...) IMI_PRINTF(1, 2);

/** Observer of a phone; user is a demo_story. */
void demo_story_hear(void *user, const imi_phone_event *event);
void demo_story_decision(demo_story *story, const imi_backend_session *session);
/** Header and claims as the token itself has them. */
void demo_story_token(demo_story *story, const char *token);
/** A receipt that was found to be right. */
void demo_story_receipt(demo_story *story, const char *log, const imi_receipt_facts *facts);

#endif
