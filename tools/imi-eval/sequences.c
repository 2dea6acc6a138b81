/*
 * What further references save: people of a set verified with their later photos in order of age,
 * against their first photo alone and with references kept after strong verifications.
 */
#include "commands.h"

#include "csv.h"
#include "scoring.h"
#include "sequence_rates.h"
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SET = 0, SUBJECT = 1, FILE_NAME = 2, AGE = 3, COLUMNS = 4 };

typedef struct sequences_options {
    eval_arguments common;
    eval_scoring_options scoring;
    const char *manifest, *set, *fmr_text, *add_fmr_text, *max_text;
    double fmr, add_fmr;
    size_t max;
} sequences_options;

/* A photo of the manifest. */
typedef struct entry {
    const char *subject, *file;
    double age;
} entry;

typedef struct sequences_run {
    const sequences_options *options;
    eval_scoring scoring;
    eval_csv manifest;
    entry *entries; /* by subject, then age, then file */
    size_t count, subjects;
    eval_sample *samples; /* one an entry */
    eval_photo *photos;
    float *similarities;
    float threshold, add_threshold;
} sequences_run;

static int by_subject_and_age(const void *a, const void *b)
{
    const entry *left = a;
    const entry *right = b;
    int subject = strcmp(left->subject, right->subject);
    if (subject != 0 || left->age != right->age) {
        return subject != 0 ? subject : left->age < right->age ? -1 : 1;
    }
    return strcmp(left->file, right->file);
}

static imi_status read_age(const char *text, const char *file, double *out, imi_error *err)
{
    char *end = NULL;
    *out = strtod(text, &end);
    if (end == text || *end != '\0' || !(*out >= 0 && *out <= 150)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s has no age: \"%s\"", file, text);
    }
    return IMI_OK;
}

static imi_status read_entries(sequences_run *run, imi_error *err)
{
    static const char *const names[COLUMNS] = {"set", "subject", "file", "age"};
    const eval_csv *csv = &run->manifest;
    size_t columns[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        IMI_TRY(eval_csv_column(csv, names[i], &columns[i], err));
    }
    run->entries = imi_alloc_array(csv->rows, sizeof *run->entries);
    if (run->entries == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu photos", csv->rows);
    }
    for (size_t row = 0; row < csv->rows; row++) {
        if (strcmp(eval_csv_cell(csv, row, columns[SET]), run->options->set) == 0) {
            entry *at = &run->entries[run->count++];
            at->subject = eval_csv_cell(csv, row, columns[SUBJECT]);
            at->file = eval_csv_cell(csv, row, columns[FILE_NAME]);
            IMI_TRY(read_age(eval_csv_cell(csv, row, columns[AGE]), at->file, &at->age, err));
        }
    }
    qsort(run->entries, run->count, sizeof *run->entries, by_subject_and_age);
    return IMI_OK;
}

/* Verifications need a later photo, and false matches another person. */
static imi_status check_entries(sequences_run *run, imi_error *err)
{
    size_t later = 0;
    for (size_t i = 0; i < run->count; i++) {
        bool same = i > 0 && strcmp(run->entries[i].subject, run->entries[i - 1].subject) == 0;
        later += same ? 1 : 0;
        run->subjects += same ? 0 : 1;
    }
    if (later == 0 || run->subjects < 2) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "set %s needs at least two people, one of them with two photos; it has %zu photos "
                 "of %zu",
                 run->options->set, run->count, run->subjects);
    }
    return IMI_OK;
}

static imi_status make_templates(sequences_run *run, imi_error *err)
{
    run->samples = imi_alloc_aligned(run->count, sizeof *run->samples);
    run->photos = imi_alloc_array(run->count, sizeof *run->photos);
    run->similarities = imi_alloc_array(run->count, run->count * sizeof *run->similarities);
    if (run->samples == NULL || run->photos == NULL || run->similarities == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu photos", run->count);
    }
    for (size_t i = 0; i < run->count; i++) {
        run->samples[i].file = run->entries[i].file;
    }
    IMI_TRY(eval_gather(&run->scoring.gather, run->samples, run->count, err));
    IMI_TRY(eval_scoring_measure(&run->scoring, run->samples, run->count, err));
    uint32_t subject = 0;
    for (size_t i = 0; i < run->count; i++) {
        const entry *at = &run->entries[i];
        subject += i > 0 && strcmp(at->subject, at[-1].subject) != 0 ? 1 : 0;
        run->photos[i] = (eval_photo){subject, at->age, run->samples[i].face_template.count > 0};
    }
    return IMI_OK;
}

static imi_status compare_all(sequences_run *run, imi_error *err)
{
    for (size_t i = 0; i < run->count; i++) {
        for (size_t j = 0; j <= i; j++) {
            float similarity = -INFINITY;
            if (run->photos[i].usable && run->photos[j].usable) {
                eval_side a = eval_scoring_side(&run->scoring, run->samples, i);
                eval_side b = eval_scoring_side(&run->scoring, run->samples, j);
                IMI_TRY(eval_scoring_compare(&run->scoring, &a, &b, &similarity, err));
            }
            run->similarities[i * run->count + j] = similarity;
            run->similarities[j * run->count + i] = similarity;
        }
    }
    return IMI_OK;
}

/* What one rule gives. */
typedef struct outcome {
    eval_sequence_rates rates;
    size_t kept;
} outcome;

static imi_status run_rules(const sequences_run *run, outcome *outcomes, imi_error *err)
{
    const eval_photos photos = {run->photos, run->similarities, run->count, run->subjects};
    eval_visits alone = {0};
    imi_status status = IMI_OK;
    for (int rule = 0; rule < EVAL_RULE_COUNT && status == IMI_OK; rule++) {
        const eval_sequence_policy policy = {(eval_reference_rule)rule, run->options->max,
                                             (double)run->add_threshold};
        eval_visits visits;
        status = eval_sequences_run(&photos, &policy, &visits, err);
        if (status == IMI_OK) {
            status = eval_sequence_rates_of(rule == 0 ? &visits : &alone, &visits, run->subjects,
                                            (double)run->threshold, &outcomes[rule].rates, err);
        }
        outcomes[rule].kept = visits.kept;
        if (rule == 0) {
            alone = visits;
        } else {
            eval_visits_clean_up(&visits);
        }
    }
    eval_visits_clean_up(&alone);
    return status;
}

static void print_years(const outcome *outcomes)
{
    printf("\n| years since the portrait | verifications |");
    for (int rule = 0; rule < EVAL_RULE_COUNT; rule++) {
        printf(" FNMR %%, %s |", eval_reference_rule_name((eval_reference_rule)rule));
    }
    printf("\n| --- | ---: |");
    for (int rule = 0; rule < EVAL_RULE_COUNT; rule++) {
        printf(" --- |");
    }
    printf("\n");
    for (size_t years = 0; years < EVAL_YEARS_COUNT; years++) {
        printf("| %s | %zu |", eval_years_name(years), outcomes[0].rates.by_years[years].visits);
        for (int rule = 0; rule < EVAL_RULE_COUNT; rule++) {
            const eval_refusals *at = &outcomes[rule].rates.by_years[years];
            printf(" %.1f (%.1f-%.1f) |", 100 * at->fnmr, 100 * at->interval.low,
                   100 * at->interval.high);
        }
        printf("\n");
    }
}

static void print_rules(const outcome *outcomes)
{
    printf("\n| compared with | references kept | refusals saved | FMR %% | false matches | of the "
           "worst pair of people | FNMR %% at the FMR of "
           "the portrait alone |\n| --- | ---: | --- | --- | ---: | ---: | ---: |\n");
    for (int rule = 0; rule < EVAL_RULE_COUNT; rule++) {
        const eval_sequence_rates *at = &outcomes[rule].rates;
        printf("| %s | %zu | %.0f (%.0f to %.0f) of %zu | %.3f (%.3f-%.3f) | %zu | %zu | %.1f |\n",
               eval_reference_rule_name((eval_reference_rule)rule), outcomes[rule].kept, at->saved,
               at->saved_interval.low, at->saved_interval.high,
               outcomes[0].rates.by_years[EVAL_YEARS_ALL].refused, 100 * at->fmr,
               100 * at->fmr_interval.low, 100 * at->fmr_interval.high, at->stranger_matches,
               at->worst_pair_matches, 100 * at->fnmr_at_equal_fmr);
    }
}

static void print_text(const sequences_run *run, const outcome *outcomes)
{
    const sequences_options *options = run->options;
    size_t usable = 0;
    for (size_t i = 0; i < run->count; i++) {
        usable += run->photos[i].usable ? 1 : 0;
    }
    printf("%zu photos of %zu people of set %s, %zu with a template; %s scores; threshold %.4f "
           "(FMR %g in the table)\nA photo is kept at %.4f (FMR %g), at most %zu beside the "
           "portrait, the oldest goes.\n",
           run->count, run->subjects, options->set, usable, imi_score_kind_name(run->scoring.kind),
           (double)run->threshold, options->fmr, (double)run->add_threshold, options->add_fmr,
           options->max);
    print_years(outcomes);
    print_rules(outcomes);
    printf("\n%zu comparisons with other people's photos a row. In brackets 95 %% from %d "
           "bootstrap draws of people.\n",
           outcomes[0].rates.strangers, EVAL_REPLICATES);
}

static void print_json(const sequences_run *run, const outcome *outcomes)
{
    for (int rule = 0; rule < EVAL_RULE_COUNT; rule++) {
        const eval_sequence_rates *at = &outcomes[rule].rates;
        const eval_refusals *all = &at->by_years[EVAL_YEARS_ALL];
        printf("{\"compared_with\":\"%s\",\"scores\":\"%s\",\"people\":%zu,\"verifications\":%zu,"
               "\"refused\":%zu,\"kept\":%zu,\"saved\":%.0f,\"strangers\":%zu,"
               "\"stranger_matches\":%zu,\"by_years\":{",
               eval_reference_rule_name((eval_reference_rule)rule),
               imi_score_kind_name(run->scoring.kind), run->subjects, all->visits, all->refused,
               outcomes[rule].kept, at->saved, at->strangers, at->stranger_matches);
        for (size_t years = 0; years < EVAL_YEARS_ALL; years++) {
            printf("%s\"%s\":{\"verifications\":%zu,\"refused\":%zu}", years == 0 ? "" : ",",
                   eval_years_name(years), at->by_years[years].visits, at->by_years[years].refused);
        }
        printf("}}\n");
    }
}

static imi_status measure(sequences_run *run, imi_error *err)
{
    const sequences_options *options = run->options;
    outcome *outcomes = imi_alloc_array(EVAL_RULE_COUNT, sizeof *outcomes);
    if (outcomes == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a table");
    }
    imi_status status = compare_all(run, err);
    if (status == IMI_OK) {
        status = run_rules(run, outcomes, err);
    }
    if (status == IMI_OK) {
        (options->common.json ? print_json : print_text)(run, outcomes);
    }
    imi_free(outcomes);
    return status;
}

static imi_status evaluate(sequences_run *run, imi_error *err)
{
    const sequences_options *options = run->options;
    IMI_TRY(eval_scoring_start(&options->common, &options->scoring, &run->scoring, err));
    IMI_TRY(eval_scoring_threshold(&run->scoring, options->fmr, &run->threshold, err));
    IMI_TRY(eval_scoring_threshold(&run->scoring, options->add_fmr, &run->add_threshold, err));
    IMI_TRY(eval_csv_load(options->manifest, &run->manifest, err));
    IMI_TRY(read_entries(run, err));
    IMI_TRY(check_entries(run, err));
    IMI_TRY(make_templates(run, err));
    return measure(run, err);
}

static void clean_up(sequences_run *run)
{
    if (run->samples != NULL) {
        imi_wipe(run->samples, run->count * sizeof *run->samples);
    }
    imi_free(run->samples);
    imi_free(run->photos);
    imi_free(run->similarities);
    imi_free(run->entries);
    eval_scoring_clean_up(&run->scoring);
    eval_csv_clean_up(&run->manifest);
}

static int check_options(const imi_cli_spec *spec, sequences_options *options)
{
    long max = 3;
    options->fmr = eval_read_fmr(options->fmr_text);
    options->add_fmr = eval_read_fmr(options->add_fmr_text);
    if (isnan(options->fmr) || isnan(options->add_fmr) || options->add_fmr > options->fmr) {
        return imi_cli_misuse(spec, "--fmr and --add-fmr lie between 0 and 1, and the latter is "
                                    "not above the former");
    }
    if (!imi_cli_number(options->max_text, 1, EVAL_ADDITIONAL_MAX, &max)) {
        return imi_cli_misuse(spec, "--max is 1 to %d, not %s", EVAL_ADDITIONAL_MAX,
                              options->max_text);
    }
    options->max = (size_t)max;
    return IMI_EXIT_SUCCESS;
}

int eval_sequences_main(int count, char **arguments)
{
    sequences_options options = {.set = "fgnet", .fmr_text = "1e-3", .add_fmr_text = "1e-4"};
    const imi_cli_option specs[] = {
        EVAL_COMMON_OPTIONS(&options.common),
        EVAL_SCORING_OPTIONS(&options.scoring),
        {"--manifest", &options.manifest, NULL, true, "FILE", "photos: set,subject,file,age"},
        {"--set", &options.set, NULL, false, "NAME", "set to take people from [fgnet]"},
        {"--fmr", &options.fmr_text, NULL, false, "RATE", "of the decisions [1e-3]"},
        {"--add-fmr", &options.add_fmr_text, NULL, false, "RATE",
         "at which a verified photo is kept [1e-4]"},
        {"--max", &options.max_text, NULL, false, "N", "kept beside the portrait [3]"},
    };
    const imi_cli_spec spec = {"imi-eval sequences", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = eval_arguments_read(&spec, count, arguments, &options.common);
    if (code != IMI_EXIT_SUCCESS || options.common.help) {
        return code;
    }
    code = check_options(&spec, &options);
    if (code != IMI_EXIT_SUCCESS) {
        return code;
    }
    sequences_run run = {.options = &options, .manifest = EVAL_CSV_INIT};
    imi_error error = IMI_ERROR_INIT;
    imi_status status = evaluate(&run, &error);
    clean_up(&run);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
