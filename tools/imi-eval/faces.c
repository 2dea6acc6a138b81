#include "commands.h"

#include "arguments.h"
#include "cohort.h"
#include "imi/place.h"
#include "pairs.h"
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The operating point of the summary: one in a thousand. */
static const double SUMMARY_FMR = 1e-3;
/* Mean FMR over the East Asian groups at the thresholds that all groups share. */
static const double SHARED_TARGETS[] = {1e-3, 1e-4};
enum { SHARED_TARGETS_COUNT = sizeof SHARED_TARGETS / sizeof SHARED_TARGETS[0] };

typedef struct faces_options {
    eval_arguments common;
    const char *pairs, *scores, *calibration, *cohort, *cohort_root;
} faces_options;

/* Comparisons of all pairs by one kind of score, and which part of them is looked at. */
typedef struct scoring {
    const char *name; /* "mobilefacenet@...", "fused", "fused, normalised" */
    imi_score_kind kind;
    const imi_comparison *comparisons;
    int model; /* -1: fused, the only one that has a calibrated threshold */
} scoring;

enum { SCORINGS_MAX = IMI_TEMPLATE_VECTORS_MAX + 2 };

/* All of one run. Comparisons belong to pairs by position. */
typedef struct faces_run {
    const faces_options *options;
    const imi_scorer *scorer;
    const eval_pairs *pairs;
    const eval_sample *samples; /* one an image of the pairs */
    imi_comparison *raw;
    imi_comparison *normalised; /* NULL without a cohort */
    scoring scorings[SCORINGS_MAX];
    size_t scoring_count;
    eval_score *scores; /* of one group, as scratch */
    eval_grouped_score *grouped; /* of all, as scratch */
    uint32_t *subjects; /* number of a subject within a group, as scratch */
} faces_run;

static bool has_template(const eval_sample *sample)
{
    return sample->face_template.count > 0;
}

/* Why a pair has no score: what is wrong with the first image, or else with the second. */
static const char *pair_status(const faces_run *run, const eval_pair *pair)
{
    const eval_sample *a = &run->samples[pair->image_a];
    const eval_sample *b = &run->samples[pair->image_b];
    return !has_template(a) ? a->status : b->status;
}

static imi_status compare_all(faces_run *run, const eval_cohort *cohort, imi_error *err)
{
    const imi_comparison none = {IMI_SCORE_NONE, NAN, NAN, {NAN, NAN, NAN, NAN}};
    for (size_t i = 0; i < run->pairs->csv.rows; i++) {
        const eval_pair *pair = &run->pairs->pairs[i];
        const eval_sample *a = &run->samples[pair->image_a];
        const eval_sample *b = &run->samples[pair->image_b];
        bool possible = has_template(a) && has_template(b);
        run->raw[i] = none;
        if (possible) {
            IMI_TRY(
                imi_compare(run->scorer, &a->face_template, &b->face_template, &run->raw[i], err));
        }
        if (cohort != NULL) {
            run->normalised[i] = none;
        }
        if (possible && cohort != NULL) {
            IMI_TRY(eval_cohort_compare(cohort, pair->image_a, pair->image_b, &run->normalised[i],
                                        err));
        }
    }
    return IMI_OK;
}

static imi_status append_score(const imi_comparison *made, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "ok,%.6f,", (double)made->similarity));
    /* A calibration without a table for this kind of score knows no rate. */
    return isnan(made->fmr) ? imi_buffer_append_text(out, "\n", err)
                            : imi_buffer_printf(out, err, "%.4e\n", made->fmr);
}

static imi_status write_scores(const faces_run *run, imi_error *err)
{
    const imi_comparison *comparisons = run->normalised != NULL ? run->normalised : run->raw;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(&out, "set,a,b,same,tag,status,similarity,fmr\n", err));
    for (size_t i = 0; i < run->pairs->csv.rows; i++) {
        for (int column = EVAL_SET; column <= EVAL_TAG; column++) {
            IMI_TRY(imi_buffer_append_text(&out, eval_pairs_text(run->pairs, i, column), err));
            IMI_TRY(imi_buffer_append_text(&out, ",", err));
        }
        if (isnan(comparisons[i].similarity)) {
            const char *status = pair_status(run, &run->pairs->pairs[i]);
            IMI_TRY(imi_buffer_printf(&out, err, "%s,,\n", status));
        } else {
            IMI_TRY(append_score(&comparisons[i], &out, err));
        }
    }
    return imi_file_write(run->options->scores, imi_buffer_view(&out), 0644, err);
}

static float similarity_by(const scoring *by, size_t pair)
{
    const imi_comparison *made = &by->comparisons[pair];
    float similarity = by->model < 0 ? made->similarity : made->by_model[by->model];
    return isnan(similarity) ? -INFINITY : similarity;
}

/* Number a group's subjects from 0, in the order in which they turn up. */
static uint32_t number_subject(faces_run *run, uint32_t subject, size_t *count)
{
    if (run->subjects[subject] == UINT32_MAX) {
        run->subjects[subject] = (uint32_t)(*count)++;
    }
    return run->subjects[subject];
}

/* Scores of a group (all groups: EVAL_NO_GROUP) into run->scores; returns how many. */
static size_t collect_scores(faces_run *run, uint32_t group, const scoring *by, eval_row *row)
{
    size_t count = 0;
    for (size_t i = 0; i < run->pairs->subjects.count; i++) {
        run->subjects[i] = UINT32_MAX;
    }
    for (size_t i = 0; i < run->pairs->csv.rows; i++) {
        const eval_pair *pair = &run->pairs->pairs[i];
        if (pair->group == EVAL_NO_GROUP || (group != EVAL_NO_GROUP && pair->group != group)) {
            continue;
        }
        uint32_t a = number_subject(run, pair->subject_a, &row->subjects);
        uint32_t b = number_subject(run, pair->subject_b, &row->subjects);
        float similarity = similarity_by(by, i);
        run->scores[count++] = (eval_score){similarity, pair->mated, a, b};
        row->mated += pair->mated ? 1 : 0;
        row->non_mated += pair->mated ? 0 : 1;
    }
    return count;
}

static imi_status count_images(const faces_run *run, uint32_t group, eval_row *row, imi_error *err)
{
    size_t images = run->pairs->images.count;
    bool *seen = imi_alloc_array(images, sizeof *seen);
    if (seen == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", images);
    }
    for (size_t i = 0; i < run->pairs->csv.rows; i++) {
        const eval_pair *pair = &run->pairs->pairs[i];
        bool counts =
            pair->group != EVAL_NO_GROUP && (group == EVAL_NO_GROUP || pair->group == group);
        seen[pair->image_a] = seen[pair->image_a] || counts;
        seen[pair->image_b] = seen[pair->image_b] || counts;
    }
    for (size_t i = 0; i < images; i++) {
        row->images += seen[i] ? 1 : 0;
        row->failed_images += seen[i] && !has_template(&run->samples[i]) ? 1 : 0;
    }
    imi_free(seen);
    return IMI_OK;
}

static imi_status make_row(faces_run *run, uint32_t group, const scoring *by, double threshold,
                           eval_row *row, imi_error *err)
{
    row->group = group == EVAL_NO_GROUP ? "all" : run->pairs->groups.names[group];
    size_t count = collect_scores(run, group, by, row);
    IMI_TRY(count_images(run, group, row, err));
    eval_scores_sort(run->scores, count);
    row->rates = eval_rates_of(run->scores, count, NULL, SUMMARY_FMR);
    row->at = eval_rates_at(run->scores, count, NULL, threshold);
    return eval_bootstrap(run->scores, count, row->subjects, SUMMARY_FMR, threshold,
                          &row->intervals, err);
}

static imi_status make_report(faces_run *run, const scoring *by, eval_report *out, imi_error *err)
{
    out->scored_by = by->name;
    out->fmr = SUMMARY_FMR;
    out->threshold = NAN;
    float threshold = NAN;
    /* A table of few comparisons may not reach the rate: the columns then stay away. */
    if (by->model < 0 &&
        imi_scorer_threshold(run->scorer, by->kind, SUMMARY_FMR, &threshold, NULL) == IMI_OK) {
        out->threshold = threshold;
    }
    size_t groups = run->pairs->groups.count;
    out->rows = imi_alloc_array(groups + 1, sizeof *out->rows);
    if (out->rows == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a summary");
    }
    out->row_count = groups + 1;
    for (uint32_t g = 0; g < groups; g++) {
        IMI_TRY(make_row(run, g, by, out->threshold, &out->rows[g], err));
    }
    return make_row(run, EVAL_NO_GROUP, by, out->threshold, &out->rows[groups], err);
}

/* Rates of all groups at the shared thresholds, by one fused score; views: one a target. */
static imi_status make_views(faces_run *run, const scoring *by, eval_shared_rates *rates,
                             eval_shared_view *const *views, imi_error *err)
{
    const eval_pairs *pairs = run->pairs;
    eval_grouped_scores all = {.scores = run->grouped,
                               .groups = pairs->groups.count,
                               .is_anchor = pairs->is_east_asian,
                               .subjects = pairs->subjects.count,
                               .strata = pairs->set_of,
                               .strata_count = pairs->sets.count};
    for (size_t i = 0; i < pairs->csv.rows; i++) {
        const eval_pair *pair = &pairs->pairs[i];
        if (pair->group != EVAL_NO_GROUP) {
            run->grouped[all.count++] = (eval_grouped_score){
                {similarity_by(by, i), pair->mated, pair->subject_a, pair->subject_b}, pair->group};
        }
    }
    eval_grouped_scores_sort(&all);
    eval_shared_point points[SHARED_TARGETS_COUNT] = {{0}};
    for (size_t t = 0; t < SHARED_TARGETS_COUNT; t++) {
        points[t].target = SHARED_TARGETS[t];
        points[t].groups = rates + t * all.groups;
    }
    IMI_TRY(eval_shared_points(&all, points, SHARED_TARGETS_COUNT, err));
    for (size_t t = 0; t < SHARED_TARGETS_COUNT; t++) {
        *views[t] = (eval_shared_view){by->name, points[t]};
    }
    return IMI_OK;
}

/* What a run shows: a report a scoring, and a shared threshold a target. */
typedef struct summary {
    eval_report reports[SCORINGS_MAX];
    eval_shared_view views[SHARED_TARGETS_COUNT][SCORINGS_MAX];
    eval_shared_report shared[SHARED_TARGETS_COUNT];
    size_t shared_count;
    eval_shared_rates *rates;
} summary;

static bool has_anchor(const eval_pairs *pairs)
{
    bool found = false;
    for (size_t g = 0; g < pairs->groups.count; g++) {
        found = found || pairs->is_east_asian[g];
    }
    return found;
}

/* Before and after: every fused score. Without East Asian pairs there is nothing to hold. */
static imi_status make_shared(faces_run *run, summary *out, imi_error *err)
{
    size_t groups = run->pairs->groups.count;
    if (!has_anchor(run->pairs)) {
        return IMI_OK;
    }
    out->rates = imi_alloc_array(2 * groups, SHARED_TARGETS_COUNT * sizeof *out->rates);
    if (out->rates == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a summary");
    }
    size_t made = 0;
    for (size_t s = 0; s < run->scoring_count; s++) {
        if (run->scorings[s].model >= 0) {
            continue;
        }
        eval_shared_view *views[SHARED_TARGETS_COUNT];
        for (size_t t = 0; t < SHARED_TARGETS_COUNT; t++) {
            views[t] = &out->views[t][made];
        }
        IMI_TRY(make_views(run, &run->scorings[s],
                           out->rates + made * SHARED_TARGETS_COUNT * groups, views, err));
        made++;
    }
    for (size_t t = 0; t < SHARED_TARGETS_COUNT; t++) {
        out->shared[t] = (eval_shared_report){run->pairs->groups.names, run->pairs->is_east_asian,
                                              groups, out->views[t], made};
    }
    out->shared_count = SHARED_TARGETS_COUNT;
    return IMI_OK;
}

static imi_status make_summary(faces_run *run, summary *out, imi_error *err)
{
    for (size_t s = 0; s < run->scoring_count; s++) {
        IMI_TRY(make_report(run, &run->scorings[s], &out->reports[s], err));
    }
    return make_shared(run, out, err);
}

static imi_status print_summary(faces_run *run, imi_error *err)
{
    summary made = {0};
    imi_status status = make_summary(run, &made, err);
    if (status == IMI_OK && run->options->common.json) {
        status = eval_report_print_json(made.reports, run->scoring_count, made.shared,
                                        made.shared_count, stdout, err);
    } else if (status == IMI_OK) {
        for (size_t s = 0; s < run->scoring_count; s++) {
            eval_report_print(&made.reports[s], stdout);
        }
        for (size_t t = 0; t < made.shared_count; t++) {
            eval_shared_report_print(&made.shared[t], stdout);
        }
    }
    for (size_t s = 0; s < run->scoring_count; s++) {
        imi_free(made.reports[s].rows);
    }
    imi_free(made.rates);
    return status;
}

static void list_scorings(faces_run *run)
{
    for (size_t i = 0; i < imi_scorer_model_count(run->scorer); i++) {
        run->scorings[run->scoring_count++] =
            (scoring){imi_scorer_model_id(run->scorer, i), IMI_SCORE_RAW, run->raw, (int)i};
    }
    run->scorings[run->scoring_count++] = (scoring){"fused", IMI_SCORE_RAW, run->raw, -1};
    if (run->normalised != NULL) {
        run->scorings[run->scoring_count++] =
            (scoring){"fused, normalised", IMI_SCORE_NORMALISED, run->normalised, -1};
    }
}

static imi_status score_and_report(faces_run *run, const eval_cohort *cohort, imi_error *err)
{
    size_t rows = run->pairs->csv.rows;
    run->raw = imi_alloc_array(rows, sizeof *run->raw);
    run->normalised = cohort == NULL ? NULL : imi_alloc_array(rows, sizeof *run->normalised);
    run->scores = imi_alloc_array(rows, sizeof *run->scores);
    run->grouped = imi_alloc_array(rows, sizeof *run->grouped);
    run->subjects = imi_alloc_array(run->pairs->subjects.count, sizeof *run->subjects);
    if (run->raw == NULL || (cohort != NULL && run->normalised == NULL) || run->scores == NULL ||
        run->grouped == NULL || run->subjects == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu comparisons", rows);
    }
    IMI_TRY(compare_all(run, cohort, err));
    IMI_TRY(write_scores(run, err));
    list_scorings(run);
    return print_summary(run, err);
}

static imi_status score_with_cohort(faces_run *run, const eval_cohort_options *from, imi_error *err)
{
    if (from->manifest == NULL) {
        return score_and_report(run, NULL, err);
    }
    eval_cohort cohort;
    IMI_TRY(
        eval_cohort_load(from, run->scorer, run->samples, run->pairs->images.count, &cohort, err));
    fprintf(stderr, "cohort of %zu people\n", imi_cohort_size(cohort.cohort));
    imi_status status = score_and_report(run, &cohort, err);
    eval_cohort_clean_up(&cohort);
    return status;
}

static imi_status gather_and_score(const faces_options *options, const imi_scorer *scorer,
                                   const eval_pairs *pairs, imi_error *err)
{
    const eval_arguments *common = &options->common;
    const eval_cohort_options cohort = {options->cohort,
                                        options->cohort_root == NULL ? common->root
                                                                     : options->cohort_root,
                                        {common->root, common->models, common->jobs, false}};
    if (cohort.manifest != NULL) {
        IMI_TRY(eval_cohort_check(&cohort, err));
    }
    size_t images = pairs->images.count;
    eval_sample *samples = imi_alloc_array(images, sizeof *samples);
    if (samples == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu templates", images);
    }
    for (size_t i = 0; i < images; i++) {
        samples[i].file = pairs->images.names[i];
    }
    imi_status status = eval_gather(&cohort.gather, samples, images, err);
    faces_run run = {.options = options, .scorer = scorer, .pairs = pairs, .samples = samples};
    if (status == IMI_OK) {
        status = score_with_cohort(&run, &cohort, err);
    }
    imi_free(run.raw);
    imi_free(run.normalised);
    imi_free(run.scores);
    imi_free(run.grouped);
    imi_free(run.subjects);
    imi_wipe(samples, images * sizeof *samples);
    imi_free(samples);
    return status;
}

static imi_status evaluate(const faces_options *options, imi_error *err)
{
    char shipped[IMI_PLACE_SIZE];
    IMI_TRY(imi_place_shared("calibration.json", shipped, err));
    IMI_AUTO(imi_scorer) scorer = NULL;
    IMI_TRY(imi_scorer_load(options->calibration == NULL ? shipped : options->calibration, &scorer,
                            err));
    AUTO_EVAL_PAIRS pairs = {.csv = EVAL_CSV_INIT};
    IMI_TRY(eval_pairs_load(options->pairs, &pairs, err));
    return gather_and_score(options, scorer, &pairs, err);
}

int eval_faces_main(int count, char **arguments)
{
    faces_options options = {0};
    const imi_cli_option specs[] = {
        EVAL_COMMON_OPTIONS(&options.common),
        {"--pairs", &options.pairs, NULL, true, "FILE", "pairs: set,a,b,same,tag"},
        {"--scores", &options.scores, NULL, true, "OUT", "one row a pair is written here"},
        {"--calibration", &options.calibration, NULL, false, "FILE", "calibration table [shipped]"},
        {"--cohort", &options.cohort, NULL, false, "FILE",
         "normalise by these people: set,subject,file,liveness"},
        {"--cohort-root", &options.cohort_root, NULL, false, "DIR", "of their images [--root]"},
    };
    const imi_cli_spec spec = {"imi-eval faces", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = eval_arguments_read(&spec, count, arguments, &options.common);
    if (code != IMI_EXIT_SUCCESS || options.common.help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    return evaluate(&options, &error) == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
