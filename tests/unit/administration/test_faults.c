/* Lack of memory at every place, and two administrators at the same moment. The office's
 * tear-down finds what was leaked. */
#include "office.h"

#include <pthread.h>
#include <string.h>

typedef struct failing {
    size_t left; /* allocations until one fails */
    bool failed;
} failing;

static bool fail_once(void *user, size_t size)
{
    (void)size;
    failing *self = user;
    if (self->failed || self->left-- > 0) {
        return false;
    }
    self->failed = true;
    return true;
}

/* Repeat an operation with allocation 1, 2, 3... failing, until it has what it needs. Other
 * libraries may do without what they were refused: then it succeeds at once. */
typedef imi_status (*operation)(office *o);

static void repeat_without_memory(office *o, operation what)
{
    /* Each of the first ones, then every so often: reading a calibration takes thousands. */
    enum { MOST = 1000000, DENSE = 64 };
    for (size_t i = 0; i < MOST; i += 1 + i / DENSE) {
        failing hook = {.left = i};
        imi_alloc_set_fail_hook(fail_once, &hook);
        imi_status status = what(o);
        imi_alloc_set_fail_hook(NULL, NULL);
        if (status != IMI_OK) {
            assert_true(hook.failed);
        }
        if (!hook.failed) {
            assert_int_equal(status, IMI_OK);
            return;
        }
    }
    fail_msg("still short of memory");
}

static imi_status make_registry(office *o)
{
    const imi_operating_points_options options = {o->policy, o->scorer, OFFICE_MODELS, o->store};
    IMI_AUTO(imi_operating_points) points = NULL;
    return imi_operating_points_new(&options, &points, NULL);
}

static void a_registry_without_memory_is_none(void **state)
{
    office *o = *state;
    office_calibrate(o, 60);
    office_install(o, OFFICE_LOOSE, 9e-3);
    repeat_without_memory(o, make_registry);
}

static imi_status reload(office *o)
{
    return imi_operating_points_reload(o->points, OFFICE_LOOSE, NULL);
}

static void a_reload_without_memory_leaves_what_decides(void **state)
{
    office *o = *state;
    office_calibrate(o, 60);
    imi_point_record point = office_install(o, OFFICE_LOOSE, 9e-3);
    repeat_without_memory(o, reload);
    const imi_operating_point *now = imi_operating_points_acquire(o->points, OFFICE_LOOSE);
    assert_string_equal(now->active.point_id, point.point_id);
    imi_operating_point_release(&now);
}

static imi_status propose_once(office *o)
{
    imi_propose_request request = {
        .purpose = OFFICE_LOOSE, .target_fmr = 9e-3, .calibration_id = ""};
    imi_proposed proposed;
    IMI_TRY(imi_administration_propose(o->administration, FIRST, &request, &proposed, NULL));
    imi_read_calibration_clean_up(&proposed.calibration);
    return IMI_OK;
}

static void a_proposal_without_memory_is_stored_whole_or_not_at_all(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    static imi_audit_record lines[600];
    office_calibrate(o, 60);
    repeat_without_memory(o, propose_once);
    IMI_AUTO_POINTS list = {NULL, 0};
    office_ok(imi_administration_list(o->administration, FIRST, OFFICE_LOOSE, &list, &err), &err);
    assert_int_equal(office_audit(o, lines, 600), 1 + list.count);
    assert_true(list.count > 0);
}

typedef struct rival {
    office *o;
    const char *name;
    char point_id[IMI_ID_SIZE];
    imi_status status;
} rival;

static void *activate(void *argument)
{
    rival *self = argument;
    imi_point_record point, retired;
    self->status = imi_administration_activate(self->o->administration, self->name, self->point_id,
                                               &point, &retired, NULL);
    return NULL;
}

static void approve_new(office *o, rival *out, const char *name)
{
    imi_error err = IMI_ERROR_INIT;
    imi_point_record point = office_propose(o, OFFICE_LOOSE, 9e-3);
    office_ok(imi_administration_approve(o->administration, SECOND, point.point_id, &point, &err),
              &err);
    *out = (rival){.o = o, .name = name};
    imi_copy_text(out->point_id, sizeof out->point_id, point.point_id);
}

static void of_two_activations_at_once_one_point_is_active_and_in_use(void **state)
{
    office *o = *state;
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, 60);
    for (int round = 0; round < 10; round++) {
        rival rivals[2];
        pthread_t threads[2];
        approve_new(o, &rivals[0], FIRST);
        approve_new(o, &rivals[1], SECOND);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, activate, &rivals[i]), 0);
        }
        for (size_t i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
            assert_true(rivals[i].status == IMI_OK || rivals[i].status == IMI_E_CONFLICT);
        }
        assert_true(rivals[0].status == IMI_OK || rivals[1].status == IMI_OK);
        IMI_AUTO_POINTS list = {NULL, 0};
        office_ok(imi_administration_list(o->administration, FIRST, OFFICE_LOOSE, &list, &err),
                  &err);
        size_t active = 0;
        for (size_t i = 0; i < list.count; i++) {
            active += list.points[i].state == IMI_POINT_ACTIVE;
        }
        assert_int_equal(active, 1);
        const imi_operating_point *now = imi_operating_points_acquire(o->points, OFFICE_LOOSE);
        assert_string_equal(now->active.point_id,
                            imi_points_find_active(list.points, list.count)->point_id);
        imi_operating_point_release(&now);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, office_set_up, office_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_registry_without_memory_is_none),
        TEST(a_reload_without_memory_leaves_what_decides),
        TEST(a_proposal_without_memory_is_stored_whole_or_not_at_all),
        TEST(of_two_activations_at_once_one_point_is_active_and_in_use),
    };
    return cmocka_run_group_tests_name("administration: faults", tests, NULL, NULL);
}
