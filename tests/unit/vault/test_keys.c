/* Data keys: one a subject, made once, found again, destroyed for good. */
#include "place.h"

#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void find(const char *party, const char *subject, char out[IMI_ID_SIZE])
{
    OK(imi_vault_find_key(g_vault, party, subject, true, out, &g_err));
}

static void a_subject_keeps_its_key(void **state)
{
    (void)state;
    char first[IMI_ID_SIZE], second[IMI_ID_SIZE], third[IMI_ID_SIZE];
    find("party", "subject", first);
    find("party", "subject", second);
    OK(imi_vault_find_key(g_vault, "party", "subject", false, third, &g_err));
    assert_string_equal(first, second);
    assert_string_equal(first, third);
    assert_memory_equal(first, "key_", 4);
}

static void subjects_of_other_names_have_other_keys(void **state)
{
    (void)state;
    /* The names' border counts: the last two would read the same without it. */
    static const char *const names[][2] = {
        {"party", "subject"}, {"party", "Subject"}, {"other", "subject"}, {"a", "bc"}, {"ab", "c"}};
    char ids[5][IMI_ID_SIZE];
    for (size_t i = 0; i < 5; i++) {
        find(names[i][0], names[i][1], ids[i]);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(ids[i], ids[j]);
        }
    }
}

static void an_unknown_subject_has_no_key_until_it_is_made(void **state)
{
    (void)state;
    char id[IMI_ID_SIZE] = "unchanged";
    REFUSES(imi_vault_find_key(g_vault, "party", "subject", false, id, &g_err), IMI_E_NOT_FOUND);
    assert_string_equal(id, "");
}

static void a_key_without_party_or_subject_is_refused(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"", "subject"}, {"party", ""}, {NULL, "subject"}, {"party", NULL}};
    char id[IMI_ID_SIZE];
    for (size_t i = 0; i < 4; i++) {
        REFUSES(imi_vault_find_key(g_vault, names[i][0], names[i][1], true, id, &g_err),
                IMI_E_INVALID_ARGUMENT);
    }
}

static void keys_survive_reopening(void **state)
{
    (void)state;
    char before[IMI_ID_SIZE], after[IMI_ID_SIZE];
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER plain = IMI_BUFFER_INIT;
    find("party", "subject", before);
    OK(imi_vault_seal(g_vault, before, "c", imi_view_of_text("text"), &sealed, &g_err));
    imi_vault_close(&g_vault);
    g_vault = place_open_again();
    find("party", "subject", after);
    assert_string_equal(before, after);
    OK(imi_vault_unseal(g_vault, after, "c", imi_buffer_view(&sealed), &plain, &g_err));
    assert_true(imi_view_equal(imi_buffer_view(&plain), imi_view_of_text("text")));
}

static void another_secret_does_not_open_the_vault(void **state)
{
    (void)state;
    uint8_t other[IMI_SECRET_SIZE];
    imi_copy(other, g_secret, sizeof other);
    other[31] ^= 1;
    imi_vault *vault = g_vault; /* must be overwritten */
    REFUSES(imi_vault_open(g_path, other, &vault, &g_err), IMI_E_KEY);
    assert_null(vault);
    vault = place_open_again();
    imi_vault_close(&vault);
}

static void a_vault_needs_a_secret_and_the_path_of_a_file(void **state)
{
    (void)state;
    imi_vault *vault = NULL;
    REFUSES(imi_vault_open(g_path, NULL, &vault, &g_err), IMI_E_INVALID_ARGUMENT);
    REFUSES(imi_vault_open("", g_secret, &vault, &g_err), IMI_E_INVALID_ARGUMENT);
    REFUSES(imi_vault_open(":memory:", g_secret, &vault, &g_err), IMI_E_INVALID_ARGUMENT);
    REFUSES(imi_vault_open(NULL, g_secret, &vault, &g_err), IMI_E_INVALID_ARGUMENT);
}

static void closing_nothing_does_nothing(void **state)
{
    (void)state;
    imi_vault *none = NULL;
    imi_vault_close(&none);
    assert_null(none);
}

static void a_destroyed_key_is_not_found_again(void **state)
{
    (void)state;
    char id[IMI_ID_SIZE], again[IMI_ID_SIZE];
    find("party", "subject", id);
    OK(imi_vault_destroy_key(g_vault, id, &g_err));
    REFUSES(imi_vault_find_key(g_vault, "party", "subject", false, again, &g_err), IMI_E_NOT_FOUND);
    REFUSES(imi_vault_destroy_key(g_vault, id, &g_err), IMI_E_NOT_FOUND);
}

static void destroying_an_unknown_key_is_not_found(void **state)
{
    (void)state;
    REFUSES(imi_vault_destroy_key(g_vault, "key_x", &g_err), IMI_E_NOT_FOUND);
    REFUSES(imi_vault_destroy_key(g_vault, "", &g_err), IMI_E_NOT_FOUND);
}

static void a_destroyed_key_neither_seals_nor_unseals(void **state)
{
    (void)state;
    char id[IMI_ID_SIZE];
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    find("party", "subject", id);
    OK(imi_vault_seal(g_vault, id, "c", imi_view_of_text("text"), &sealed, &g_err));
    OK(imi_vault_destroy_key(g_vault, id, &g_err));
    REFUSES(imi_vault_unseal(g_vault, id, "c", imi_buffer_view(&sealed), &out, &g_err),
            IMI_E_NOT_FOUND);
    REFUSES(imi_vault_seal(g_vault, id, "c", imi_view_of_text("text"), &out, &g_err),
            IMI_E_NOT_FOUND);
    assert_int_equal(out.size, 0);
}

static void a_new_key_of_the_same_subject_does_not_open_what_the_old_one_sealed(void **state)
{
    (void)state;
    char old_id[IMI_ID_SIZE], new_id[IMI_ID_SIZE];
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    find("party", "subject", old_id);
    OK(imi_vault_seal(g_vault, old_id, "c", imi_view_of_text("text"), &sealed, &g_err));
    OK(imi_vault_destroy_key(g_vault, old_id, &g_err));
    find("party", "subject", new_id);
    assert_string_not_equal(old_id, new_id);
    REFUSES(imi_vault_unseal(g_vault, new_id, "c", imi_buffer_view(&sealed), &out, &g_err),
            IMI_E_STORE_CORRUPT);
}

static void many_keys_are_read_at_once_but_destroyed_ones(void **state)
{
    (void)state;
    enum { COUNT = 5, GONE = 3 };
    char ids[COUNT][IMI_ID_SIZE];
    imi_vault_key keys[COUNT];
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    for (int i = 0; i < COUNT; i++) {
        char subject[16];
        snprintf(subject, sizeof subject, "subject-%d", i);
        find("party", subject, ids[i]);
    }
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    OK(imi_vault_seal(g_vault, ids[0], "c", imi_view_of_text("text"), &sealed, &g_err));
    OK(imi_vault_destroy_key(g_vault, ids[GONE], &g_err));
    OK(imi_vault_read_keys(g_vault, (const char(*)[IMI_ID_SIZE])ids, COUNT, keys, &g_err));
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(keys[i].found, i != GONE);
    }
    REFUSES(
        imi_vault_unseal_with(g_vault, &keys[GONE], "c", imi_buffer_view(&sealed), &out, &g_err),
        IMI_E_NOT_FOUND);
    REFUSES(imi_vault_unseal_with(g_vault, &keys[1], "c", imi_buffer_view(&sealed), &out, &g_err),
            IMI_E_STORE_CORRUPT);
    OK(imi_vault_unseal_with(g_vault, &keys[0], "c", imi_buffer_view(&sealed), &out, &g_err));
    assert_true(imi_view_equal(imi_buffer_view(&out), imi_view_of_text("text")));
}

static void no_key_is_given_out_when_one_of_many_is_damaged(void **state)
{
    (void)state;
    static const imi_vault_key nothing;
    char ids[2][IMI_ID_SIZE];
    imi_vault_key keys[2];
    find("party", "first", ids[0]);
    find("party", "second", ids[1]);
    place_run_sql("UPDATE data_key SET wrapped = zeroblob(61)");
    REFUSES(imi_vault_read_keys(g_vault, (const char(*)[IMI_ID_SIZE])ids, 2, keys, &g_err),
            IMI_E_STORE_CORRUPT);
    assert_memory_equal(&keys[0], &nothing, sizeof nothing);
    place_run_sql("UPDATE data_key SET wrapped = zeroblob(62)");
    REFUSES(imi_vault_read_keys(g_vault, (const char(*)[IMI_ID_SIZE])ids, 2, keys, &g_err),
            IMI_E_STORE_CORRUPT);
    /* Reading them has ended all the same: another may write. */
    find("party", "third", ids[0]);
}

static int destroy_elsewhere(const char *id)
{
    imi_vault *vault = NULL;
    return imi_vault_open(g_path, g_secret, &vault, NULL) == IMI_OK &&
                   imi_vault_destroy_key(vault, id, NULL) == IMI_OK
               ? 0
               : 1;
}

static void a_key_that_another_process_destroyed_is_not_served(void **state)
{
    (void)state;
    char id[IMI_ID_SIZE];
    IMI_AUTO_BUFFER sealed = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    /* Before there is an open database, which must not be carried over a fork. */
    imi_vault_close(&g_vault);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool told = read(ends[0], id, sizeof id) == (ssize_t)sizeof id;
        _exit(told ? destroy_elsewhere(id) : 2);
    }
    g_vault = place_open_again();
    find("party", "subject", id);
    OK(imi_vault_seal(g_vault, id, "c", imi_view_of_text("text"), &sealed, &g_err));
    assert_int_equal(write(ends[1], id, sizeof id), sizeof id);
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
    REFUSES(imi_vault_unseal(g_vault, id, "c", imi_buffer_view(&sealed), &out, &g_err),
            IMI_E_NOT_FOUND);
}

/* Threads */

enum { THREADS = 6, SUBJECTS = 12 };

typedef struct maker {
    imi_vault *vault;
    char ids[SUBJECTS][IMI_ID_SIZE];
    imi_status status;
} maker;

static void *make_keys(void *argument)
{
    maker *self = argument;
    for (int i = 0; i < SUBJECTS && self->status == IMI_OK; i++) {
        char subject[16];
        snprintf(subject, sizeof subject, "subject-%d", i);
        self->status = imi_vault_find_key(self->vault, "party", subject, true, self->ids[i], NULL);
    }
    return NULL;
}

/* Half of them through one vault, half through another of the same file. */
static void threads_that_want_one_subjects_key_get_the_same(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    static maker makers[THREADS];
    IMI_AUTO(imi_vault) second = place_open_again();
    for (int i = 0; i < THREADS; i++) {
        makers[i] = (maker){.vault = i % 2 == 0 ? g_vault : second};
        assert_int_equal(pthread_create(&threads[i], NULL, make_keys, &makers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(makers[i].status, IMI_OK);
        assert_memory_equal(makers[i].ids, makers[0].ids, sizeof makers[0].ids);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, place_open, place_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_subject_keeps_its_key),
        TEST(subjects_of_other_names_have_other_keys),
        TEST(an_unknown_subject_has_no_key_until_it_is_made),
        TEST(a_key_without_party_or_subject_is_refused),
        TEST(keys_survive_reopening),
        TEST(another_secret_does_not_open_the_vault),
        TEST(a_vault_needs_a_secret_and_the_path_of_a_file),
        TEST(closing_nothing_does_nothing),
        TEST(a_destroyed_key_is_not_found_again),
        TEST(destroying_an_unknown_key_is_not_found),
        TEST(a_destroyed_key_neither_seals_nor_unseals),
        TEST(a_new_key_of_the_same_subject_does_not_open_what_the_old_one_sealed),
        TEST(many_keys_are_read_at_once_but_destroyed_ones),
        TEST(no_key_is_given_out_when_one_of_many_is_damaged),
        TEST(a_key_that_another_process_destroyed_is_not_served),
        TEST(threads_that_want_one_subjects_key_get_the_same),
    };
#undef TEST
    return cmocka_run_group_tests_name("vault: keys", tests, NULL, NULL);
}
