/* Every allocation of ours and of jansson's fails once. */
#include "mint.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static imi_error g_err;
static imi_buffer g_credential = IMI_BUFFER_INIT, g_presentation = IMI_BUFFER_INIT;

#define OK(call) assert_ok((call), &g_err)

static bool fail_once(void *user, size_t size)
{
    (void)size;
    long *countdown = user;
    return --*countdown == 0;
}

typedef imi_status (*operation)(imi_buffer *out);

/* Each failure is reported, leaves nothing behind and says nothing. */
static void sweep(operation function)
{
    for (long at = 1; at < 100000; at++) {
        long countdown = at;
        int64_t before = imi_alloc_live_blocks();
        imi_buffer out = IMI_BUFFER_INIT;
        imi_alloc_set_fail_hook(fail_once, &countdown);
        imi_status status = function(&out);
        imi_alloc_set_fail_hook(NULL, NULL);
        bool finished = countdown > 0;
        assert_int_equal(status == IMI_OK, finished);
        assert_true(finished || out.size == 0);
        imi_buffer_clean_up(&out);
        assert_int_equal(imi_alloc_live_blocks(), before);
        if (finished) {
            assert_true(at > 20);
            return;
        }
    }
    fail();
}

static imi_status issue(imi_buffer *out)
{
    imi_credential_terms terms = mint_terms();
    terms.status_uri = "u";
    terms.decoys = 1;
    return imi_credential_issue(g_issuer, &terms, imi_view_of_text(MINT_CLAIMS), out, NULL);
}

static imi_status describe(imi_buffer *out)
{
    return imi_credential_describe(imi_buffer_view(&g_credential), out, NULL);
}

static imi_status present(imi_buffer *out)
{
    const char *paths[] = {"degree/year", "languages"};
    imi_presentation_terms terms = {paths, 2, MINT_AUDIENCE, MINT_NONCE, MINT_NOW_S};
    return imi_credential_present(imi_buffer_view(&g_credential), g_holder, &terms, out, NULL);
}

static imi_status verify(imi_buffer *out)
{
    imi_credential_expectation expectation = mint_expectation();
    imi_credential_facts facts;
    return imi_credential_verify(imi_buffer_view(&g_presentation), g_keys, &expectation, &facts,
                                 out, NULL);
}

static void issuing_survives(void **state)
{
    (void)state;
    sweep(issue);
}

static void describing_survives(void **state)
{
    (void)state;
    sweep(describe);
}

static void presenting_survives(void **state)
{
    (void)state;
    sweep(present);
}

static void verifying_survives(void **state)
{
    (void)state;
    sweep(verify);
}

static int set_up(void **state)
{
    mint_set_up(state);
    mint_credential(&g_credential);
    OK(present(&g_presentation));
    return 0;
}

static int tear_down(void **state)
{
    imi_buffer_clean_up(&g_credential);
    imi_buffer_clean_up(&g_presentation);
    return mint_tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issuing_survives),
        cmocka_unit_test(describing_survives),
        cmocka_unit_test(presenting_survives),
        cmocka_unit_test(verifying_survives),
    };
    return cmocka_run_group_tests_name("credential: faults", tests, set_up, tear_down);
}
