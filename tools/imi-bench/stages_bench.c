#include "stages_bench.h"

#include "cli.h"
#include "timed_models.h"

#include "imi/cohort.h"
#include "imi/place.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

enum {
    WARM_UP = 3,
    JPEG_FILE_MAX = 16 << 20,
    /* decode, detect, cross-check, landmarks, quality, align, one per extractor, measure, compare
     */
    STAGE_EXTRACTORS = 6,
    STAGES_MAX = STAGE_EXTRACTORS + IMI_MODELS_EXTRACTORS_MAX + 2
};

typedef struct stage {
    char name[IMI_MODEL_ID_SIZE];
    int64_t ns; /* of the verification under way */
    int64_t sum_ns;
    imi_latency us10; /* tenths of a microsecond */
} stage;

typedef struct stages_bench {
    const char *models, *calibration, *probe_path, *reference_path, *rounds;
    long round_count;
    bool json;
    imi_buffer probe, reference;
    imi_model_set set;
    timed_models timed;
    imi_engine *engine;
    imi_scorer *scorer;
    imi_cohort *cohort;
    stage stages[STAGES_MAX];
    size_t stage_count;
    imi_latency whole_us10;
    int64_t whole_sum_ns;
    imi_latency wall_us10;
    float similarity;
} stages_bench;

static stage *cohort_stage(stages_bench *self)
{
    return &self->stages[self->stage_count - 2];
}

static stage *compare_stage(stages_bench *self)
{
    return &self->stages[self->stage_count - 1];
}

static void name_stages(stages_bench *self)
{
    static const char *const names[STAGE_EXTRACTORS] = {"decode",    "detect",  "cross-check",
                                                        "landmarks", "quality", "align and warp"};
    for (size_t i = 0; i < STAGE_EXTRACTORS; i++) {
        imi_copy_text(self->stages[i].name, sizeof self->stages[i].name, names[i]);
    }
    for (size_t i = 0; i < self->set.extractor_count; i++) {
        stage *at = &self->stages[STAGE_EXTRACTORS + i];
        imi_copy_text(at->name, sizeof at->name, self->set.extractors[i]->model_id);
    }
    self->stage_count = STAGE_EXTRACTORS + self->set.extractor_count + 2;
    imi_copy_text(cohort_stage(self)->name, IMI_MODEL_ID_SIZE, "measure, cohort of 1,000");
    imi_copy_text(compare_stage(self)->name, IMI_MODEL_ID_SIZE, "compare");
}

/* A stranger by all models: random, as the cost does not depend on who it is. */
static void make_stranger(const imi_model_set *set, uint32_t *state, imi_template *out)
{
    *out = (imi_template){.count = (uint32_t)set->extractor_count};
    for (size_t m = 0; m < set->extractor_count; m++) {
        imi_template_vector *vector = &out->vectors[m];
        imi_copy_text(vector->model_id, sizeof vector->model_id, set->extractors[m]->model_id);
        vector->dim = set->extractors[m]->dim;
        float square = 0;
        for (uint32_t i = 0; i < vector->dim; i++) {
            *state = *state * 1664525U + 1013904223U;
            vector->values[i] = (float)(*state >> 8) / (1 << 23) - 1;
            square += vector->values[i] * vector->values[i];
        }
        for (uint32_t i = 0; i < vector->dim; i++) {
            vector->values[i] /= sqrtf(square);
        }
    }
}

static imi_status make_cohort(stages_bench *self, imi_error *err)
{
    imi_template *templates = imi_alloc_aligned(IMI_COHORT_MEMBERS_MAX, sizeof *templates);
    imi_cohort_member *members = imi_alloc_array(IMI_COHORT_MEMBERS_MAX, sizeof *members);
    imi_status status = IMI_E_NO_MEMORY;
    if (templates != NULL && members != NULL) {
        uint32_t state = 1;
        for (size_t i = 0; i < IMI_COHORT_MEMBERS_MAX; i++) {
            make_stranger(&self->set, &state, &templates[i]);
            members[i] = (imi_cohort_member){i, &templates[i]};
        }
        status = imi_cohort_new(self->scorer, members, IMI_COHORT_MEMBERS_MAX, &self->cohort, err);
    }
    imi_free(templates);
    imi_free(members);
    return status;
}

static imi_status prepare(stages_bench *self, imi_error *err)
{
    char models[IMI_PLACE_SIZE];
    char calibration[IMI_PLACE_SIZE];
    IMI_TRY(imi_place_shared("models", models, err));
    IMI_TRY(imi_place_shared("calibration.json", calibration, err));
    IMI_TRY(imi_file_read(self->probe_path, JPEG_FILE_MAX, &self->probe, err));
    IMI_TRY(imi_file_read(self->reference_path, JPEG_FILE_MAX, &self->reference, err));
    IMI_TRY(imi_model_set_load(self->models != NULL ? self->models : models, &self->set, err));
    IMI_TRY(imi_scorer_load(self->calibration != NULL ? self->calibration : calibration,
                            &self->scorer, err));
    IMI_TRY(make_cohort(self, err));
    imi_engine_parts parts;
    timed_models_wire(&self->timed, &self->set, &parts);
    name_stages(self);
    return imi_engine_new(&parts, &self->engine, err);
}

static void clean_up(stages_bench *self)
{
    imi_engine_destroy(&self->engine);
    imi_cohort_destroy(&self->cohort);
    imi_scorer_destroy(&self->scorer);
    imi_model_set_clean_up(&self->set);
    imi_buffer_clean_up(&self->probe);
    imi_buffer_clean_up(&self->reference);
}

/* What the wrapped models noted, and what is left of the engine's own work. */
static void note_stages(stages_bench *self, int64_t decode_ns, int64_t analyse_ns,
                        int64_t extract_ns)
{
    const timed_models *timed = &self->timed;
    int64_t models_ns =
        timed->detector.part.ns + timed->cross_check.part.ns + timed->landmarker.part.ns;
    self->stages[0].ns += decode_ns;
    self->stages[1].ns += timed->detector.part.ns;
    self->stages[2].ns += timed->cross_check.part.ns;
    self->stages[3].ns += timed->landmarker.part.ns;
    self->stages[4].ns += analyse_ns - models_ns;
    int64_t embed_ns = 0;
    for (size_t i = 0; i < timed->extractor_count; i++) {
        self->stages[STAGE_EXTRACTORS + i].ns += timed->extractors[i].part.ns;
        embed_ns += timed->extractors[i].part.ns;
    }
    self->stages[5].ns += extract_ns - embed_ns;
}

static imi_status make_template(stages_bench *self, const imi_buffer *jpeg, imi_capture_kind kind,
                                const char *path, imi_template *out, imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    timed_models_reset(&self->timed);
    IMI_AUTO(imi_image) image = NULL;
    int64_t start_ns = bench_cpu_ns();
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(jpeg), &limits, &image, err));
    int64_t decoded_ns = bench_cpu_ns();
    imi_face face;
    IMI_TRY(imi_engine_analyse(self->engine, image, kind, &face, err));
    if (face.reason == IMI_CAPTURE_NO_FACE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s shows no face", path);
    }
    int64_t analysed_ns = bench_cpu_ns();
    IMI_TRY(imi_engine_extract(self->engine, image, &face, out, err));
    int64_t end_ns = bench_cpu_ns();
    note_stages(self, decoded_ns - start_ns, analysed_ns - decoded_ns, end_ns - analysed_ns);
    return IMI_OK;
}

static imi_status verify_once(stages_bench *self, int64_t *whole_ns, imi_error *err)
{
    imi_template probe;
    imi_template reference;
    imi_comparison comparison;
    int64_t start_ns = bench_cpu_ns();
    IMI_TRY(make_template(self, &self->probe, IMI_CAPTURE_SELFIE, self->probe_path, &probe, err));
    IMI_TRY(make_template(self, &self->reference, IMI_CAPTURE_PORTRAIT, self->reference_path,
                          &reference, err));
    int64_t cohort_ns = bench_cpu_ns();
    /* Of the probe alone: a reference is measured when it is enrolled. */
    imi_cohort_statistics statistics;
    IMI_TRY(imi_cohort_measure(self->cohort, &probe, NULL, 0, &statistics, err));
    int64_t compare_ns = bench_cpu_ns();
    imi_status status = imi_compare(self->scorer, &probe, &reference, &comparison, err);
    int64_t end_ns = bench_cpu_ns();
    cohort_stage(self)->ns += compare_ns - cohort_ns;
    compare_stage(self)->ns += end_ns - compare_ns;
    *whole_ns = end_ns - start_ns;
    self->similarity = comparison.similarity;
    imi_template_wipe(&probe);
    imi_template_wipe(&reference);
    return status;
}

static imi_status measure(stages_bench *self, imi_error *err)
{
    for (long round = -WARM_UP; round < self->round_count; round++) {
        for (size_t i = 0; i < self->stage_count; i++) {
            self->stages[i].ns = 0;
        }
        int64_t whole_ns = 0;
        int64_t start_ns = bench_wall_ns();
        IMI_TRY(verify_once(self, &whole_ns, err));
        if (round < 0) {
            continue;
        }
        for (size_t i = 0; i < self->stage_count; i++) {
            imi_latency_add(&self->stages[i].us10, self->stages[i].ns / 100);
            self->stages[i].sum_ns += self->stages[i].ns;
        }
        imi_latency_add(&self->whole_us10, whole_ns / 100);
        self->whole_sum_ns += whole_ns;
        imi_latency_add(&self->wall_us10, (bench_wall_ns() - start_ns) / 100);
    }
    return IMI_OK;
}

static double ms(const imi_latency *latency, double share)
{
    return (double)imi_latency_percentile(latency, share) / 10000;
}

static double per_core_s(const stages_bench *self)
{
    return 1e9 * (double)self->round_count / (double)self->whole_sum_ns;
}

static void print_text(const stages_bench *self)
{
    printf("One verification: two images of %s and %s,\n", self->probe_path, self->reference_path);
    printf("one thread, %ld rounds, similarity %.4f\n\n", self->round_count,
           (double)self->similarity);
    printf("%-32s %10s %10s %8s\n", "CPU time (both images)", "p50 ms", "p99 ms", "share");
    for (size_t i = 0; i < self->stage_count; i++) {
        const stage *at = &self->stages[i];
        printf("%-32s %10.3f %10.3f %7.1f%%\n", at->name, ms(&at->us10, 0.5), ms(&at->us10, 0.99),
               100 * (double)at->sum_ns / (double)self->whole_sum_ns);
    }
    printf("%-32s %10.3f %10.3f %7.1f%%\n", "whole verification", ms(&self->whole_us10, 0.5),
           ms(&self->whole_us10, 0.99), 100.0);
    printf("%-32s %10.3f %10.3f\n", "whole, by the wall clock", ms(&self->wall_us10, 0.5),
           ms(&self->wall_us10, 0.99));
    printf("\n%.2f verifications a second on one core\n", per_core_s(self));
}

static void print_json(const stages_bench *self)
{
    json_t *stages = json_array();
    for (size_t i = 0; i < self->stage_count; i++) {
        const stage *at = &self->stages[i];
        json_array_append_new(stages,
                              json_pack("{s:s, s:f, s:f, s:f}", "stage", at->name, "p50_ms",
                                        ms(&at->us10, 0.5), "p99_ms", ms(&at->us10, 0.99), "share",
                                        (double)at->sum_ns / (double)self->whole_sum_ns));
    }
    json_t *object =
        json_pack("{s:i, s:f, s:f, s:f, s:f, s:f, s:o}", "rounds", (int)self->round_count, "p50_ms",
                  ms(&self->whole_us10, 0.5), "p99_ms", ms(&self->whole_us10, 0.99), "wall_p50_ms",
                  ms(&self->wall_us10, 0.5), "wall_p99_ms", ms(&self->wall_us10, 0.99),
                  "per_core_s", per_core_s(self), "stages", stages);
    json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(object);
}

int imi_bench_stages(int argc, char **argv)
{
    static stages_bench self = {.round_count = 50};
    const imi_cli_option rows[] = {
        {"--probe", &self.probe_path, NULL, true, "PHOTO.jpg", "a camera frame"},
        {"--reference", &self.reference_path, NULL, true, "PHOTO.jpg", "a document portrait"},
        {"--models", &self.models, NULL, false, "DIR", "folder of manifest.json"},
        {"--calibration", &self.calibration, NULL, false, "FILE", "calibration table"},
        {"--rounds", &self.rounds, NULL, false, "N", "verifications to measure [50]"},
        {"--json", NULL, &self.json, false, NULL, "print one JSON object"},
    };
    const imi_cli_spec spec = {"imi-bench stages", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (!imi_cli_number(self.rounds, 1, 1000000, &self.round_count)) {
        return imi_cli_misuse(&spec, "--rounds takes a whole number from 1");
    }
    imi_error error = IMI_ERROR_INIT;
    imi_status status = prepare(&self, &error);
    if (status == IMI_OK) {
        status = measure(&self, &error);
    }
    if (status == IMI_OK) {
        if (self.json) {
            print_json(&self);
        } else {
            print_text(&self);
        }
    }
    clean_up(&self);
    return status == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
