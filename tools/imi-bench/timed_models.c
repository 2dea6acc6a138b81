#include "timed_models.h"

#include <time.h>

static int64_t read_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t bench_cpu_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t bench_wall_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

static void note(bench_part *part, int64_t started_ns)
{
    part->ns += bench_cpu_ns() - started_ns;
    part->calls++;
}

static imi_status detect(imi_detector *self, const imi_image *image, imi_face_box *boxes,
                         size_t capacity, size_t *count_out, imi_error *err)
{
    timed_detector *timed = (timed_detector *)self;
    int64_t started_ns = bench_cpu_ns();
    imi_status status = timed->inner->detect(timed->inner, image, boxes, capacity, count_out, err);
    note(&timed->part, started_ns);
    return status;
}

static imi_status locate(imi_landmarker *self, const imi_image *image, const imi_face_box *box,
                         imi_landmarks *out, imi_error *err)
{
    timed_landmarker *timed = (timed_landmarker *)self;
    int64_t started_ns = bench_cpu_ns();
    imi_status status = timed->inner->locate(timed->inner, image, box, out, err);
    note(&timed->part, started_ns);
    return status;
}

static imi_status align(imi_extractor *self, const imi_landmarks *landmarks,
                        imi_affine *image_to_chip_out, imi_error *err)
{
    imi_extractor *inner = ((timed_extractor *)self)->inner;
    return inner->align(inner, landmarks, image_to_chip_out, err);
}

static imi_status embed(imi_extractor *self, const imi_image *chip, float *vector_out,
                        imi_error *err)
{
    timed_extractor *timed = (timed_extractor *)self;
    int64_t started_ns = bench_cpu_ns();
    imi_status status = timed->inner->embed(timed->inner, chip, vector_out, err);
    note(&timed->part, started_ns);
    return status;
}

static void wrap_detector(timed_detector *timed, imi_detector *inner)
{
    timed->inner = inner;
    timed->base = (imi_detector){.detect = detect};
}

static void wrap_extractor(timed_extractor *timed, imi_extractor *inner)
{
    timed->inner = inner;
    timed->base = *inner;
    timed->base.align = align;
    timed->base.embed = embed;
    timed->base.destroy = NULL; /* the set destroys its own */
}

void timed_models_wire(timed_models *models, const imi_model_set *set, imi_engine_parts *parts_out)
{
    *models = (timed_models){.extractor_count = set->extractor_count};
    wrap_detector(&models->detector, set->detector);
    wrap_detector(&models->cross_check, set->cross_check);
    models->landmarker.inner = set->landmarker;
    models->landmarker.base = (imi_landmarker){.locate = locate};
    for (size_t i = 0; i < set->extractor_count; i++) {
        wrap_extractor(&models->extractors[i], set->extractors[i]);
        models->extractor_list[i] = &models->extractors[i].base;
    }
    *parts_out = (imi_engine_parts){
        .detector = &models->detector.base,
        .cross_check = set->cross_check == NULL ? NULL : &models->cross_check.base,
        .landmarker = &models->landmarker.base,
        .extractors = models->extractor_list,
        .extractor_count = set->extractor_count,
        .pads = set->pads,
        .pad_count = set->pad_count,
    };
}

void timed_models_reset(timed_models *models)
{
    models->detector.part = (bench_part){0};
    models->cross_check.part = (bench_part){0};
    models->landmarker.part = (bench_part){0};
    for (size_t i = 0; i < models->extractor_count; i++) {
        models->extractors[i].part = (bench_part){0};
    }
}
