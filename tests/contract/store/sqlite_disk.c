/*
 * Writes to the disk fail, one at a time or from one on: what was acknowledged is there, what was
 * not is there whole or not at all, and the store works on when the disk does.
 */
#include "records.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- A disk that fails ---- */

/* A file of the shim; the real one lies behind it. */
typedef struct frail_file {
    sqlite3_file base;
    sqlite3_file *real;
} frail_file;

static sqlite3_vfs g_frail, *g_real;
static long g_countdown; /* writes and syncs until the one that fails; 0 = none will */
static bool g_lasting; /* all behind it fail too */

static bool fails_now(void)
{
    if (g_countdown == 0 || --g_countdown > 0) {
        return false;
    }
    g_countdown = g_lasting ? 1 : 0;
    return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((frail_file *)file)->real;
}

#define FORWARD(file, method, ...) real_of(file)->pMethods->method(real_of(file), __VA_ARGS__)

static int frail_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int frail_read(sqlite3_file *file, void *out, int size, sqlite3_int64 at)
{
    return FORWARD(file, xRead, out, size, at);
}

static int frail_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at)
{
    return fails_now() ? SQLITE_IOERR_WRITE : FORWARD(file, xWrite, bytes, size, at);
}

static int frail_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return fails_now() ? SQLITE_IOERR_TRUNCATE : FORWARD(file, xTruncate, size);
}

static int frail_sync(sqlite3_file *file, int flags)
{
    return fails_now() ? SQLITE_IOERR_FSYNC : FORWARD(file, xSync, flags);
}

static int frail_size(sqlite3_file *file, sqlite3_int64 *out)
{
    return FORWARD(file, xFileSize, out);
}

static int frail_lock(sqlite3_file *file, int level)
{
    return FORWARD(file, xLock, level);
}

static int frail_unlock(sqlite3_file *file, int level)
{
    return FORWARD(file, xUnlock, level);
}

static int frail_is_reserved(sqlite3_file *file, int *out)
{
    return FORWARD(file, xCheckReservedLock, out);
}

static int frail_control(sqlite3_file *file, int what, void *value)
{
    return FORWARD(file, xFileControl, what, value);
}

static int frail_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int frail_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int frail_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    return FORWARD(file, xShmMap, region, size, extend, out);
}

static int frail_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return FORWARD(file, xShmLock, offset, count, flags);
}

static void frail_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int frail_shm_unmap(sqlite3_file *file, int remove)
{
    return FORWARD(file, xShmUnmap, remove);
}

static int frail_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    static const sqlite3_io_methods methods = {2,
                                               frail_close,
                                               frail_read,
                                               frail_write,
                                               frail_truncate,
                                               frail_sync,
                                               frail_size,
                                               frail_lock,
                                               frail_unlock,
                                               frail_is_reserved,
                                               frail_control,
                                               frail_sector,
                                               frail_traits,
                                               frail_shm_map,
                                               frail_shm_lock,
                                               frail_shm_barrier,
                                               frail_shm_unmap,
                                               NULL,
                                               NULL};
    (void)vfs;
    frail_file *self = (frail_file *)file;
    self->real = (sqlite3_file *)(void *)(self + 1);
    int code = g_real->xOpen(g_real, name, self->real, flags, out);
    /* As SQLite wants it: methods say that there is something to close. */
    file->pMethods = self->real->pMethods == NULL ? NULL : &methods;
    return code;
}

static void make_disk_frail(void)
{
    g_real = sqlite3_vfs_find(NULL);
    g_frail = *g_real;
    g_frail.zName = "frail";
    g_frail.szOsFile = (int)sizeof(frail_file) + g_real->szOsFile;
    g_frail.xOpen = frail_open;
    assert_int_equal(sqlite3_vfs_register(&g_frail, 1), SQLITE_OK);
}

/* ---- What is stored on it ---- */

static char g_folder[256];
static char g_path[300];
static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static int make_folder(void **state)
{
    (void)state;
    g_countdown = 0;
    scratch_make(g_folder);
    snprintf(g_path, sizeof g_path, "%s/store.db", g_folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    g_countdown = 0;
    scratch_remove(g_folder);
    return 0;
}

static imi_store *open_store(void)
{
    imi_store *store = NULL;
    OK(imi_store_sqlite_open(g_path, scratch_vault(g_folder), &store, &g_err));
    return store;
}

/* Four changes that belong together two by two. */
typedef struct work {
    imi_session_record session;
    imi_redemption_record redemption;
    imi_status decided, redeemed;
} work;

static void prepare(imi_store *store, work *self)
{
    imi_event_record event = sample_event("created");
    self->session = sample_session();
    self->redemption = sample_redemption("one");
    OK(store->create_session(store, &self->session, &event, &g_err));
}

static void decide_and_redeem(imi_store *store, work *self)
{
    imi_event_record event = sample_event("decided");
    imi_leaf_draft decision = sample_leaf(&self->session, "decision", "{}");
    imi_leaf_draft redemption = sample_leaf(&self->session, "redemption", "{}");
    imi_session_extras extras = {.leaf = &decision};
    imi_redemption_record held;
    imi_redemption_outcome outcome;
    event.deliver = true;
    decide_sample(&self->session);
    self->decided = store->update_session(store, &self->session, &event, &extras, NULL);
    self->redeemed =
        store->redeem_token(store, &self->redemption, &redemption, &outcome, &held, NULL);
}

static bool has_leaf(imi_store *store, const work *self, const char *kind)
{
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER event = IMI_BUFFER_INIT;
    imi_status status =
        store->find_leaf(store, self->session.session_id, kind, &leaf, &event, &g_err);
    assert_true(status == IMI_OK || status == IMI_E_NOT_FOUND);
    return status == IMI_OK;
}

static void assert_all_or_nothing(imi_store *store, const work *self)
{
    imi_session_record session;
    imi_redemption_record held;
    OK(store->get_session(store, self->session.session_id, &session, &g_err));
    imi_status redeemed = store->get_redemption(store, self->redemption.token_id, &held, &g_err);
    bool decided = session.state == IMI_SESSION_DECIDED;
    assert_true(decided || self->decided != IMI_OK);
    assert_true(redeemed == IMI_OK || self->redeemed != IMI_OK);
    assert_int_equal(has_leaf(store, self, "decision"), decided);
    assert_int_equal(has_leaf(store, self, "redemption"), redeemed == IMI_OK);
}

/* Returns whether the failing write was reached. */
static bool run_with_failure(long at, bool lasting)
{
    work one, next;
    IMI_AUTO(imi_store) store = open_store();
    prepare(store, &one);
    g_countdown = at;
    g_lasting = lasting;
    decide_and_redeem(store, &one);
    bool reached = one.decided != IMI_OK || one.redeemed != IMI_OK;
    assert_true(one.decided == IMI_OK || one.decided == IMI_E_STORE_IO);
    assert_true(one.redeemed == IMI_OK || one.redeemed == IMI_E_STORE_IO);
    g_countdown = 0;
    assert_all_or_nothing(store, &one);
    prepare(store, &next);
    decide_and_redeem(store, &next);
    OK(next.decided);
    OK(next.redeemed);
    imi_store_destroy(&store);
    store = open_store();
    assert_all_or_nothing(store, &one);
    assert_all_or_nothing(store, &next);
    return reached;
}

static void sweep(bool lasting)
{
    long at = 1;
    OK(imi_vault_find_key(scratch_vault(g_folder), sample_session().relying_party,
                          sample_session().subject_id, true, (char[IMI_ID_SIZE]){""}, &g_err));
    while (run_with_failure(at, lasting)) {
        at++;
    }
    assert_true(at > 8); /* two commits of several pages each, and a sync each */
}

static void a_write_that_fails_leaves_all_or_nothing(void **state)
{
    (void)state;
    sweep(false);
}

static void a_disk_that_fails_for_a_while_leaves_all_or_nothing(void **state)
{
    (void)state;
    sweep(true);
}

int main(void)
{
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
    make_disk_frail();
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_write_that_fails_leaves_all_or_nothing),
        TEST(a_disk_that_fails_for_a_while_leaves_all_or_nothing),
    };
#undef TEST
    return cmocka_run_group_tests_name("store: SQLite on a failing disk", tests, NULL, NULL);
}
