/*
 * How many entries a second the log integrates, in batches of several sizes, beside what the same
 * disk does for one fsync per entry and for one SQLite transaction per entry; and how many
 * leaves a second the store acknowledges, and receipts a second one core checks. The disk's share
 * of the time is most of it, so the peers run in the same folder, in turns with the log.
 */
#include "ledger_bench.h"

#include "cli.h"
#include "imi/ledger.h"
#include "imi/ledger_witness.h"
#include "store_appends.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_MAX = 16384, WITNESSES = 2, DESCRIPTORS = 16, PATH_SIZE = 512 };

static const size_t batches[] = {1, 16, 256, 4096, BATCH_MAX};
enum { BATCHES = sizeof batches / sizeof batches[0] };

/* Threads that append to the store at once. */
static const int appenders[] = {1, 8, IMI_BENCH_APPENDERS_MAX};
enum { APPENDERS = sizeof appenders / sizeof appenders[0] };

typedef struct rate {
    double count, wall_s, cpu_s;
} rate;

typedef struct ledger_bench {
    char folder[PATH_SIZE];
    double seconds;
    bool json;
    imi_ledger *ledger;
    imi_ledger_entry *entries; /* BATCH_MAX */
    rate integrated[BATCHES], appended[APPENDERS], synced, committed, receipts;
    size_t tree_size;
} ledger_bench;

static double now_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

typedef imi_status (*measured_step)(ledger_bench *self, void *user, size_t *count_out,
                                    imi_error *err);

/* Steps until the time is over. */
static imi_status measure(ledger_bench *self, measured_step step, void *user, rate *out,
                          imi_error *err)
{
    double wall = now_s(CLOCK_MONOTONIC), cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
    *out = (rate){0, 0, 0};
    while (out->wall_s < self->seconds) {
        size_t count = 0;
        IMI_TRY(step(self, user, &count, err));
        out->count += (double)count;
        out->wall_s = now_s(CLOCK_MONOTONIC) - wall;
        out->cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    }
    return IMI_OK;
}

static void path_of(const ledger_bench *self, const char *name, char out[PATH_SIZE + 32])
{
    snprintf(out, PATH_SIZE + 32, "%s/%s", self->folder, name);
}

/* ---- The log ---- */

static imi_status integrate(ledger_bench *self, void *user, size_t *count_out, imi_error *err)
{
    *count_out = *(const size_t *)user;
    return imi_ledger_integrate(self->ledger, imi_ledger_size(self->ledger), self->entries,
                                *count_out, err);
}

static imi_status open_log(ledger_bench *self, const imi_note_key *witnesses, imi_error *err)
{
    char folder[PATH_SIZE + 32], key[PATH_SIZE + 32];
    path_of(self, "log", folder);
    path_of(self, "log.key", key);
    imi_ledger_options options = {.folder = folder,
                                  .key_file = key,
                                  .origin = "bench.example/log",
                                  .witnesses = witnesses,
                                  .witness_count = witnesses == NULL ? 0 : WITNESSES};
    return imi_ledger_open(&options, &self->ledger, err);
}

static imi_status measure_log(ledger_bench *self, imi_error *err)
{
    IMI_TRY(open_log(self, NULL, err));
    for (size_t i = 0; i < BATCHES; i++) {
        size_t batch = batches[i];
        IMI_TRY(measure(self, integrate, &batch, &self->integrated[i], err));
    }
    self->tree_size = imi_ledger_size(self->ledger);
    return IMI_OK;
}

/* ---- The store, which acknowledges what the log then integrates ---- */

static imi_status measure_appends(ledger_bench *self, imi_error *err)
{
    for (size_t i = 0; i < APPENDERS; i++) {
        self->appended[i].wall_s = 1;
        IMI_TRY(imi_bench_store_appends(self->folder, appenders[i], self->seconds,
                                        &self->appended[i].count, err));
    }
    return IMI_OK;
}

/* ---- One fsync per entry ---- */

static imi_status append_and_sync(ledger_bench *self, void *user, size_t *count_out, imi_error *err)
{
    int fd = *(const int *)user;
    *count_out = 1;
    if (write(fd, self->entries[0].bytes, IMI_LEDGER_ENTRY_SIZE) != IMI_LEDGER_ENTRY_SIZE ||
        fsync(fd) != 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot write: %s", strerror(errno));
    }
    return IMI_OK;
}

static imi_status measure_fsync(ledger_bench *self, imi_error *err)
{
    char path[PATH_SIZE + 32];
    path_of(self, "entries", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot open %s: %s", path, strerror(errno));
    }
    imi_status status = measure(self, append_and_sync, &fd, &self->synced, err);
    close(fd);
    return status;
}

/* ---- One transaction per entry ---- */

static imi_status commit_row(ledger_bench *self, void *user, size_t *count_out, imi_error *err)
{
    sqlite3_stmt *insert = user;
    *count_out = 1;
    sqlite3_bind_blob(insert, 1, self->entries[0].bytes, IMI_LEDGER_ENTRY_SIZE, SQLITE_STATIC);
    int code = sqlite3_step(insert); /* a transaction of its own */
    sqlite3_reset(insert);
    if (code != SQLITE_DONE) {
        IMI_FAIL_FOREIGN(err, IMI_E_STORE_IO, code, "SQLite: %s", sqlite3_errstr(code));
    }
    return IMI_OK;
}

static imi_status measure_commits(ledger_bench *self, imi_error *err)
{
    char path[PATH_SIZE + 32];
    sqlite3 *database = NULL;
    sqlite3_stmt *insert = NULL;
    path_of(self, "entries.db", path);
    bool ready = sqlite3_open(path, &database) == SQLITE_OK &&
                 sqlite3_exec(database,
                              "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                              "CREATE TABLE leaf(n INTEGER PRIMARY KEY, entry BLOB NOT NULL);",
                              NULL, NULL, NULL) == SQLITE_OK &&
                 sqlite3_prepare_v2(database, "INSERT INTO leaf(entry) VALUES(?)", -1, &insert,
                                    NULL) == SQLITE_OK;
    imi_status status =
        ready ? measure(self, commit_row, insert, &self->committed, err)
              : imi_error_set(err, IMI_E_STORE_IO, 0, __FILE__, __LINE__, "cannot open %s", path);
    sqlite3_finalize(insert);
    sqlite3_close(database);
    return status;
}

/* ---- Receipts ---- */

typedef struct receipt_plan {
    imi_buffer receipt;
    imi_note_key witnesses[WITNESSES];
    imi_note_signer *signers[WITNESSES];
    imi_ledger_trust trust;
} receipt_plan;

static imi_status check_receipt(ledger_bench *self, void *user, size_t *count_out, imi_error *err)
{
    (void)self;
    receipt_plan *plan = user;
    IMI_AUTO_RECEIPT_FACTS facts = {.event = IMI_BUFFER_INIT};
    *count_out = 1;
    return imi_receipt_verify(imi_buffer_view(&plan->receipt), &plan->trust, &facts, err);
}

static imi_status cosign(ledger_bench *self, const receipt_plan *plan, imi_error *err)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT, lines = IMI_BUFFER_INIT;
    imi_note note;
    size_t cosigned = 0;
    IMI_TRY(imi_ledger_checkpoint(self->ledger, &bytes, err));
    IMI_TRY(imi_note_parse(imi_buffer_view(&bytes), &note, err));
    for (size_t i = 0; i < WITNESSES; i++) {
        IMI_TRY(imi_note_sign(plan->signers[i], note.text, (uint64_t)time(NULL), &lines, err));
    }
    return imi_ledger_add_cosignatures(self->ledger, imi_buffer_view(&bytes),
                                       imi_buffer_view(&lines), &cosigned, err);
}

/* A receipt of the log's last entry, cosigned by two. */
static imi_status make_receipt(ledger_bench *self, receipt_plan *plan, imi_error *err)
{
    static const char event[] =
        "{\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"decision\","
        "\"result\":\"verified\",\"session\":\"ses_AAAAAAAAAAAAAAAAAAAAAA\"}";
    uint8_t salt[IMI_LEAF_SALT_SIZE];
    imi_ledger_entry entry;
    for (size_t i = 0; i < WITNESSES; i++) {
        char name[16], path[PATH_SIZE + 32];
        snprintf(name, sizeof name, "w%zu.key", i);
        path_of(self, name, path);
        IMI_TRY(imi_note_signer_load(path, name, IMI_NOTE_COSIGNATURE, &plan->signers[i], err));
        plan->witnesses[i] = *imi_note_signer_key(plan->signers[i]);
    }
    imi_ledger_close(&self->ledger); /* opened again with its witnesses */
    IMI_TRY(open_log(self, plan->witnesses, err));
    uint64_t index = imi_ledger_size(self->ledger);
    IMI_TRY(imi_random(salt, sizeof salt, err));
    IMI_TRY(imi_leaf_entry(salt, imi_view_of_text(event), entry.bytes, err));
    IMI_TRY(imi_ledger_integrate(self->ledger, index, &entry, 1, err));
    IMI_TRY(cosign(self, plan, err));
    plan->trust =
        (imi_ledger_trust){imi_ledger_key(self->ledger), plan->witnesses, WITNESSES, WITNESSES};
    return imi_ledger_receipt(self->ledger, index, imi_view_of_text(event), salt, &plan->receipt,
                              err);
}

static imi_status measure_receipts(ledger_bench *self, imi_error *err)
{
    receipt_plan plan = {.receipt = IMI_BUFFER_INIT};
    imi_status status = make_receipt(self, &plan, err);
    if (status == IMI_OK) {
        status = measure(self, check_receipt, &plan, &self->receipts, err);
    }
    for (size_t i = 0; i < WITNESSES; i++) {
        imi_note_signer_destroy(&plan.signers[i]);
    }
    imi_buffer_clean_up(&plan.receipt);
    return status;
}

/* ---- Report ---- */

static double per_second(const rate *of)
{
    return of->count / of->wall_s;
}

static void print_row(const char *name, size_t batch, const rate *of, const ledger_bench *self)
{
    char batch_text[24] = "";
    if (batch > 0) {
        snprintf(batch_text, sizeof batch_text, "%zu", batch);
    }
    printf("%-28s %8s %12.0f %12.2f %12.2f\n", name, batch_text, per_second(of),
           per_second(of) / per_second(&self->synced),
           per_second(of) / per_second(&self->committed));
}

static void report(const ledger_bench *self)
{
    printf("%-28s %8s %12s %12s %12s\n", "what", "at once", "entries/s", "to fsync", "to SQLite");
    for (size_t i = 0; i < BATCHES; i++) {
        print_row("imi_ledger_integrate", batches[i], &self->integrated[i], self);
    }
    for (size_t i = 0; i < APPENDERS; i++) {
        print_row("imi_store append_leaf", (size_t)appenders[i], &self->appended[i], self);
    }
    print_row("one fsync per entry", 0, &self->synced, self);
    print_row("SQLite, one row a commit", 0, &self->committed, self);
    printf("\nreceipts of a log of %zu entries with %d witnesses: %.0f checked per second of CPU\n",
           self->tree_size, WITNESSES, self->receipts.count / self->receipts.cpu_s);
}

static void report_json(const ledger_bench *self)
{
    printf("{\"fsync_per_s\": %.1f, \"sqlite_commits_per_s\": %.1f,\n \"integrate\": [",
           per_second(&self->synced), per_second(&self->committed));
    for (size_t i = 0; i < BATCHES; i++) {
        double per_s = per_second(&self->integrated[i]);
        printf("%s\n  {\"batch\": %zu, \"entries_per_s\": %.1f, \"to_fsync\": %.3f, "
               "\"to_sqlite\": %.3f}",
               i == 0 ? "" : ",", batches[i], per_s, per_s / per_second(&self->synced),
               per_s / per_second(&self->committed));
    }
    printf("],\n \"append\": [");
    for (size_t i = 0; i < APPENDERS; i++) {
        printf("%s{\"threads\": %d, \"leaves_per_s\": %.1f}", i == 0 ? "" : ", ", appenders[i],
               per_second(&self->appended[i]));
    }
    printf("],\n \"entries\": %zu, \"receipts_per_cpu_s\": %.1f}\n", self->tree_size,
           self->receipts.count / self->receipts.cpu_s);
}

static imi_status run(ledger_bench *self, imi_error *err)
{
    self->entries = imi_alloc_array(BATCH_MAX, sizeof *self->entries);
    if (self->entries == NULL || mkdtemp(self->folder) == NULL) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make %s: %s", self->folder, strerror(errno));
    }
    IMI_TRY(imi_random(self->entries[0].bytes, BATCH_MAX * sizeof *self->entries, err));
    IMI_TRY(measure_fsync(self, err));
    IMI_TRY(measure_appends(self, err));
    IMI_TRY(measure_log(self, err));
    IMI_TRY(measure_commits(self, err));
    return measure_receipts(self, err);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

static void clean_up(ledger_bench *self)
{
    imi_ledger_close(&self->ledger);
    imi_free(self->entries);
    nftw(self->folder, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

int imi_bench_ledger(int argc, char **argv)
{
    const char *folder = ".", *seconds_text = "3";
    long seconds = 0;
    bool help = false;
    ledger_bench bench = {.ledger = NULL};
    const imi_cli_option options[] = {
        {"--folder", &folder, NULL, false, "DIR", "the disk to measure on [.]"},
        {"--seconds", &seconds_text, NULL, false, "N", "for each row [3]"},
        {"--json", NULL, &bench.json, false, NULL, "machine-readable"},
    };
    const imi_cli_spec spec = {"imi-bench ledger", "", 0, options,
                               sizeof options / sizeof options[0]};
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    int size = snprintf(bench.folder, sizeof bench.folder, "%s/imi-bench-ledger.XXXXXX", folder);
    if (!imi_cli_number(seconds_text, 1, 3600, &seconds) || size < 0 || size >= PATH_SIZE) {
        return imi_cli_misuse(&spec, "--seconds is 1 to 3600, --folder shorter than that");
    }
    bench.seconds = (double)seconds;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = run(&bench, &error);
    clean_up(&bench);
    if (status != IMI_OK) {
        return imi_cli_fail(&spec, &error);
    }
    (bench.json ? report_json : report)(&bench);
    return IMI_EXIT_SUCCESS;
}
