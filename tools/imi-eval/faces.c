#include "commands.h"

#include "arguments.h"
#include "gather.h"
#include "imi/place.h"
#include "pairs.h"
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The operating point of the summary: one in a thousand. */
static const double SUMMARY_FMR = 1e-3;

typedef struct faces_options {
    eval_arguments common;
    const char *pairs, *scores, *calibration;
} faces_options;

/* All of one run. comparisons and failures belong to pairs by position. */
typedef struct faces_run {
    const faces_options *options;
    const imi_scorer *scorer;
    const eval_pairs *pairs;
    const eval_sample *samples; /* one an image of the pairs */
    imi_comparison *comparisons;
    eval_score *scores; /* of one group, as scratch */
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

static imi_status compare_all(faces_run *run, imi_error *err)
{
    for (size_t i = 0; i < run->pairs->csv.rows; i++) {
        const eval_pair *pair = &run->pairs->pairs[i];
        const eval_sample *a = &run->samples[pair->image_a];
        const eval_sample *b = &run->samples[pair->image_b];
        run->comparisons[i] = (imi_comparison){IMI_SCORE_NONE, NAN, NAN, {NAN, NAN, NAN, NAN}};
        if (has_template(a) && has_template(b)) {
            IMI_TRY(imi_compare(run->scorer, &a->face_template, &b->face_template,
                                &run->comparisons[i], err));
        }
    }
    return IMI_OK;
}

static imi_status write_scores(const faces_run *run, imi_error *err)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(&out, "set,a,b,same,tag,status,similarity,fmr\n", err));
    for (size_t i = 0; i < run->pairs->csv.rows; i++) {
        const imi_comparison *made = &run->comparisons[i];
        for (int column = EVAL_SET; column <= EVAL_TAG; column++) {
            IMI_TRY(imi_buffer_append_text(&out, eval_pairs_text(run->pairs, i, column), err));
            IMI_TRY(imi_buffer_append_text(&out, ",", err));
        }
        if (isnan(made->similarity)) {
            const char *status = pair_status(run, &run->pairs->pairs[i]);
            IMI_TRY(imi_buffer_printf(&out, err, "%s,,\n", status));
        } else {
            IMI_TRY(imi_buffer_printf(&out, err, "ok,%.6f,%.4e\n", (double)made->similarity,
                                      made->fmr));
        }
    }
    return imi_file_write(run->options->scores, imi_buffer_view(&out), 0644, err);
}

static float similarity_by(const imi_comparison *made, int model)
{
    float similarity = model < 0 ? made->similarity : made->by_model[model];
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
static size_t collect_scores(faces_run *run, uint32_t group, int model, eval_row *row)
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
        float similarity = similarity_by(&run->comparisons[i], model);
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

static imi_status make_row(faces_run *run, uint32_t group, int model, double threshold,
                           eval_row *row, imi_error *err)
{
    row->group = group == EVAL_NO_GROUP ? "all" : run->pairs->groups.names[group];
    size_t count = collect_scores(run, group, model, row);
    IMI_TRY(count_images(run, group, row, err));
    eval_scores_sort(run->scores, count);
    row->rates = eval_rates_of(run->scores, count, NULL, SUMMARY_FMR);
    row->at = eval_rates_at(run->scores, count, NULL, threshold);
    return eval_bootstrap(run->scores, count, row->subjects, SUMMARY_FMR, threshold,
                          &row->intervals, err);
}

/* model -1 is the fused score, the only one that has a calibrated threshold. */
static imi_status make_report(faces_run *run, int model, eval_report *out, imi_error *err)
{
    out->scored_by = model < 0 ? "fused" : imi_scorer_model_id(run->scorer, (size_t)model);
    out->fmr = SUMMARY_FMR;
    out->threshold = NAN;
    float threshold = NAN;
    /* A table of few comparisons may not reach the rate: the columns then stay away. */
    if (model < 0 &&
        imi_scorer_threshold(run->scorer, IMI_SCORE_RAW, SUMMARY_FMR, &threshold, NULL) == IMI_OK) {
        out->threshold = threshold;
    }
    size_t groups = run->pairs->groups.count;
    out->rows = imi_alloc_array(groups + 1, sizeof *out->rows);
    if (out->rows == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a summary");
    }
    out->row_count = groups + 1;
    for (uint32_t g = 0; g < groups; g++) {
        IMI_TRY(make_row(run, g, model, out->threshold, &out->rows[g], err));
    }
    return make_row(run, EVAL_NO_GROUP, model, out->threshold, &out->rows[groups], err);
}

static imi_status print_summary(faces_run *run, imi_error *err)
{
    eval_report reports[IMI_TEMPLATE_VECTORS_MAX + 1] = {{0}};
    size_t models = imi_scorer_model_count(run->scorer);
    imi_status status = IMI_OK;
    for (size_t i = 0; i <= models && status == IMI_OK; i++) {
        int model = i == models ? -1 : (int)i;
        status = make_report(run, model, &reports[i], err);
    }
    if (status == IMI_OK && run->options->common.json) {
        status = eval_report_print_json(reports, models + 1, stdout, err);
    }
    for (size_t i = 0; i <= models; i++) {
        if (status == IMI_OK && !run->options->common.json) {
            eval_report_print(&reports[i], stdout);
        }
        imi_free(reports[i].rows);
    }
    return status;
}

static imi_status score_and_report(faces_run *run, imi_error *err)
{
    size_t rows = run->pairs->csv.rows;
    run->comparisons = imi_alloc_array(rows, sizeof *run->comparisons);
    run->scores = imi_alloc_array(rows, sizeof *run->scores);
    run->subjects = imi_alloc_array(run->pairs->subjects.count, sizeof *run->subjects);
    if (run->comparisons == NULL || run->scores == NULL || run->subjects == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu comparisons", rows);
    }
    IMI_TRY(compare_all(run, err));
    IMI_TRY(write_scores(run, err));
    return print_summary(run, err);
}

static imi_status gather_and_score(const faces_options *options, const imi_scorer *scorer,
                                   const eval_pairs *pairs, imi_error *err)
{
    size_t images = pairs->images.count;
    eval_sample *samples = imi_alloc_array(images, sizeof *samples);
    if (samples == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu templates", images);
    }
    for (size_t i = 0; i < images; i++) {
        samples[i].file = pairs->images.names[i];
    }
    const eval_arguments *common = &options->common;
    eval_gather_options gather = {common->root, common->models, common->jobs, false};
    imi_status status = eval_gather(&gather, samples, images, err);
    faces_run run = {.options = options, .scorer = scorer, .pairs = pairs, .samples = samples};
    if (status == IMI_OK) {
        status = score_and_report(&run, err);
    }
    imi_free(run.comparisons);
    imi_free(run.scores);
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
    };
    const imi_cli_spec spec = {"imi-eval faces", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = eval_arguments_read(&spec, count, arguments, &options.common);
    if (code != IMI_EXIT_SUCCESS || options.common.help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    return evaluate(&options, &error) == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
