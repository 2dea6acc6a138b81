/**
 * A whole service on real parts: SQLite in a folder of its own, a policy file, a key file, a
 * calibration, a pool of engines. Only the models are scenes (scene.h), and time is manual.
 */
#ifndef IMI_TESTS_FIXTURE_H
#define IMI_TESTS_FIXTURE_H

#include "faulty_store.h"
#include "imi/service.h"
#include "imi/token.h"
#include "scene.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FIXTURE_PERSON = 3, OTHER_PERSON = 7 };

#define FIXTURE_PARTY "bureau"
#define FIXTURE_OTHER_PARTY "registry"
#define FIXTURE_MODEL_VERSION "scene-1"
#define FIXTURE_ISSUER "https://imi.test"
#define FIXTURE_AUDIENCE "https://bureau.test"

/* Purposes of the fixture's policy. */
#define PURPOSE_PLAIN "plain" /* no attack detection, 3 attempts */
#define PURPOSE_OPTIONAL "optional" /* attack detection if it is there */
#define PURPOSE_STRICT "strict" /* attack detection required */
#define PURPOSE_ONCE "once" /* 1 attempt */
#define PURPOSE_KEEPING "keeping" /* strict; offers to keep references after 30 days, at most 2 */
#define PURPOSE_DOCUMENT "document" /* asks for a checked document, too */
#define PURPOSE_LIMITED "limited" /* 5 attempts; from the third on 30 s, 60 s..., 6 a day */
#define PURPOSE_ATTESTED "attested" /* attestation required; attempts limited as above */
#define PURPOSE_LIT "lit" /* coloured light */
#define PURPOSE_TELLING "telling" /* name, which is required, birthdate and adult; a credential */
#define PURPOSE_ELSEWHERE "elsewhere" /* granted to the other party only */

typedef struct fixture_options {
    size_t threads; /* 0 = 2 */
    size_t queue; /* jobs; 0 = 64 */
    size_t captures_max; /* 0 = the service's default */
    size_t captures_at_once; /* 0 = as measured: 13 before anything is */
    bool without_pad;
    bool without_reader; /* of documents */
    const imi_attest_roots *attest_roots; /* borrowed; NULL: no platform's word is trusted */
    int64_t start_ms; /* of the clock; 0: some day */
} fixture_options;

typedef struct fixture {
    char folder[64];
    fixture_options options;
    imi_clock_manual clock;
    imi_vault *vault;
    imi_store *sqlite;
    faulty_store store;
    imi_keyring *keyring;
    imi_policy *policy;
    imi_scorer *scorer;
    scene_models models;
    imi_pool *pool;
    imi_service *service;
    uint8_t subject_secret[32];
    char reference_id[IMI_ID_SIZE]; /* of FIXTURE_PERSON, enrolled by FIXTURE_PARTY */
} fixture;

/** For tests that enrol hundreds and are not about disks: keep fixtures in memory. */
void fixture_prefer_memory(void);

/** Make everything and enrol FIXTURE_PERSON; must succeed. */
fixture *fixture_new(const fixture_options *options);
void fixture_destroy(fixture **f);
/** The same, as cmocka set-up and tear-down with default options; *state is the fixture. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/** Write a file of the fixture's policy with this target rate for PURPOSE_PLAIN. */
void fixture_write_policy(const char *path, double plain_target_fmr);
/** Options with all the fixture's parts. */
imi_service_options fixture_service_options(fixture *f);

/** Destroy service and pool and start them anew on the same store, as after a crash. */
void fixture_restart(fixture *f);

/** Enrol and wait. */
imi_status fixture_enrol_request(fixture *f, const char *party, const imi_enrol_request *request,
                                 imi_enrolment *out);
/** Enrol a scene as a reference; waits. */
imi_status fixture_enrol(fixture *f, const char *party, const char *subject_id, const scene *what,
                         imi_enrolment *out);
imi_status fixture_enrol_jpeg(fixture *f, const char *party, const char *subject_id, imi_view jpeg,
                              imi_enrolment *out);
/** Create a session of FIXTURE_PARTY with the fixture's reference; must succeed. */
imi_created_session fixture_create(fixture *f, const char *purpose);
/** The stored session; must exist. */
imi_session_record fixture_session(fixture *f, const char *session_id);
/** Kinds of its events, joined by spaces. */
void fixture_events(fixture *f, const char *session_id, char *out, size_t capacity);
/** Check the token of a session as its relying party would; must hold. */
imi_token_claims fixture_checked_token(fixture *f, const char *session_id);

/** Keep all workers busy until let go. */
typedef struct fixture_gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t inside;
    bool open;
} fixture_gate;
/** The job that waits in a gate; for one more than there are workers. */
void fixture_gate_job(void *engine, void *gate);
void fixture_gate_close(fixture *f, fixture_gate *gate);
void fixture_gate_open(fixture_gate *gate);

/** Wait until every job queued so far has let go of everything. */
void fixture_settle(fixture *f);

#endif
