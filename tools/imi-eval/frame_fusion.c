#include "frame_fusion.h"

#include "imi/memory.h"
#include "rates.h"

#include <math.h>
#include <stdlib.h>

const eval_fusion eval_fusions[EVAL_FUSIONS] = {
    {"random1", "1 random frame", 1, false, false},
    {"best1", "1 frame, the best", 1, true, false},
    {"random3_mean", "3 random, mean of scores", 3, false, false},
    {"random3_average", "3 random, averaged template", 3, false, true},
    {"best3_mean", "3 best, mean of scores", 3, true, false},
    {"best3_average", "3 best, averaged template", 3, true, true},
    {"random5_mean", "5 random, mean of scores", 5, false, false},
    {"random5_average", "5 random, averaged template", 5, false, true},
    {"best5_mean", "5 best, mean of scores", 5, true, false},
    {"best5_average", "5 best, averaged template", 5, true, true},
};

/* Sums over scores of one kind. */
typedef struct sums {
    size_t count, at_least[EVAL_FUSION_THRESHOLDS];
    double sum, squares, lowest, highest;
} sums;

static void add(sums *to, const eval_fusion_scoring *by, float score)
{
    to->lowest = to->count == 0 ? (double)score : fmin(to->lowest, (double)score);
    to->highest = to->count == 0 ? (double)score : fmax(to->highest, (double)score);
    to->count++;
    to->sum += (double)score;
    to->squares += (double)score * (double)score;
    for (size_t t = 0; t < EVAL_FUSION_THRESHOLDS; t++) {
        to->at_least[t] += score >= by->thresholds[t] ? 1 : 0;
    }
}

static double mean_of(const sums *s)
{
    return s->count > 0 ? s->sum / (double)s->count : NAN;
}

static double variance_of(const sums *s)
{
    double mean = mean_of(s);
    return s->count > 1 ? fmax(s->squares / (double)s->count - mean * mean, 0) : NAN;
}

static eval_fusion_figures figures_of(const sums *mated, const sums *non_mated)
{
    eval_fusion_figures out = {.mated = mated->count,
                               .non_mated = non_mated->count,
                               .mated_mean = mean_of(mated),
                               .non_mated_mean = mean_of(non_mated),
                               .mated_lowest = mated->count > 0 ? mated->lowest : NAN,
                               .non_mated_highest =
                                   non_mated->count > 0 ? non_mated->highest : NAN};
    double deviation = sqrt((variance_of(mated) + variance_of(non_mated)) / 2);
    out.d_prime = deviation > 0 ? (out.mated_mean - out.non_mated_mean) / deviation : NAN;
    for (size_t t = 0; t < EVAL_FUSION_THRESHOLDS; t++) {
        double all = (double)mated->count;
        out.fnmr[t] = all > 0 ? 1 - (double)mated->at_least[t] / all : NAN;
        all = (double)non_mated->count;
        out.fmr[t] = all > 0 ? (double)non_mated->at_least[t] / all : NAN;
    }
    return out;
}

/* The probe of one draw: some frames, or the average of them. */
typedef struct probe {
    imi_template *average;
    eval_frame joined; /* of the average */
    const eval_frame *frames[EVAL_FUSION_FRAMES_MAX];
    size_t count;
} probe;

static imi_status average(const eval_fusion_scoring *by, imi_subject_key subject, probe *p,
                          imi_error *err)
{
    imi_template *templates = imi_alloc_aligned(p->count, sizeof *templates);
    if (templates == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu templates", p->count);
    }
    for (size_t i = 0; i < p->count; i++) {
        templates[i] = *p->frames[i]->face_template;
    }
    imi_status status = imi_template_average(templates, NULL, p->count, p->average, err);
    imi_wipe(templates, p->count * sizeof *templates);
    imi_free(templates);
    IMI_TRY(status);
    p->joined = (eval_frame){.face_template = p->average};
    p->frames[0] = &p->joined;
    p->count = 1;
    return eval_measure(by->cohort, p->average, subject, &p->joined.measured, err);
}

static imi_status compare(const eval_fusion_scoring *by, const probe *p,
                          const eval_frame *reference, float *out, imi_error *err)
{
    eval_side right = {reference->face_template, &reference->measured};
    *out = 0;
    for (size_t i = 0; i < p->count; i++) {
        imi_comparison made;
        eval_side left = {p->frames[i]->face_template, &p->frames[i]->measured};
        IMI_TRY(eval_sides_compare(by->scorer, by->cohort, &left, &right, &made, err));
        *out += made.similarity / (float)p->count;
    }
    return IMI_OK;
}

/* All of one clip. */
typedef struct measuring {
    const eval_fusion_scoring *by;
    const eval_frame_pool *pools;
    size_t pool_count, clip;
    size_t *random; /* numbers of the clip's probes, shuffled anew for each draw */
    size_t *best; /* the same by falling quality */
    size_t *references; /* one a clip, of this draw */
    imi_template *average;
    sums mated[EVAL_FUSIONS], non_mated[EVAL_FUSIONS];
} measuring;

static imi_status score_probe(measuring *m, size_t fusion, const probe *p, imi_error *err)
{
    const eval_frame_pool *own = &m->pools[m->clip];
    for (size_t c = 0; c < m->pool_count; c++) {
        const eval_frame_pool *other = &m->pools[c];
        if (other->reference_count == 0 || (c != m->clip && other->subject == own->subject)) {
            continue;
        }
        float score = NAN;
        IMI_TRY(compare(m->by, p, &other->references[m->references[c]], &score, err));
        add(c == m->clip ? &m->mated[fusion] : &m->non_mated[fusion], m->by, score);
    }
    return IMI_OK;
}

static imi_status score_fusion(measuring *m, size_t fusion, imi_error *err)
{
    const eval_fusion *way = &eval_fusions[fusion];
    const eval_frame_pool *own = &m->pools[m->clip];
    if (own->probe_count < way->frames) {
        return IMI_OK;
    }
    probe p = {.average = m->average, .count = way->frames};
    for (size_t i = 0; i < way->frames; i++) {
        p.frames[i] = &own->probes[(way->best ? m->best : m->random)[i]];
    }
    imi_status status = way->averaged ? average(m->by, own->subject, &p, err) : IMI_OK;
    if (status == IMI_OK) {
        status = score_probe(m, fusion, &p, err);
    }
    eval_measured_clean_up(&p.joined.measured);
    return status;
}

/* The first EVAL_FUSION_FRAMES_MAX places of a shuffle, and a reference of each clip. */
static void draw(measuring *m, uint64_t *state)
{
    size_t count = m->pools[m->clip].probe_count;
    for (size_t i = 0; i < count && i < EVAL_FUSION_FRAMES_MAX; i++) {
        size_t other = i + (size_t)(eval_random_next(state) % (count - i));
        size_t kept = m->random[i];
        m->random[i] = m->random[other];
        m->random[other] = kept;
    }
    for (size_t c = 0; c < m->pool_count; c++) {
        size_t references = m->pools[c].reference_count;
        m->references[c] = references == 0 ? 0 : (size_t)(eval_random_next(state) % references);
    }
}

/* Insertion: a clip has few frames. */
static void order_by_quality(const eval_frame_pool *pool, size_t *numbers)
{
    for (size_t i = 0; i < pool->probe_count; i++) {
        size_t at = i;
        while (at > 0 && pool->probes[numbers[at - 1]].quality < pool->probes[i].quality) {
            numbers[at] = numbers[at - 1];
            at--;
        }
        numbers[at] = i;
    }
}

static imi_status measure_all(measuring *m, size_t draws, eval_fusion_figures *out, imi_error *err)
{
    uint64_t state = 20260122;
    order_by_quality(&m->pools[m->clip], m->best);
    for (size_t i = 0; i < m->pools[m->clip].probe_count; i++) {
        m->random[i] = i;
    }
    for (size_t d = 0; d < draws; d++) {
        draw(m, &state);
        for (size_t f = 0; f < EVAL_FUSIONS; f++) {
            IMI_TRY(score_fusion(m, f, err));
        }
    }
    for (size_t f = 0; f < EVAL_FUSIONS; f++) {
        out[f] = figures_of(&m->mated[f], &m->non_mated[f]);
    }
    return IMI_OK;
}

imi_status eval_fusion_measure(const eval_fusion_scoring *by, const eval_frame_pool *pools,
                               size_t count, size_t clip, size_t draws, eval_fusion_figures *out,
                               imi_error *err)
{
    if (clip >= count || pools[clip].probe_count == 0 || pools[clip].reference_count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a clip needs usable frames in both halves");
    }
    measuring m = {.by = by, .pools = pools, .pool_count = count, .clip = clip};
    m.random = imi_alloc_array(pools[clip].probe_count, sizeof *m.random);
    m.best = imi_alloc_array(pools[clip].probe_count, sizeof *m.best);
    m.references = imi_alloc_array(count, sizeof *m.references);
    m.average = imi_alloc_aligned(1, sizeof *m.average);
    imi_status status = IMI_OK;
    if (m.random == NULL || m.best == NULL || m.references == NULL || m.average == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                               "no memory for %zu frames", pools[clip].probe_count);
    } else {
        status = measure_all(&m, draws, out, err);
        imi_template_wipe(m.average);
    }
    imi_free(m.random);
    imi_free(m.best);
    imi_free(m.references);
    imi_free(m.average);
    return status;
}
