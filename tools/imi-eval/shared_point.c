#include "shared_point.h"

#include "imi/memory.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { POINTS_MAX = 4 };

/* Absorbs rounding where a target is hit exactly. */
static const double TARGET_SLACK = 1 + 1e-9;

static int by_falling_similarity(const void *a, const void *b)
{
    float left = ((const eval_grouped_score *)a)->score.similarity;
    float right = ((const eval_grouped_score *)b)->score.similarity;
    return (left < right) - (left > right);
}

void eval_grouped_scores_sort(eval_grouped_scores *all)
{
    qsort(all->scores, all->count, sizeof *all->scores, by_falling_similarity);
}

typedef struct totals {
    double mated, non_mated;
} totals;

/* One look at all comparisons, with each subject as often as a draw has it. */
typedef struct view {
    const eval_grouped_scores *all;
    const uint32_t *weights; /* NULL: one each */
    totals *there, *matched; /* one a group */
    totals *at[POINTS_MAX]; /* matched at each point's threshold */
    double thresholds[POINTS_MAX];
} view;

static double weight_of(const view *self, const eval_score *score)
{
    if (self->weights == NULL) {
        return 1;
    }
    double weight = self->weights[score->subject_a];
    return score->mated ? weight : weight * self->weights[score->subject_b];
}

static void count_all(view *self)
{
    for (size_t g = 0; g < self->all->groups; g++) {
        self->there[g] = self->matched[g] = (totals){0, 0};
    }
    for (size_t i = 0; i < self->all->count; i++) {
        const eval_grouped_score *at = &self->all->scores[i];
        totals *group = &self->there[at->group];
        if (at->score.mated) {
            group->mated += weight_of(self, &at->score);
        } else if (!isinf(at->score.similarity)) {
            group->non_mated += weight_of(self, &at->score);
        }
    }
}

/* What one more false match in each anchor adds to their mean rate; 0 for other groups. */
static double anchor_share(const view *self, uint32_t group, size_t anchors)
{
    return self->all->is_anchor[group] && self->there[group].non_mated > 0
               ? 1 / (self->there[group].non_mated * (double)anchors)
               : 0;
}

static size_t count_anchors(const view *self)
{
    size_t anchors = 0;
    for (size_t g = 0; g < self->all->groups; g++) {
        anchors += self->all->is_anchor[g] && self->there[g].non_mated > 0 ? 1 : 0;
    }
    return anchors;
}

static void keep_matched(view *self, size_t point, float above)
{
    imi_copy(self->at[point], self->matched, self->all->groups * sizeof *self->matched);
    self->thresholds[point] = nextafterf(above, INFINITY);
}

/* Comparisons of one similarity, from position i; returns the position behind them. */
static size_t step_from(const view *self, size_t i, size_t anchors, double *mean_fmr)
{
    const eval_grouped_score *scores = self->all->scores;
    float similarity = scores[i].score.similarity;
    for (; i < self->all->count && scores[i].score.similarity == similarity; i++) {
        *mean_fmr += scores[i].score.mated ? 0
                                           : weight_of(self, &scores[i].score) *
                                                 anchor_share(self, scores[i].group, anchors);
    }
    return i;
}

static void match(view *self, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const eval_grouped_score *at = &self->all->scores[i];
        totals *group = &self->matched[at->group];
        *(at->score.mated ? &group->mated : &group->non_mated) += weight_of(self, &at->score);
    }
}

/* From the top down: a target ends just above the similarity at which it is exceeded. The last
 * point has the lowest target, so it is the first to end. */
static void find_thresholds(view *self, const eval_shared_point *points, size_t count)
{
    const eval_grouped_score *scores = self->all->scores;
    size_t anchors = count_anchors(self);
    double mean_fmr = 0;
    size_t i = 0;
    while (i < self->all->count && !isinf(scores[i].score.similarity) && count > 0) {
        size_t end = step_from(self, i, anchors, &mean_fmr);
        while (count > 0 && mean_fmr > points[count - 1].target * TARGET_SLACK) {
            keep_matched(self, --count, scores[i].score.similarity);
        }
        match(self, i, end);
        i = end;
    }
    while (count > 0) {
        keep_matched(self, --count, -FLT_MAX);
    }
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static double fmr_of(const view *self, size_t point, size_t group)
{
    return share(self->at[point][group].non_mated, self->there[group].non_mated);
}

static double fnmr_of(const view *self, size_t point, size_t group)
{
    return 1 - share(self->at[point][group].mated, self->there[group].mated);
}

static double pooled_fmr_of(const view *self, size_t point)
{
    totals matched = {0, 0};
    totals there = {0, 0};
    for (size_t g = 0; g < self->all->groups; g++) {
        matched.non_mated += self->at[point][g].non_mated;
        there.non_mated += self->there[g].non_mated;
    }
    return share(matched.non_mated, there.non_mated);
}

static double worst_to_pooled_of(const view *self, size_t point)
{
    double worst = 0;
    for (size_t g = 0; g < self->all->groups; g++) {
        worst = fmax(worst, fmr_of(self, point, g)); /* fmax passes over NaN */
    }
    return share(worst, pooled_fmr_of(self, point));
}

static void look(view *self, const eval_shared_point *points, size_t count)
{
    count_all(self);
    find_thresholds(self, points, count);
}

/* Draw subjects with replacement, as many of each stratum as it has. members: subjects by
 * stratum; starts: where each stratum begins. */
typedef struct strata {
    uint32_t *members;
    size_t *starts; /* strata_count + 1 */
} strata;

static void sort_strata(const eval_grouped_scores *all, strata *out)
{
    size_t at = 0;
    for (size_t s = 0; s < all->strata_count; s++) {
        out->starts[s] = at;
        for (size_t i = 0; i < all->subjects; i++) {
            if (all->strata[i] == s) {
                out->members[at++] = (uint32_t)i;
            }
        }
    }
    out->starts[all->strata_count] = at;
}

static void draw(const eval_grouped_scores *all, const strata *by, uint64_t *state,
                 uint32_t *weights)
{
    for (size_t i = 0; i < all->subjects; i++) {
        weights[i] = 0;
    }
    for (size_t s = 0; s < all->strata_count; s++) {
        size_t size = by->starts[s + 1] - by->starts[s];
        for (size_t i = 0; i < size; i++) {
            weights[by->members[by->starts[s] + eval_random_next(state) % size]]++;
        }
    }
}

/* What a run needs besides its input; all freed together. */
typedef struct work {
    view view;
    strata strata;
    uint32_t *weights;
    double *values; /* of each figure, EVAL_REPLICATES */
} work;

static void clean_up(work *self)
{
    imi_free(self->view.there);
    imi_free(self->view.matched);
    for (size_t i = 0; i < POINTS_MAX; i++) {
        imi_free(self->view.at[i]);
    }
    imi_free(self->strata.members);
    imi_free(self->strata.starts);
    imi_free(self->weights);
    imi_free(self->values);
}

/* Figures of a point: FMR and FNMR a group, and the ratio. */
static size_t figures_of(const eval_grouped_scores *all)
{
    return 2 * all->groups + 1;
}

static imi_status prepare(work *self, const eval_grouped_scores *all, size_t count, imi_error *err)
{
    self->view.all = all;
    self->view.there = imi_alloc_array(all->groups, sizeof(totals));
    self->view.matched = imi_alloc_array(all->groups, sizeof(totals));
    self->strata.members = imi_alloc_array(all->subjects, sizeof(uint32_t));
    self->strata.starts = imi_alloc_array(all->strata_count + 1, sizeof(size_t));
    self->weights = imi_alloc_array(all->subjects, sizeof(uint32_t));
    self->values =
        imi_alloc_array(count * figures_of(all), (size_t)EVAL_REPLICATES * sizeof(double));
    bool complete = self->view.there != NULL && self->view.matched != NULL &&
                    self->strata.members != NULL && self->strata.starts != NULL &&
                    self->weights != NULL && self->values != NULL;
    for (size_t i = 0; i < count; i++) {
        self->view.at[i] = imi_alloc_array(all->groups, sizeof(totals));
        complete = complete && self->view.at[i] != NULL;
    }
    if (!complete) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a bootstrap over %zu subjects",
                 all->subjects);
    }
    sort_strata(all, &self->strata);
    return IMI_OK;
}

static void fill_rates(work *self, eval_shared_point *points, size_t count)
{
    self->view.weights = NULL;
    look(&self->view, points, count);
    for (size_t p = 0; p < count; p++) {
        points[p].threshold = self->view.thresholds[p];
        points[p].pooled_fmr = pooled_fmr_of(&self->view, p);
        points[p].worst_to_pooled = worst_to_pooled_of(&self->view, p);
        for (size_t g = 0; g < self->view.all->groups; g++) {
            points[p].groups[g].fmr = fmr_of(&self->view, p, g);
            points[p].groups[g].fnmr = fnmr_of(&self->view, p, g);
        }
    }
}

static double *values_of(const work *self, size_t point, size_t figure)
{
    size_t figures = figures_of(self->view.all);
    return self->values + (point * figures + figure) * EVAL_REPLICATES;
}

static void note_replicate(work *self, size_t count, size_t replicate)
{
    size_t groups = self->view.all->groups;
    for (size_t p = 0; p < count; p++) {
        for (size_t g = 0; g < groups; g++) {
            values_of(self, p, 2 * g)[replicate] = fmr_of(&self->view, p, g);
            values_of(self, p, 2 * g + 1)[replicate] = fnmr_of(&self->view, p, g);
        }
        values_of(self, p, 2 * groups)[replicate] = worst_to_pooled_of(&self->view, p);
    }
}

/* Before the intervals sort them. */
static void hand_out_replicates(const work *self, const eval_shared_point *points, size_t count)
{
    size_t values = 2 * self->view.all->groups * EVAL_REPLICATES;
    for (size_t p = 0; p < count; p++) {
        if (points[p].replicates != NULL) {
            imi_copy(points[p].replicates, values_of(self, p, 0), values * sizeof(double));
        }
    }
}

static void fill_intervals(work *self, eval_shared_point *points, size_t count)
{
    size_t groups = self->view.all->groups;
    for (size_t p = 0; p < count; p++) {
        for (size_t g = 0; g < groups; g++) {
            eval_shared_rates *rates = &points[p].groups[g];
            rates->fmr_interval = eval_percentile_interval(values_of(self, p, 2 * g));
            rates->fnmr_interval = eval_percentile_interval(values_of(self, p, 2 * g + 1));
        }
        points[p].worst_to_pooled_interval =
            eval_percentile_interval(values_of(self, p, 2 * groups));
    }
}

static void bootstrap(work *self, eval_shared_point *points, size_t count)
{
    uint64_t state = 20260122;
    self->view.weights = self->weights;
    for (size_t i = 0; i < EVAL_REPLICATES; i++) {
        draw(self->view.all, &self->strata, &state, self->weights);
        look(&self->view, points, count);
        note_replicate(self, count, i);
    }
    hand_out_replicates(self, points, count);
    fill_intervals(self, points, count);
}

static imi_status check(const eval_grouped_scores *all, const eval_shared_point *points,
                        size_t count, imi_error *err)
{
    bool anchored = false;
    for (size_t g = 0; g < all->groups; g++) {
        anchored = anchored || all->is_anchor[g];
    }
    if (!anchored || count < 1 || count > POINTS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a shared threshold needs a group to hold on to");
    }
    for (size_t p = 1; p < count; p++) {
        if (!(points[p].target < points[p - 1].target)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the targets of shared thresholds must fall");
        }
    }
    return IMI_OK;
}

imi_status eval_shared_points(const eval_grouped_scores *all, eval_shared_point *points,
                              size_t count, imi_error *err)
{
    IMI_TRY(check(all, points, count, err));
    work self = {0};
    imi_status status = prepare(&self, all, count, err);
    if (status == IMI_OK) {
        fill_rates(&self, points, count);
        bootstrap(&self, points, count);
    }
    clean_up(&self);
    return status;
}
