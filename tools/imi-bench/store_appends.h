/**
 * How many leaves a second the store acknowledges, each durable and sealed for its subject.
 */
#ifndef IMI_BENCH_STORE_APPENDS_H
#define IMI_BENCH_STORE_APPENDS_H

#include "imi/status.h"

enum { IMI_BENCH_APPENDERS_MAX = 64 };

/**
 * Append in a fresh store.
 *
 * folder:  where it is made; the caller removes it.
 * threads: at once, 1 to IMI_BENCH_APPENDERS_MAX.
 */
IMI_MUST_USE imi_status imi_bench_store_appends(const char *folder, int threads, double seconds,
                                                double *per_second_out, imi_error *err);

#endif
