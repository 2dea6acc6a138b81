#include "store_appends.h"

#include "imi/memory.h"
#include "imi/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { PATH_SIZE = 600 };

typedef struct appends {
    imi_store *store;
    atomic_bool over, failed;
    atomic_long count;
} appends;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *append_until_over(void *argument)
{
    appends *self = argument;
    imi_leaf_draft leaf = {
        .at_ms = 1,
        .kind = "decision",
        .relying_party = "bench",
        .subject_id = "subject",
        .event = imi_view_of_text("{\"decision\":\"verified\",\"session\":\"0123456789abcdef\"}"),
    };
    while (!self->over && !self->failed) {
        if (self->store->append_leaf(self->store, &leaf, NULL, NULL) == IMI_OK) {
            self->count++;
        } else {
            self->failed = true;
        }
    }
    return NULL;
}

static imi_status run_threads(appends *self, int threads, double seconds, double *per_second_out,
                              imi_error *err)
{
    pthread_t ids[IMI_BENCH_APPENDERS_MAX];
    struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    int started = 0;
    double start = now_s();
    while (started < threads && pthread_create(&ids[started], NULL, append_until_over, self) == 0) {
        started++;
    }
    if (started == threads) {
        nanosleep(&pause, NULL);
    }
    self->over = true;
    for (int i = 0; i < started; i++) {
        pthread_join(ids[i], NULL);
    }
    if (started < threads || self->failed) {
        IMI_FAIL(err, IMI_E_STORE_IO, "%d threads could not append to the store", threads);
    }
    *per_second_out = (double)self->count / (now_s() - start);
    return IMI_OK;
}

imi_status imi_bench_store_appends(const char *folder, int threads, double seconds,
                                   double *per_second_out, imi_error *err)
{
    static const uint8_t secret[IMI_SECRET_SIZE] = "wraps data keys of a benchmark";
    char vault_path[PATH_SIZE], store_path[PATH_SIZE];
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    *per_second_out = 0;
    snprintf(vault_path, sizeof vault_path, "%s/vault-%d.db", folder, threads);
    snprintf(store_path, sizeof store_path, "%s/store-%d.db", folder, threads);
    IMI_TRY(imi_vault_open(vault_path, secret, &vault, err));
    IMI_TRY(imi_store_sqlite_open(store_path, vault, &store, err));
    appends work = {.store = store};
    return run_threads(&work, threads, seconds, per_second_out, err);
}
