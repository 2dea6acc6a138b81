/*
 * The frames of a clip go three ways: through the examiner, as on the server; through each layer
 * by itself, with the faces that the examiner saw; and through full detection, which is what
 * following is held against.
 */
#include "examine_bench.h"

#include "cli.h"
#include "phone-sim/frames.h"
#include "timed_models.h"

#include "imi/examine.h"
#include "imi/face_measure.h"
#include "imi/passive.h"
#include "imi/place.h"
#include "imi/planarity.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES_DEFAULT = 300, WARM_UP = 3, PASSIVE_EVERY = 7 };

static const imi_jpeg_limits frame_limits = {1U << 20, 4000000U, 4096U, 64U, 32U, 1280U};

/* What is timed, one figure a frame. */
typedef enum cost {
    COST_DECODE,
    COST_EXAMINER,
    COST_DETECTOR,
    COST_CROSS_CHECK,
    COST_MESH,
    COST_TEMPLATES,
    COST_QUALITY,
    COST_PLANARITY,
    COST_STREAM,
    COST_CUES,
    COST_DETECTION,
    COST_COUNT
} cost;

static const char *const cost_names[COST_COUNT] = {
    [COST_DECODE] = "decode",
    [COST_EXAMINER] = "examiner, all of it",
    [COST_DETECTOR] = "  of it: detector",
    [COST_CROSS_CHECK] = "  of it: cross-check",
    [COST_MESH] = "  of it: landmarks",
    [COST_TEMPLATES] = "  of it: templates",
    [COST_QUALITY] = "quality by itself",
    [COST_PLANARITY] = "planarity by itself",
    [COST_STREAM] = "stream by itself",
    [COST_CUES] = "cues by themselves, one frame in 7",
    [COST_DETECTION] = "full detection, were it on each frame",
};

typedef struct examine_bench {
    const char *models, *clip, *frames_text, *rate_text;
    long frame_limit, frames_per_s;
    bool json;
    imi_model_set set;
    timed_models timed;
    imi_engine *engine;
    imi_scorer *scorer;
    imi_sim_frames *frames;
    imi_examiner *examiner;
    imi_planarity_watch *planarity;
    imi_stream_watch *stream;
    double sum_ms[COST_COUNT];
    imi_latency us[COST_COUNT];
    long looked, faces, apart; /* frames; with a face both ways; with a face only one way */
    double difference_sum, difference_max; /* of the meshes, in inter-eye distances */
} examine_bench;

static void note(examine_bench *self, cost what, int64_t ns)
{
    if (self->looked >= WARM_UP) {
        self->sum_ms[what] += (double)ns / 1e6;
        imi_latency_add(&self->us[what], ns / 1000);
    }
}

static imi_status prepare(examine_bench *self, imi_error *err)
{
    char models[IMI_PLACE_SIZE];
    char calibration[IMI_PLACE_SIZE];
    IMI_TRY(imi_place_shared("models", models, err));
    IMI_TRY(imi_place_shared("calibration.json", calibration, err));
    IMI_TRY(imi_sim_frames_load_clip(self->clip, NULL, 0, &self->frames, err));
    IMI_TRY(imi_model_set_load(self->models != NULL ? self->models : models, &self->set, err));
    IMI_TRY(imi_scorer_load(calibration, &self->scorer, err));
    imi_engine_parts parts;
    timed_models_wire(&self->timed, &self->set, &parts);
    IMI_TRY(imi_engine_new(&parts, &self->engine, err));
    imi_examiner_options options = {.networks = true, .scorer = self->scorer};
    IMI_TRY(imi_examiner_new(&options, &self->examiner, err));
    IMI_TRY(imi_planarity_watch_new(&self->planarity, err));
    return imi_stream_watch_new(NULL, &self->stream, err);
}

static void clean_up(examine_bench *self)
{
    imi_stream_watch_destroy(&self->stream);
    imi_planarity_watch_destroy(&self->planarity);
    imi_examiner_destroy(&self->examiner);
    imi_engine_destroy(&self->engine);
    imi_scorer_destroy(&self->scorer);
    imi_model_set_clean_up(&self->set);
    imi_sim_frames_destroy(&self->frames);
}

static imi_status time_examiner(examine_bench *self, const imi_examined_frame *frame,
                                imi_examined *out, imi_error *err)
{
    const timed_models *timed = &self->timed;
    timed_models_reset(&self->timed);
    int64_t start_ns = bench_cpu_ns();
    IMI_TRY(imi_examiner_feed(self->examiner, self->engine, frame, out, err));
    note(self, COST_EXAMINER, bench_cpu_ns() - start_ns);
    note(self, COST_DETECTOR, timed->detector.part.ns);
    note(self, COST_CROSS_CHECK, timed->cross_check.part.ns);
    note(self, COST_MESH, timed->landmarker.part.ns);
    int64_t embed_ns = 0;
    for (size_t i = 0; i < timed->extractor_count; i++) {
        embed_ns += timed->extractors[i].part.ns;
    }
    note(self, COST_TEMPLATES, embed_ns);
    return IMI_OK;
}

static imi_status time_layers(examine_bench *self, const imi_examined_frame *frame,
                              const imi_face *face, imi_error *err)
{
    imi_stream_frame taken = {.sequence = frame->sequence,
                              .captured_at_ms = frame->captured_at_ms,
                              .arrived_at_ms = -1,
                              .jpeg = frame->jpeg,
                              .image = frame->image,
                              .box = &face->box,
                              .landmarks = &face->landmarks};
    imi_quality quality;
    imi_cues cues;
    int64_t start_ns = bench_cpu_ns();
    IMI_TRY(imi_planarity_watch_feed(self->planarity, frame->captured_at_ms, frame->image,
                                     &face->landmarks, err));
    int64_t planarity_ns = bench_cpu_ns();
    IMI_TRY(imi_stream_watch_feed(self->stream, &taken, err));
    int64_t stream_ns = bench_cpu_ns();
    IMI_TRY(imi_quality_measure(frame->image, &face->landmarks, &quality, err));
    int64_t quality_ns = bench_cpu_ns();
    note(self, COST_PLANARITY, planarity_ns - start_ns);
    note(self, COST_STREAM, stream_ns - planarity_ns);
    note(self, COST_QUALITY, quality_ns - stream_ns);
    if (self->looked % PASSIVE_EVERY == 0) {
        IMI_TRY(imi_passive_measure(frame->image, &face->box, &face->landmarks, &cues, err));
        note(self, COST_CUES, bench_cpu_ns() - quality_ns);
    }
    return IMI_OK;
}

/* Mean distance of the meshes' points, in inter-eye distances. */
static double difference(const imi_landmarks *a, const imi_landmarks *b)
{
    double sum = 0;
    for (size_t i = 0; i < IMI_MESH_POINTS; i++) {
        sum +=
            hypot((double)a->points[i].x - b->points[i].x, (double)a->points[i].y - b->points[i].y);
    }
    return sum / IMI_MESH_POINTS / (double)imi_face_inter_eye_distance(b);
}

static imi_status hold_against_detection(examine_bench *self, const imi_image *image,
                                         const imi_face *followed, imi_error *err)
{
    imi_face found;
    int64_t start_ns = bench_cpu_ns();
    IMI_TRY(imi_engine_analyse(self->engine, image, IMI_CAPTURE_MOTION, &found, err));
    note(self, COST_DETECTION, bench_cpu_ns() - start_ns);
    bool both = found.reason != IMI_CAPTURE_NO_FACE && followed->reason != IMI_CAPTURE_NO_FACE;
    if (both) {
        double moved = difference(&followed->landmarks, &found.landmarks);
        self->faces++;
        self->difference_sum += moved;
        self->difference_max = fmax(self->difference_max, moved);
    } else if (found.reason != followed->reason) {
        self->apart++;
    }
    return IMI_OK;
}

static imi_status look(examine_bench *self, const imi_sim_frame *frame, imi_error *err)
{
    IMI_AUTO(imi_image) image = NULL;
    int64_t start_ns = bench_cpu_ns();
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &frame_limits, &image, err));
    note(self, COST_DECODE, bench_cpu_ns() - start_ns);
    imi_examined_frame taken = {.sequence = (uint64_t)self->looked + 1,
                                .captured_at_ms = frame->at_ms,
                                .arrived_at_ms = -1,
                                .jpeg = imi_buffer_view(&frame->jpeg),
                                .image = image,
                                .light_shown_ms = -1};
    imi_examined seen;
    IMI_TRY(time_examiner(self, &taken, &seen, err));
    if (seen.face.reason != IMI_CAPTURE_NO_FACE) {
        IMI_TRY(time_layers(self, &taken, &seen.face, err));
    }
    IMI_TRY(hold_against_detection(self, image, &seen.face, err));
    self->looked++;
    return IMI_OK;
}

static imi_status measure(examine_bench *self, imi_error *err)
{
    int64_t next_ms = 0;
    for (size_t i = 0; i < self->frames->count && self->looked < self->frame_limit; i++) {
        const imi_sim_frame *frame = &self->frames->items[i];
        if (frame->at_ms >= next_ms) {
            next_ms = frame->at_ms + 1000 / self->frames_per_s;
            IMI_TRY(look(self, frame, err));
        }
    }
    if (self->looked <= WARM_UP || self->faces == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s shows too little", self->clip);
    }
    return IMI_OK;
}

static double mean_ms(const examine_bench *self, cost what)
{
    return self->us[what].count == 0 ? 0 : self->sum_ms[what] / (double)self->us[what].count;
}

static double per_core_s(const examine_bench *self)
{
    return 1000 / (mean_ms(self, COST_DECODE) + mean_ms(self, COST_EXAMINER));
}

static void print_text(const examine_bench *self)
{
    printf("%ld frames of %s, %ld a second, one thread, CPU time\n\n", self->looked, self->clip,
           self->frames_per_s);
    printf("%-40s %9s %9s %9s\n", "", "mean ms", "p50 ms", "p99 ms");
    for (int i = 0; i < COST_COUNT; i++) {
        printf("%-40s %9.3f %9.3f %9.3f\n", cost_names[i], mean_ms(self, (cost)i),
               (double)imi_latency_percentile(&self->us[i], 0.5) / 1000,
               (double)imi_latency_percentile(&self->us[i], 0.99) / 1000);
    }
    printf("\n%.1f frames a second judged on one core\n", per_core_s(self));
    printf("landmarks by following differ from those by detecting by %.4f inter-eye distances on "
           "average, at most %.4f;\n%ld frames with a face, %ld with one only one way\n",
           self->difference_sum / (double)self->faces, self->difference_max, self->faces,
           self->apart);
}

static void print_json(const examine_bench *self)
{
    json_t *costs = json_object();
    for (int i = 0; i < COST_COUNT; i++) {
        json_object_set_new(costs, cost_names[i] + strspn(cost_names[i], " "),
                            json_real(mean_ms(self, (cost)i)));
    }
    json_t *whole =
        json_pack("{s:i, s:i, s:i, s:f, s:f, s:f, s:o}", "frames", (int)self->looked, "faces",
                  (int)self->faces, "apart", (int)self->apart, "difference_mean",
                  self->difference_sum / (double)self->faces, "difference_max",
                  self->difference_max, "per_core_s", per_core_s(self), "mean_ms", costs);
    json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(whole);
}

int imi_bench_examine(int argc, char **argv)
{
    static examine_bench self = {.frame_limit = FRAMES_DEFAULT, .frames_per_s = 10};
    const imi_cli_option rows[] = {
        {"--clip", &self.clip, NULL, true, "VIDEO", "somebody before a camera"},
        {"--models", &self.models, NULL, false, "DIR", "folder of manifest.json"},
        {"--frames", &self.frames_text, NULL, false, "N", "frames to measure at most [300]"},
        {"--fps", &self.rate_text, NULL, false, "N", "frames a second [10]"},
        {"--json", NULL, &self.json, false, NULL, "print one JSON object"},
    };
    const imi_cli_spec spec = {"imi-bench examine", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    bool good = imi_cli_number(self.frames_text, WARM_UP + 1, 1000000, &self.frame_limit) &&
                imi_cli_number(self.rate_text, 1, 60, &self.frames_per_s);
    if (!good) {
        return imi_cli_misuse(&spec, "--frames is at least %d, --fps 1 to 60", WARM_UP + 1);
    }
    imi_error error = IMI_ERROR_INIT;
    imi_status status = prepare(&self, &error);
    if (status == IMI_OK) {
        status = measure(&self, &error);
    }
    if (status == IMI_OK) {
        (self.json ? print_json : print_text)(&self);
    }
    clean_up(&self);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
