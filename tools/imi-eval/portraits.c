/*
 * Portraits as identity cards hold them: every comparison of a pairs file with both photos as
 * they are, and with one of them made into a chip's portrait, at the threshold of the former.
 */
#include "commands.h"

#include "pairs.h"
#include "portrait_rates.h"
#include "scoring.h"
#include "shared_point.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double TARGETS[] = {1e-3, 1e-4};
enum { TARGETS_COUNT = sizeof TARGETS / sizeof TARGETS[0] };

typedef struct portraits_options {
    eval_arguments common;
    eval_scoring_options scoring;
    const char *pairs, *portrait;
    bool on_a, on_b; /* whose portraits are made */
} portraits_options;

/* All of one run. Samples: those of the pairs' images, then their portraits in the same order. */
typedef struct portraits_run {
    const portraits_options *options;
    eval_scoring scoring;
    eval_pairs pairs;
    imi_score_kind kind; /* by which is compared now */
    eval_sample *samples;
    eval_measured *portraits_measured;
    eval_grouped_score *clean;
    eval_portrait_score *scores;
    size_t clean_count, score_count;
} portraits_run;

static bool has_template(const eval_sample *sample)
{
    return sample->face_template.count > 0;
}

static eval_side side_of(const portraits_run *run, size_t sample)
{
    size_t images = run->pairs.images.count;
    return sample < images ? eval_scoring_side(&run->scoring, run->samples, sample)
                           : (eval_side){&run->samples[sample].face_template,
                                         &run->portraits_measured[sample - images]};
}

static imi_status compare(const portraits_run *run, size_t a, size_t b, float *out, imi_error *err)
{
    *out = -INFINITY;
    if (!has_template(&run->samples[a]) || !has_template(&run->samples[b])) {
        return IMI_OK;
    }
    eval_side left = side_of(run, a);
    eval_side right = side_of(run, b);
    return run->kind == IMI_SCORE_RAW
               ? eval_scoring_compare_raw(&run->scoring, &left, &right, out, err)
               : eval_scoring_compare(&run->scoring, &left, &right, out, err);
}

static imi_status compare_pair(portraits_run *run, const eval_pair *pair, imi_error *err)
{
    size_t images = run->pairs.images.count;
    eval_portrait_score made = {-INFINITY,       -INFINITY,       pair->mated,
                                pair->subject_a, pair->subject_b, pair->group};
    IMI_TRY(compare(run, pair->image_a, pair->image_b, &made.clean, err));
    run->clean[run->clean_count++] = (eval_grouped_score){
        {made.clean, pair->mated, pair->subject_a, pair->subject_b}, pair->group};
    if (run->options->on_a) {
        IMI_TRY(compare(run, images + pair->image_a, pair->image_b, &made.portrait, err));
        run->scores[run->score_count++] = made;
    }
    if (run->options->on_b) {
        IMI_TRY(compare(run, pair->image_a, images + pair->image_b, &made.portrait, err));
        run->scores[run->score_count++] = made;
    }
    return IMI_OK;
}

static imi_status measure_portraits(portraits_run *run, imi_error *err)
{
    size_t images = run->pairs.images.count;
    for (size_t i = 0; i < images && run->scoring.cohort.cohort != NULL; i++) {
        if (has_template(&run->samples[images + i])) {
            IMI_TRY(eval_measure(
                run->scoring.cohort.cohort, &run->samples[images + i].face_template,
                run->scoring.cohort.measured[i].subject, &run->portraits_measured[i], err));
        }
    }
    return IMI_OK;
}

static imi_status make_room(portraits_run *run, imi_error *err)
{
    size_t images = run->pairs.images.count;
    size_t rows = run->pairs.csv.rows;
    run->samples = imi_alloc_aligned(2 * images, sizeof *run->samples);
    run->portraits_measured = imi_alloc_array(images, sizeof *run->portraits_measured);
    run->clean = imi_alloc_array(rows, sizeof *run->clean);
    run->scores = imi_alloc_array(2 * rows, sizeof *run->scores);
    if (run->samples == NULL || run->portraits_measured == NULL || run->clean == NULL ||
        run->scores == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images and %zu pairs", images, rows);
    }
    for (size_t i = 0; i < images; i++) {
        run->samples[i].file = run->pairs.images.names[i];
        run->samples[images + i].file = run->pairs.images.names[i];
        run->samples[images + i].on_chip = true;
    }
    return IMI_OK;
}

static imi_status compare_all(portraits_run *run, imi_error *err)
{
    run->clean_count = 0;
    run->score_count = 0;
    for (size_t i = 0; i < run->pairs.csv.rows; i++) {
        if (run->pairs.pairs[i].group != EVAL_NO_GROUP) {
            IMI_TRY(compare_pair(run, &run->pairs.pairs[i], err));
        }
    }
    return IMI_OK;
}

/* Thresholds of the clean comparisons: as `imi-eval faces` sets them, or, without East Asian
 * pairs, at the mean FMR of all groups. */
static imi_status find_thresholds(portraits_run *run, double *out, imi_error *err)
{
    const eval_pairs *pairs = &run->pairs;
    size_t groups = pairs->groups.count;
    bool *anchors = imi_alloc_array(groups, sizeof *anchors);
    eval_shared_rates *rates = imi_alloc_array(groups, TARGETS_COUNT * sizeof *rates);
    imi_status status = IMI_OK;
    if (anchors == NULL || rates == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__, "no memory");
    } else {
        bool any = false;
        for (size_t g = 0; g < groups; g++) {
            any = any || pairs->is_east_asian[g];
        }
        for (size_t g = 0; g < groups; g++) {
            anchors[g] = any ? pairs->is_east_asian[g] : true;
        }
        eval_grouped_scores all = {run->clean,       run->clean_count,      groups,
                                   anchors,          pairs->subjects.count, pairs->set_of,
                                   pairs->sets.count};
        eval_shared_point points[TARGETS_COUNT] = {{0}};
        for (size_t t = 0; t < TARGETS_COUNT; t++) {
            points[t].target = TARGETS[t];
            points[t].groups = rates + t * groups;
        }
        eval_grouped_scores_sort(&all);
        status = eval_shared_points(&all, points, TARGETS_COUNT, err);
        for (size_t t = 0; t < TARGETS_COUNT; t++) {
            out[t] = points[t].threshold;
        }
    }
    imi_free(anchors);
    imi_free(rates);
    return status;
}

static void print_row(const char *group, const eval_portrait_row *row)
{
    printf("| %s | %zu | %.2f | %.2f |", group, row->mated, 100 * row->fnmr_clean,
           100 * row->fnmr_portrait);
    if (isnan(row->ratio)) {
        printf(" - |");
    } else {
        printf(" %.2f (%.2f-%.2f) |", row->ratio, row->ratio_interval.low,
               row->ratio_interval.high);
    }
    printf(" %zu | %.3f | %.3f |\n", row->non_mated, 1000 * row->fmr_clean,
           1000 * row->fmr_portrait);
}

static void print_table(const portraits_run *run, double target, double threshold,
                        const eval_portrait_row *rows)
{
    printf("\nOne photo of each pair as a 102x126 grey portrait (%s), %s scores, at the threshold "
           "of the clean comparisons (%.4f, FMR %.0e)\n\n",
           run->options->portrait, imi_score_kind_name(run->kind), threshold, target);
    printf("| group | mated comparisons | FNMR %% clean | with portrait | ratio | non-mated | FMR "
           "in 1e-3 "
           "clean | with portrait |\n| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |\n");
    for (size_t g = 0; g < run->pairs.groups.count; g++) {
        print_row(run->pairs.groups.names[g], &rows[g]);
    }
    print_row("all", &rows[run->pairs.groups.count]);
}

static void json_number(const char *name, double value)
{
    printf(isnan(value) ? ",\"%s\":null" : ",\"%s\":%.6f", name, value);
}

static void print_json(const portraits_run *run, double target, double threshold,
                       const eval_portrait_row *rows)
{
    for (size_t g = 0; g <= run->pairs.groups.count; g++) {
        bool all = g == run->pairs.groups.count;
        printf("{\"group\":\"%s\",\"scores\":\"%s\",\"target_fmr\":%g,\"threshold\":%.6f,"
               "\"mated\":%zu,\"non_mated\":%zu",
               all ? "all" : run->pairs.groups.names[g], imi_score_kind_name(run->kind), target,
               threshold, rows[g].mated, rows[g].non_mated);
        json_number("fnmr_clean", rows[g].fnmr_clean);
        json_number("fnmr_portrait", rows[g].fnmr_portrait);
        json_number("ratio", rows[g].ratio);
        json_number("ratio_low", rows[g].ratio_interval.low);
        json_number("ratio_high", rows[g].ratio_interval.high);
        json_number("fmr_clean", rows[g].fmr_clean);
        json_number("fmr_portrait", rows[g].fmr_portrait);
        printf("}\n");
    }
}

static void print_failures(const portraits_run *run)
{
    size_t images = run->pairs.images.count;
    size_t failed[2] = {0, 0};
    for (size_t i = 0; i < 2 * images; i++) {
        failed[i / images] += has_template(&run->samples[i]) ? 0 : 1;
    }
    printf("Without a template (which never matches): %zu of %zu photos, %zu of their portraits.\n",
           failed[0], images, failed[1]);
}

static imi_status report(portraits_run *run, imi_error *err)
{
    double thresholds[TARGETS_COUNT];
    const eval_pairs *pairs = &run->pairs;
    eval_portrait_scores all = {run->scores,           run->score_count, pairs->groups.count,
                                pairs->subjects.count, pairs->set_of,    pairs->sets.count};
    IMI_TRY(find_thresholds(run, thresholds, err));
    eval_portrait_row *rows = imi_alloc_array(pairs->groups.count + 1, sizeof *rows);
    if (rows == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a table");
    }
    imi_status status = IMI_OK;
    for (size_t t = 0; t < TARGETS_COUNT && status == IMI_OK; t++) {
        status = eval_portrait_rates(&all, thresholds[t], rows, err);
        if (status == IMI_OK) {
            (run->options->common.json ? print_json : print_table)(run, TARGETS[t], thresholds[t],
                                                                   rows);
        }
    }
    imi_free(rows);
    return status;
}

/* A threshold comes from different people, an error rate from the same. */
static imi_status check_pairs(const eval_pairs *pairs, imi_error *err)
{
    size_t mated = 0;
    size_t non_mated = 0;
    for (size_t i = 0; i < pairs->csv.rows; i++) {
        if (pairs->pairs[i].group != EVAL_NO_GROUP) {
            mated += pairs->pairs[i].mated ? 1 : 0;
            non_mated += pairs->pairs[i].mated ? 0 : 1;
        }
    }
    if (mated == 0 || non_mated == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "mated and non-mated pairs are needed; there are %zu and %zu", mated, non_mated);
    }
    return IMI_OK;
}

static imi_status prepare(portraits_run *run, imi_error *err)
{
    const portraits_options *options = run->options;
    IMI_TRY(eval_scoring_start(&options->common, &options->scoring, &run->scoring, err));
    IMI_TRY(eval_pairs_load(options->pairs, &run->pairs, err));
    IMI_TRY(check_pairs(&run->pairs, err));
    IMI_TRY(make_room(run, err));
    size_t images = run->pairs.images.count;
    IMI_TRY(eval_gather(&run->scoring.gather, run->samples, 2 * images, err));
    IMI_TRY(eval_scoring_measure(&run->scoring, run->samples, images, err));
    return measure_portraits(run, err);
}

/* By raw scores, and with a cohort by normalised ones too. */
static imi_status measure(portraits_run *run, imi_error *err)
{
    IMI_TRY(prepare(run, err));
    if (!run->options->common.json) {
        print_failures(run);
    }
    for (run->kind = IMI_SCORE_RAW; run->kind <= run->scoring.kind; run->kind++) {
        IMI_TRY(compare_all(run, err));
        IMI_TRY(report(run, err));
    }
    return IMI_OK;
}

static void clean_up(portraits_run *run)
{
    size_t images = run->pairs.images.count;
    for (size_t i = 0; run->portraits_measured != NULL && i < images; i++) {
        eval_measured_clean_up(&run->portraits_measured[i]);
    }
    if (run->samples != NULL) {
        imi_wipe(run->samples, 2 * images * sizeof *run->samples);
    }
    imi_free(run->samples);
    imi_free(run->portraits_measured);
    imi_free(run->clean);
    imi_free(run->scores);
    eval_scoring_clean_up(&run->scoring);
    eval_pairs_clean_up(&run->pairs);
}

static bool read_side(portraits_options *options)
{
    bool both = strcmp(options->portrait, "both-ways") == 0;
    options->on_a = both || strcmp(options->portrait, "a") == 0;
    options->on_b = both || strcmp(options->portrait, "b") == 0;
    return options->on_a || options->on_b;
}

int eval_portraits_main(int count, char **arguments)
{
    portraits_options options = {.portrait = "both-ways"};
    const imi_cli_option specs[] = {
        EVAL_COMMON_OPTIONS(&options.common),
        EVAL_SCORING_OPTIONS(&options.scoring),
        {"--pairs", &options.pairs, NULL, true, "FILE", "pairs: set,a,b,same,tag"},
        {"--portrait", &options.portrait, NULL, false, "WHICH",
         "photo that becomes a portrait: a, b or both-ways [both-ways]"},
    };
    const imi_cli_spec spec = {"imi-eval portraits", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = eval_arguments_read(&spec, count, arguments, &options.common);
    if (code != IMI_EXIT_SUCCESS || options.common.help) {
        return code;
    }
    if (!read_side(&options)) {
        return imi_cli_misuse(&spec, "--portrait is a, b or both-ways, not %s", options.portrait);
    }
    portraits_run run = {.options = &options, .pairs = {.csv = EVAL_CSV_INIT}};
    imi_error error = IMI_ERROR_INIT;
    imi_status status = measure(&run, &error);
    clean_up(&run);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
