/*
 * Quality measures of many photos, one row each: what the limits of verifier/engine/
 * quality_judge.c are chosen from. With scores of pairs of them: how well the measures foretell
 * which comparisons fail.
 */
#include "commands.h"

#include "arguments.h"
#include "csv.h"
#include "discard_report.h"
#include "gather.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct quality_options {
    eval_arguments common;
    const char *manifest, *scores, *quality;
    const char *out; /* a file; with scores, a folder */
    const char *rows; /* where the rows go */
} quality_options;

static imi_status append_row(const eval_sample *sample, imi_buffer *out, imi_error *err)
{
    const imi_quality *q = &sample->quality;
    imi_matchability match =
        imi_quality_matchability(q, IMI_CAPTURE_PORTRAIT, sample->mirror_agreement);
    bool refused = match.level == IMI_QUALITY_UNUSABLE;
    const float columns[] = {q->inter_eye_distance_px,
                             q->sharpness,
                             q->illumination_uniformity,
                             q->under_exposure,
                             q->over_exposure,
                             q->eyes_open,
                             q->eyes_visible,
                             q->mouth_visible,
                             q->pose.yaw_deg,
                             q->pose.pitch_deg,
                             q->pose.roll_deg,
                             q->cut_off,
                             q->unified,
                             sample->mirror_agreement,
                             refused ? NAN : match.probability};
    IMI_TRY(imi_buffer_printf(out, err, "%s,%s,%u", sample->file, sample->status, q->face_count));
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        IMI_TRY(imi_buffer_printf(out, err, ",%.4f", (double)columns[i]));
    }
    const char *advice = imi_capture_advise(match.reason, IMI_CAPTURE_PORTRAIT).code;
    return imi_buffer_printf(out, err, ",%s,%s\n", imi_quality_level_name(match.level), advice);
}

static imi_status write_rows(const quality_options *options, const eval_sample *samples,
                             size_t count, imi_error *err)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(
        &out,
        "file,status,faces,inter_eye_px,sharpness,uniformity,under_exposure,over_exposure,"
        "eyes_open,eyes_visible,mouth_visible,yaw_deg,pitch_deg,roll_deg,cut_off,unified,"
        "mirror_agreement,matchability,level,advice\n",
        err));
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(append_row(&samples[i], &out, err));
    }
    return imi_file_write(options->rows, imi_buffer_view(&out), 0644, err);
}

static imi_status gather(const quality_options *options, const eval_csv *manifest,
                         eval_sample *samples, imi_error *err)
{
    size_t file = 0;
    IMI_TRY(eval_csv_column(manifest, "file", &file, err));
    for (size_t i = 0; i < manifest->rows; i++) {
        samples[i].file = eval_csv_cell(manifest, i, file);
    }
    const eval_arguments *common = &options->common;
    eval_gather_options gather_options = {common->root, common->models, common->jobs, false};
    IMI_TRY(eval_gather(&gather_options, samples, manifest->rows, err));
    return write_rows(options, samples, manifest->rows, err);
}

static void print_summary(const eval_sample *samples, size_t count)
{
    size_t fit = 0;
    size_t poor = 0;
    for (size_t i = 0; i < count; i++) {
        const eval_sample *s = &samples[i];
        imi_matchability match =
            imi_quality_matchability(&s->quality, IMI_CAPTURE_PORTRAIT, s->mirror_agreement);
        fit += strcmp(s->status, "ok") == 0;
        poor += match.level == IMI_QUALITY_POOR;
    }
    printf("{\"images\": %zu, \"ok\": %zu, \"poor\": %zu}\n", count, fit, poor);
}

static imi_status measure(const quality_options *options, imi_error *err)
{
    AUTO_EVAL_CSV manifest = EVAL_CSV_INIT;
    IMI_TRY(eval_csv_load(options->manifest, &manifest, err));
    eval_sample *samples = imi_alloc_array(manifest.rows, sizeof *samples);
    if (samples == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", manifest.rows);
    }
    imi_status status = gather(options, &manifest, samples, err);
    if (status == IMI_OK && options->common.json && options->scores == NULL) {
        print_summary(samples, manifest.rows);
    }
    imi_wipe(samples, manifest.rows * sizeof *samples);
    imi_free(samples);
    return status;
}

/* Measure the photos, unless that was done before, and hold the measures against the scores. */
static imi_status compare_with_scores(const quality_options *options, imi_error *err)
{
    char rows[4096];
    int size = snprintf(rows, sizeof rows, "%s/quality.csv", options->out);
    if (size < 0 || (size_t)size >= sizeof rows) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the folder's path is too long");
    }
    if (mkdir(options->out, 0755) != 0 && errno != EEXIST) {
        IMI_FAIL_FOREIGN(err, IMI_E_IO, errno, "cannot make the folder %s: %s", options->out,
                         strerror(errno));
    }
    eval_discard_options discard = {options->scores, options->quality, options->out, 1e-3,
                                    options->common.json};
    if (options->quality == NULL) {
        quality_options into = *options;
        into.rows = rows;
        discard.quality = rows;
        IMI_TRY(measure(&into, err));
    }
    return eval_discard_report(&discard, err);
}

/* What only makes sense together. */
static int check_options(const imi_cli_spec *spec, const quality_options *options)
{
    if (options->quality != NULL && options->scores == NULL) {
        return imi_cli_misuse(spec, "--quality goes with --scores");
    }
    if (options->quality == NULL && (options->manifest == NULL || options->common.root == NULL)) {
        return imi_cli_misuse(spec, "--root and --manifest are needed");
    }
    return IMI_EXIT_SUCCESS;
}

int eval_quality_main(int count, char **arguments)
{
    quality_options options = {0};
    const imi_cli_option specs[] = {
        {"--root", &options.common.root, NULL, false, "DIR",
         "folder that the images' paths start from"},
        {"--models", &options.common.models, NULL, false, "DIR",
         "models and their manifest [shipped]"},
        {"--jobs", &options.common.jobs_text, NULL, false, "N",
         "worker threads; all cores if not given"},
        {"--json", NULL, &options.common.json, false, NULL, "print the summary as JSON"},
        {"--manifest", &options.manifest, NULL, false, "FILE", "images: a column \"file\""},
        {"--scores", &options.scores, NULL, false, "FILE",
         "scores of pairs of them: error against discard"},
        {"--quality", &options.quality, NULL, false, "FILE",
         "with --scores: rows made before, instead of measuring"},
        {"--out", &options.out, NULL, true, "PATH",
         "one row an image is written to this file; with --scores a folder, which gets curves and "
         "a page too"},
    };
    const imi_cli_spec spec = {"imi-eval quality", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = eval_arguments_read(&spec, count, arguments, &options.common);
    if (code != IMI_EXIT_SUCCESS || options.common.help) {
        return code;
    }
    code = check_options(&spec, &options);
    if (code != IMI_EXIT_SUCCESS) {
        return code;
    }
    options.rows = options.out;
    imi_error error = IMI_ERROR_INIT;
    imi_status status =
        options.scores == NULL ? measure(&options, &error) : compare_with_scores(&options, &error);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
