/*
 * Steps of a point's life. The record and its audit line are stored at once; then the registry
 * reads the purpose again, so that what decides is what is stored.
 */
#include "administration_internal.h"

#include "imi/log.h"

#include <string.h>

static imi_point_actor actor_of(const imi_administration *self, const char *name)
{
    return (imi_point_actor){name, imi_administration_now_ms(self)};
}

static imi_status keep(imi_administration *self, imi_point_record *points, size_t count,
                       const imi_audit_record *audit, imi_error *err)
{
    IMI_TRY(imi_administration_keep_points(self, points, count, audit, err));
    imi_log(IMI_LOG_INFO, "threshold", "%s by %s on %s: %s", audit->action, audit->actor,
            audit->object, audit->detail);
    return IMI_OK;
}

/* The step is stored already: if the registry cannot follow now, the next start will. */
static imi_status put_in_use(imi_administration *self, const char *purpose, imi_error *err)
{
    imi_status status = imi_operating_points_reload(self->options.points, purpose, err);
    if (status != IMI_OK) {
        imi_log(IMI_LOG_ERROR, "threshold",
                "the change for purpose %s is stored but not in use yet: restart the server",
                purpose);
    }
    return status;
}

imi_status imi_administration_approve(imi_administration *self, const char *name,
                                      const char *point_id, imi_point_record *out, imi_error *err)
{
    imi_point_record point;
    IMI_TRY(imi_administration_point(self, name, point_id, &point, err));
    imi_point_actor actor = actor_of(self, name);
    IMI_TRY(imi_point_approve(&point, &actor, err));
    imi_audit_record audit;
    imi_administration_describe(self, &audit, name, "threshold.approve", point_id,
                                "%.100s: proposed by %.64s", point.purpose, point.proposed_by);
    IMI_TRY(keep(self, &point, 1, &audit, err));
    *out = point;
    return IMI_OK;
}

imi_status imi_administration_withdraw(imi_administration *self, const char *name,
                                       const char *point_id, imi_point_record *out, imi_error *err)
{
    imi_point_record point;
    IMI_TRY(imi_administration_point(self, name, point_id, &point, err));
    bool was_shadow = point.shadow;
    imi_point_actor actor = actor_of(self, name);
    IMI_TRY(imi_point_withdraw(&point, &actor, err));
    imi_audit_record audit;
    imi_administration_describe(self, &audit, name, "threshold.withdraw", point_id, "%.100s",
                                point.purpose);
    IMI_TRY(keep(self, &point, 1, &audit, err));
    *out = point;
    return was_shadow ? put_in_use(self, point.purpose, err) : IMI_OK;
}

/* The stored points of a purpose, with the one that a step is about found among them. */
static imi_status load_among(imi_administration *self, const char *name, const char *point_id,
                             imi_point_list *list_out, imi_point_record **out, imi_error *err)
{
    *list_out = (imi_point_list){NULL, 0};
    imi_point_record point;
    IMI_TRY(imi_administration_point(self, name, point_id, &point, err));
    IMI_TRY(imi_administration_load_points(self, point.purpose, list_out, err));
    for (size_t i = 0; i < list_out->count; i++) {
        if (strcmp(list_out->points[i].point_id, point_id) == 0) {
            *out = &list_out->points[i];
            return IMI_OK;
        }
    }
    IMI_FAIL(err, IMI_E_NOT_FOUND, "no such operating point");
}

imi_status imi_administration_set_shadow(imi_administration *self, const char *name,
                                         const char *point_id, bool on, imi_point_record *out,
                                         imi_error *err)
{
    IMI_AUTO_POINTS list = {NULL, 0};
    imi_point_record *point = NULL;
    IMI_TRY(load_among(self, name, point_id, &list, &point, err));
    imi_point_record *former = imi_points_find_shadow(list.points, list.count);
    former = former == point ? NULL : former;
    IMI_TRY(imi_point_set_shadow(point, on, former, err));
    if (on) {
        IMI_TRY(imi_operating_points_check(self->options.points, point, err));
    }
    imi_audit_record audit;
    imi_administration_describe(self, &audit, name, on ? "threshold.shadow" : "threshold.unshadow",
                                point_id, "%.100s%s%s", point->purpose,
                                on && former != NULL ? ": in place of " : "",
                                on && former != NULL ? former->point_id : "");
    imi_point_record changed[2] = {*point};
    if (on && former != NULL) {
        changed[1] = *former;
    }
    IMI_TRY(keep(self, changed, on && former != NULL ? 2 : 1, &audit, err));
    *out = changed[0];
    return put_in_use(self, changed[0].purpose, err);
}

imi_status imi_administration_activate(imi_administration *self, const char *name,
                                       const char *point_id, imi_point_record *out,
                                       imi_point_record *retired_out, imi_error *err)
{
    *retired_out = (imi_point_record){.state = IMI_POINT_NONE};
    IMI_AUTO_POINTS list = {NULL, 0};
    imi_point_record *point = NULL;
    IMI_TRY(load_among(self, name, point_id, &list, &point, err));
    imi_point_record *current = imi_points_find_active(list.points, list.count);
    imi_point_actor actor = actor_of(self, name);
    IMI_TRY(imi_point_activate(point, current, &actor, err));
    IMI_TRY(imi_operating_points_check(self->options.points, point, err));
    imi_audit_record audit;
    imi_administration_describe(
        self, &audit, name, "threshold.activate", point_id,
        "%.100s: target %g, %s score from %.6f; retires %s", point->purpose, point->target_fmr,
        imi_score_kind_name((imi_score_kind)point->score_kind), point->threshold,
        current == NULL ? "the shipped table" : current->point_id);
    imi_point_record changed[2] = {*point};
    if (current != NULL) {
        changed[1] = *current;
    }
    IMI_TRY(keep(self, changed, current != NULL ? 2 : 1, &audit, err));
    *out = changed[0];
    *retired_out = changed[1];
    return put_in_use(self, changed[0].purpose, err);
}

imi_status imi_administration_roll_back(imi_administration *self, const char *name,
                                        const char *purpose, imi_point_record *withdrawn_out,
                                        imi_point_record *active_out, imi_error *err)
{
    *withdrawn_out = (imi_point_record){.state = IMI_POINT_NONE};
    *active_out = *withdrawn_out;
    const imi_purpose *found = NULL;
    IMI_TRY(imi_administration_purpose(self, name, purpose, &found, err));
    IMI_AUTO_POINTS list = {NULL, 0};
    IMI_TRY(imi_administration_load_points(self, purpose, &list, err));
    imi_point_record *current = imi_points_find_active(list.points, list.count);
    imi_point_record *previous = imi_points_find_previous(list.points, list.count);
    imi_point_actor actor = actor_of(self, name);
    IMI_TRY(imi_point_roll_back(current, previous, &actor, err));
    imi_audit_record audit;
    imi_administration_describe(self, &audit, name, "threshold.rollback", current->point_id,
                                "%.100s: back to %s", purpose,
                                previous == NULL ? "the shipped table" : previous->point_id);
    imi_point_record changed[2] = {*current};
    if (previous != NULL) {
        changed[1] = *previous;
    }
    IMI_TRY(keep(self, changed, previous != NULL ? 2 : 1, &audit, err));
    *withdrawn_out = changed[0];
    *active_out = changed[1];
    return put_in_use(self, purpose, err);
}

/* ---- Steps that other processes took ---- */

static imi_status read_new_lines(imi_administration *self, bool *found_out, imi_error *err)
{
    enum { PAGE = 32 };
    imi_audit_record lines[PAGE];
    imi_store *store = self->options.store;
    *found_out = false;
    for (size_t count = PAGE; count == PAGE;) {
        IMI_TRY(store->list_audit(store, self->followed, lines, PAGE, &count, err));
        if (count > 0) {
            self->followed = lines[count - 1].sequence;
            *found_out = true;
        }
    }
    return IMI_OK;
}

void imi_administration_follow_others(imi_administration *self)
{
    imi_error error = IMI_ERROR_INIT;
    bool found = false;
    imi_status status = read_new_lines(self, &found, &error);
    if (status != IMI_OK) {
        imi_log(IMI_LOG_WARNING, "threshold", "the audit trail cannot be followed: %s",
                error.message);
    }
    const char *purpose = NULL;
    for (size_t i = 0; found && (purpose = imi_administration_purpose_at(self, i)) != NULL; i++) {
        status = put_in_use(self, purpose, &error);
    }
}
