/**
 * An office with two administrators: SQLite in a folder of its own, a policy file, a calibration
 * measured on made-up people, manual time.
 */
#ifndef IMI_TESTS_OFFICE_H
#define IMI_TESTS_OFFICE_H

#include "imi/administration.h"
#include "imi/clock.h"
#include "imi/vault.h"
#include "operating_points.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define OFFICE_MODELS "alpha@1"
#define OFFICE_STRICT "strict" /* purpose whose policy allows 1e-4 at most */
#define OFFICE_LOOSE "loose" /* 1e-2 */

#define FIRST "first-admin"
#define SECOND "second-admin"
#define STRANGER "bureau" /* a relying party */

typedef struct office {
    int64_t blocks; /* allocated before */
    char folder[64];
    imi_clock_manual clock;
    imi_vault *vault;
    imi_store *store;
    imi_policy *policy;
    imi_scorer *scorer;
    imi_operating_points *points;
    imi_administration *administration;
    char calibration_id[IMI_ID_SIZE]; /* of office_calibrate */
} office;

/** cmocka set-up and tear-down; *state is an office. */
int office_set_up(void **state);
int office_tear_down(void **state);

/** Fail unless status is OK. */
void office_ok(imi_status status, const imi_error *err);
/** Make registry and administration anew on the same store, as a restart does. */
void office_restart(office *o);
/** The same, with another policy file: target of OFFICE_LOOSE, and the models that are loaded. */
void office_restart_with(office *o, double loose_target_fmr, const char *model_version);

/** Measure so many made-up people and store the calibration. */
void office_calibrate(office *o, size_t people);
/** Store a session of a purpose that ended, with its comparison. */
void office_add_score(office *o, const char *purpose, double raw, imi_decision decision);
/** The same beside a shadow. */
void office_add_shadowed(office *o, const char *purpose, double raw, imi_decision decision,
                         const char *shadow, imi_decision shadow_decision);

/** A proposal by FIRST; must be accepted. */
imi_point_record office_propose(office *o, const char *purpose, double target_fmr);
/** Propose, approve by SECOND, activate. */
imi_point_record office_install(office *o, const char *purpose, double target_fmr);
/** Lines of the audit trail; the trail must be whole. */
size_t office_audit(office *o, imi_audit_record *out, size_t capacity);

#endif
