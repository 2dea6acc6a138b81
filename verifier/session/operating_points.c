#include "operating_points.h"

#include "imi/log.h"
#include "imi/threshold.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* A point with what it owns. The public part comes first: release gets a pointer to it. */
typedef struct entry {
    imi_operating_point point;
    atomic_uint references;
    imi_scorer *active_scorer; /* NULL: the shipped one, which is borrowed */
    imi_scorer *shadow_scorer;
} entry;

typedef struct slot {
    const imi_purpose *purpose;
    entry *current; /* holds a reference */
    char problem[IMI_POINT_PROBLEM_SIZE];
    uint64_t loads; /* begun so far, each of which has its number */
    uint64_t loaded; /* number of the one that current comes from */
} slot;

struct imi_operating_points {
    imi_operating_points_options options;
    pthread_mutex_t mutex; /* guards every slot; never held while the store works */
    slot *slots;
    size_t count;
};

static void entry_free(entry **self_pointer)
{
    entry *self = *self_pointer;
    if (self != NULL) {
        imi_scorer_destroy(&self->active_scorer);
        imi_scorer_destroy(&self->shadow_scorer);
        imi_free(self);
        *self_pointer = NULL;
    }
}
IMI_AUTO_DEFINE(entry, entry_free)

void imi_operating_point_release(const imi_operating_point **point)
{
    if (point == NULL || *point == NULL) {
        return;
    }
    entry *self = (entry *)(uintptr_t)*point;
    *point = NULL;
    if (atomic_fetch_sub(&self->references, 1) == 1) {
        entry_free(&self);
    }
}

/* What each kind's table says about a target; NaN where it says nothing. */
static void set_thresholds(imi_operating_rule *rule)
{
    rule->thresholds[IMI_SCORE_NONE] = NAN;
    for (int kind = IMI_SCORE_RAW; kind <= IMI_SCORE_KINDS; kind++) {
        float similarity = NAN;
        imi_status status = IMI_E_CALIBRATION;
        if (imi_scorer_has(rule->scorer, (imi_score_kind)kind)) {
            status = imi_scorer_threshold(rule->scorer, (imi_score_kind)kind, rule->target_fmr,
                                          &similarity, NULL);
        }
        rule->thresholds[kind] = status == IMI_OK ? (double)similarity : (double)NAN;
    }
}

static bool shipped_supports(const imi_scorer *scorer, double target_fmr)
{
    float similarity = 0;
    return target_fmr >= imi_scorer_fmr_floor(scorer, IMI_SCORE_RAW) &&
           imi_scorer_threshold(scorer, IMI_SCORE_RAW, target_fmr, &similarity, NULL) == IMI_OK;
}

/*
 * The shipped calibration. wanted_fmr: target of a point that cannot be used, or NaN; where it is
 * stricter than the policy file it is kept as far as the shipped calibration can tell, so that a
 * fault makes nothing laxer than it must.
 */
static imi_status use_shipped(const imi_operating_points *self, const imi_purpose *purpose,
                              double wanted_fmr, imi_operating_rule *out, imi_error *err)
{
    const imi_scorer *scorer = self->options.scorer;
    double floor_rate = imi_scorer_fmr_floor(scorer, IMI_SCORE_RAW);
    if (!shipped_supports(scorer, purpose->target_fmr)) {
        IMI_FAIL(err, IMI_E_POLICY,
                 "purpose %s asks for a false match rate of %g, but calibration %s supports none "
                 "below %g: relax target_fmr or calibrate on more comparisons",
                 purpose->name, purpose->target_fmr, imi_scorer_version(scorer), floor_rate);
    }
    double kept = wanted_fmr > floor_rate ? wanted_fmr : floor_rate;
    bool keep = wanted_fmr < purpose->target_fmr && shipped_supports(scorer, kept);
    *out = (imi_operating_rule){
        .scorer = scorer,
        .kind = IMI_SCORE_RAW,
        .target_fmr = keep ? kept : purpose->target_fmr,
    };
    set_thresholds(out);
    return IMI_OK;
}

static imi_status check_models(const imi_operating_points *self, const imi_scorer *scorer,
                               imi_error *err)
{
    const char *ids[IMI_TEMPLATE_VECTORS_MAX] = {NULL};
    size_t count = imi_scorer_model_count(self->options.scorer);
    for (size_t i = 0; i < count && i < IMI_TEMPLATE_VECTORS_MAX; i++) {
        ids[i] = imi_scorer_model_id(self->options.scorer, i);
    }
    return imi_scorer_check_models(scorer, ids, count, err);
}

static imi_status load_scorer(const imi_operating_points *self, const imi_point_record *record,
                              imi_scorer **out, imi_error *err)
{
    imi_store *store = self->options.store;
    imi_calibration_record calibration;
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(store->get_calibration(store, record->calibration_id, &calibration, &json, err));
    if (strcmp(calibration.model_version, self->options.model_version) != 0) {
        IMI_FAIL(err, IMI_E_MODEL_MISMATCH,
                 "calibration %s was made with models %.80s, but %.80s are loaded",
                 calibration.calibration_id, calibration.model_version,
                 self->options.model_version);
    }
    IMI_AUTO(imi_scorer) scorer = NULL;
    IMI_TRY(imi_scorer_parse(imi_buffer_view(&json), &scorer, err));
    IMI_TRY(check_models(self, scorer, err));
    *out = IMI_STEAL(&scorer);
    return IMI_OK;
}

/* The rule of a stored point; the scorer is the caller's. */
static imi_status use_record(const imi_operating_points *self, const imi_purpose *purpose,
                             const imi_point_record *record, imi_scorer **scorer_out,
                             imi_operating_rule *out, imi_error *err)
{
    IMI_TRY(imi_point_check_target(record, purpose->target_fmr, err));
    imi_score_kind kind = (imi_score_kind)record->score_kind;
    if ((kind != IMI_SCORE_RAW && kind != IMI_SCORE_NORMALISED) || !isfinite(record->threshold)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "point %s has no usable threshold", record->point_id);
    }
    IMI_AUTO(imi_scorer) scorer = NULL;
    IMI_TRY(load_scorer(self, record, &scorer, err));
    if (!imi_scorer_has(scorer, kind)) {
        IMI_FAIL(err, IMI_E_CALIBRATION, "calibration %s has no table for %s scores",
                 record->calibration_id, imi_score_kind_name(kind));
    }
    *out = (imi_operating_rule){.scorer = scorer, .kind = kind, .target_fmr = record->target_fmr};
    imi_copy_text(out->point_id, sizeof out->point_id, record->point_id);
    set_thresholds(out);
    out->thresholds[kind] = record->threshold;
    *scorer_out = IMI_STEAL(&scorer);
    return IMI_OK;
}

/* Statuses of a point that cannot be used, as opposed to a store that does not answer now. */
static bool is_unusable(imi_status status)
{
    return status == IMI_E_CALIBRATION || status == IMI_E_MODEL_MISMATCH ||
           status == IMI_E_POLICY || status == IMI_E_NOT_FOUND;
}

static imi_status set_active(const imi_operating_points *self, const imi_purpose *purpose,
                             const imi_point_record *record, entry *out,
                             char problem[IMI_POINT_PROBLEM_SIZE], imi_error *err)
{
    if (record == NULL) {
        return use_shipped(self, purpose, NAN, &out->point.active, err);
    }
    imi_error why = IMI_ERROR_INIT;
    imi_status status =
        use_record(self, purpose, record, &out->active_scorer, &out->point.active, &why);
    if (status != IMI_OK && is_unusable(status)) {
        imi_copy_text(problem, IMI_POINT_PROBLEM_SIZE, why.message);
        imi_log(IMI_LOG_ERROR, "threshold",
                "active point %s of purpose %s is not used, the shipped calibration decides: %s",
                record->point_id, purpose->name, why.message);
        return use_shipped(self, purpose, record->target_fmr, &out->point.active, err);
    }
    if (status != IMI_OK && err != NULL) {
        *err = why;
    }
    return status;
}

/* A shadow has no effect, so one that cannot be used is merely left out. */
static imi_status set_shadow(const imi_operating_points *self, const imi_purpose *purpose,
                             const imi_point_record *record, entry *out, imi_error *err)
{
    if (record == NULL) {
        return IMI_OK;
    }
    imi_error why = IMI_ERROR_INIT;
    imi_status status =
        use_record(self, purpose, record, &out->shadow_scorer, &out->point.shadow, &why);
    if (status != IMI_OK && is_unusable(status)) {
        imi_log(IMI_LOG_WARNING, "threshold", "shadow point %s of purpose %s is not used: %s",
                record->point_id, purpose->name, why.message);
        out->point.shadow = (imi_operating_rule){.scorer = NULL};
        return IMI_OK;
    }
    if (status != IMI_OK && err != NULL) {
        *err = why;
    }
    out->point.has_shadow = status == IMI_OK;
    return status;
}

/* The points of a purpose as they are stored; the caller frees them. */
static imi_status list_points(const imi_operating_points *self, const char *purpose,
                              imi_point_record **out, size_t *count_out, imi_error *err)
{
    imi_store *store = self->options.store;
    *count_out = 0;
    *out = imi_alloc_array(IMI_POINTS_LISTED_MAX, sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for operating points");
    }
    imi_status status =
        store->list_points(store, purpose, *out, IMI_POINTS_LISTED_MAX, count_out, err);
    if (status != IMI_OK) {
        imi_free(*out);
        *out = NULL;
    }
    return status;
}

static imi_status make_entry(const imi_operating_points *self, const imi_purpose *purpose,
                             entry **out, char problem[IMI_POINT_PROBLEM_SIZE], imi_error *err)
{
    imi_point_record *records = NULL;
    size_t count = 0;
    IMI_TRY(list_points(self, purpose->name, &records, &count, err));
    IMI_AUTO(entry) made = imi_alloc(sizeof *made);
    imi_status status = IMI_OK;
    if (made == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                               "no memory for an operating point");
    } else {
        atomic_init(&made->references, 1);
        status =
            set_active(self, purpose, imi_points_find_active(records, count), made, problem, err);
    }
    if (status == IMI_OK) {
        status = set_shadow(self, purpose, imi_points_find_shadow(records, count), made, err);
    }
    imi_free(records);
    IMI_TRY(status);
    *out = IMI_STEAL(&made);
    return IMI_OK;
}

static slot *find_slot(imi_operating_points *points, const char *purpose)
{
    for (size_t i = 0; purpose != NULL && i < points->count; i++) {
        if (strcmp(points->slots[i].purpose->name, purpose) == 0) {
            return &points->slots[i];
        }
    }
    return NULL;
}

/* Of several loads at once the one that began last has read the newest records: it stays. */
static entry *swap_in(slot *place, uint64_t number, entry *fresh, const char *problem)
{
    if (number < place->loaded) {
        return fresh;
    }
    entry *former = place->current;
    place->current = fresh;
    place->loaded = number;
    imi_copy_text(place->problem, sizeof place->problem, problem);
    return former;
}

static imi_status reload_slot(imi_operating_points *points, slot *place, imi_error *err)
{
    pthread_mutex_lock(&points->mutex);
    uint64_t number = ++place->loads;
    pthread_mutex_unlock(&points->mutex);
    char problem[IMI_POINT_PROBLEM_SIZE] = "";
    entry *fresh = NULL;
    IMI_TRY(make_entry(points, place->purpose, &fresh, problem, err));
    pthread_mutex_lock(&points->mutex);
    entry *left_over = swap_in(place, number, fresh, problem);
    pthread_mutex_unlock(&points->mutex);
    const imi_operating_point *old = left_over == NULL ? NULL : &left_over->point;
    imi_operating_point_release(&old);
    return IMI_OK;
}

imi_status imi_operating_points_new(const imi_operating_points_options *options,
                                    imi_operating_points **out, imi_error *err)
{
    *out = NULL;
    if (options->policy == NULL || options->scorer == NULL || options->store == NULL ||
        options->model_version == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "operating points need a policy, a scorer, a store and a model version");
    }
    IMI_AUTO(imi_operating_points) points = imi_alloc(sizeof *points);
    if (points == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for operating points");
    }
    points->options = *options;
    pthread_mutex_init(&points->mutex, NULL);
    size_t count = imi_policy_purpose_count(options->policy);
    points->slots = imi_alloc_array(count, sizeof *points->slots);
    if (points->slots == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for operating points");
    }
    for (size_t i = 0; i < count; i++) {
        points->slots[i].purpose = imi_policy_purpose_at(options->policy, i);
        points->count++;
        IMI_TRY(reload_slot(points, &points->slots[i], err));
    }
    *out = IMI_STEAL(&points);
    return IMI_OK;
}

void imi_operating_points_destroy(imi_operating_points **points_pointer)
{
    imi_operating_points *points = points_pointer == NULL ? NULL : IMI_STEAL(points_pointer);
    if (points == NULL) {
        return;
    }
    for (size_t i = 0; i < points->count; i++) {
        entry *current = points->slots[i].current;
        const imi_operating_point *point = current == NULL ? NULL : &current->point;
        imi_operating_point_release(&point);
    }
    pthread_mutex_destroy(&points->mutex);
    imi_free(points->slots);
    imi_free(points);
}

const imi_operating_point *imi_operating_points_acquire(imi_operating_points *points,
                                                        const char *purpose)
{
    slot *place = find_slot(points, purpose);
    if (place == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&points->mutex);
    entry *current = place->current;
    atomic_fetch_add(&current->references, 1);
    pthread_mutex_unlock(&points->mutex);
    return &current->point;
}

imi_status imi_operating_points_reload(imi_operating_points *points, const char *purpose,
                                       imi_error *err)
{
    slot *place = find_slot(points, purpose);
    if (place == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the policy has no such purpose");
    }
    return reload_slot(points, place, err);
}

imi_status imi_operating_points_check(imi_operating_points *points, const imi_point_record *record,
                                      imi_error *err)
{
    const slot *place = find_slot(points, record->purpose);
    if (place == NULL) {
        IMI_FAIL(err, IMI_E_CONFLICT, "the policy file has no purpose %.100s any more",
                 record->purpose);
    }
    IMI_AUTO(imi_scorer) scorer = NULL;
    imi_operating_rule rule;
    imi_status status = use_record(points, place->purpose, record, &scorer, &rule, err);
    if (is_unusable(status)) {
        if (err != NULL) {
            err->status = IMI_E_CONFLICT;
        }
        return IMI_E_CONFLICT;
    }
    return status;
}

double imi_operating_points_shipped_fmr(const imi_operating_points *points, imi_score_kind kind,
                                        double similarity)
{
    return imi_scorer_fmr_at(points->options.scorer, kind, (float)similarity);
}

void imi_operating_points_problem(imi_operating_points *points, const char *purpose,
                                  char out[IMI_POINT_PROBLEM_SIZE])
{
    slot *place = find_slot(points, purpose);
    out[0] = '\0';
    if (place != NULL) {
        pthread_mutex_lock(&points->mutex);
        imi_copy_text(out, IMI_POINT_PROBLEM_SIZE, place->problem);
        pthread_mutex_unlock(&points->mutex);
    }
}
