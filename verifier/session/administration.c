/*
 * Who may administrate, and what decides now.
 */
#include "administration_internal.h"

#include "log_events.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

imi_status imi_administration_new(const imi_administration_options *options,
                                  imi_administration **out, imi_error *err)
{
    *out = NULL;
    if (options->store == NULL || options->clock == NULL || options->policy == NULL ||
        options->points == NULL || options->model_version == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "administration needs a store, a clock, a policy, operating points and a model "
                 "version");
    }
    imi_administration *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the administration");
    }
    self->options = *options;
    *out = self;
    return IMI_OK;
}

void imi_administration_destroy(imi_administration **administration)
{
    if (administration != NULL) {
        imi_free(*administration);
        *administration = NULL;
    }
}

imi_status imi_administration_admit(const imi_administration *self, const char *name,
                                    imi_error *err)
{
    if (!imi_policy_is_administrator(self->options.policy, name)) {
        IMI_FAIL(err, IMI_E_PERMISSION,
                 "only administrators, whom the policy file lists, may do this");
    }
    return IMI_OK;
}

const char *imi_administration_model_version(const imi_administration *self)
{
    return self->options.model_version;
}

imi_status imi_administration_purpose(const imi_administration *self, const char *name,
                                      const char *purpose, const imi_purpose **out, imi_error *err)
{
    IMI_TRY(imi_administration_admit(self, name, err));
    *out = imi_policy_purpose(self->options.policy, purpose);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the policy has no such purpose");
    }
    return IMI_OK;
}

imi_status imi_administration_point(const imi_administration *self, const char *name,
                                    const char *point_id, imi_point_record *out, imi_error *err)
{
    *out = (imi_point_record){.state = IMI_POINT_NONE};
    IMI_TRY(imi_administration_admit(self, name, err));
    imi_store *store = self->options.store;
    imi_status status = store->get_point(store, point_id, out, err);
    if (status == IMI_E_NOT_FOUND) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "no such operating point");
    }
    return status;
}

imi_status imi_administration_keep_points(imi_administration *self, imi_point_record *points,
                                          size_t count, const imi_audit_record *audit,
                                          imi_error *err)
{
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    IMI_TRY(imi_log_event_threshold(audit, &event, err));
    imi_store *store = self->options.store;
    return store->put_points(store, points, count, audit, &event.draft, err);
}

void imi_administration_describe(const imi_administration *self, imi_audit_record *out,
                                 const char *name, const char *action, const char *object,
                                 const char *format, ...)
{
    *out = (imi_audit_record){.at_ms = imi_administration_now_ms(self)};
    imi_copy_text(out->actor, sizeof out->actor, name);
    imi_copy_text(out->action, sizeof out->action, action);
    imi_copy_text(out->object, sizeof out->object, object);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->detail, sizeof out->detail, format, arguments);
    va_end(arguments);
}

const char *imi_administration_purpose_at(const imi_administration *self, size_t number)
{
    const imi_purpose *purpose = imi_policy_purpose_at(self->options.policy, number);
    return purpose == NULL ? NULL : purpose->name;
}

imi_status imi_administration_in_use(imi_administration *self, const char *name,
                                     const char *purpose, imi_threshold_in_use *out, imi_error *err)
{
    *out = (imi_threshold_in_use){.target_fmr_max = NAN, .target_fmr = NAN, .threshold = NAN};
    const imi_purpose *found = NULL;
    IMI_TRY(imi_administration_purpose(self, name, purpose, &found, err));
    const imi_operating_point *point = imi_operating_points_acquire(self->options.points, purpose);
    if (point == NULL) {
        IMI_FAIL(err, IMI_E_POLICY_UNKNOWN_PURPOSE, "the policy has no such purpose");
    }
    const imi_operating_rule *rule = &point->active;
    out->target_fmr_max = found->target_fmr;
    out->target_fmr = rule->target_fmr;
    out->kind = rule->kind;
    out->threshold = rule->thresholds[rule->kind];
    imi_copy_text(out->calibration, sizeof out->calibration, imi_scorer_version(rule->scorer));
    imi_copy_text(out->point_id, sizeof out->point_id, rule->point_id);
    imi_operating_point_release(&point);
    imi_operating_points_problem(self->options.points, purpose, out->problem);
    return IMI_OK;
}

void imi_point_list_clean_up(imi_point_list *list)
{
    imi_free(list->points);
    *list = (imi_point_list){NULL, 0};
}

imi_status imi_administration_load_points(const imi_administration *self, const char *purpose,
                                          imi_point_list *out, imi_error *err)
{
    *out = (imi_point_list){NULL, 0};
    imi_point_record *points = imi_alloc_array(IMI_POINTS_LISTED_MAX, sizeof *points);
    if (points == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for operating points");
    }
    imi_store *store = self->options.store;
    size_t count = 0;
    imi_status status =
        store->list_points(store, purpose, points, IMI_POINTS_LISTED_MAX, &count, err);
    if (status != IMI_OK) {
        imi_free(points);
        return status;
    }
    *out = (imi_point_list){points, count};
    return IMI_OK;
}

imi_status imi_administration_list(imi_administration *self, const char *name, const char *purpose,
                                   imi_point_list *out, imi_error *err)
{
    *out = (imi_point_list){NULL, 0};
    const imi_purpose *found = NULL;
    IMI_TRY(imi_administration_purpose(self, name, purpose, &found, err));
    return imi_administration_load_points(self, purpose, out, err);
}

double imi_administration_shipped_fmr(const imi_administration *self, const imi_point_record *point)
{
    return imi_operating_points_shipped_fmr(self->options.points, (imi_score_kind)point->score_kind,
                                            point->threshold);
}
