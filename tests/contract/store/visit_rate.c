/*
 * usage: visit_rate FOLDER PEOPLE
 * Enrol so many made-up people into a store in an empty folder, then visit all of them: how many
 * references a second one core reads and unseals. docs/deletion.md quotes it.
 */
#include "imi/memory.h"
#include "imi/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TEMPLATE_SIZE = 2100, VISITS = 3 };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static imi_status enrol(imi_store *store, long people, imi_error *err)
{
    uint8_t bytes[TEMPLATE_SIZE];
    IMI_TRY(imi_random(bytes, sizeof bytes, err));
    double start = cpu_seconds();
    for (long i = 0; i < people; i++) {
        imi_reference_record record = {.quality = 1,
                                       .kind = IMI_REFERENCE_PRIMARY,
                                       .relying_party = "party",
                                       .model_version = "made-up@1"};
        IMI_TRY(imi_id_new("ref", record.reference_id, err));
        snprintf(record.subject_id, sizeof record.subject_id, "subject-%ld", i);
        IMI_TRY(store->put_reference(store, &record, (imi_view){bytes, sizeof bytes}, err));
    }
    printf("enrolled %ld: %.0f us of one core each\n", people,
           (cpu_seconds() - start) / (double)people * 1e6);
    return IMI_OK;
}

static imi_status count(void *user, const imi_reference_record *record, imi_view template_blob,
                        imi_view statistics_blob, imi_error *err)
{
    (void)record, (void)statistics_blob, (void)err;
    *(long *)user += template_blob.size == TEMPLATE_SIZE;
    return IMI_OK;
}

static imi_status visit(imi_store *store, imi_error *err)
{
    imi_reference_query all = {.limit = 0};
    long seen = 0;
    double start = cpu_seconds();
    IMI_TRY(store->visit_references(store, &all, count, &seen, err));
    printf("visited %ld: %.0f references a second and core\n", seen,
           (double)seen / (cpu_seconds() - start));
    return IMI_OK;
}

static imi_status measure(const char *folder, long people, imi_error *err)
{
    char path[4096];
    uint8_t secret[IMI_SECRET_SIZE];
    IMI_AUTO(imi_vault) vault = NULL;
    IMI_AUTO(imi_store) store = NULL;
    IMI_TRY(imi_random(secret, sizeof secret, err));
    snprintf(path, sizeof path, "%s/vault.db", folder);
    IMI_TRY(imi_vault_open(path, secret, &vault, err));
    snprintf(path, sizeof path, "%s/imi.db", folder);
    IMI_TRY(imi_store_sqlite_open(path, vault, &store, err));
    IMI_TRY(enrol(store, people, err));
    for (int i = 0; i < VISITS; i++) {
        IMI_TRY(visit(store, err));
    }
    return IMI_OK;
}

int main(int argc, char **argv)
{
    imi_error error = IMI_ERROR_INIT;
    if (argc != 3) {
        fprintf(stderr, "usage: visit_rate FOLDER PEOPLE\n");
        return 2;
    }
    imi_status status = measure(argv[1], strtol(argv[2], NULL, 10), &error);
    if (status != IMI_OK) {
        fprintf(stderr, "visit_rate: %s: %s\n", imi_status_name(status), error.message);
    }
    return status == IMI_OK ? 0 : 3;
}
