/*
 * The life of an operating point: what may follow what, and who may do it.
 */
#include "imi/threshold.h"

#include <string.h>

const char *imi_point_state_name(imi_point_state state)
{
    static const char *const names[] = {"none",   "proposed", "approved",
                                        "active", "retired",  "withdrawn"};
    size_t number = (size_t)state;
    return number < sizeof names / sizeof names[0] ? names[number] : "unknown";
}

imi_status imi_point_check_target(const imi_point_record *point, double target_fmr_max,
                                  imi_error *err)
{
    double target_fmr = point->target_fmr;
    if (!(target_fmr > 0 && target_fmr < 1)) {
        IMI_FAIL(err, IMI_E_POLICY, "a target false match rate is a number between 0 and 1");
    }
    if (!(target_fmr <= target_fmr_max)) {
        IMI_FAIL(err, IMI_E_POLICY,
                 "a target of %g is laxer than the policy file allows for this purpose, which is "
                 "%g: ask for that or less, or change the file",
                 target_fmr, target_fmr_max);
    }
    return IMI_OK;
}

static bool waits(const imi_point_record *point)
{
    return point->state == IMI_POINT_PROPOSED || point->state == IMI_POINT_APPROVED;
}

static imi_status fail_state(const imi_point_record *point, const char *what, imi_error *err)
{
    IMI_FAIL(err, IMI_E_CONFLICT, "point %s is %s: %s", point->point_id,
             imi_point_state_name(point->state), what);
}

imi_status imi_point_approve(imi_point_record *point, const imi_point_actor *actor, imi_error *err)
{
    if (point->state != IMI_POINT_PROPOSED) {
        return fail_state(point, "only a proposed one can be approved", err);
    }
    if (actor->name == NULL || actor->name[0] == '\0') {
        IMI_FAIL(err, IMI_E_PERMISSION, "an approval needs an administrator's name");
    }
    if (strcmp(point->proposed_by, actor->name) == 0) {
        IMI_FAIL(err, IMI_E_PERMISSION,
                 "%s proposed this point: another administrator must approve it", actor->name);
    }
    point->state = IMI_POINT_APPROVED;
    imi_copy_text(point->approved_by, sizeof point->approved_by, actor->name);
    point->approved_ms = actor->now_ms;
    return IMI_OK;
}

imi_status imi_point_withdraw(imi_point_record *point, const imi_point_actor *actor, imi_error *err)
{
    if (point->state == IMI_POINT_ACTIVE) {
        return fail_state(point, "roll back instead, or activate another", err);
    }
    if (!waits(point)) {
        return fail_state(point, "there is nothing to withdraw", err);
    }
    point->state = IMI_POINT_WITHDRAWN;
    point->shadow = false;
    point->retired_ms = actor->now_ms;
    return IMI_OK;
}

imi_status imi_point_set_shadow(imi_point_record *point, bool on, imi_point_record *former,
                                imi_error *err)
{
    if (on && !waits(point)) {
        return fail_state(point, "only a proposed or approved one can run as shadow", err);
    }
    if (point->shadow == on) {
        return fail_state(point, on ? "it runs as shadow already" : "it does not run as shadow",
                          err);
    }
    if (on && former != NULL) {
        former->shadow = false;
    }
    point->shadow = on;
    return IMI_OK;
}

imi_status imi_point_activate(imi_point_record *point, imi_point_record *current,
                              const imi_point_actor *actor, imi_error *err)
{
    if (point->state == IMI_POINT_PROPOSED) {
        return fail_state(point, "another administrator must approve it first", err);
    }
    if (point->state != IMI_POINT_APPROVED || point->approved_by[0] == '\0') {
        return fail_state(point, "only an approved one can be activated", err);
    }
    if (current != NULL) {
        current->state = IMI_POINT_RETIRED;
        current->retired_ms = actor->now_ms;
    }
    point->state = IMI_POINT_ACTIVE;
    point->shadow = false;
    point->activated_ms = actor->now_ms;
    return IMI_OK;
}

imi_status imi_point_roll_back(imi_point_record *current, imi_point_record *previous,
                               const imi_point_actor *actor, imi_error *err)
{
    if (current == NULL || current->state != IMI_POINT_ACTIVE) {
        IMI_FAIL(err, IMI_E_CONFLICT,
                 "there is no active point to roll back: the shipped "
                 "calibration decides");
    }
    if (previous != NULL && previous->state != IMI_POINT_RETIRED) {
        return fail_state(previous, "only a retired one can become active again", err);
    }
    current->state = IMI_POINT_WITHDRAWN;
    current->retired_ms = actor->now_ms;
    if (previous != NULL) {
        previous->state = IMI_POINT_ACTIVE;
        previous->retired_ms = 0;
    }
    return IMI_OK;
}

imi_point_record *imi_points_find_active(imi_point_record *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (points[i].state == IMI_POINT_ACTIVE) {
            return &points[i];
        }
    }
    return NULL;
}

imi_point_record *imi_points_find_shadow(imi_point_record *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (points[i].shadow && waits(&points[i])) {
            return &points[i];
        }
    }
    return NULL;
}

imi_point_record *imi_points_find_previous(imi_point_record *points, size_t count)
{
    imi_point_record *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (points[i].state == IMI_POINT_RETIRED &&
            (last == NULL || points[i].activated_ms > last->activated_ms)) {
            last = &points[i];
        }
    }
    return last;
}
