/*
 * Quality measures of many photos, one row each: what the limits of verifier/engine/
 * quality_judge.c are chosen from.
 */
#include "commands.h"

#include "arguments.h"
#include "csv.h"
#include "gather.h"

#include <stdio.h>
#include <string.h>

typedef struct quality_options {
    eval_arguments common;
    const char *manifest, *out;
} quality_options;

static imi_status append_row(const eval_sample *sample, imi_buffer *out, imi_error *err)
{
    const imi_quality *q = &sample->quality;
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
                             q->unified};
    IMI_TRY(imi_buffer_printf(out, err, "%s,%s,%u", sample->file, sample->status, q->face_count));
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        IMI_TRY(imi_buffer_printf(out, err, ",%.4f", (double)columns[i]));
    }
    return imi_buffer_append_text(out, "\n", err);
}

static imi_status write_rows(const quality_options *options, const eval_sample *samples,
                             size_t count, imi_error *err)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(
        &out,
        "file,status,faces,inter_eye_px,sharpness,uniformity,under_exposure,over_exposure,"
        "eyes_open,eyes_visible,mouth_visible,yaw_deg,pitch_deg,roll_deg,cut_off,unified\n",
        err));
    for (size_t i = 0; i < count; i++) {
        IMI_TRY(append_row(&samples[i], &out, err));
    }
    return imi_file_write(options->out, imi_buffer_view(&out), 0644, err);
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
    for (size_t i = 0; i < count; i++) {
        fit += strcmp(samples[i].status, "ok") == 0;
    }
    printf("{\"images\": %zu, \"ok\": %zu}\n", count, fit);
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
    if (status == IMI_OK && options->common.json) {
        print_summary(samples, manifest.rows);
    }
    imi_wipe(samples, manifest.rows * sizeof *samples);
    imi_free(samples);
    return status;
}

int eval_quality_main(int count, char **arguments)
{
    quality_options options = {0};
    const imi_cli_option specs[] = {
        EVAL_COMMON_OPTIONS(&options.common),
        {"--manifest", &options.manifest, NULL, true, "FILE", "images: a column \"file\""},
        {"--out", &options.out, NULL, true, "FILE", "one row an image is written here"},
    };
    const imi_cli_spec spec = {"imi-eval quality", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = eval_arguments_read(&spec, count, arguments, &options.common);
    if (code != IMI_EXIT_SUCCESS || options.common.help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    return measure(&options, &error) == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
