/*
 * What a calibration job would find if the people on some photos were enrolled: rates, intervals,
 * the tail, likely duplicates; and whether what one half of them says holds for the other.
 */
#include "commands.h"

#include "arguments.h"
#include "csv.h"
#include "gather.h"
#include "halves.h"
#include "imi/place.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 5, DUPLICATES_SHOWN = 20, SPLITS_DEFAULT = 20, SPLITS_MAX = 1000 };
enum { SET = 0, SUBJECT = 1, FILE_NAME = 2, GENDER = 3, LIVENESS = 4 };

typedef struct population_options {
    eval_arguments common;
    const char *manifest, *calibration, *out, *per_subject, *splits;
    bool normalised;
} population_options;

typedef struct population_run {
    const population_options *options;
    eval_csv manifest;
    size_t columns[COLUMNS];
    eval_sample *samples; /* one a row */
    eval_photo *photos; /* those with a template */
    size_t photo_count;
    size_t failed; /* rows without template */
    size_t per_subject, splits;
    imi_scorer *scorer;
    imi_cohort *cohort;
} population_run;

static const char *cell(const population_run *run, size_t row, int column)
{
    return eval_csv_cell(&run->manifest, row, run->columns[column]);
}

static imi_subject_key subject_of(const population_run *run, size_t row)
{
    return imi_subject_key_of(cell(run, row, SET), cell(run, row, SUBJECT));
}

static imi_sex sex_of(const population_run *run, size_t row)
{
    const char *gender = cell(run, row, GENDER);
    return gender[0] == 'f' ? IMI_SEX_FEMALE : gender[0] == 'm' ? IMI_SEX_MALE : IMI_SEX_UNKNOWN;
}

static imi_status load_manifest(population_run *run, imi_error *err)
{
    static const char *const names[COLUMNS] = {"set", "subject", "file", "gender", "liveness"};
    IMI_TRY(eval_csv_load(run->options->manifest, &run->manifest, err));
    for (int i = 0; i < COLUMNS; i++) {
        IMI_TRY(eval_csv_column(&run->manifest, names[i], &run->columns[i], err));
    }
    return IMI_OK;
}

/* Prints of a face are not of anybody. */
static bool is_bona_fide(const population_run *run, size_t row)
{
    return strncmp(cell(run, row, LIVENESS), "spoof", 5) != 0;
}

/* Rows of the manifest that are enrolled: the first photos of each subject. */
static size_t choose_rows(const population_run *run, size_t *rows)
{
    size_t count = 0;
    for (size_t row = 0; row < run->manifest.rows; row++) {
        size_t before = 0;
        for (size_t i = 0; i < count && run->per_subject > 0; i++) {
            before += subject_of(run, rows[i]) == subject_of(run, row) ? 1 : 0;
        }
        if (is_bona_fide(run, row) && (run->per_subject == 0 || before < run->per_subject)) {
            rows[count++] = row;
        }
    }
    return count;
}

static imi_status gather_rows(population_run *run, const size_t *rows, size_t count, imi_error *err)
{
    run->samples = imi_alloc_array(count, sizeof *run->samples);
    run->photos = imi_alloc_array(count, sizeof *run->photos);
    if (run->samples == NULL || run->photos == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu templates", count);
    }
    for (size_t i = 0; i < count; i++) {
        run->samples[i].file = cell(run, rows[i], FILE_NAME);
    }
    const eval_arguments *common = &run->options->common;
    eval_gather_options gather = {common->root, common->models, common->jobs, false};
    IMI_TRY(eval_gather(&gather, run->samples, count, err));
    for (size_t i = 0; i < count; i++) {
        if (run->samples[i].face_template.count == 0) {
            run->failed++;
            continue;
        }
        run->photos[run->photo_count++] = (eval_photo){run->samples[i].file,
                                                       subject_of(run, rows[i]),
                                                       &run->samples[i].face_template,
                                                       {0, sex_of(run, rows[i])}};
    }
    return IMI_OK;
}

static imi_status gather(population_run *run, imi_error *err)
{
    size_t *rows = imi_alloc_array(run->manifest.rows, sizeof *rows);
    if (rows == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", run->manifest.rows);
    }
    size_t count = choose_rows(run, rows);
    imi_status status = gather_rows(run, rows, count, err);
    imi_free(rows);
    return status;
}

/* One template each of up to as many people as a service draws. */
static imi_status make_cohort(population_run *run, imi_error *err)
{
    imi_cohort_member *members = imi_alloc_array(run->photo_count, sizeof *members);
    if (members == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a cohort");
    }
    size_t count = 0;
    for (size_t i = 0; i < run->photo_count && count < IMI_COHORT_MEMBERS_MAX; i++) {
        bool known = false;
        for (size_t j = 0; j < count && !known; j++) {
            known = members[j].subject == run->photos[i].subject;
        }
        if (!known) {
            members[count++] =
                (imi_cohort_member){run->photos[i].subject, run->photos[i].face_template};
        }
    }
    imi_status status = imi_cohort_new(run->scorer, members, count, &run->cohort, err);
    imi_free(members);
    return status;
}

/* --- Report ------------------------------------------------------------------------------ */

static void print_rate(const imi_nonmated *nonmated, imi_score_kind kind, size_t group,
                       double threshold)
{
    imi_rate rate = imi_nonmated_fmr(nonmated, kind, group, threshold);
    printf(" %.2e (%.1e to %.1e)%s |", rate.rate, rate.low, rate.high,
           rate.extrapolated ? " *" : "");
}

static void print_rates(const imi_nonmated *nonmated, imi_score_kind kind)
{
    printf("\nFalse match rates by %s score, 95 %% intervals; * by the fitted tail\n\n"
           "| target | threshold | events |",
           imi_score_kind_name(kind));
    size_t groups = 0;
    for (; imi_nonmated_group_at(nonmated, groups) != NULL; groups++) {
        printf(" %s |", imi_nonmated_group_at(nonmated, groups)->name);
    }
    fputs("\n| --- | --- | --- |", stdout);
    for (size_t group = 0; group < groups; group++) {
        fputs(" --- |", stdout);
    }
    for (size_t i = 0; i < EVAL_HALVES_TARGETS; i++) {
        double threshold = NAN;
        imi_error error = IMI_ERROR_INIT;
        if (imi_nonmated_threshold(nonmated, kind, eval_halves_targets[i], &threshold, &error) !=
            IMI_OK) {
            printf("\n\n%s", error.message);
            break;
        }
        printf("\n| %.0e | %.4f | %llu |", eval_halves_targets[i], threshold,
               (unsigned long long)imi_nonmated_fmr(nonmated, kind, 0, threshold).events);
        for (size_t group = 0; group < groups; group++) {
            print_rate(nonmated, kind, group, threshold);
        }
    }
    putchar('\n');
}

static void print_groups(const population_run *run, const imi_nonmated *nonmated)
{
    printf("%zu photos, %zu without template\n\n| group | photos | comparisons |\n"
           "| --- | --- | --- |\n",
           run->photo_count, run->failed);
    const imi_nonmated_group *group = NULL;
    for (size_t i = 0; (group = imi_nonmated_group_at(nonmated, i)) != NULL; i++) {
        printf("| %s | %llu | %llu |\n", group->name, (unsigned long long)group->references,
               (unsigned long long)group->comparisons);
    }
}

static void print_duplicates(const population_run *run, const imi_nonmated *nonmated)
{
    size_t count = 0;
    const imi_likely_duplicate *found = imi_nonmated_duplicates(nonmated, &count);
    printf("\n%zu likely duplicates%s\n", count, count > 0 ? ", most alike first:" : "");
    for (size_t i = 0; i < count && i < DUPLICATES_SHOWN; i++) {
        const eval_photo *a = &run->photos[strtoul(found[i].reference_a, NULL, 10)];
        const eval_photo *b = &run->photos[strtoul(found[i].reference_b, NULL, 10)];
        printf("  %.3f  %.1e  %s  %s\n", (double)found[i].similarity, found[i].fmr, a->file,
               b->file);
    }
}

static void print_halves(const eval_halves_row *rows, size_t splits)
{
    printf("\nThresholds from a random half of the people, tried on the other, %zu times\n\n"
           "| score | target | splits that support it | by the tail | rate expected | observed | "
           "inside interval | at most the target |\n"
           "| --- | --- | --- | --- | --- | --- | --- | --- |\n",
           splits);
    for (size_t i = 0; i < EVAL_HALVES_ROWS; i++) {
        const eval_halves_row *row = &rows[i];
        if (row->splits > 0) {
            printf("| %s | %.0e | %zu | %zu | %.2e | %.2e | %zu | %zu |\n",
                   imi_score_kind_name(row->kind), row->target, row->splits, row->extrapolated,
                   row->expected, row->observed, row->inside, row->below);
        }
    }
}

static imi_status write_out(const population_run *run, const imi_nonmated *nonmated, imi_error *err)
{
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(imi_nonmated_write(nonmated, "population", (int64_t)time(NULL) * 1000, &json, err));
    if (run->options->common.json) {
        fwrite(json.data, 1, json.size, stdout);
    }
    return run->options->out == NULL
               ? IMI_OK
               : imi_file_write(run->options->out, imi_buffer_view(&json), 0644, err);
}

static imi_status report(const population_run *run, imi_error *err)
{
    eval_people people = {run->scorer, run->cohort, run->photos, run->photo_count};
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    IMI_TRY(eval_people_measure(&people, -1, 0, &nonmated, err));
    if (run->options->out != NULL || run->options->common.json) {
        IMI_TRY(write_out(run, nonmated, err));
    }
    if (run->options->common.json) {
        return IMI_OK;
    }
    print_groups(run, nonmated);
    print_rates(nonmated, IMI_SCORE_RAW);
    if (run->cohort != NULL) {
        print_rates(nonmated, IMI_SCORE_NORMALISED);
    }
    print_duplicates(run, nonmated);
    eval_halves_row rows[EVAL_HALVES_ROWS];
    IMI_TRY(eval_halves(&people, run->splits, rows, err));
    print_halves(rows, run->splits);
    return IMI_OK;
}

/* --- Command line ------------------------------------------------------------------------ */

static imi_status evaluate(population_run *run, imi_error *err)
{
    char shipped[IMI_PLACE_SIZE];
    IMI_TRY(imi_place_shared("calibration.json", shipped, err));
    const char *calibration = run->options->calibration;
    IMI_TRY(imi_scorer_load(calibration == NULL ? shipped : calibration, &run->scorer, err));
    IMI_TRY(load_manifest(run, err));
    IMI_TRY(gather(run, err));
    if (run->options->normalised) {
        IMI_TRY(make_cohort(run, err));
    }
    return report(run, err);
}

static void clean_up(population_run *run)
{
    imi_cohort_destroy(&run->cohort);
    imi_scorer_destroy(&run->scorer);
    if (run->samples != NULL) {
        imi_wipe(run->samples, (run->photo_count + run->failed) * sizeof *run->samples);
    }
    imi_free(run->samples);
    imi_free(run->photos);
    eval_csv_clean_up(&run->manifest);
}

int eval_population_main(int count, char **arguments)
{
    population_options options = {0};
    const imi_cli_option specs[] = {
        EVAL_COMMON_OPTIONS(&options.common),
        {"--manifest", &options.manifest, NULL, true, "FILE",
         "images: set,subject,file,...,gender,liveness"},
        {"--normalised", NULL, &options.normalised, false, NULL,
         "with a cohort of up to 1000 of these people"},
        {"--per-subject", &options.per_subject, NULL, false, "N",
         "photos of a subject; 0 = all [0]"},
        {"--splits", &options.splits, NULL, false, "N", "halvings of the people [20]"},
        {"--calibration", &options.calibration, NULL, false, "FILE",
         "models and weights [shipped]"},
        {"--out", &options.out, NULL, false, "FILE", "the calibration is written here"},
    };
    const imi_cli_spec spec = {"imi-eval population", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = eval_arguments_read(&spec, count, arguments, &options.common);
    if (code != IMI_EXIT_SUCCESS || options.common.help) {
        return code;
    }
    long per_subject = 0, splits = SPLITS_DEFAULT;
    if (!imi_cli_number(options.per_subject, 0, 1000, &per_subject) ||
        !imi_cli_number(options.splits, 0, SPLITS_MAX, &splits)) {
        return imi_cli_misuse(&spec, "--per-subject and --splits are numbers from 0 to 1000");
    }
    population_run run = {.options = &options,
                          .manifest = EVAL_CSV_INIT,
                          .per_subject = (size_t)per_subject,
                          .splits = (size_t)splits};
    imi_error error = IMI_ERROR_INIT;
    imi_status status = evaluate(&run, &error);
    clean_up(&run);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
