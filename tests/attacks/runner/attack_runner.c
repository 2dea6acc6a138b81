/* attack_runner: generated attacks at a real server, whole sessions, species by species. */
#include "cli.h"
#include "client/connection.h"
#include "portrait/portrait.h"
#include "tally.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { PHONES_MAX = 64 };

typedef struct runner_options {
    imi_connection_options connection;
    const char *models, *cast, *root, *species, *purpose, *attempts, *seed, *phones, *rate, *limit;
    const char *bpcer_limit, *out;
    long attempts_n, seed_n, phones_n, rate_n, limit_n, bpcer_limit_n;
} runner_options;

/* What all phones share. */
typedef struct runner {
    const runner_options *options;
    imi_connection connection;
    imi_rpc_channel *party;
    imi_gen_cast *cast;
    FILE *rows; /* NULL: none are kept */
    imi_gen_species species;
    atomic_long next;
    pthread_mutex_t mutex; /* guards what is below */
    imi_attack_tally tally;
    imi_error failure;
} runner;

static void keep_row(runner *self, const imi_attempt_plan *plan, const imi_attempt *attempt)
{
    static const char *const NAMES[] = {"refused", "accepted", "no_response"};
    if (self->rows != NULL) {
        fprintf(self->rows, "%s,%llu,%s,%s,%llu,%s,\"%s\"\n",
                imi_gen_species_traits_of(plan->species)->name, (unsigned long long)plan->seed,
                plan->casting.victim->name, NAMES[attempt->outcome],
                (unsigned long long)attempt->frames, attempt->reason, attempt->evidence);
        fflush(self->rows);
    }
}

static void take_result(runner *self, const imi_attempt_plan *plan, imi_status status,
                        const imi_attempt *attempt, const imi_error *err)
{
    pthread_mutex_lock(&self->mutex);
    if (status == IMI_OK) {
        imi_attack_tally_add(&self->tally, attempt);
        keep_row(self, plan, attempt);
    } else {
        self->tally.failed++;
        self->failure = *err;
    }
    pthread_mutex_unlock(&self->mutex);
}

static void *hold_phone(void *argument)
{
    runner *self = argument;
    const runner_options *options = self->options;
    imi_rpc_channel *channel = NULL;
    imi_error err = IMI_ERROR_INIT;
    imi_status status = imi_connection_as_phone(&self->connection, &channel, &err);
    for (;;) {
        long i = atomic_fetch_add(&self->next, 1);
        if (i >= options->attempts_n) {
            break;
        }
        uint64_t seed = (uint64_t)(options->seed_n + i);
        imi_attempt attempt = {.frames = 0};
        imi_attempt_plan plan = {
            .party = self->party,
            .phone = channel,
            .purpose = options->purpose,
            .frames_per_s = (double)options->rate_n,
            .species = self->species,
            .seed = seed,
            .casting = imi_gen_casting_of(self->cast, seed),
        };
        if (channel != NULL) {
            status = imi_attempt_make(&plan, &attempt, &err);
        }
        take_result(self, &plan, status, &attempt, &err);
    }
    imi_rpc_channel_destroy(&channel);
    return NULL;
}

static imi_status run_phones(runner *self, imi_error *err)
{
    pthread_t threads[PHONES_MAX];
    long started = 0;
    while (started < self->options->phones_n &&
           pthread_create(&threads[started], NULL, hold_phone, self) == 0) {
        started++;
    }
    for (long i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    if (started == 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no phone could be started");
    }
    return IMI_OK;
}

/* One species; *exceeded_out stays true once it is. */
static imi_status run_species(runner *self, imi_gen_species species, bool *exceeded_out,
                              imi_error *err)
{
    self->species = species;
    self->tally = (imi_attack_tally){.attempts = 0};
    atomic_store(&self->next, 0);
    IMI_TRY(run_phones(self, err));
    IMI_AUTO_BUFFER line = IMI_BUFFER_INIT;
    IMI_TRY(imi_attack_tally_format(&self->tally, species, &line, err));
    IMI_TRY(imi_buffer_terminate(&line, err));
    fputs((const char *)line.data, stdout);
    fflush(stdout);
    if (self->tally.failed > 0) {
        fprintf(stderr, "attack_runner: %zu failed, the last one: %s\n", self->tally.failed,
                self->failure.message);
    }
    const imi_attack_limits limits = {(double)self->options->limit_n,
                                      (double)self->options->bpcer_limit_n};
    *exceeded_out = *exceeded_out || imi_attack_tally_exceeds(&self->tally, species, &limits);
    return IMI_OK;
}

/* Names joined by commas, or "all". */
static bool is_wanted(const char *list, const char *name)
{
    size_t length = strlen(name);
    if (strcmp(list, "all") == 0) {
        return true;
    }
    for (const char *at = strstr(list, name); at != NULL; at = strstr(at + 1, name)) {
        bool starts = at == list || at[-1] == ',';
        if (starts && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static imi_status run_all(runner *self, bool *exceeded_out, imi_error *err)
{
    if (self->rows != NULL) {
        fprintf(self->rows, "species,seed,victim,outcome,frames,reason,evidence\n");
    }
    IMI_AUTO_BUFFER heading = IMI_BUFFER_INIT;
    IMI_TRY(imi_attack_tally_heading(&heading, err));
    IMI_TRY(imi_buffer_terminate(&heading, err));
    fputs((const char *)heading.data, stdout);
    bool every = strcmp(self->options->species, "all") == 0;
    for (unsigned i = 0; i < IMI_GEN_SPECIES_COUNT; i++) {
        imi_gen_species species = (imi_gen_species)i;
        const char *name = imi_gen_species_traits_of(species)->name;
        if (every && !imi_gen_cast_can_show(self->cast, species)) {
            fprintf(stderr, "%s is left out: the cast has no clip of everybody\n", name);
        } else if (is_wanted(self->options->species, name)) {
            IMI_TRY(run_species(self, species, exceeded_out, err));
        }
    }
    return IMI_OK;
}

static imi_status load_cast(runner *self, imi_error *err)
{
    IMI_AUTO(imi_tool_engine) engine = NULL;
    IMI_TRY(imi_tool_engine_new(self->options->models, &engine, err));
    return imi_gen_cast_load(self->options->cast, self->options->root, imi_tool_engine_view(engine),
                             &self->cast, err);
}

static imi_status set_up(runner *self, imi_error *err)
{
    IMI_TRY(imi_connection_resolve(&self->options->connection, &self->connection, err));
    IMI_TRY(imi_connection_as_party(&self->connection, &self->party, err));
    IMI_TRY(load_cast(self, err));
    if (self->options->out != NULL) {
        self->rows = fopen(self->options->out, "we");
        if (self->rows == NULL) {
            IMI_FAIL(err, IMI_E_IO, "%s cannot be written", self->options->out);
        }
    }
    return IMI_OK;
}

static int run(const imi_cli_spec *spec, const runner_options *options)
{
    runner self = {.options = options, .mutex = PTHREAD_MUTEX_INITIALIZER};
    imi_error err = IMI_ERROR_INIT;
    bool exceeded = false;
    imi_status status = set_up(&self, &err);
    if (status == IMI_OK) {
        status = run_all(&self, &exceeded, &err);
    }
    if (self.rows != NULL) {
        fclose(self.rows);
    }
    imi_gen_cast_destroy(&self.cast);
    imi_rpc_channel_destroy(&self.party);
    if (status != IMI_OK) {
        return imi_cli_fail(spec, &err);
    }
    return exceeded ? IMI_EXIT_NEGATIVE : IMI_EXIT_SUCCESS;
}

static int read_numbers(const imi_cli_spec *spec, runner_options *options)
{
    const struct {
        const char *name, *text;
        long least, most;
        long *out;
    } numbers[] = {
        {"--attempts", options->attempts, 1, 100000, &options->attempts_n},
        {"--seed", options->seed, 0, 1000000000, &options->seed_n},
        {"--phones", options->phones, 1, PHONES_MAX, &options->phones_n},
        {"--rate", options->rate, 1, 60, &options->rate_n},
        {"--limit", options->limit, 0, 100, &options->limit_n},
        {"--bpcer-limit", options->bpcer_limit, 0, 100, &options->bpcer_limit_n},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (!imi_cli_number(numbers[i].text, numbers[i].least, numbers[i].most, numbers[i].out)) {
            return imi_cli_misuse(spec, "%s takes %ld to %ld", numbers[i].name, numbers[i].least,
                                  numbers[i].most);
        }
    }
    return IMI_EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    runner_options options = {.species = "all",
                              .purpose = "graduate.registration",
                              .attempts_n = 10,
                              .seed_n = 1,
                              .phones_n = 2,
                              .rate_n = 10,
                              .limit_n = 100,
                              .bpcer_limit_n = 100};
    const imi_cli_option rows[] = {
        {"--cast", &options.cast, NULL, true, "FILE.csv", "person,still,reference[,clip]"},
        {"--root", &options.root, NULL, true, "DIR", "where the cast's pictures lie"},
        {"--models", &options.models, NULL, false, "DIR", "for the stills' meshes"},
        {"--species", &options.species, NULL, false, "NAMES", "joined by commas [all]"},
        {"--attempts", &options.attempts, NULL, false, "N", "of each species [10]"},
        {"--seed", &options.seed, NULL, false, "N", "of the first attempt [1]"},
        {"--purpose", &options.purpose, NULL, false, "P", "[graduate.registration]"},
        {"--phones", &options.phones, NULL, false, "N", "at once [2]"},
        {"--rate", &options.rate, NULL, false, "N", "frames a second [10]"},
        {"--limit", &options.limit, NULL, false, "PERCENT",
         "exit 1 if more attacks of a species are accepted [100]"},
        {"--bpcer-limit", &options.bpcer_limit, NULL, false, "PERCENT",
         "exit 1 if more bona fide are not, or all [100]"},
        {"--out", &options.out, NULL, false, "FILE.csv", "one row an attempt"},
        {"--server", &options.connection.server, NULL, false, "HOST:PORT", "[$IMI_SERVER]"},
        {"--data", &options.connection.data, NULL, false, "DIR", "its data folder [$IMI_DATA]"},
    };
    const imi_cli_spec spec = {"attack_runner", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    code = read_numbers(&spec, &options);
    return code != IMI_EXIT_SUCCESS ? code : run(&spec, &options);
}
