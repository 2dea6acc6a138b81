/*
 * imi.v1.AdministrationService: thresholds. Calibration and what people look into have files of
 * their own.
 */
#include "rpc/administration_call.h"

#include <math.h>
#include <string.h>

enum { ANSWER_BYTES_MAX = 8 << 20 };

imi_status imi_admin_call_begin(imi_rpc_call *call, imi_admin_call *out, imi_error *err)
{
    const imi_handlers *handlers = imi_rpc_call_user(call);
    *out = (imi_admin_call){
        .administration = handlers->administration,
        .calibration = handlers->calibration,
        .arena = {.limit = ANSWER_BYTES_MAX},
    };
    if (!imi_rpc_call_peer_name(call, out->name, sizeof out->name)) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED,
                 "this call needs an administrator's TLS client certificate");
    }
    if (out->administration == NULL) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "this server cannot be administrated");
    }
    return imi_administration_admit(out->administration, out->name, err);
}

void imi_admin_call_clean_up(imi_admin_call *self)
{
    imi_arena_clean_up(&self->arena);
}

static Imi__V1__OperatingPoint *point_message(imi_admin_call *self, const imi_point_record *point)
{
    return imi_point_message(&self->arena, point,
                             imi_administration_shipped_fmr(self->administration, point));
}

/* ---- What decides ---- */

static bool waits(const imi_point_record *point)
{
    return point->state == IMI_POINT_PROPOSED || point->state == IMI_POINT_APPROVED;
}

static imi_status fill_points(imi_admin_call *self, const imi_point_list *list,
                              Imi__V1__PurposeThreshold *out, imi_error *err)
{
    out->waiting = imi_arena_alloc_array(&self->arena, list->count, sizeof(void *));
    IMI_NEED_MESSAGE(out->waiting, err);
    for (size_t i = 0; i < list->count; i++) {
        const imi_point_record *point = &list->points[i];
        if (!waits(point) && point->state != IMI_POINT_ACTIVE) {
            continue;
        }
        Imi__V1__OperatingPoint *message = point_message(self, point);
        IMI_NEED_MESSAGE(message, err);
        if (waits(point)) {
            out->waiting[out->n_waiting++] = message;
            out->shadow = point->shadow ? message : out->shadow;
        } else {
            out->active = message;
        }
    }
    return IMI_OK;
}

static imi_status fill_purpose(imi_admin_call *self, const char *purpose,
                               Imi__V1__PurposeThreshold *out, imi_error *err)
{
    imi__v1__purpose_threshold__init(out);
    imi_threshold_in_use *now = imi_arena_alloc(&self->arena, sizeof *now);
    IMI_NEED_MESSAGE(now, err);
    IMI_TRY(imi_administration_in_use(self->administration, self->name, purpose, now, err));
    IMI_AUTO_POINTS list = {NULL, 0};
    IMI_TRY(imi_administration_list(self->administration, self->name, purpose, &list, err));
    out->purpose = (char *)purpose;
    out->target_fmr_max = now->target_fmr_max;
    out->problem = now->problem;
    out->target_fmr = now->target_fmr;
    out->score_kind = (Imi__V1__ScoreKind)now->kind;
    out->threshold = now->threshold;
    out->calibration = now->calibration;
    return fill_points(self, &list, out, err);
}

static imi_status get_thresholds(imi_service *service, imi_rpc_call *call, const void *message,
                                 imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__GetThresholdsRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    size_t known = 0;
    while (imi_administration_purpose_at(self.administration, known) != NULL) {
        known++;
    }
    bool one = request->purpose[0] != '\0';
    size_t count = one ? 1 : known;
    Imi__V1__PurposeThreshold *purposes =
        imi_arena_alloc_array(&self.arena, count, sizeof *purposes);
    Imi__V1__PurposeThreshold **list = imi_arena_alloc_array(&self.arena, count, sizeof *list);
    IMI_NEED_MESSAGE(purposes, err);
    IMI_NEED_MESSAGE(list, err);
    for (size_t i = 0; i < count; i++) {
        const char *purpose =
            one ? request->purpose : imi_administration_purpose_at(self.administration, i);
        IMI_TRY(fill_purpose(&self, purpose, &purposes[i], err));
        list[i] = &purposes[i];
    }
    Imi__V1__GetThresholdsResponse answer = IMI__V1__GET_THRESHOLDS_RESPONSE__INIT;
    answer.purposes = list;
    answer.n_purposes = count;
    answer.model_version = (char *)imi_administration_model_version(self.administration);
    return imi_handler_respond(&answer, response, err);
}

static imi_status list_thresholds(imi_service *service, imi_rpc_call *call, const void *message,
                                  imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__ListThresholdsRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    IMI_AUTO_POINTS list = {NULL, 0};
    IMI_TRY(imi_administration_list(self.administration, self.name, request->purpose, &list, err));
    Imi__V1__ListThresholdsResponse answer = IMI__V1__LIST_THRESHOLDS_RESPONSE__INIT;
    answer.points = imi_arena_alloc_array(&self.arena, list.count, sizeof(void *));
    IMI_NEED_MESSAGE(answer.points, err);
    for (size_t i = 0; i < list.count; i++) {
        answer.points[i] = point_message(&self, &list.points[i]);
        IMI_NEED_MESSAGE(answer.points[i], err);
    }
    answer.n_points = list.count;
    return imi_handler_respond(&answer, response, err);
}

/* ---- Proposals and simulations ---- */

static imi_status answer_proposal(imi_admin_call *self, imi_proposed *proposed,
                                  imi_buffer *response, imi_error *err)
{
    Imi__V1__ProposeThresholdResponse answer = IMI__V1__PROPOSE_THRESHOLD_RESPONSE__INIT;
    answer.refusal = proposed->refusal;
    answer.references = proposed->calibration.record.references;
    if (proposed->accepted) {
        answer.point = point_message(self, &proposed->point);
        answer.scores = imi_replay_message(&self->arena, &proposed->replay);
        answer.groups = imi_groups_message(&self->arena, proposed->calibration.nonmated,
                                           (imi_score_kind)proposed->point.score_kind,
                                           proposed->point.threshold, &answer.n_groups);
        IMI_NEED_MESSAGE(answer.point, err);
        IMI_NEED_MESSAGE(answer.scores, err);
        IMI_NEED_MESSAGE(answer.groups, err);
    }
    return imi_handler_respond(&answer, response, err);
}

static imi_status propose_threshold(imi_service *service, imi_rpc_call *call, const void *message,
                                    imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__ProposeThresholdRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_propose_request wanted = {
        .purpose = request->purpose,
        .target_fmr = request->target_fmr,
        .kind = imi_score_kind_of_message(request->score_kind),
        .calibration_id = request->calibration_id,
        .days = request->days,
    };
    imi_proposed *proposed = imi_arena_alloc(&self.arena, sizeof *proposed);
    IMI_NEED_MESSAGE(proposed, err);
    IMI_TRY(imi_administration_propose(self.administration, self.name, &wanted, proposed, err));
    imi_status status = answer_proposal(&self, proposed, response, err);
    imi_read_calibration_clean_up(&proposed->calibration);
    return status;
}

static imi_status fill_changes(imi_admin_call *self, const imi_replay *replay,
                               Imi__V1__SimulateThresholdResponse *answer, imi_error *err)
{
    answer->changes = imi_arena_alloc_array(&self->arena, IMI_REPLAY_CHANGES_MAX, sizeof(void *));
    IMI_NEED_MESSAGE(answer->changes, err);
    const imi_replay_change *change = NULL;
    while ((change = imi_replay_change_at(replay, answer->n_changes)) != NULL) {
        Imi__V1__ChangedDecision *message = imi_arena_alloc(&self->arena, sizeof *message);
        IMI_NEED_MESSAGE(message, err);
        imi__v1__changed_decision__init(message);
        message->session_id = (char *)change->session_id;
        message->at_ms = change->at_ms;
        message->similarity = change->similarity;
        message->decision = (Imi__V1__Decision)change->decision;
        message->match = change->match;
        answer->changes[answer->n_changes++] = message;
    }
    return IMI_OK;
}

static imi_simulate_request simulation_of(const Imi__V1__SimulateThresholdRequest *request)
{
    imi_simulate_request wanted = {
        .purpose = request->purpose,
        .point_id = "",
        .target_fmr = NAN,
        .threshold = NAN,
        .kind = imi_score_kind_of_message(request->score_kind),
        .days = request->days,
    };
    switch (request->rule_case) {
    case IMI__V1__SIMULATE_THRESHOLD_REQUEST__RULE_POINT_ID:
        wanted.point_id = request->point_id;
        break;
    case IMI__V1__SIMULATE_THRESHOLD_REQUEST__RULE_TARGET_FMR:
        wanted.target_fmr = request->target_fmr;
        break;
    case IMI__V1__SIMULATE_THRESHOLD_REQUEST__RULE_THRESHOLD:
        wanted.threshold = request->threshold;
        break;
    default:
        break;
    }
    return wanted;
}

static imi_status simulate_threshold(imi_service *service, imi_rpc_call *call, const void *message,
                                     imi_buffer *response, imi_error *err)
{
    (void)service;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_replay *replay = imi_arena_alloc(&self.arena, sizeof *replay);
    IMI_NEED_MESSAGE(replay, err);
    imi_simulate_request wanted = simulation_of(message);
    IMI_TRY(imi_administration_simulate(self.administration, self.name, &wanted, replay, err));
    Imi__V1__SimulateThresholdResponse answer = IMI__V1__SIMULATE_THRESHOLD_RESPONSE__INIT;
    answer.score_kind = (Imi__V1__ScoreKind)replay->rule.kind;
    answer.threshold = replay->rule.threshold;
    answer.scores = imi_replay_message(&self.arena, replay);
    IMI_NEED_MESSAGE(answer.scores, err);
    answer.to_match = replay->to_match;
    answer.to_non_match = replay->to_non_match;
    IMI_TRY(fill_changes(&self, replay, &answer, err));
    return imi_handler_respond(&answer, response, err);
}

/* ---- Steps ---- */

static imi_status set_shadow(imi_service *service, imi_rpc_call *call, const void *message,
                             imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__SetShadowRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_point_record point;
    IMI_TRY(imi_administration_set_shadow(self.administration, self.name, request->point_id,
                                          request->on, &point, err));
    Imi__V1__SetShadowResponse answer = IMI__V1__SET_SHADOW_RESPONSE__INIT;
    answer.point = point_message(&self, &point);
    IMI_NEED_MESSAGE(answer.point, err);
    return imi_handler_respond(&answer, response, err);
}

static imi_status get_shadow(imi_service *service, imi_rpc_call *call, const void *message,
                             imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__GetShadowRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_point_record point;
    imi_shadow_counts counts;
    IMI_TRY(imi_administration_shadow(self.administration, self.name, request->point_id, &point,
                                      &counts, err));
    Imi__V1__GetShadowResponse answer = IMI__V1__GET_SHADOW_RESPONSE__INIT;
    answer.point = point_message(&self, &point);
    IMI_NEED_MESSAGE(answer.point, err);
    answer.compared = counts.compared;
    answer.agreed = counts.agreed;
    answer.would_verify = counts.would_verify;
    answer.would_refuse = counts.would_refuse;
    answer.first_at_ms = counts.first_ms;
    answer.last_at_ms = counts.last_ms;
    return imi_handler_respond(&answer, response, err);
}

static imi_status approve_threshold(imi_service *service, imi_rpc_call *call, const void *message,
                                    imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__ApproveThresholdRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_point_record point;
    IMI_TRY(
        imi_administration_approve(self.administration, self.name, request->point_id, &point, err));
    Imi__V1__ApproveThresholdResponse answer = IMI__V1__APPROVE_THRESHOLD_RESPONSE__INIT;
    answer.point = point_message(&self, &point);
    IMI_NEED_MESSAGE(answer.point, err);
    return imi_handler_respond(&answer, response, err);
}

static imi_status withdraw_threshold(imi_service *service, imi_rpc_call *call, const void *message,
                                     imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__WithdrawThresholdRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_point_record point;
    IMI_TRY(imi_administration_withdraw(self.administration, self.name, request->point_id, &point,
                                        err));
    Imi__V1__WithdrawThresholdResponse answer = IMI__V1__WITHDRAW_THRESHOLD_RESPONSE__INIT;
    answer.point = point_message(&self, &point);
    IMI_NEED_MESSAGE(answer.point, err);
    return imi_handler_respond(&answer, response, err);
}

/* The message of a point that may not be there: *out stays NULL then. */
static imi_status message_if_any(imi_admin_call *self, const imi_point_record *point,
                                 Imi__V1__OperatingPoint **out, imi_error *err)
{
    if (point->point_id[0] != '\0') {
        *out = point_message(self, point);
        IMI_NEED_MESSAGE(*out, err);
    }
    return IMI_OK;
}

static imi_status activate_threshold(imi_service *service, imi_rpc_call *call, const void *message,
                                     imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__ActivateThresholdRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_point_record point, retired;
    IMI_TRY(imi_administration_activate(self.administration, self.name, request->point_id, &point,
                                        &retired, err));
    Imi__V1__ActivateThresholdResponse answer = IMI__V1__ACTIVATE_THRESHOLD_RESPONSE__INIT;
    IMI_TRY(message_if_any(&self, &point, &answer.point, err));
    IMI_TRY(message_if_any(&self, &retired, &answer.retired, err));
    return imi_handler_respond(&answer, response, err);
}

static imi_status rollback_threshold(imi_service *service, imi_rpc_call *call, const void *message,
                                     imi_buffer *response, imi_error *err)
{
    (void)service;
    const Imi__V1__RollbackThresholdRequest *request = message;
    IMI_AUTO_ADMIN_CALL self;
    IMI_TRY(imi_admin_call_begin(call, &self, err));
    imi_point_record withdrawn, active;
    IMI_TRY(imi_administration_roll_back(self.administration, self.name, request->purpose,
                                         &withdrawn, &active, err));
    Imi__V1__RollbackThresholdResponse answer = IMI__V1__ROLLBACK_THRESHOLD_RESPONSE__INIT;
    IMI_TRY(message_if_any(&self, &withdrawn, &answer.withdrawn, err));
    IMI_TRY(message_if_any(&self, &active, &answer.active, err));
    return imi_handler_respond(&answer, response, err);
}

/* ---- The table ---- */

#define ON(method)                                                                                 \
    static imi_rpc_flow on_##method(imi_rpc_call *call, imi_view message)                          \
    {                                                                                              \
        return imi_handler_run(call, message, &imi__v1__##method##_request__descriptor, method);   \
    }

ON(get_thresholds)
ON(propose_threshold)
ON(simulate_threshold)
ON(set_shadow)
ON(get_shadow)
ON(approve_threshold)
ON(activate_threshold)
ON(rollback_threshold)
ON(withdraw_threshold)
ON(list_thresholds)

imi_rpc_service imi_handle_administration(imi_handlers *handlers)
{
    static const imi_rpc_method methods[] = {
        {.name = "GetThresholds", .message = on_get_thresholds},
        {.name = "ProposeThreshold", .message = on_propose_threshold},
        {.name = "SimulateThreshold", .message = on_simulate_threshold},
        {.name = "SetShadow", .message = on_set_shadow},
        {.name = "GetShadow", .message = on_get_shadow},
        {.name = "ApproveThreshold", .message = on_approve_threshold},
        {.name = "ActivateThreshold", .message = on_activate_threshold},
        {.name = "RollbackThreshold", .message = on_rollback_threshold},
        {.name = "WithdrawThreshold", .message = on_withdraw_threshold},
        {.name = "ListThresholds", .message = on_list_thresholds},
        {.name = "ListAudit", .message = imi_on_list_audit},
        {.name = "StartCalibration", .message = imi_on_start_calibration},
        {.name = "GetCalibration", .message = imi_on_get_calibration},
        {.name = "GetCalibrationReport", .message = imi_on_get_calibration_report},
        {.name = "ListDuplicates", .message = imi_on_list_duplicates},
        {.name = "ReviewDuplicate", .message = imi_on_review_duplicate},
        {.name = "GetCohort", .message = imi_on_get_cohort},
        {.name = "ListKeys", .message = imi_on_list_keys},
        {.name = "RotateKey", .message = imi_on_rotate_key},
        {.name = "DropKey", .message = imi_on_drop_key},
    };
    return (imi_rpc_service){
        .name = "imi.v1.AdministrationService",
        .methods = methods,
        .method_count = sizeof methods / sizeof methods[0],
        .user = handlers,
    };
}
