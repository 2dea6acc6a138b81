/* Every allocation fails once: a call either works or says IMI_E_NO_MEMORY, and nothing leaks. */
#include "place.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static bool fail_once(void *user, size_t size)
{
    (void)size;
    long *countdown = user;
    return --*countdown == 0;
}

/* A vault's whole life, from an empty folder on. */
static imi_status live(void)
{
    IMI_AUTO(imi_vault) vault = NULL;
    char id[IMI_ID_SIZE];
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER plain = IMI_BUFFER_INIT;
    IMI_TRY(imi_vault_open(g_path, g_secret, &vault, NULL));
    IMI_TRY(imi_vault_find_key(vault, "party", "subject", true, id, NULL));
    IMI_TRY(imi_vault_seal(vault, id, "c", imi_view_of_text("text"), &sealed, NULL));
    IMI_TRY(imi_vault_unseal(vault, id, "c", imi_buffer_view(&sealed), &plain, NULL));
    assert_true(imi_view_equal(imi_buffer_view(&plain), imi_view_of_text("text")));
    imi_vault_key keys[2];
    char ids[2][IMI_ID_SIZE] = {"key_unknown"};
    imi_copy_text(ids[1], IMI_ID_SIZE, id);
    IMI_TRY(imi_vault_read_keys(vault, (const char(*)[IMI_ID_SIZE])ids, 2, keys, NULL));
    assert_true(keys[1].found && !keys[0].found);
    return imi_vault_destroy_key(vault, id, NULL);
}

static long sweep(bool fresh)
{
    for (long at = 1;; at++) {
        long countdown = at;
        int64_t before = imi_alloc_live_blocks();
        imi_alloc_set_fail_hook(fail_once, &countdown);
        imi_status status = live();
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_int_equal(imi_alloc_live_blocks(), before);
        if (status != IMI_OK && status != IMI_E_NO_MEMORY) {
            fail_msg("allocation %ld: %s", at, imi_status_name(status));
        }
        if (countdown > 0) {
            assert_int_equal(status, IMI_OK);
            return at - 1;
        }
        if (fresh) {
            place_remove(NULL);
            place_make(NULL);
        }
    }
}

static void a_new_vault_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_int_equal(live(), IMI_OK); /* so that SQLite is initialised */
    place_remove(NULL);
    place_make(NULL);
    assert_true(sweep(true) > 20);
}

static void an_old_vault_survives_any_failed_allocation(void **state)
{
    (void)state;
    assert_int_equal(live(), IMI_OK);
    assert_true(sweep(false) > 20);
    assert_int_equal(live(), IMI_OK);
}

int main(void)
{
    /* Nothing here is about disks: memory is quicker. */
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_vault_survives_any_failed_allocation, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(an_old_vault_survives_any_failed_allocation, place_make,
                                        place_remove),
    };
    return cmocka_run_group_tests_name("vault without memory", tests, NULL, NULL);
}
