/* Keys over their lives: announced, signing, kept for verification, dropped. */
#include "forge.h"

#include "imi/keyring.h"
#include "imi/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { HOUR = 3600, DAY = 86400 };

#define NOW ((int64_t)TEST_NOW_S)

static imi_error g_err;
static char g_ring_folder[300];

#define OK(call) assert_ok((call), &g_err)

static const char *const g_es256[] = {"ES256"};
static const char *const g_all[] = {"SM2", "ES256", "EdDSA"};

/* Every test has a folder of its own in the group's. */
static int set_up(void **state)
{
    (void)state;
    static int number;
    snprintf(g_ring_folder, sizeof g_ring_folder, "%s/ring%d", g_folder, number++);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[400];
    snprintf(command, sizeof command, "rm -rf '%s'", g_ring_folder);
    return system(command);
}

static imi_keyring_options good_options(void)
{
    return (imi_keyring_options){
        .folder = g_ring_folder, .algorithms = g_es256, .algorithm_count = 1};
}

static imi_keyring *open_ring(int64_t now_s)
{
    imi_keyring_options options = good_options();
    imi_keyring *ring = NULL;
    OK(imi_keyring_open(&options, now_s, &ring, &g_err));
    return ring;
}

static const char *signing(imi_keyring *ring, int64_t now_s)
{
    imi_signer *signer = NULL;
    OK(imi_keyring_signer(ring, "ES256", now_s, &signer, &g_err));
    return signer->key_id;
}

static bool publishes(imi_keyring *ring, const char *key_id, int64_t now_s)
{
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    OK(imi_keyring_jwks(ring, now_s, &jwks, &g_err));
    OK(imi_buffer_terminate(&jwks, &g_err));
    return strstr((const char *)jwks.data, key_id) != NULL;
}

static imi_keyring_entry rotate(imi_keyring *ring, int64_t now_s)
{
    imi_keyring_entry entry;
    OK(imi_keyring_rotate(ring, "ES256", NULL, now_s, &entry, &g_err));
    return entry;
}

static void the_first_key_signs_at_once(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    assert_true(publishes(ring, signing(ring, NOW), NOW));
    struct stat info;
    assert_int_equal(stat(g_ring_folder, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
}

static void the_keys_stay_the_same_over_restarts(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) first = open_ring(NOW);
    IMI_AUTO(imi_keyring) second = open_ring(NOW + DAY);
    assert_string_equal(signing(first, NOW + DAY), signing(second, NOW + DAY));
}

static void every_algorithm_that_is_asked_for_has_a_key(void **state)
{
    (void)state;
    imi_keyring_options options = good_options();
    options.algorithms = g_all;
    options.algorithm_count = 3;
    IMI_AUTO(imi_keyring) ring = NULL;
    OK(imi_keyring_open(&options, NOW, &ring, &g_err));
    for (size_t i = 0; i < 3; i++) {
        imi_signer *signer = NULL;
        OK(imi_keyring_signer(ring, g_all[i], NOW, &signer, &g_err));
        assert_string_equal(signer->algorithm, g_all[i]);
        assert_true(publishes(ring, signer->key_id, NOW));
    }
}

static void an_algorithm_that_was_not_asked_for_has_none(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    imi_signer *signer = g_signer;
    assert_int_equal(imi_keyring_signer(ring, "EdDSA", NOW, &signer, &g_err), IMI_E_NOT_FOUND);
    assert_null(signer);
    assert_int_equal(imi_keyring_rotate(ring, "none", NULL, NOW, NULL, &g_err), IMI_E_UNSUPPORTED);
}

/* --- Rotation -------------------------------------------------------------------------------- */

static void a_new_key_is_published_at_once_and_signs_after_the_overlap(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    const char *old = signing(ring, NOW);
    imi_keyring_entry fresh = rotate(ring, NOW + DAY);
    assert_true(publishes(ring, fresh.key_id, NOW + DAY));
    assert_string_equal(signing(ring, NOW + DAY + HOUR - 1), old);
    assert_string_equal(signing(ring, NOW + DAY + HOUR), fresh.key_id);
}

static void the_old_key_is_published_until_its_tokens_have_ended(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    const char *old = signing(ring, NOW);
    rotate(ring, NOW);
    assert_true(publishes(ring, old, NOW + HOUR + 30 * DAY - 1));
    assert_false(publishes(ring, old, NOW + HOUR + 30 * DAY));
}

static void overlap_and_keeping_are_the_callers(void **state)
{
    (void)state;
    imi_keyring_options options = good_options();
    options.overlap_s = 10;
    options.keep_s = 20;
    IMI_AUTO(imi_keyring) ring = NULL;
    OK(imi_keyring_open(&options, NOW, &ring, &g_err));
    const char *old = signing(ring, NOW);
    imi_keyring_entry fresh = rotate(ring, NOW);
    assert_string_equal(signing(ring, NOW + 9), old);
    assert_string_equal(signing(ring, NOW + 10), fresh.key_id);
    assert_true(publishes(ring, old, NOW + 29));
    assert_false(publishes(ring, old, NOW + 30));
}

static void a_token_of_the_old_key_verifies_after_the_rotation(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    imi_signer *signer = NULL;
    OK(imi_keyring_signer(ring, "ES256", NOW, &signer, &g_err));
    imi_token_claims claims = good_claims(), read;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    OK(imi_token_issue(signer, &claims, &token, &g_err));
    rotate(ring, NOW);
    OK(imi_keyring_jwks(ring, NOW + 2 * HOUR, &jwks, &g_err));
    imi_token_expectation expectation = good_expectation();
    OK(imi_token_verify(imi_buffer_view(&token), imi_buffer_view(&jwks), &expectation, &read,
                        &g_err));
}

static void a_second_rotation_waits_for_the_first(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    rotate(ring, NOW);
    assert_int_equal(imi_keyring_rotate(ring, "ES256", NULL, NOW + HOUR - 1, NULL, &g_err),
                     IMI_E_CONFLICT);
    rotate(ring, NOW + HOUR);
}

static void a_signer_lives_as_long_as_the_ring(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    imi_signer *signer = NULL;
    OK(imi_keyring_signer(ring, "ES256", NOW, &signer, &g_err));
    for (int i = 0; i < 3; i++) {
        rotate(ring, NOW + i * 90 * DAY);
        signing(ring, NOW + i * 90 * DAY + HOUR);
    }
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    OK(signer->sign(signer, imi_view_of_text("m"), &signature, &g_err));
}

static void a_clock_that_was_set_back_finds_the_first_key(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    const char *first = signing(ring, NOW);
    rotate(ring, NOW);
    IMI_AUTO(imi_keyring) early = open_ring(NOW - DAY);
    assert_string_equal(signing(early, NOW - DAY), first);
    assert_true(publishes(early, first, NOW - DAY));
}

static void keys_that_were_dropped_make_room(void **state)
{
    (void)state;
    imi_keyring_options options = good_options();
    options.overlap_s = 1;
    options.keep_s = 1;
    IMI_AUTO(imi_keyring) ring = NULL;
    OK(imi_keyring_open(&options, NOW, &ring, &g_err));
    for (int i = 0; i < IMI_KEYRING_MAX + 3; i++) {
        rotate(ring, NOW + 10 * i);
    }
    imi_keyring_entry entries[IMI_KEYRING_MAX];
    size_t count = 0;
    OK(imi_keyring_list(ring, entries, &count, &g_err));
    assert_int_equal(count, IMI_KEYRING_MAX);
    assert_int_equal(entries[count - 1].announced_s, NOW + 10 * (IMI_KEYRING_MAX + 2));
}

static void a_keyring_full_of_keys_in_use_takes_no_more(void **state)
{
    (void)state;
    imi_keyring_options options = good_options();
    options.overlap_s = 1;
    IMI_AUTO(imi_keyring) ring = NULL;
    OK(imi_keyring_open(&options, NOW, &ring, &g_err));
    for (int i = 1; i < IMI_KEYRING_MAX; i++) {
        rotate(ring, NOW + 10 * i);
    }
    assert_int_equal(imi_keyring_rotate(ring, "ES256", NULL, NOW + DAY, NULL, &g_err),
                     IMI_E_EXHAUSTED);
}

static void the_list_tells_each_keys_life(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    imi_keyring_entry fresh = rotate(ring, NOW + DAY), entries[IMI_KEYRING_MAX];
    size_t count = 0;
    OK(imi_keyring_list(ring, entries, &count, &g_err));
    assert_int_equal(count, 2);
    assert_int_equal(entries[0].announced_s, NOW);
    assert_int_equal(entries[0].signs_from_s, NOW);
    assert_int_equal(entries[0].retires_s, NOW + DAY + HOUR);
    assert_int_equal(entries[0].dropped_s, NOW + DAY + HOUR + 30 * DAY);
    assert_string_equal(entries[1].key_id, fresh.key_id);
    assert_string_equal(entries[1].source, "file");
    assert_int_equal(entries[1].announced_s, NOW + DAY);
    assert_int_equal(entries[1].signs_from_s, NOW + DAY + HOUR);
    assert_int_equal(entries[1].retires_s, 0);
    assert_int_equal(entries[1].dropped_s, 0);
}

/* --- Stolen keys ----------------------------------------------------------------------------- */

static void a_dropped_key_leaves_the_set_and_its_successor_signs(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    const char *stolen = signing(ring, NOW);
    imi_keyring_entry fresh = rotate(ring, NOW);
    OK(imi_keyring_drop(ring, stolen, NOW + 1, &g_err));
    assert_false(publishes(ring, stolen, NOW + 1));
    assert_string_equal(signing(ring, NOW + 1), fresh.key_id);
}

static void the_only_key_is_not_dropped(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    const char *only = signing(ring, NOW);
    assert_int_equal(imi_keyring_drop(ring, only, NOW, &g_err), IMI_E_CONFLICT);
    assert_true(publishes(ring, only, NOW));
}

static void a_dropped_announcement_lets_the_key_before_it_go_on(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    const char *old = signing(ring, NOW);
    imi_keyring_entry fresh = rotate(ring, NOW);
    OK(imi_keyring_drop(ring, fresh.key_id, NOW + 1, &g_err));
    assert_false(publishes(ring, fresh.key_id, NOW + 1));
    assert_string_equal(signing(ring, NOW + 365 * DAY), old);
    assert_true(publishes(ring, old, NOW + 365 * DAY));
}

static void a_retired_key_can_be_dropped_and_only_once(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    const char *old = signing(ring, NOW);
    imi_keyring_entry fresh = rotate(ring, NOW);
    OK(imi_keyring_drop(ring, old, NOW + DAY, &g_err));
    assert_false(publishes(ring, old, NOW + DAY));
    assert_string_equal(signing(ring, NOW + DAY), fresh.key_id);
    assert_int_equal(imi_keyring_drop(ring, old, NOW + DAY, &g_err), IMI_E_NOT_FOUND);
    assert_int_equal(imi_keyring_drop(ring, "nobody", NOW + DAY, &g_err), IMI_E_NOT_FOUND);
}

/* --- Keeping for longer ---------------------------------------------------------------------- */

static imi_keyring *open_ring_that_keeps(int64_t keep_s, int64_t now_s)
{
    imi_keyring_options options = good_options();
    options.keep_s = keep_s;
    imi_keyring *ring = NULL;
    OK(imi_keyring_open(&options, now_s, &ring, &g_err));
    return ring;
}

static void a_longer_keeping_holds_for_keys_that_are_retired_already(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) before = open_ring(NOW);
    const char *old = signing(before, NOW);
    rotate(before, NOW);
    IMI_AUTO(imi_keyring) ring = open_ring_that_keeps(366 * DAY, NOW + 29 * DAY);
    assert_true(publishes(ring, old, NOW + HOUR + 366 * DAY - 1));
    assert_false(publishes(ring, old, NOW + HOUR + 366 * DAY));
    assert_true(publishes(before, old, NOW + 31 * DAY));
}

static void a_shorter_keeping_takes_nothing_from_retired_keys(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) before = open_ring_that_keeps(366 * DAY, NOW);
    const char *old = signing(before, NOW);
    rotate(before, NOW);
    IMI_AUTO(imi_keyring) ring = open_ring(NOW + DAY);
    assert_true(publishes(ring, old, NOW + HOUR + 366 * DAY - 1));
}

static void a_key_that_has_left_the_set_stays_out(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) before = open_ring(NOW);
    const char *old = signing(before, NOW);
    rotate(before, NOW);
    IMI_AUTO(imi_keyring) ring = open_ring_that_keeps(366 * DAY, NOW + 31 * DAY);
    assert_false(publishes(ring, old, NOW + 31 * DAY));
}

static void a_longer_keeping_brings_no_stolen_key_back_even_if_the_clock_is_set_back(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) before = open_ring(NOW);
    const char *stolen = signing(before, NOW);
    rotate(before, NOW);
    OK(imi_keyring_drop(before, stolen, NOW + DAY, &g_err));
    IMI_AUTO(imi_keyring) ring = open_ring_that_keeps(366 * DAY, NOW);
    assert_false(publishes(ring, stolen, NOW + DAY));
}

/* --- The key of an installation from before -------------------------------------------------- */

static void the_installations_key_is_taken_over_with_its_kid(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s/key.pem", g_folder);
    imi_keyring_options options = good_options();
    options.first_key_path = path;
    options.algorithms = g_all;
    options.algorithm_count = 3;
    IMI_AUTO(imi_keyring) ring = NULL;
    OK(imi_keyring_open(&options, NOW, &ring, &g_err));
    assert_string_equal(signing(ring, NOW), g_signer->key_id);
}

static void it_is_encrypted_where_the_ring_has_a_pass_phrase(void **state)
{
    (void)state;
    char path[300], phrase[300];
    snprintf(path, sizeof path, "%s/key.pem", g_folder);
    snprintf(phrase, sizeof phrase, "%s/phrase", g_folder);
    OK(imi_file_write(phrase, imi_view_of_text("correct horse\n"), 0600, &g_err));
    imi_keyring_options options = good_options();
    options.first_key_path = path;
    options.pass_phrase_path = phrase;
    IMI_AUTO(imi_keyring) ring = NULL;
    OK(imi_keyring_open(&options, NOW, &ring, &g_err));
    assert_string_equal(signing(ring, NOW), g_signer->key_id);
    char command[400];
    snprintf(command, sizeof command, "grep -q 'BEGIN ENCRYPTED PRIVATE KEY' '%s'/*.pem",
             g_ring_folder);
    assert_int_equal(system(command), 0);
}

static void without_a_key_from_before_one_is_made(void **state)
{
    (void)state;
    imi_keyring_options options = good_options();
    options.first_key_path = "/nowhere/token-key.pem";
    IMI_AUTO(imi_keyring) ring = NULL;
    OK(imi_keyring_open(&options, NOW, &ring, &g_err));
    assert_int_equal(strlen(signing(ring, NOW)), 43);
}

static void a_key_from_before_that_others_can_read_is_refused(void **state)
{
    (void)state;
    OK(imi_file_write(in_folder("open.pem"), imi_view_of_text("x"), 0644, &g_err));
    imi_keyring_options options = good_options();
    options.first_key_path = in_folder("open.pem");
    imi_keyring *ring = NULL;
    assert_int_equal(imi_keyring_open(&options, NOW, &ring, &g_err), IMI_E_KEY);
    assert_null(ring);
}

/* --- Several processes and threads ----------------------------------------------------------- */

static void what_one_process_changes_the_others_see(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) one = open_ring(NOW);
    IMI_AUTO(imi_keyring) other = open_ring(NOW);
    imi_keyring_entry fresh = rotate(one, NOW);
    assert_true(publishes(other, fresh.key_id, NOW));
    assert_string_equal(signing(other, NOW + HOUR), fresh.key_id);
    assert_int_equal(imi_keyring_rotate(other, "ES256", NULL, NOW, NULL, &g_err), IMI_E_CONFLICT);
}

typedef struct report {
    char key_id[IMI_KEY_ID_SIZE];
    imi_status rotated;
} report;

static void start_and_rotate(int fd)
{
    report done = {.rotated = IMI_E_INTERNAL};
    imi_keyring_options options = good_options();
    imi_keyring *ring = NULL;
    imi_signer *signer = NULL;
    if (imi_keyring_open(&options, NOW, &ring, NULL) == IMI_OK) {
        done.rotated = imi_keyring_rotate(ring, "ES256", NULL, NOW, NULL, NULL);
        if (imi_keyring_signer(ring, "ES256", NOW, &signer, NULL) == IMI_OK) {
            imi_copy_text(done.key_id, sizeof done.key_id, signer->key_id);
        }
    }
    _exit(write(fd, &done, sizeof done) == (ssize_t)sizeof done ? 0 : 1);
}

static void processes_that_start_and_rotate_at_once_agree(void **state)
{
    (void)state;
    enum { PROCESSES = 8 };
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            start_and_rotate(ends[1]);
        }
    }
    report reports[PROCESSES];
    int rotations = 0;
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_true(wait(&status) > 0);
        assert_int_equal(read(ends[0], &reports[i], sizeof reports[i]), sizeof reports[i]);
        assert_string_equal(reports[i].key_id, reports[0].key_id);
        assert_int_equal(strlen(reports[i].key_id), 43);
        rotations += reports[i].rotated == IMI_OK;
    }
    assert_int_equal(rotations, 1);
    close(ends[0]);
    close(ends[1]);
}

static void *use_often(void *argument)
{
    imi_keyring *ring = argument;
    intptr_t failures = 0;
    for (int i = 0; i < 50; i++) {
        imi_signer *signer = NULL;
        IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
        failures += imi_keyring_signer(ring, "ES256", NOW + i * DAY, &signer, NULL) != IMI_OK;
        failures += imi_keyring_jwks(ring, NOW, &jwks, NULL) != IMI_OK;
        imi_status status = imi_keyring_rotate(ring, "ES256", NULL, NOW + i * DAY, NULL, NULL);
        failures += status != IMI_OK && status != IMI_E_CONFLICT && status != IMI_E_EXHAUSTED;
    }
    return (void *)failures;
}

static void many_threads_can_use_a_ring(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use_often, ring), 0);
    }
    for (int i = 0; i < 4; i++) {
        void *failures = NULL;
        pthread_join(threads[i], &failures);
        assert_null(failures);
    }
}

/* --- Damage
 * --------------------------------------------------------------------------------------- */

static const char *in_ring(const char *name)
{
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", g_ring_folder, name);
    return path;
}

static void assert_not_opened(imi_status wanted)
{
    imi_keyring_options options = good_options();
    imi_keyring *ring = NULL;
    imi_status status = imi_keyring_open(&options, NOW, &ring, &g_err);
    if (status != wanted) {
        fail_msg("%s (%s)", imi_status_name(status), g_err.message);
    }
    assert_null(ring);
}

static void a_damaged_state_is_refused_rather_than_replaced(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{}",
        "{\"keys\":7}",
        "{\"keys\":[7]}",
        "{\"keys\":[{\"kid\":\"k\",\"alg\":\"ES256\",\"source\":\"file\",\"name\":\"../k.pem\","
        "\"announced_s\":1,\"signs_from_s\":1,\"retires_s\":0,\"dropped_s\":0}]}",
        "{\"keys\":[{\"kid\":\"k\",\"alg\":\"ES256\",\"source\":\"file\",\"name\":\".k\","
        "\"announced_s\":1,\"signs_from_s\":1,\"retires_s\":0,\"dropped_s\":0}]}",
        "{\"keys\":[{\"kid\":\"k\",\"alg\":\"none\",\"source\":\"file\",\"name\":\"k.pem\","
        "\"announced_s\":1,\"signs_from_s\":1,\"retires_s\":0,\"dropped_s\":0}]}",
        "{\"keys\":[{\"kid\":\"k\",\"alg\":\"ES256\",\"source\":\"mail\",\"name\":\"k.pem\","
        "\"announced_s\":1,\"signs_from_s\":1,\"retires_s\":0,\"dropped_s\":0}]}",
        "{\"keys\":[{\"kid\":\"k\",\"alg\":\"ES256\",\"source\":\"file\",\"name\":\"k.pem\","
        "\"announced_s\":1,\"signs_from_s\":-1,\"retires_s\":0,\"dropped_s\":0}]}",
        "{\"keys\":[{\"kid\":\"k\",\"alg\":\"ES256\",\"source\":\"file\",\"name\":\"k.pem\","
        "\"announced_s\":1,\"signs_from_s\":1,\"retires_s\":0}]}"};
    assert_int_equal(mkdir(g_ring_folder, 0700), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        OK(imi_file_write(in_ring("keys.json"), imi_view_of_text(bad[i]), 0600, &g_err));
        assert_not_opened(IMI_E_KEY);
        IMI_AUTO_BUFFER after = IMI_BUFFER_INIT;
        OK(imi_file_read(in_ring("keys.json"), 4096, &after, &g_err));
        assert_true(imi_view_equal(imi_buffer_view(&after), imi_view_of_text(bad[i])));
    }
}

static void a_state_that_others_can_write_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    assert_int_equal(chmod(in_ring("keys.json"), 0660), 0);
    assert_not_opened(IMI_E_KEY);
}

static void a_key_file_that_was_exchanged_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_keyring) ring = open_ring(NOW);
    imi_keyring_entry entries[IMI_KEYRING_MAX];
    size_t count = 0;
    OK(imi_keyring_list(ring, entries, &count, &g_err));
    assert_int_equal(unlink(in_ring(entries[0].name)), 0);
    IMI_AUTO(imi_signer) other = NULL;
    OK(imi_signer_file_new(in_ring(entries[0].name), &other, &g_err));
    assert_not_opened(IMI_E_KEY);
}

static void options_that_say_nothing_are_refused(void **state)
{
    (void)state;
    static const char *const unknown[] = {"HS256"};
    imi_keyring *ring = NULL;
    imi_keyring_options options = good_options();
    options.folder = "";
    assert_int_equal(imi_keyring_open(&options, NOW, &ring, &g_err), IMI_E_INVALID_ARGUMENT);
    options = good_options();
    assert_int_equal(imi_keyring_open(&options, 0, &ring, &g_err), IMI_E_INVALID_ARGUMENT);
    options.overlap_s = -1;
    assert_int_equal(imi_keyring_open(&options, NOW, &ring, &g_err), IMI_E_INVALID_ARGUMENT);
    options = good_options();
    options.algorithms = unknown;
    assert_int_equal(imi_keyring_open(&options, NOW, &ring, &g_err), IMI_E_UNSUPPORTED);
    options = good_options();
    options.folder = "/nowhere/ring";
    assert_int_equal(imi_keyring_open(&options, NOW, &ring, &g_err), IMI_E_IO);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(the_first_key_signs_at_once),
        EACH(the_keys_stay_the_same_over_restarts),
        EACH(every_algorithm_that_is_asked_for_has_a_key),
        EACH(an_algorithm_that_was_not_asked_for_has_none),
        EACH(a_new_key_is_published_at_once_and_signs_after_the_overlap),
        EACH(the_old_key_is_published_until_its_tokens_have_ended),
        EACH(overlap_and_keeping_are_the_callers),
        EACH(a_token_of_the_old_key_verifies_after_the_rotation),
        EACH(a_second_rotation_waits_for_the_first),
        EACH(a_signer_lives_as_long_as_the_ring),
        EACH(a_clock_that_was_set_back_finds_the_first_key),
        EACH(keys_that_were_dropped_make_room),
        EACH(a_keyring_full_of_keys_in_use_takes_no_more),
        EACH(the_list_tells_each_keys_life),
        EACH(a_dropped_key_leaves_the_set_and_its_successor_signs),
        EACH(the_only_key_is_not_dropped),
        EACH(a_dropped_announcement_lets_the_key_before_it_go_on),
        EACH(a_retired_key_can_be_dropped_and_only_once),
        EACH(a_longer_keeping_holds_for_keys_that_are_retired_already),
        EACH(a_shorter_keeping_takes_nothing_from_retired_keys),
        EACH(a_key_that_has_left_the_set_stays_out),
        EACH(a_longer_keeping_brings_no_stolen_key_back_even_if_the_clock_is_set_back),
        EACH(the_installations_key_is_taken_over_with_its_kid),
        EACH(it_is_encrypted_where_the_ring_has_a_pass_phrase),
        EACH(without_a_key_from_before_one_is_made),
        EACH(a_key_from_before_that_others_can_read_is_refused),
        EACH(what_one_process_changes_the_others_see),
        EACH(processes_that_start_and_rotate_at_once_agree),
        EACH(many_threads_can_use_a_ring),
        EACH(a_damaged_state_is_refused_rather_than_replaced),
        EACH(a_state_that_others_can_write_is_refused),
        EACH(a_key_file_that_was_exchanged_is_refused),
        EACH(options_that_say_nothing_are_refused),
    };
    return cmocka_run_group_tests_name("token: keyring", tests, forge_set_up, forge_tear_down);
}
