/* imi-load: how a server does under many phones, and whether its memory grows. */
#include "cli.h"
#include "load.h"

#include <jansson.h>
#include <stdio.h>

typedef struct load_options {
    imi_connection_options connection;
    imi_media_options media;
    const char *reference;
    const char *purpose;
    const char *phones, *rate, *seconds, *sessions, *pid, *growth_limit;
    bool brief;
    bool unary;
    bool json;
    long phones_n, rate_n, seconds_n, sessions_n, pid_n, growth_limit_n;
} load_options;

/* Whole numbers of the command line; NULL keeps the number. */
static int read_numbers(const imi_cli_spec *spec, load_options *options)
{
    const struct {
        const char *name;
        const char *text;
        long most;
        long *out;
    } numbers[] = {
        {"--phones", options->phones, 1000, &options->phones_n},
        {"--rate", options->rate, 60, &options->rate_n},
        {"--seconds", options->seconds, 86400, &options->seconds_n},
        {"--sessions", options->sessions, 10000000, &options->sessions_n},
        {"--pid", options->pid, INT32_MAX, &options->pid_n},
        {"--growth-limit", options->growth_limit, INT32_MAX, &options->growth_limit_n},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (!imi_cli_number(numbers[i].text, 1, numbers[i].most, numbers[i].out)) {
            return imi_cli_misuse(spec, "%s takes 1 to %ld", numbers[i].name, numbers[i].most);
        }
    }
    if (options->growth_limit != NULL && options->pid == NULL) {
        return imi_cli_misuse(spec, "--growth-limit needs --pid");
    }
    return IMI_EXIT_SUCCESS;
}

static imi_status run(const load_options *options, load_memory *memory, load_report *out,
                      imi_error *err)
{
    IMI_AUTO_BUFFER reference = IMI_BUFFER_INIT;
    IMI_AUTO(imi_media) media = NULL;
    imi_connection connection;
    IMI_TRY(imi_connection_resolve(&options->connection, &connection, err));
    IMI_TRY(imi_media_open(&options->media, &media, err));
    if (options->reference != NULL) {
        IMI_TRY(imi_file_read(options->reference, 16 << 20, &reference, err));
    } else {
        IMI_TRY(imi_buffer_append(&reference, imi_buffer_view(&imi_media_still(media)->jpeg), err));
    }
    load_plan plan = {
        .connection = &connection,
        .media = media,
        .reference_jpeg = imi_buffer_view(&reference),
        .purpose = options->purpose,
        .phones = (size_t)options->phones_n,
        .frames_per_s = (double)options->rate_n,
        .seconds = (double)options->seconds_n,
        .sessions = (uint64_t)options->sessions_n,
        .brief = options->brief,
        .unary = options->unary,
    };
    return load_run(&plan, memory, out, err);
}

static double per_s(uint64_t count, const load_report *report)
{
    return report->seconds > 0 ? (double)count / report->seconds : 0;
}

static void print_text(const load_report *report, const load_memory *memory,
                       const load_growth *growth)
{
    const load_counts *counts = &report->counts;
    printf("%.1f s: %llu sessions (%.2f/s), %llu failed\n", report->seconds,
           (unsigned long long)counts->sessions, per_s(counts->sessions, report),
           (unsigned long long)counts->failures);
    printf("frames: %llu answered (%.1f/s), of them %llu judged (%.1f/s) and %llu skipped; %llu "
           "missed, RESOURCE_EXHAUSTED %llu times\n",
           (unsigned long long)counts->frames, per_s(counts->frames, report),
           (unsigned long long)counts->judged, per_s(counts->judged, report),
           (unsigned long long)counts->skipped, (unsigned long long)counts->missed,
           (unsigned long long)counts->refusals);
    printf("waits for a turn: %llu sessions, %.1f s each, %.1f s at most\n",
           (unsigned long long)counts->waited,
           counts->waited > 0 ? (double)counts->waited_ms / 1000 / (double)counts->waited : 0,
           (double)counts->longest_wait_ms / 1000);
    printf("guidance latency: p50 %.1f ms, p99 %.1f ms, max %.1f ms\n",
           (double)imi_latency_percentile(&report->latency_us, 0.50) / 1000,
           (double)imi_latency_percentile(&report->latency_us, 0.99) / 1000,
           (double)report->latency_us.max / 1000);
    printf("decisions: %llu verified, %llu rejected, %llu retry, %llu review, %llu none\n",
           (unsigned long long)counts->decisions[1], (unsigned long long)counts->decisions[2],
           (unsigned long long)counts->decisions[3], (unsigned long long)counts->decisions[4],
           (unsigned long long)counts->decisions[0]);
    if (memory->count > 0) {
        printf("server memory: %.1f MiB at first, %.1f at last, %.1f at most; after warm-up "
               "%+.2f KiB/s, %+.0f KiB in all\n",
               growth->first_kib / 1024, growth->last_kib / 1024, growth->max_kib / 1024,
               growth->slope_kib_per_s, growth->grown_kib);
    }
    if (report->last_failure[0] != '\0') {
        printf("last failure: %s\n", report->last_failure);
    }
}

static json_t *memory_json(const load_memory *memory, const load_growth *growth)
{
    json_t *samples = json_array();
    for (size_t i = 0; i < memory->count; i++) {
        json_array_append_new(samples,
                              json_pack("[f,f]", memory->at_s[i], memory->resident_kib[i]));
    }
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:o}", "first_kib", growth->first_kib, "last_kib",
                     growth->last_kib, "max_kib", growth->max_kib, "slope_kib_per_s",
                     growth->slope_kib_per_s, "grown_kib", growth->grown_kib, "samples", samples);
}

static json_t *counts_json(const load_counts *counts)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
        "s:{s:I, s:I, s:I, s:I, s:I}}",
        "sessions", (json_int_t)counts->sessions, "failures", (json_int_t)counts->failures,
        "frames", (json_int_t)counts->frames, "frames_judged", (json_int_t)counts->judged,
        "frames_skipped", (json_int_t)counts->skipped, "frames_missed", (json_int_t)counts->missed,
        "resource_exhausted", (json_int_t)counts->refusals, "sessions_waited",
        (json_int_t)counts->waited, "waited_ms", (json_int_t)counts->waited_ms, "longest_wait_ms",
        (json_int_t)counts->longest_wait_ms, "decisions", "none", (json_int_t)counts->decisions[0],
        "verified", (json_int_t)counts->decisions[1], "rejected", (json_int_t)counts->decisions[2],
        "retry", (json_int_t)counts->decisions[3], "review", (json_int_t)counts->decisions[4]);
}

static void print_json(const load_report *report, const load_memory *memory,
                       const load_growth *growth)
{
    json_t *object = counts_json(&report->counts);
    json_object_set_new(object, "seconds", json_real(report->seconds));
    json_object_set_new(object, "sessions_per_s",
                        json_real(per_s(report->counts.sessions, report)));
    json_object_set_new(object, "frames_per_s", json_real(per_s(report->counts.frames, report)));
    json_object_set_new(
        object, "latency_ms",
        json_pack("{s:f, s:f, s:f, s:f}", "mean", imi_latency_mean(&report->latency_us) / 1000,
                  "p50", (double)imi_latency_percentile(&report->latency_us, 0.50) / 1000, "p99",
                  (double)imi_latency_percentile(&report->latency_us, 0.99) / 1000, "max",
                  (double)report->latency_us.max / 1000));
    if (memory->count > 0) {
        json_object_set_new(object, "memory", memory_json(memory, growth));
    }
    if (report->last_failure[0] != '\0') {
        json_object_set_new(object, "last_failure", json_string(report->last_failure));
    }
    json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(7));
    putchar('\n');
    json_decref(object);
}

static int judge(const load_options *options, const load_report *report, const load_growth *growth)
{
    if (report->counts.sessions == 0) {
        fprintf(stderr, "imi-load: no session ended well\n");
        return IMI_EXIT_UNDECIDED;
    }
    if (options->growth_limit != NULL && growth->grown_kib > (double)options->growth_limit_n) {
        fprintf(stderr, "imi-load: the server grew by %.0f KiB, more than %ld\n", growth->grown_kib,
                options->growth_limit_n);
        return IMI_EXIT_NEGATIVE;
    }
    return IMI_EXIT_SUCCESS;
}

static int load(const imi_cli_spec *spec, load_options *options)
{
    static load_memory memory;
    static load_report report;
    memory.pid = options->pid_n;
    imi_error error = IMI_ERROR_INIT;
    if (run(options, &memory, &report, &error) != IMI_OK) {
        return imi_cli_fail(spec, &error);
    }
    load_growth growth;
    load_memory_growth(&memory, &growth);
    if (options->json) {
        print_json(&report, &memory, &growth);
    } else {
        print_text(&report, &memory, &growth);
    }
    return judge(options, &report, &growth);
}

int main(int argc, char **argv)
{
    load_options options = {.purpose = "demo", .phones_n = 20, .rate_n = 12};
    const imi_cli_option rows[] = {
        {"--clip", &options.media.clip, NULL, false, "CLIP", "video that the phones play, or"},
        {"--frames", &options.media.frames, NULL, false, "DIR", "folder of JPEG files"},
        {"--segments", &options.media.segments, NULL, false, "FILE", "labels [shipped labels]"},
        {"--reference", &options.reference, NULL, false, "PHOTO", "portrait [a still of the clip]"},
        {"--purpose", &options.purpose, NULL, false, "NAME", "purpose of the policy [demo]"},
        {"--phones", &options.phones, NULL, false, "N", "phones at once [20]"},
        {"--rate", &options.rate, NULL, false, "N", "frames a second of each [12]"},
        {"--seconds", &options.seconds, NULL, false, "N", "begin sessions for so long [30]"},
        {"--sessions", &options.sessions, NULL, false, "N", "end after so many sessions"},
        {"--short", NULL, &options.brief, false, NULL, "sessions of one frame, then withdraw"},
        {"--unary", NULL, &options.unary, false, NULL, "one call a frame, as a browser"},
        {"--raw", NULL, &options.media.raw, false, NULL,
         "frames as recorded: cheap for the phones, refused as replays"},
        {"--pid", &options.pid, NULL, false, "PID", "the server's process: watch its memory"},
        {"--growth-limit", &options.growth_limit, NULL, false, "KIB",
         "exit 1 if it grows by more after warm-up"},
        {"--json", NULL, &options.json, false, NULL, "print one JSON object"},
        {"--server", &options.connection.server, NULL, false, "HOST:PORT",
         "the server [" IMI_CONNECTION_SERVER "]"},
        {"--data", &options.connection.data, NULL, false, "DIR",
         "its data folder [$IMI_DATA or var]"},
    };
    const imi_cli_spec spec = {"imi-load", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if ((options.media.clip == NULL) == (options.media.frames == NULL)) {
        return imi_cli_misuse(&spec, "give --clip or --frames, one of them");
    }
    code = read_numbers(&spec, &options);
    if (code != IMI_EXIT_SUCCESS) {
        return code;
    }
    if (options.seconds == NULL && options.sessions == NULL) {
        options.seconds_n = 30;
    }
    options.media.frames_per_s = (double)options.rate_n;
    return load(&spec, &options);
}
