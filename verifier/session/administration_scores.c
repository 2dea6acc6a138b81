/*
 * Stored scores judged again: proposals, simulations, shadows.
 */
#include "administration_internal.h"

#include <math.h>
#include <string.h>

enum { DAYS_PROPOSE = 365, DAYS_SIMULATE = 30, DAYS_MOST = 36500 };

static const int64_t DAY_MS = 86400000;

static int64_t since_ms(const imi_administration *self, uint32_t days, uint32_t otherwise)
{
    int64_t wanted = days == 0 ? otherwise : days > DAYS_MOST ? DAYS_MOST : days;
    int64_t now = imi_administration_now_ms(self);
    return now > wanted * DAY_MS ? now - wanted * DAY_MS : 0;
}

/* ---- Calibrations ---- */

void imi_read_calibration_clean_up(imi_read_calibration *calibration)
{
    imi_nonmated_destroy(&calibration->nonmated);
    *calibration = (imi_read_calibration){.nonmated = NULL};
}

imi_status imi_administration_read_calibration(imi_administration *self, const char *name,
                                               const char *calibration_id,
                                               imi_read_calibration *out, imi_error *err)
{
    *out = (imi_read_calibration){.nonmated = NULL};
    IMI_TRY(imi_administration_admit(self, name, err));
    imi_store *store = self->options.store;
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    imi_status status = store->get_calibration(store, calibration_id, &out->record, &json, err);
    if (status == IMI_E_NOT_FOUND) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "%s",
                 calibration_id[0] == '\0' ? "nothing was calibrated yet: start a calibration first"
                                           : "no such calibration");
    }
    IMI_TRY(status);
    return imi_nonmated_read(imi_buffer_view(&json), &out->nonmated, err);
}

imi_status imi_administration_newest_calibration(imi_administration *self, const char *name,
                                                 imi_calibration_record *out, bool *found_out,
                                                 imi_error *err)
{
    *out = (imi_calibration_record){.references = 0};
    *found_out = false;
    IMI_TRY(imi_administration_admit(self, name, err));
    imi_store *store = self->options.store;
    imi_status status = store->get_calibration(store, "", out, NULL, err);
    *found_out = status == IMI_OK;
    return status == IMI_E_NOT_FOUND ? IMI_OK : status;
}

/* A calibration of other models says nothing about the loaded ones. */
static imi_status read_usable(imi_administration *self, const char *name,
                              const char *calibration_id, imi_read_calibration *out, imi_error *err)
{
    IMI_TRY(imi_administration_read_calibration(self, name, calibration_id, out, err));
    if (strcmp(out->record.model_version, self->options.model_version) != 0) {
        imi_read_calibration_clean_up(out);
        IMI_FAIL(err, IMI_E_CONFLICT,
                 "this calibration was made with other models: start a calibration with those "
                 "that are loaded now");
    }
    return IMI_OK;
}

static bool was_measured(const imi_nonmated *nonmated, imi_score_kind kind)
{
    return !isnan(imi_nonmated_fmr(nonmated, kind, 0, 0).rate);
}

static imi_score_kind choose_kind(const imi_nonmated *nonmated, imi_score_kind wanted)
{
    if (wanted != IMI_SCORE_NONE) {
        return wanted;
    }
    return was_measured(nonmated, IMI_SCORE_NORMALISED) ? IMI_SCORE_NORMALISED : IMI_SCORE_RAW;
}

/* ---- Replay ---- */

typedef struct several_replays {
    imi_replay *replays;
    size_t count;
} several_replays;

static imi_status replay_record(void *user, const imi_score_record *record, imi_error *err)
{
    (void)err;
    const several_replays *all = user;
    for (size_t i = 0; i < all->count; i++) {
        imi_replay_add(&all->replays[i], record);
    }
    return IMI_OK;
}

imi_status imi_administration_replay(imi_administration *self, const char *name,
                                     const char *purpose, uint32_t days, imi_replay *replays,
                                     size_t count, imi_error *err)
{
    const imi_purpose *found = NULL;
    IMI_TRY(imi_administration_purpose(self, name, purpose, &found, err));
    several_replays all = {replays, count};
    imi_store *store = self->options.store;
    return store->visit_scores(store, purpose, since_ms(self, days, DAYS_PROPOSE), replay_record,
                               &all, err);
}

typedef struct score_visit {
    const char *model_version;
    imi_score_kind kind;
    imi_decisive_score visit;
    void *user;
} score_visit;

static imi_status hand_on_score(void *user, const imi_score_record *record, imi_error *err)
{
    (void)err;
    const score_visit *self = user;
    double similarity =
        self->kind == IMI_SCORE_NORMALISED ? record->normalised_similarity : record->raw_similarity;
    if (record->decisive && isfinite(similarity) &&
        strcmp(record->model_version, self->model_version) == 0) {
        self->visit(self->user, similarity, record->subject_verified);
    }
    return IMI_OK;
}

imi_status imi_administration_visit_scores(imi_administration *self, const char *name,
                                           const char *purpose, uint32_t days, imi_score_kind kind,
                                           imi_decisive_score visit, void *user, imi_error *err)
{
    const imi_purpose *found = NULL;
    IMI_TRY(imi_administration_purpose(self, name, purpose, &found, err));
    score_visit handed = {self->options.model_version, kind, visit, user};
    imi_store *store = self->options.store;
    return store->visit_scores(store, purpose, since_ms(self, days, DAYS_PROPOSE), hand_on_score,
                               &handed, err);
}

/* ---- Proposals ---- */

static imi_status check_room(imi_administration *self, const char *purpose, imi_error *err)
{
    IMI_AUTO_POINTS list = {NULL, 0};
    IMI_TRY(imi_administration_load_points(self, purpose, &list, err));
    if (list.count >= IMI_POINTS_PER_PURPOSE_MAX) {
        IMI_FAIL(err, IMI_E_EXHAUSTED,
                 "this purpose has had %d operating points, which are kept as its history: name a "
                 "new purpose",
                 IMI_POINTS_PER_PURPOSE_MAX);
    }
    return IMI_OK;
}

static imi_status store_proposal(imi_administration *self, const char *name,
                                 imi_point_record *point, imi_error *err)
{
    IMI_TRY(imi_id_new("opp", point->point_id, err));
    imi_copy_text(point->proposed_by, sizeof point->proposed_by, name);
    point->proposed_ms = imi_administration_now_ms(self);
    imi_audit_record audit;
    imi_administration_describe(
        self, &audit, name, "threshold.propose", point->point_id,
        "%.64s: target %g, %s score from %.6f, %s, %lld comparisons", point->purpose,
        point->target_fmr, imi_score_kind_name((imi_score_kind)point->score_kind), point->threshold,
        point->calibration_id, (long long)point->comparisons);
    return imi_administration_keep_points(self, point, 1, &audit, err);
}

/* Threshold and expectations; too few data become a refusal. */
static imi_status make_proposal(imi_administration *self, const char *name,
                                const imi_propose_request *request, const imi_purpose *purpose,
                                imi_proposed *out, imi_error *err)
{
    imi_proposal proposal = {
        .nonmated = out->calibration.nonmated,
        .kind = choose_kind(out->calibration.nonmated, request->kind),
        .target_fmr = request->target_fmr,
        .target_fmr_max = purpose->target_fmr,
    };
    imi_error why = IMI_ERROR_INIT;
    imi_status status = imi_point_propose(&proposal, &out->point, &why);
    if (status == IMI_E_CALIBRATION) {
        imi_copy_text(out->refusal, sizeof out->refusal, why.message);
        return IMI_OK;
    }
    if (status != IMI_OK) {
        if (err != NULL) {
            *err = why;
        }
        return status;
    }
    imi_copy_text(out->point.purpose, sizeof out->point.purpose, purpose->name);
    imi_copy_text(out->point.calibration_id, sizeof out->point.calibration_id,
                  out->calibration.record.calibration_id);
    imi_replay_rule rule = {self->options.model_version, proposal.kind, out->point.threshold};
    imi_replay_init(&out->replay, &rule);
    IMI_TRY(
        imi_administration_replay(self, name, purpose->name, request->days, &out->replay, 1, err));
    imi_point_expect_fnmr(&out->point, &out->replay);
    out->accepted = true;
    return IMI_OK;
}

imi_status imi_administration_propose(imi_administration *self, const char *name,
                                      const imi_propose_request *request, imi_proposed *out,
                                      imi_error *err)
{
    *out = (imi_proposed){.accepted = false};
    const imi_purpose *purpose = NULL;
    IMI_TRY(imi_administration_purpose(self, name, request->purpose, &purpose, err));
    IMI_TRY(check_room(self, purpose->name, err));
    imi_proposed made = {.accepted = false};
    IMI_TRY(read_usable(self, name, request->calibration_id, &made.calibration, err));
    imi_status status = make_proposal(self, name, request, purpose, &made, err);
    if (status == IMI_OK && made.accepted) {
        status = store_proposal(self, name, &made.point, err);
    }
    if (status != IMI_OK) {
        imi_read_calibration_clean_up(&made.calibration);
        return status;
    }
    *out = made;
    return IMI_OK;
}

/* ---- Simulations ---- */

static imi_status rule_of_point(imi_administration *self, const char *name,
                                const imi_simulate_request *request, imi_replay_rule *out,
                                imi_error *err)
{
    imi_point_record point;
    IMI_TRY(imi_administration_point(self, name, request->point_id, &point, err));
    if (strcmp(point.purpose, request->purpose) != 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "this point is for another purpose");
    }
    out->kind = (imi_score_kind)point.score_kind;
    out->threshold = point.threshold;
    return IMI_OK;
}

static imi_status rule_of_target(imi_administration *self, const char *name,
                                 const imi_simulate_request *request, imi_replay_rule *out,
                                 imi_error *err)
{
    IMI_AUTO_CALIBRATION calibration = {.nonmated = NULL};
    IMI_TRY(read_usable(self, name, "", &calibration, err));
    out->kind = choose_kind(calibration.nonmated, request->kind);
    imi_status status = imi_nonmated_threshold(calibration.nonmated, out->kind, request->target_fmr,
                                               &out->threshold, err);
    if (status == IMI_E_CALIBRATION && err != NULL) {
        err->status = IMI_E_CONFLICT; /* the caller may know what is missing */
    }
    return status == IMI_E_CALIBRATION ? IMI_E_CONFLICT : status;
}

imi_status imi_administration_simulate(imi_administration *self, const char *name,
                                       const imi_simulate_request *request, imi_replay *out,
                                       imi_error *err)
{
    *out = (imi_replay){.seen = 0};
    const imi_purpose *purpose = NULL;
    IMI_TRY(imi_administration_purpose(self, name, request->purpose, &purpose, err));
    imi_replay_rule rule = {self->options.model_version, request->kind, request->threshold};
    if (request->point_id[0] != '\0') {
        IMI_TRY(rule_of_point(self, name, request, &rule, err));
    } else if (!isnan(request->target_fmr)) {
        IMI_TRY(rule_of_target(self, name, request, &rule, err));
    } else if (rule.kind == IMI_SCORE_NONE) {
        imi_threshold_in_use now;
        IMI_TRY(imi_administration_in_use(self, name, purpose->name, &now, err));
        rule.kind = now.kind;
    }
    if (!isfinite(rule.threshold)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "give a point, a target false match rate or a threshold");
    }
    imi_replay_init(out, &rule);
    return imi_administration_replay(
        self, name, purpose->name, request->days == 0 ? DAYS_SIMULATE : request->days, out, 1, err);
}

/* ---- Shadows ---- */

typedef struct shadow_count {
    const char *point_id;
    imi_shadow_counts *counts;
} shadow_count;

static imi_status count_shadow(void *user, const imi_score_record *record, imi_error *err)
{
    (void)err;
    const shadow_count *self = user;
    imi_shadow_add(self->counts, self->point_id, record);
    return IMI_OK;
}

imi_status imi_administration_shadow(imi_administration *self, const char *name,
                                     const char *point_id, imi_point_record *point_out,
                                     imi_shadow_counts *out, imi_error *err)
{
    *out = (imi_shadow_counts){0};
    IMI_TRY(imi_administration_point(self, name, point_id, point_out, err));
    shadow_count counting = {point_id, out};
    imi_store *store = self->options.store;
    return store->visit_scores(store, point_out->purpose, point_out->proposed_ms, count_shadow,
                               &counting, err);
}
