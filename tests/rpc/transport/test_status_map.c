/* The one table: complete, never success for a failure, never detail of ours to the outside. */
#include "rpc/status_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool is_known(int status)
{
    return strcmp(imi_status_name((imi_status)status), "unknown") != 0;
}

static void no_failure_maps_to_ok(void **state)
{
    (void)state;
    for (int status = -1; status > -2000; status--) {
        assert_int_not_equal(imi_rpc_code_of_status((imi_status)status), IMI_RPC_CODE_OK);
    }
    assert_int_equal(imi_rpc_code_of_status(IMI_OK), IMI_RPC_CODE_OK);
}

static void every_status_comes_back_by_its_name(void **state)
{
    (void)state;
    for (int status = 0; status > -2000; status--) {
        if (is_known(status)) {
            imi_rpc_code code = imi_rpc_code_of_status((imi_status)status);
            assert_int_equal(imi_rpc_status_of_code(code, imi_status_name((imi_status)status)),
                             status);
        }
    }
}

static void name_that_does_not_belong_to_the_code_is_not_believed(void **state)
{
    (void)state;
    assert_int_equal(imi_rpc_status_of_code(IMI_RPC_CODE_INTERNAL, "ok"), IMI_E_INTERNAL);
    assert_int_equal(imi_rpc_status_of_code(IMI_RPC_CODE_NOT_FOUND, "permission"), IMI_E_NOT_FOUND);
    assert_int_equal(imi_rpc_status_of_code(IMI_RPC_CODE_UNAVAILABLE, NULL), IMI_E_RPC_UNAVAILABLE);
}

static void every_code_but_ok_is_a_failure(void **state)
{
    (void)state;
    for (int code = 1; code < 32; code++) {
        assert_int_not_equal(imi_rpc_status_of_code((imi_rpc_code)code, NULL), IMI_OK);
    }
    assert_int_equal(imi_rpc_status_of_code(IMI_RPC_CODE_OK, NULL), IMI_OK);
}

static void our_own_failures_are_not_public(void **state)
{
    (void)state;
    for (int status = -1; status > -2000; status--) {
        imi_rpc_code code = imi_rpc_code_of_status((imi_status)status);
        if (code == IMI_RPC_CODE_INTERNAL || code == IMI_RPC_CODE_DATA_LOSS) {
            assert_false(imi_rpc_status_is_public((imi_status)status));
        }
    }
    assert_true(imi_rpc_status_is_public(IMI_E_IMAGE_CORRUPT));
}

static void malformed_images_are_the_clients_fault(void **state)
{
    (void)state;
    for (int status = IMI_E_IMAGE_EMPTY; status >= IMI_E_IMAGE_TOO_SMALL; status--) {
        assert_int_equal(imi_rpc_code_of_status((imi_status)status), IMI_RPC_CODE_INVALID_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_failure_maps_to_ok),
        cmocka_unit_test(every_status_comes_back_by_its_name),
        cmocka_unit_test(name_that_does_not_belong_to_the_code_is_not_believed),
        cmocka_unit_test(every_code_but_ok_is_a_failure),
        cmocka_unit_test(our_own_failures_are_not_public),
        cmocka_unit_test(malformed_images_are_the_clients_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
