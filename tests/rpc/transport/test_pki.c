/* The development CA: made once, whole, private; never overwritten; refused when unsafe. */
#include "fixture.h"

#include "imi/log.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct place {
    char folder[64];
    imi_pki pki;
} place;

static int setup_place(void **state)
{
    static place p;
    p = (place){.folder = "/tmp/imi-pki-test-XXXXXX"};
    imi_log_set_level(IMI_LOG_OFF);
    assert_non_null(mkdtemp(p.folder));
    *state = &p;
    return 0;
}

static int teardown_place(void **state)
{
    place *p = *state;
    const char *const argv[] = {"/bin/rm", "-rf", p->folder, NULL};
    assert_int_equal(run_program(argv), 0);
    return 0;
}

static unsigned mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return (unsigned)(info.st_mode & 07777);
}

static void read_file(const char *path, imi_buffer *out)
{
    assert_ok(imi_file_read(path, 1 << 20, out, err));
}

static X509 *read_certificate(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(certificate);
    return certificate;
}

static void first_start_makes_private_keys_in_a_private_folder(void **state)
{
    place *p = *state;
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    assert_int_equal(mode_of(p->pki.folder), 0700);
    assert_int_equal(mode_of(p->pki.ca_key), 0600);
    assert_int_equal(mode_of(p->pki.server_key), 0600);
    assert_int_equal(mode_of(p->pki.client_key), 0600);
    assert_ok(imi_pki_check_pair(p->pki.ca_cert, p->pki.ca_key, err));
    assert_ok(imi_pki_check_pair(p->pki.server_cert, p->pki.server_key, err));
    assert_ok(imi_pki_check_pair(p->pki.client_cert, p->pki.client_key, err));
}

static void certificates_say_what_they_are_for(void **state)
{
    place *p = *state;
    const char *const names[] = {"verify.example.org", "192.0.2.7", "2001:db8::1"};
    assert_ok(imi_pki_ensure(p->folder, names, 3, &p->pki, err));
    X509 *ca = read_certificate(p->pki.ca_cert);
    X509 *server = read_certificate(p->pki.server_cert);
    X509 *client = read_certificate(p->pki.client_cert);
    assert_int_equal(X509_verify(server, X509_get0_pubkey(ca)), 1);
    assert_int_equal(X509_check_purpose(ca, X509_PURPOSE_SSL_SERVER, 1), 1);
    assert_int_equal(X509_check_purpose(server, X509_PURPOSE_SSL_SERVER, 0), 1);
    assert_int_equal(X509_check_purpose(server, X509_PURPOSE_SSL_CLIENT, 0), 0);
    assert_int_equal(X509_check_purpose(server, X509_PURPOSE_SSL_SERVER, 1), 0);
    assert_int_equal(X509_check_purpose(client, X509_PURPOSE_SSL_CLIENT, 0), 1);
    assert_int_equal(X509_check_purpose(client, X509_PURPOSE_SSL_SERVER, 0), 0);
    assert_int_equal(X509_check_host(server, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(server, "verify.example.org", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(server, "other.example.org", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(server, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(server, "::1", 0), 1);
    assert_int_equal(X509_check_ip_asc(server, "192.0.2.7", 0), 1);
    assert_int_equal(X509_check_ip_asc(server, "2001:db8::1", 0), 1);
    X509_free(ca);
    X509_free(server);
    X509_free(client);
}

static void second_start_keeps_every_file(void **state)
{
    place *p = *state;
    IMI_AUTO_BUFFER before = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER after = IMI_BUFFER_INIT;
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    read_file(p->pki.ca_cert, &before);
    read_file(p->pki.server_key, &before);
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    read_file(p->pki.ca_cert, &after);
    read_file(p->pki.server_key, &after);
    assert_true(imi_view_equal(imi_buffer_view(&before), imi_buffer_view(&after)));
}

static void start_that_was_cut_short_is_made_anew(void **state)
{
    place *p = *state;
    char half[128];
    char file[160];
    snprintf(half, sizeof half, "%s/pki.new", p->folder);
    assert_int_equal(mkdir(half, 0700), 0);
    snprintf(file, sizeof file, "%s/ca.key", half);
    assert_ok(imi_file_write(file, imi_view_of_text("half a key"), 0600, err));
    snprintf(file, sizeof file, "%s/server.key.new", half);
    assert_ok(imi_file_write(file, imi_view_of_text("half a file"), 0600, err));
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    assert_ok(imi_pki_check_pair(p->pki.ca_cert, p->pki.ca_key, err));
    assert_int_not_equal(access(half, F_OK), 0);
}

static void missing_file_is_refused_and_nothing_is_overwritten(void **state)
{
    place *p = *state;
    imi_pki again;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    assert_int_equal(unlink(p->pki.server_key), 0);
    assert_int_equal(imi_pki_ensure(p->folder, NULL, 0, &again, &error), IMI_E_KEY);
    assert_non_null(strstr(error.message, "server.key is missing"));
    assert_string_equal(again.folder, "");
    assert_int_not_equal(access(p->pki.server_key, F_OK), 0);
}

static void production_folder_needs_no_ca_key_and_no_client(void **state)
{
    place *p = *state;
    imi_pki again;
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    assert_int_equal(unlink(p->pki.ca_key), 0);
    assert_int_equal(unlink(p->pki.client_key), 0);
    assert_int_equal(unlink(p->pki.client_cert), 0);
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &again, err));
    /* But it cannot issue. */
    assert_int_equal(imi_pki_issue_client(&again, "x", "/tmp/never.crt", "/tmp/never.key", NULL),
                     IMI_E_KEY);
}

static void development_pki_gets_a_missing_client_once(void **state)
{
    place *p = *state;
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    assert_ok(imi_pki_ensure_client(&p->pki, "administrator", err));
    char cert[IMI_PKI_PATH_SIZE + 32], key[IMI_PKI_PATH_SIZE + 32];
    snprintf(cert, sizeof cert, "%s/administrator.crt", p->pki.folder);
    snprintf(key, sizeof key, "%s/administrator.key", p->pki.folder);
    assert_ok(imi_pki_check_pair(cert, key, err));
    IMI_AUTO_BUFFER before = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER after = IMI_BUFFER_INIT;
    read_file(key, &before);
    assert_ok(imi_pki_ensure_client(&p->pki, "administrator", err));
    read_file(key, &after);
    assert_true(imi_view_equal(imi_buffer_view(&before), imi_buffer_view(&after)));
    /* A key alone may be somebody's: it is left as it is. */
    assert_int_equal(unlink(cert), 0);
    assert_ok(imi_pki_ensure_client(&p->pki, "administrator", err));
    assert_int_not_equal(access(cert, F_OK), 0);
    assert_int_equal(unlink(key), 0);
}

static void nobody_gets_a_certificate_from_a_folder_that_cannot_issue(void **state)
{
    place *p = *state;
    char cert[IMI_PKI_PATH_SIZE + 32];
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    assert_int_equal(unlink(p->pki.ca_key), 0);
    assert_ok(imi_pki_ensure_client(&p->pki, "administrator", err));
    snprintf(cert, sizeof cert, "%s/administrator.crt", p->pki.folder);
    assert_int_not_equal(access(cert, F_OK), 0);
}

static void clients_whose_names_leave_the_folder_are_refused(void **state)
{
    place *p = *state;
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    const char *const bad[] = {"../x", "a/b", ".a", "A", "a b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(imi_pki_ensure_client(&p->pki, bad[i], NULL), IMI_E_INVALID_ARGUMENT);
    }
    char name[80];
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(imi_pki_ensure_client(&p->pki, name, NULL), IMI_E_INVALID_ARGUMENT);
}

static void key_that_others_can_read_is_refused(void **state)
{
    place *p = *state;
    imi_pki again;
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    const char *const keys[] = {p->pki.server_key, p->pki.ca_key, p->pki.client_key};
    const mode_t modes[] = {0644, 0640, 0604, 0666};
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 4; j++) {
            imi_error error = IMI_ERROR_INIT;
            assert_int_equal(chmod(keys[i], modes[j]), 0);
            assert_int_equal(imi_pki_ensure(p->folder, NULL, 0, &again, &error), IMI_E_KEY);
            assert_non_null(strstr(error.message, "chmod 600"));
        }
        assert_int_equal(chmod(keys[i], 0600), 0);
    }
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &again, err));
}

static void broken_pem_is_refused(void **state)
{
    place *p = *state;
    imi_pki again;
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    assert_ok(imi_file_write(p->pki.server_key, imi_view_of_text("not a key\n"), 0600, err));
    assert_int_equal(imi_pki_ensure(p->folder, NULL, 0, &again, NULL), IMI_E_KEY);
    assert_ok(imi_file_write(p->pki.ca_cert, imi_view_of_text(""), 0644, err));
    assert_int_equal(imi_pki_ensure(p->folder, NULL, 0, &again, NULL), IMI_E_KEY);
}

static void key_of_another_certificate_is_refused(void **state)
{
    place *p = *state;
    imi_error error = IMI_ERROR_INIT;
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    assert_int_equal(imi_pki_check_pair(p->pki.server_cert, p->pki.client_key, &error), IMI_E_KEY);
    assert_non_null(strstr(error.message, "does not belong"));
}

static void names_that_are_no_names_are_refused(void **state)
{
    place *p = *state;
    const char *const bad[] = {"", "a,IP:1.2.3.4", "a b", "-a", ".a", "a\n", "*", "a/b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(imi_pki_ensure(p->folder, &bad[i], 1, &p->pki, NULL),
                         IMI_E_INVALID_ARGUMENT);
    }
    char folder[128];
    snprintf(folder, sizeof folder, "%s/pki", p->folder);
    assert_int_not_equal(access(folder, F_OK), 0);
}

static void issuing_never_overwrites(void **state)
{
    place *p = *state;
    char cert[128];
    char key[128];
    snprintf(cert, sizeof cert, "%s/a.crt", p->folder);
    snprintf(key, sizeof key, "%s/a.key", p->folder);
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    assert_ok(imi_pki_issue_client(&p->pki, "a", cert, key, err));
    assert_int_equal(mode_of(key), 0600);
    assert_ok(imi_pki_check_pair(cert, key, err));
    assert_int_equal(imi_pki_issue_client(&p->pki, "b", cert, key, NULL), IMI_E_CONFLICT);
    assert_int_equal(unlink(cert), 0);
    assert_int_equal(imi_pki_issue_client(&p->pki, "b", cert, key, NULL), IMI_E_CONFLICT);
}

static void names_of_relying_parties_are_checked(void **state)
{
    place *p = *state;
    char cert[128];
    char key[128];
    snprintf(cert, sizeof cert, "%s/a.crt", p->folder);
    snprintf(key, sizeof key, "%s/a.key", p->folder);
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    char too_long[66];
    memset(too_long, 'x', sizeof too_long);
    too_long[65] = '\0';
    const char *const bad[] = {"", "line\nbreak", "bell\x07", "bad \xff", too_long, "\x7f"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(imi_pki_issue_client(&p->pki, bad[i], cert, key, NULL),
                         IMI_E_INVALID_ARGUMENT);
    }
    assert_int_not_equal(access(cert, F_OK), 0);
}

static void *ensure_in_thread(void *argument)
{
    place *p = argument;
    imi_pki pki;
    return imi_pki_ensure(p->folder, NULL, 0, &pki, NULL) == IMI_OK ? p : NULL;
}

static void two_starts_at_once_agree_on_one_ca(void **state)
{
    place *p = *state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ensure_in_thread, p), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *good = NULL;
        pthread_join(threads[i], &good);
        assert_non_null(good);
    }
    assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
    X509 *ca = read_certificate(p->pki.ca_cert);
    X509 *server = read_certificate(p->pki.server_cert);
    assert_int_equal(X509_verify(server, X509_get0_pubkey(ca)), 1);
    X509_free(ca);
    X509_free(server);
}

static bool fail_nth(void *user, size_t size)
{
    (void)size;
    return --*(int *)user == 0;
}

static void lack_of_memory_leaves_no_half_made_folder(void **state)
{
    place *p = *state;
    imi_status status = IMI_E_NO_MEMORY;
    char folder[128];
    snprintf(folder, sizeof folder, "%s/pki", p->folder);
    for (int n = 1; status != IMI_OK; n++) {
        int countdown = n;
        int64_t before = imi_alloc_live_blocks();
        imi_alloc_set_fail_hook(fail_nth, &countdown);
        status = imi_pki_ensure(p->folder, NULL, 0, &p->pki, NULL);
        imi_alloc_set_fail_hook(NULL, NULL);
        assert_int_equal(imi_alloc_live_blocks(), before);
        assert_true(status == IMI_OK || status == IMI_E_NO_MEMORY);
        /* Where the folder is, it is whole, whatever failed. */
        if (access(folder, F_OK) == 0) {
            assert_ok(imi_pki_ensure(p->folder, NULL, 0, &p->pki, err));
        }
    }
}

#define PKI_TEST(name) cmocka_unit_test_setup_teardown(name, setup_place, teardown_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PKI_TEST(first_start_makes_private_keys_in_a_private_folder),
        PKI_TEST(certificates_say_what_they_are_for),
        PKI_TEST(second_start_keeps_every_file),
        PKI_TEST(start_that_was_cut_short_is_made_anew),
        PKI_TEST(missing_file_is_refused_and_nothing_is_overwritten),
        PKI_TEST(production_folder_needs_no_ca_key_and_no_client),
        PKI_TEST(development_pki_gets_a_missing_client_once),
        PKI_TEST(nobody_gets_a_certificate_from_a_folder_that_cannot_issue),
        PKI_TEST(clients_whose_names_leave_the_folder_are_refused),
        PKI_TEST(key_that_others_can_read_is_refused),
        PKI_TEST(broken_pem_is_refused),
        PKI_TEST(key_of_another_certificate_is_refused),
        PKI_TEST(names_that_are_no_names_are_refused),
        PKI_TEST(issuing_never_overwrites),
        PKI_TEST(names_of_relying_parties_are_checked),
        PKI_TEST(two_starts_at_once_agree_on_one_ca),
        PKI_TEST(lack_of_memory_leaves_no_half_made_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
