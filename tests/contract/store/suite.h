/**
 * What every store must do, written against imi/store.h alone.
 *
 * A store's test program makes a factory and runs the suite; tests of what only that store
 * has (files, schemas) stand beside it.
 */
#ifndef IMI_TEST_STORE_SUITE_H
#define IMI_TEST_STORE_SUITE_H

#include "imi/store.h"

/** Makes stores for the suite. */
typedef struct store_factory {
    /** A store without any record. */
    imi_status (*open_empty)(imi_store **out, imi_error *err);
    /** The store of the last open_empty again, after it was destroyed or beside it. */
    imi_status (*reopen)(imi_store **out, imi_error *err);
    /** Remove what open_empty made. */
    void (*clean_up)(void);
} store_factory;

/** Run the suite; number of failed tests. */
int store_suite_run(const char *name, const store_factory *factory);
/** The parts about attempts of subjects and devices... */
int store_attempts_run(const char *name, const store_factory *factory);
/** ... about references beside each other, cohorts and scores... */
int store_population_run(const char *name, const store_factory *factory);
/** ... about calibrations, duplicates, operating points and the audit trail... */
int store_administration_run(const char *name, const store_factory *factory);
/** ... about leaves of the public log... */
int store_leaves_run(const char *name, const store_factory *factory);
/** ... about consents... */
int store_consents_run(const char *name, const store_factory *factory);
/** ... about redemption and status of tokens... */
int store_tokens_run(const char *name, const store_factory *factory);
/** ... and about the feed of events and their delivery. */
int store_feed_run(const char *name, const store_factory *factory);
/** The part about subjects as a whole: claims, retention, erasure. */
int store_subjects_run(const char *name, const store_factory *factory);
/** The part of it that uses many threads. */
int store_concurrency_run(const char *name, const store_factory *factory);

#endif
