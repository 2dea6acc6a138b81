/*
 * What joining several frames of a clip gains over one: frames of a clip's first half against
 * single frames of its second, and against those of other people's clips.
 */
#include "commands.h"

#include "clip_frames.h"
#include "frame_fusion.h"
#include "scoring.h"

#include <math.h>
#include <stdio.h>

/* Numbers of two ways in eval_fusions. */
enum { SINGLE = 0, FIVE_MEAN = 6 };
static const double TARGETS[EVAL_FUSION_THRESHOLDS] = {1e-3, 1e-4};

typedef struct frames_options {
    eval_arguments common;
    eval_scoring_options scoring;
    const char *clips, *out, *every_text, *most_text, *draws_text;
    long every, most, draws;
} frames_options;

typedef struct frames_run {
    const frames_options *options;
    eval_scoring scoring;
    eval_clips clips;
    eval_fusion_scoring by;
    eval_frame *frames; /* usable ones, in order of clip and time */
    size_t frame_count;
    eval_frame_pool *pools; /* one a clip */
    eval_fusion_figures (*figures)[EVAL_FUSIONS]; /* one a clip */
} frames_run;

static bool serves(const eval_frame_pool *pool)
{
    return pool->probe_count > 0 && pool->reference_count > 0;
}

/* The usable frames of a clip become its pool. */
static imi_status fill_pool(frames_run *run, size_t number, imi_error *err)
{
    const eval_clip *clip = &run->clips.clips[number];
    eval_frame_pool *pool = &run->pools[number];
    pool->subject = imi_subject_key_of("clips", clip->subject);
    pool->probes = &run->frames[run->frame_count];
    for (size_t i = 0; i < clip->count; i++) {
        const eval_sample *sample = &run->clips.samples[clip->first + i];
        if (sample->face_template.count == 0) {
            continue;
        }
        eval_frame *frame = &run->frames[run->frame_count++];
        *frame = (eval_frame){.face_template = &sample->face_template,
                              .quality = sample->quality.unified};
        IMI_TRY(eval_measure(run->by.cohort, frame->face_template, pool->subject, &frame->measured,
                             err));
        *(2 * i < clip->count ? &pool->probe_count : &pool->reference_count) += 1;
    }
    pool->references = pool->probes + pool->probe_count;
    return IMI_OK;
}

static imi_status make_frames(frames_run *run, imi_error *err)
{
    eval_clips *clips = &run->clips;
    IMI_TRY(eval_clips_decode(clips, (size_t)run->options->every, (size_t)run->options->most, err));
    IMI_TRY(eval_gather(&run->scoring.gather, clips->samples, clips->sample_count, err));
    IMI_TRY(eval_scoring_measure(&run->scoring, NULL, 0, err));
    run->by.cohort = run->scoring.cohort.cohort;
    run->frames = imi_alloc_array(clips->sample_count, sizeof *run->frames);
    run->pools = imi_alloc_array(clips->count, sizeof *run->pools);
    run->figures = imi_alloc_array(clips->count, sizeof *run->figures);
    if (run->frames == NULL || run->pools == NULL || run->figures == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu frames", clips->sample_count);
    }
    for (size_t i = 0; i < clips->count; i++) {
        IMI_TRY(fill_pool(run, i, err));
    }
    return IMI_OK;
}

static imi_status measure_clips(frames_run *run, imi_error *err)
{
    for (size_t i = 0; i < run->clips.count; i++) {
        if (serves(&run->pools[i])) {
            IMI_TRY(eval_fusion_measure(&run->by, run->pools, run->clips.count, i,
                                        (size_t)run->options->draws, run->figures[i], err));
        }
    }
    return IMI_OK;
}

static imi_status append_header(imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_append_text(
        out, "clip,subject,frames,step,looked_at,usable,probes,references", err));
    for (size_t f = 0; f < EVAL_FUSIONS; f++) {
        const char *id = eval_fusions[f].id;
        IMI_TRY(imi_buffer_printf(out, err,
                                  ",%s_gap,%s_d_prime,%s_mated_lowest,"
                                  "%s_non_mated_highest,%s_fnmr_1e-3,%s_fmr_1e-3,%s_fnmr_1e-4,"
                                  "%s_fmr_1e-4",
                                  id, id, id, id, id, id, id, id));
    }
    return imi_buffer_append_text(out, "\n", err);
}

/* An empty cell where there is no number. */
static imi_status append_number(imi_buffer *out, double value, imi_error *err)
{
    return isnan(value) ? imi_buffer_append_text(out, ",", err)
                        : imi_buffer_printf(out, err, ",%.6f", value);
}

static imi_status append_figures(imi_buffer *out, const eval_fusion_figures *at, bool any,
                                 imi_error *err)
{
    IMI_TRY(append_number(out, any ? at->mated_mean - at->non_mated_mean : NAN, err));
    IMI_TRY(append_number(out, any ? at->d_prime : NAN, err));
    IMI_TRY(append_number(out, any ? at->mated_lowest : NAN, err));
    IMI_TRY(append_number(out, any ? at->non_mated_highest : NAN, err));
    for (size_t t = 0; t < EVAL_FUSION_THRESHOLDS; t++) {
        IMI_TRY(append_number(out, any ? at->fnmr[t] : NAN, err));
        IMI_TRY(append_number(out, any ? at->fmr[t] : NAN, err));
    }
    return IMI_OK;
}

static imi_status write_rows(const frames_run *run, imi_error *err)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(append_header(&out, err));
    for (size_t i = 0; i < run->clips.count; i++) {
        const eval_clip *clip = &run->clips.clips[i];
        const eval_frame_pool *pool = &run->pools[i];
        IMI_TRY(imi_buffer_printf(&out, err, "%s,%s,%zu,%zu,%zu,%zu,%zu,%zu", clip->name,
                                  clip->subject, clip->frames, clip->step, clip->count,
                                  pool->probe_count + pool->reference_count, pool->probe_count,
                                  pool->reference_count));
        for (size_t f = 0; f < EVAL_FUSIONS; f++) {
            IMI_TRY(append_figures(&out, &run->figures[i][f], serves(pool), err));
        }
        IMI_TRY(imi_buffer_append_text(&out, "\n", err));
    }
    return imi_file_write(run->options->out, imi_buffer_view(&out), 0644, err);
}

/* Means over the clips, each of which counts alike; and in how many the gap is wider. */
typedef struct pooled {
    size_t clips, wider;
    double mated, non_mated, lowest, highest, d_prime; /* lowest and highest of all clips */
    double fnmr[EVAL_FUSION_THRESHOLDS], fmr[EVAL_FUSION_THRESHOLDS];
} pooled;

static double gap_of(const eval_fusion_figures *at)
{
    return at->mated_mean - at->non_mated_mean;
}

static pooled pool_clips(const frames_run *run, size_t fusion)
{
    pooled out = {.lowest = INFINITY, .highest = -INFINITY};
    for (size_t i = 0; i < run->clips.count; i++) {
        const eval_fusion_figures *at = &run->figures[i][fusion];
        if (!serves(&run->pools[i]) || at->mated == 0 || at->non_mated == 0) {
            continue;
        }
        out.clips++;
        out.wider += at->d_prime > run->figures[i][SINGLE].d_prime ? 1 : 0;
        out.mated += at->mated_mean;
        out.non_mated += at->non_mated_mean;
        out.d_prime += at->d_prime;
        out.lowest = fmin(out.lowest, at->mated_lowest);
        out.highest = fmax(out.highest, at->non_mated_highest);
        for (size_t t = 0; t < EVAL_FUSION_THRESHOLDS; t++) {
            out.fnmr[t] += at->fnmr[t];
            out.fmr[t] += at->fmr[t];
        }
    }
    double clips = (double)out.clips;
    out.mated /= clips;
    out.non_mated /= clips;
    out.d_prime /= clips;
    for (size_t t = 0; t < EVAL_FUSION_THRESHOLDS; t++) {
        out.fnmr[t] /= clips;
        out.fmr[t] /= clips;
    }
    return out;
}

static size_t count_people(const eval_clips *clips)
{
    size_t people = 0;
    for (size_t i = 0; i < clips->count; i++) {
        size_t earlier = 0;
        while (earlier < i && imi_subject_key_of("", clips->clips[earlier].subject) !=
                                  imi_subject_key_of("", clips->clips[i].subject)) {
            earlier++;
        }
        people += earlier == i ? 1 : 0;
    }
    return people;
}

static void print_fusions(const frames_run *run)
{
    printf(
        "\n| probe | clips | mated, mean | lowest | non-mated, mean | highest | d' | clips where "
        "d' is higher than for 1 random | FNMR %% at 1e-3 | at 1e-4 | FMR %% at 1e-3 | at 1e-4 "
        "|\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: "
        "|\n");
    for (size_t f = 0; f < EVAL_FUSIONS; f++) {
        pooled at = pool_clips(run, f);
        printf("| %s | %zu | %.3f | %.3f | %.3f | %.3f | %.2f | %zu | %.2f | %.2f | %.3f | %.3f "
               "|\n",
               eval_fusions[f].text, at.clips, at.mated, at.lowest, at.non_mated, at.highest,
               at.d_prime, at.wider, 100 * at.fnmr[0], 100 * at.fnmr[1], 100 * at.fmr[0],
               100 * at.fmr[1]);
    }
}

/* A single frame against five joined by the mean of their scores. */
static void print_clip(const eval_clip *clip, const eval_frame_pool *pool,
                       const eval_fusion_figures *single, const eval_fusion_figures *joined)
{
    printf("| %s | %zu | %zu | %zu of %zu |", clip->name, clip->frames, clip->step,
           pool->probe_count + pool->reference_count, clip->count);
    if (!serves(pool) || joined->mated == 0) {
        printf(" too few usable frames | | | | | | | |\n");
        return;
    }
    printf(" %.3f | %.3f | %.3f | %.3f | %.2f | %.2f | %.2f | %.2f |\n", gap_of(single),
           gap_of(joined), single->mated_lowest, joined->mated_lowest, single->d_prime,
           joined->d_prime, 100 * single->fnmr[1], 100 * joined->fnmr[1]);
}

static void print_clips(const frames_run *run)
{
    printf("\nOne random frame / five random frames, mean of scores:\n\n"
           "| clip | frames | step | usable | gap, one | five | lowest mated, one | five | d', one "
           "| five | FNMR %% at 1e-4, one | five |\n| --- | ---: | ---: | ---: | ---: | ---: | "
           "---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < run->clips.count; i++) {
        print_clip(&run->clips.clips[i], &run->pools[i], &run->figures[i][SINGLE],
                   &run->figures[i][FIVE_MEAN]);
    }
}

static void print_text(const frames_run *run)
{
    const frames_options *options = run->options;
    printf("%zu clips of %zu people; of each the first frame of every %ld or more, at most %ld in "
           "all; %ld draws a clip; %s scores\n",
           run->clips.count, count_people(&run->clips), options->every, options->most,
           options->draws, imi_score_kind_name(run->scoring.kind));
    printf("So few people bound no error rate: the columns only compare ways of joining frames.\n");
    print_fusions(run);
    print_clips(run);
}

static void print_json(const frames_run *run)
{
    for (size_t f = 0; f < EVAL_FUSIONS; f++) {
        pooled at = pool_clips(run, f);
        printf("{\"probe\":\"%s\",\"scores\":\"%s\",\"people\":%zu,\"clips\":%zu",
               eval_fusions[f].id, imi_score_kind_name(run->scoring.kind),
               count_people(&run->clips), at.clips);
        if (at.clips > 0) {
            printf(",\"mated\":%.6f,\"non_mated\":%.6f,\"d_prime\":%.4f,\"fnmr\":[%.6f,%.6f],"
                   "\"fmr\":[%.6f,%.6f]",
                   at.mated, at.non_mated, at.d_prime, at.fnmr[0], at.fnmr[1], at.fmr[0],
                   at.fmr[1]);
        }
        printf("}\n");
    }
}

static imi_status evaluate(frames_run *run, imi_error *err)
{
    const frames_options *options = run->options;
    IMI_TRY(eval_scoring_start(&options->common, &options->scoring, &run->scoring, err));
    run->by.scorer = run->scoring.scorer;
    for (size_t t = 0; t < EVAL_FUSION_THRESHOLDS; t++) {
        IMI_TRY(eval_scoring_threshold(&run->scoring, TARGETS[t], &run->by.thresholds[t], err));
    }
    IMI_TRY(eval_clips_find(options->clips, &run->clips, err));
    IMI_TRY(make_frames(run, err));
    IMI_TRY(measure_clips(run, err));
    IMI_TRY(write_rows(run, err));
    (options->common.json ? print_json : print_text)(run);
    return IMI_OK;
}

static void clean_up(frames_run *run)
{
    for (size_t i = 0; i < run->frame_count; i++) {
        eval_measured_clean_up(&run->frames[i].measured);
    }
    imi_free(run->frames);
    imi_free(run->pools);
    imi_free(run->figures);
    eval_clips_clean_up(&run->clips);
    eval_scoring_clean_up(&run->scoring);
}

static int check_options(const imi_cli_spec *spec, frames_options *options)
{
    if (!imi_cli_number(options->every_text, 1, 10000, &options->every)) {
        return imi_cli_misuse(spec, "--every is 1 to 10000, not %s", options->every_text);
    }
    if (!imi_cli_number(options->most_text, 2, 10000, &options->most)) {
        return imi_cli_misuse(spec, "--most is 2 to 10000, not %s", options->most_text);
    }
    if (!imi_cli_number(options->draws_text, 1, 100000, &options->draws)) {
        return imi_cli_misuse(spec, "--draws is 1 to 100000, not %s", options->draws_text);
    }
    if (options->scoring.cohort != NULL && options->scoring.cohort_root == NULL) {
        return imi_cli_misuse(spec, "--cohort needs --cohort-root");
    }
    return IMI_EXIT_SUCCESS;
}

int eval_frames_main(int count, char **arguments)
{
    frames_options options = {.every_text = "5", .most_text = "80", .draws_text = "200"};
    const imi_cli_option specs[] = {
        {"--clips", &options.clips, NULL, true, "PATH",
         "folder of clips, a person each, or a list: file,subject"},
        {"--out", &options.out, NULL, true, "OUT", "one row a clip is written here"},
        {"--every", &options.every_text, NULL, false, "N", "look at every N-th frame [5]"},
        {"--most", &options.most_text, NULL, false, "N", "look at no more frames a clip [80]"},
        {"--draws", &options.draws_text, NULL, false, "N", "draws of frames a clip [200]"},
        EVAL_SCORING_OPTIONS(&options.scoring),
        {"--models", &options.common.models, NULL, false, "DIR",
         "models and their manifest [shipped]"},
        {"--jobs", &options.common.jobs_text, NULL, false, "N",
         "worker threads; all cores if not given"},
        {"--json", NULL, &options.common.json, false, NULL, "print the summary as JSON"},
    };
    const imi_cli_spec spec = {"imi-eval frames", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = eval_arguments_read(&spec, count, arguments, &options.common);
    if (code != IMI_EXIT_SUCCESS || options.common.help) {
        return code;
    }
    code = check_options(&spec, &options);
    if (code != IMI_EXIT_SUCCESS) {
        return code;
    }
    frames_run run = {.options = &options};
    imi_error error = IMI_ERROR_INIT;
    imi_status status = evaluate(&run, &error);
    clean_up(&run);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
