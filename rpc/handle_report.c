/*
 * imi.v1.AdministrationService: what plots are made of. Everything is counts; no score of a
 * single person leaves.
 */
#include "rpc/administration_call.h"

#include <math.h>

enum { BINS = 120, CURVE_POINTS = 121 };

/* What is reported on, and the answer as it grows. */
typedef struct report {
    imi_admin_call *call;
    const char *purpose;
    uint32_t days;
    const imi_nonmated *nonmated;
    imi_score_kind kind;
    double low, high; /* of all scores */
    uint64_t *mated, *unknown; /* BINS each */
    Imi__V1__GetCalibrationReportResponse *answer;
} report;

/* Kind, threshold and target: of the point, or of what decides now. */
static imi_status choose_rule(imi_admin_call *self,
                              const Imi__V1__GetCalibrationReportRequest *request,
                              Imi__V1__GetCalibrationReportResponse *answer, imi_error *err)
{
    if (request->point_id[0] == '\0') {
        imi_threshold_in_use now;
        IMI_TRY(imi_administration_in_use(self->administration, self->name, request->purpose, &now,
                                          err));
        answer->score_kind = (Imi__V1__ScoreKind)now.kind;
        answer->threshold = now.threshold;
        answer->target_fmr = now.target_fmr;
    } else {
        imi_point_record point;
        imi_shadow_counts unused;
        IMI_TRY(imi_administration_shadow(self->administration, self->name, request->point_id,
                                          &point, &unused, err));
        answer->score_kind = (Imi__V1__ScoreKind)point.score_kind;
        answer->threshold = point.threshold;
        answer->target_fmr = point.target_fmr;
    }
    bool other = request->score_kind != IMI__V1__SCORE_KIND__SCORE_KIND_UNSPECIFIED &&
                 request->score_kind != answer->score_kind;
    if (other) {
        /* The threshold is one of another kind of score. */
        answer->score_kind = request->score_kind;
        answer->threshold = NAN;
    }
    return IMI_OK;
}

static imi_status histogram_message(imi_arena *arena, double low, double high, uint64_t *counts,
                                    size_t bins, Imi__V1__ScoreHistogram **out, imi_error *err)
{
    Imi__V1__ScoreHistogram *message = imi_arena_alloc(arena, sizeof *message);
    IMI_NEED_MESSAGE(message, err);
    imi__v1__score_histogram__init(message);
    message->low = low;
    message->high = high;
    message->counts = counts;
    message->n_counts = bins;
    *out = message;
    return IMI_OK;
}

static imi_status add_non_mated(report *self, imi_error *err)
{
    imi_arena *arena = &self->call->arena;
    uint64_t *counts = imi_arena_alloc_array(arena, BINS, sizeof *counts);
    IMI_NEED_MESSAGE(counts, err);
    size_t bins =
        imi_nonmated_histogram(self->nonmated, self->kind, counts, BINS, &self->low, &self->high);
    if (bins == 0) {
        IMI_FAIL(err, IMI_E_CONFLICT, "this calibration did not measure %s scores",
                 imi_score_kind_name(self->kind));
    }
    return histogram_message(arena, self->low, self->high, counts, bins, &self->answer->non_mated,
                             err);
}

static void widen(void *user, double similarity, bool session_verified)
{
    (void)session_verified;
    report *self = user;
    self->low = fmin(self->low, similarity);
    self->high = fmax(self->high, similarity);
}

static void count(void *user, double similarity, bool session_verified)
{
    report *self = user;
    double place = (similarity - self->low) / (self->high - self->low) * BINS;
    size_t bin = place >= BINS ? BINS - 1 : place > 0 ? (size_t)place : 0;
    (session_verified ? self->mated : self->unknown)[bin]++;
}

static imi_status visit(report *self, imi_decisive_score each, imi_error *err)
{
    return imi_administration_visit_scores(self->call->administration, self->call->name,
                                           self->purpose, self->days, self->kind, each, self, err);
}

static imi_status add_decided(report *self, imi_error *err)
{
    imi_arena *arena = &self->call->arena;
    self->mated = imi_arena_alloc_array(arena, BINS, sizeof *self->mated);
    self->unknown = imi_arena_alloc_array(arena, BINS, sizeof *self->unknown);
    IMI_NEED_MESSAGE(self->mated, err);
    IMI_NEED_MESSAGE(self->unknown, err);
    IMI_TRY(visit(self, widen, err));
    IMI_TRY(visit(self, count, err));
    IMI_TRY(histogram_message(arena, self->low, self->high, self->mated, BINS,
                              &self->answer->presumed_mated, err));
    return histogram_message(arena, self->low, self->high, self->unknown, BINS,
                             &self->answer->unknown, err);
}

static imi_status curve_point(report *self, const imi_replay *replay, Imi__V1__FmrPoint **out,
                              imi_error *err)
{
    imi_arena *arena = &self->call->arena;
    Imi__V1__FmrPoint *message = imi_arena_alloc(arena, sizeof *message);
    IMI_NEED_MESSAGE(message, err);
    imi__v1__fmr_point__init(message);
    double threshold = replay->rule.threshold;
    imi_fnmr_bracket fnmr = imi_replay_fnmr(replay);
    message->threshold = threshold;
    message->fmr =
        imi_rate_message(arena, imi_nonmated_fmr(self->nonmated, self->kind, 0, threshold));
    message->fnmr_least = imi_rate_message(arena, fnmr.least);
    message->fnmr_most = imi_rate_message(arena, fnmr.most);
    IMI_NEED_MESSAGE(message->fmr, err);
    IMI_NEED_MESSAGE(message->fnmr_least, err);
    IMI_NEED_MESSAGE(message->fnmr_most, err);
    *out = message;
    return IMI_OK;
}

/* The curve, and last the reported threshold, by one pass over the stored scores. */
static imi_status add_curve(report *self, imi_replay *replays, imi_error *err)
{
    const char *models = imi_administration_model_version(self->call->administration);
    for (size_t i = 0; i <= CURVE_POINTS; i++) {
        double share = (double)i / (CURVE_POINTS - 1);
        bool last = i == CURVE_POINTS;
        double threshold =
            last ? self->answer->threshold : self->low + share * (self->high - self->low);
        imi_replay_rule rule = {models, self->kind, threshold};
        imi_replay_init(&replays[i], &rule);
    }
    IMI_TRY(imi_administration_replay(self->call->administration, self->call->name, self->purpose,
                                      self->days, replays, CURVE_POINTS + 1, err));
    Imi__V1__GetCalibrationReportResponse *answer = self->answer;
    answer->curve = imi_arena_alloc_array(&self->call->arena, CURVE_POINTS, sizeof(void *));
    IMI_NEED_MESSAGE(answer->curve, err);
    for (size_t i = 0; i < CURVE_POINTS; i++) {
        IMI_TRY(curve_point(self, &replays[i], &answer->curve[i], err));
    }
    answer->n_curve = CURVE_POINTS;
    answer->scores = imi_replay_message(&self->call->arena, &replays[CURVE_POINTS]);
    IMI_NEED_MESSAGE(answer->scores, err);
    return IMI_OK;
}

static imi_status fill_report(report *self, imi_error *err)
{
    IMI_TRY(add_non_mated(self, err));
    IMI_TRY(add_decided(self, err));
    imi_replay *replays = imi_alloc_array(CURVE_POINTS + 1, sizeof *replays);
    if (replays == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a report");
    }
    imi_status status = add_curve(self, replays, err);
    imi_free(replays);
    IMI_TRY(status);
    Imi__V1__GetCalibrationReportResponse *answer = self->answer;
    answer->groups = imi_groups_message(&self->call->arena, self->nonmated, self->kind,
                                        answer->threshold, &answer->n_groups);
    IMI_NEED_MESSAGE(answer->groups, err);
    return IMI_OK;
}

static imi_status get_calibration_report(imi_service *service, imi_rpc_call *call,
                                         const void *message, imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__GetCalibrationReportRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    Imi__V1__GetCalibrationReportResponse answer = IMI__V1__GET_CALIBRATION_REPORT_RESPONSE__INIT;
    IMI_TRY(choose_rule(&self, request, &answer, err));
    IMI_AUTO_CALIBRATION calibration = {.nonmated = NULL};
    IMI_TRY(imi_administration_read_calibration(self.administration, self.name,
                                                request->calibration_id, &calibration, err));
    answer.calibration = imi_calibration_message(&self.arena, &calibration.record);
    IMI_NEED_MESSAGE(answer.calibration, err);
    report made = {
        .call = &self,
        .purpose = request->purpose,
        .days = request->days,
        .nonmated = calibration.nonmated,
        .kind = imi_score_kind_of_message(answer.score_kind),
        .answer = &answer,
    };
    IMI_TRY(fill_report(&made, err));
    return imi_handler_respond(&answer, response, err);
}

imi_rpc_flow imi_on_get_calibration_report(imi_rpc_call *call, imi_view message)
{
    return imi_handler_run(call, message, &imi__v1__get_calibration_report_request__descriptor,
                           get_calibration_report);
}
