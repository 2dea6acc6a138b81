/* Key and secret files. */
#include "forge.h"

#include "imi/memory.h"

#include <fcntl.h>
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

static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)

static mode_t mode_of(const char *name)
{
    struct stat info;
    assert_int_equal(stat(in_folder(name), &info), 0);
    return info.st_mode & 07777;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    OK(imi_file_write(in_folder(name), imi_view_of_text(text), 0600, &g_err));
    assert_int_equal(chmod(in_folder(name), mode), 0);
}

static void assert_signer_refused(const char *name, imi_status wanted)
{
    imi_signer *signer = g_signer;
    assert_int_equal(imi_signer_file_new(in_folder(name), &signer, &g_err), wanted);
    assert_null(signer);
}

static void the_key_file_is_private(void **state)
{
    (void)state;
    mode_t before = umask(0);
    IMI_AUTO(imi_signer) signer = NULL;
    OK(imi_signer_file_new(in_folder("fresh.pem"), &signer, &g_err));
    umask(before);
    assert_int_equal(mode_of("fresh.pem"), 0600);
}

static void the_key_stays_the_same_over_restarts(void **state)
{
    (void)state;
    IMI_AUTO(imi_signer) again = NULL;
    OK(imi_signer_file_new(in_folder("key.pem"), &again, &g_err));
    assert_string_equal(again->key_id, g_signer->key_id);
    assert_int_equal(strlen(again->key_id), 43);
    assert_string_equal(again->algorithm, "ES256");
}

static void two_installations_have_different_keys(void **state)
{
    (void)state;
    IMI_AUTO(imi_signer) other = NULL;
    OK(imi_signer_file_new(in_folder("other.pem"), &other, &g_err));
    assert_string_not_equal(other->key_id, g_signer->key_id);
}

static void a_key_that_others_can_reach_is_refused(void **state)
{
    (void)state;
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0601, 0644, 0660};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(in_folder("key.pem"), modes[i]), 0);
        assert_signer_refused("key.pem", IMI_E_KEY);
    }
    assert_int_equal(chmod(in_folder("key.pem"), 0600), 0);
}

static void a_read_only_key_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(chmod(in_folder("key.pem"), 0400), 0);
    IMI_AUTO(imi_signer) again = NULL;
    OK(imi_signer_file_new(in_folder("key.pem"), &again, &g_err));
    assert_int_equal(chmod(in_folder("key.pem"), 0600), 0);
}

/* Only root can give files away; elsewhere there is nothing to test. */
static void a_key_of_another_user_is_refused(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    write_file("foreign.pem", "x", 0600);
    assert_int_equal(chown(in_folder("foreign.pem"), 65534, 65534), 0);
    assert_signer_refused("foreign.pem", IMI_E_KEY);
}

static void files_that_hold_no_key_are_refused(void **state)
{
    (void)state;
    static const char *const contents[] = {
        "", "not a key", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"};
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        write_file("bad.pem", contents[i], 0600);
        assert_signer_refused("bad.pem", IMI_E_KEY);
    }
}

static void a_public_key_is_refused(void **state)
{
    (void)state;
    write_file("public.pem",
               "-----BEGIN PUBLIC KEY-----\n"
               "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
               "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
               "-----END PUBLIC KEY-----\n",
               0600);
    assert_signer_refused("public.pem", IMI_E_KEY);
}

/* Keys of kinds that must not sign ES256, made for this test by the openssl command. */
static void keys_of_other_kinds_are_refused(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
        "openssl genpkey -algorithm ED25519",
        "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:secret",
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char command[512];
        snprintf(command, sizeof command, "umask 077; %s -out %s 2>/dev/null", commands[i],
                 in_folder("kind.pem"));
        assert_int_equal(system(command), 0);
        assert_signer_refused("kind.pem", IMI_E_KEY);
        assert_null(strstr(g_err.message, "secret"));
        unlink(in_folder("kind.pem"));
    }
}

static void a_pipe_in_the_keys_place_is_refused_without_waiting(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(in_folder("pipe.pem"), 0600), 0);
    assert_signer_refused("pipe.pem", IMI_E_KEY);
}

static void a_folder_in_the_keys_place_is_refused(void **state)
{
    (void)state;
    imi_signer *signer = NULL;
    assert_int_equal(imi_signer_file_new(g_folder, &signer, &g_err), IMI_E_KEY);
}

static void an_oversized_key_file_is_refused(void **state)
{
    (void)state;
    static char text[20000];
    memset(text, 'x', sizeof text - 1);
    write_file("big.pem", text, 0600);
    assert_signer_refused("big.pem", IMI_E_KEY);
}

static void a_missing_folder_is_an_io_error(void **state)
{
    (void)state;
    assert_signer_refused("missing/key.pem", IMI_E_IO);
}

static void no_path_is_refused(void **state)
{
    (void)state;
    imi_signer *signer = NULL;
    assert_int_equal(imi_signer_file_new("", &signer, &g_err), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_signer_file_new(NULL, &signer, &g_err), IMI_E_INVALID_ARGUMENT);
}

/* Eight servers that start at once agree on one key. */
static void a_first_start_in_many_processes_makes_one_key(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    enum { PROCESSES = 8 };
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            imi_signer *signer = NULL;
            imi_status status = imi_signer_file_new(in_folder("race.pem"), &signer, NULL);
            ssize_t put = status == IMI_OK ? write(ends[1], signer->key_id, IMI_KEY_ID_SIZE) : 0;
            _exit(put == IMI_KEY_ID_SIZE ? 0 : 1);
        }
    }
    char ids[PROCESSES][IMI_KEY_ID_SIZE];
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
        assert_int_equal(read(ends[0], ids[i], IMI_KEY_ID_SIZE), IMI_KEY_ID_SIZE);
        assert_string_equal(ids[i], ids[0]);
    }
    close(ends[0]);
    close(ends[1]);
}

static void *sign_often(void *failures)
{
    for (int i = 0; i < 50; i++) {
        IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
        imi_status status = g_signer->sign(g_signer, imi_view_of_text("m"), &signature, NULL);
        *(int *)failures += status != IMI_OK || signature.size != 64;
    }
    return NULL;
}

static void many_threads_can_sign(void **state)
{
    (void)state;
    pthread_t threads[4];
    int failures[4] = {0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, sign_often, &failures[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failures[i], 0);
    }
}

static void the_public_jwk_holds_no_private_member(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
    OK(g_signer->public_jwk(g_signer, &jwk, &g_err));
    OK(imi_buffer_terminate(&jwk, &g_err));
    assert_null(strstr((const char *)jwk.data, "\"d\""));
    assert_non_null(strstr((const char *)jwk.data, "\"kty\":\"EC\",\"crv\":\"P-256\""));
    assert_non_null(strstr((const char *)jwk.data, g_signer->key_id));
    assert_non_null(strstr((const char *)jwk.data, "\"alg\":\"ES256\",\"use\":\"sig\""));
}

static void a_key_set_without_keys_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER set = IMI_BUFFER_INIT;
    assert_int_equal(imi_jwks_render(NULL, 0, &set, &g_err), IMI_E_INVALID_ARGUMENT);
}

/* --- Encrypted keys, and the other algorithms ------------------------------------------------ */

static imi_status open_signer(const char *pem, const char *algorithm, const char *pass_phrase,
                              imi_signer **out)
{
    char phrase_path[400];
    snprintf(phrase_path, sizeof phrase_path, "%s/phrase", g_folder);
    if (pass_phrase != NULL) {
        OK(imi_file_write(phrase_path, imi_view_of_text(pass_phrase), 0600, &g_err));
    }
    imi_signer_file_options options = {in_folder(pem), algorithm,
                                       pass_phrase == NULL ? NULL : phrase_path};
    return imi_signer_file_open(&options, out, &g_err);
}

static void an_encrypted_key_is_the_same_after_a_restart(void **state)
{
    (void)state;
    static const char *const names[] = {"ES256", "EdDSA", "SM2"};
    for (size_t i = 0; i < 3; i++) {
        char file[32];
        snprintf(file, sizeof file, "sealed-%s.pem", names[i]);
        IMI_AUTO(imi_signer) first = NULL;
        IMI_AUTO(imi_signer) second = NULL;
        OK(open_signer(file, names[i], "correct horse", &first));
        OK(open_signer(file, names[i], "correct horse\n", &second));
        assert_string_equal(first->key_id, second->key_id);
        IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
        OK(imi_file_read(in_folder(file), 4096, &text, &g_err));
        OK(imi_buffer_terminate(&text, &g_err));
        assert_non_null(strstr((const char *)text.data, "BEGIN ENCRYPTED PRIVATE KEY"));
    }
}

static void an_encrypted_key_is_pbes2_with_many_rounds(void **state)
{
    (void)state;
    IMI_AUTO(imi_signer) signer = NULL;
    OK(open_signer("rounds.pem", "ES256", "correct horse", &signer));
    char command[600];
    snprintf(command, sizeof command,
             "openssl asn1parse -in %s | tr '\\n' ' ' | "
             "grep -q 'PBES2.*PBKDF2.*INTEGER *:0927C0.*hmacWithSHA256.*aes-256-cbc'",
             in_folder("rounds.pem"));
    assert_int_equal(system(command), 0);
}

static void a_key_that_openssl_encrypted_is_taken(void **state)
{
    (void)state;
    char command[600];
    snprintf(command, sizeof command,
             "umask 077; openssl genpkey -algorithm ED25519 -aes256 -pass pass:horse -out %s "
             "2>/dev/null",
             in_folder("foreign-sealed.pem"));
    assert_int_equal(system(command), 0);
    IMI_AUTO(imi_signer) signer = NULL;
    OK(open_signer("foreign-sealed.pem", "EdDSA", "horse", &signer));
}

static void assert_not_opened(const char *pem, const char *algorithm, const char *pass_phrase,
                              imi_status wanted)
{
    imi_signer *signer = g_signer;
    assert_int_equal(open_signer(pem, algorithm, pass_phrase, &signer), wanted);
    assert_null(signer);
    assert_null(strstr(g_err.message, "horse"));
}

static void a_wrong_or_missing_pass_phrase_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_signer) signer = NULL;
    OK(open_signer("guarded.pem", "ES256", "correct horse", &signer));
    assert_not_opened("guarded.pem", "ES256", "correct hors", IMI_E_KEY);
    assert_not_opened("guarded.pem", "ES256", "", IMI_E_KEY);
    assert_not_opened("guarded.pem", "ES256", "\ncorrect horse", IMI_E_KEY);
    assert_not_opened("guarded.pem", "ES256", NULL, IMI_E_KEY);
}

static void a_plain_key_is_refused_where_a_pass_phrase_is_given(void **state)
{
    (void)state;
    assert_not_opened("key.pem", "ES256", "correct horse", IMI_E_KEY);
}

static void a_pass_phrase_that_others_can_read_is_refused(void **state)
{
    (void)state;
    write_file("open-phrase", "correct horse", 0644);
    char path[400];
    snprintf(path, sizeof path, "%s", in_folder("open-phrase"));
    imi_signer_file_options options = {in_folder("never.pem"), "ES256", path};
    imi_signer *signer = NULL;
    assert_int_equal(imi_signer_file_open(&options, &signer, &g_err), IMI_E_KEY);
    assert_int_equal(access(in_folder("never.pem"), F_OK), -1);
}

static void a_missing_pass_phrase_file_is_not_made(void **state)
{
    (void)state;
    imi_signer_file_options options = {"/nowhere/key.pem", "ES256", "/nowhere/phrase"};
    imi_signer *signer = NULL;
    assert_int_equal(imi_signer_file_open(&options, &signer, &g_err), IMI_E_NOT_FOUND);
}

static void a_key_for_another_algorithm_is_refused(void **state)
{
    (void)state;
    IMI_AUTO(imi_signer) signer = NULL;
    OK(open_signer("sm2.pem", "SM2", NULL, &signer));
    assert_not_opened("sm2.pem", "ES256", NULL, IMI_E_KEY);
    assert_not_opened("sm2.pem", "EdDSA", NULL, IMI_E_KEY);
    assert_not_opened("key.pem", "SM2", NULL, IMI_E_KEY);
    assert_not_opened("key.pem", "HS256", NULL, IMI_E_UNSUPPORTED);
    assert_not_opened("key.pem", NULL, NULL, IMI_E_UNSUPPORTED);
}

/* The secret behind pairwise subjects */

static void the_secret_is_made_once_and_private(void **state)
{
    (void)state;
    uint8_t first[IMI_SECRET_SIZE], second[IMI_SECRET_SIZE], zero[IMI_SECRET_SIZE] = {0};
    OK(imi_secret_file_load(in_folder("secret"), first, &g_err));
    OK(imi_secret_file_load(in_folder("secret"), second, &g_err));
    assert_memory_equal(first, second, sizeof first);
    assert_memory_not_equal(first, zero, sizeof first);
    assert_int_equal(mode_of("secret"), 0600);
}

static void a_secret_that_others_can_read_is_refused(void **state)
{
    (void)state;
    uint8_t secret[IMI_SECRET_SIZE], zero[IMI_SECRET_SIZE] = {0};
    OK(imi_secret_file_load(in_folder("open"), secret, &g_err));
    assert_int_equal(chmod(in_folder("open"), 0644), 0);
    assert_int_equal(imi_secret_file_load(in_folder("open"), secret, &g_err), IMI_E_KEY);
    assert_memory_equal(secret, zero, sizeof zero);
}

static void a_damaged_secret_is_refused_rather_than_replaced(void **state)
{
    (void)state;
    uint8_t secret[IMI_SECRET_SIZE];
    static const char *const contents[] = {"", "short", "0123456789012345678901234567890123"};
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        write_file("damaged", contents[i], 0600);
        assert_int_equal(imi_secret_file_load(in_folder("damaged"), secret, &g_err), IMI_E_KEY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_file_is_private),
        cmocka_unit_test(the_key_stays_the_same_over_restarts),
        cmocka_unit_test(two_installations_have_different_keys),
        cmocka_unit_test(a_key_that_others_can_reach_is_refused),
        cmocka_unit_test(a_read_only_key_is_accepted),
        cmocka_unit_test(a_key_of_another_user_is_refused),
        cmocka_unit_test(files_that_hold_no_key_are_refused),
        cmocka_unit_test(a_public_key_is_refused),
        cmocka_unit_test(keys_of_other_kinds_are_refused),
        cmocka_unit_test(a_pipe_in_the_keys_place_is_refused_without_waiting),
        cmocka_unit_test(a_folder_in_the_keys_place_is_refused),
        cmocka_unit_test(an_oversized_key_file_is_refused),
        cmocka_unit_test(a_missing_folder_is_an_io_error),
        cmocka_unit_test(no_path_is_refused),
        cmocka_unit_test(a_first_start_in_many_processes_makes_one_key),
        cmocka_unit_test(many_threads_can_sign),
        cmocka_unit_test(the_public_jwk_holds_no_private_member),
        cmocka_unit_test(a_key_set_without_keys_is_refused),
        cmocka_unit_test(an_encrypted_key_is_the_same_after_a_restart),
        cmocka_unit_test(an_encrypted_key_is_pbes2_with_many_rounds),
        cmocka_unit_test(a_key_that_openssl_encrypted_is_taken),
        cmocka_unit_test(a_wrong_or_missing_pass_phrase_is_refused),
        cmocka_unit_test(a_plain_key_is_refused_where_a_pass_phrase_is_given),
        cmocka_unit_test(a_pass_phrase_that_others_can_read_is_refused),
        cmocka_unit_test(a_missing_pass_phrase_file_is_not_made),
        cmocka_unit_test(a_key_for_another_algorithm_is_refused),
        cmocka_unit_test(the_secret_is_made_once_and_private),
        cmocka_unit_test(a_secret_that_others_can_read_is_refused),
        cmocka_unit_test(a_damaged_secret_is_refused_rather_than_replaced),
    };
    return cmocka_run_group_tests_name("token: key files", tests, forge_set_up, forge_tear_down);
}
