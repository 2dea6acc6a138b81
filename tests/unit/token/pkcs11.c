/* Keys in a PKCS#11 token, with SoftHSM as the token. */
#include "forge.h"

#include "imi/keyring.h"

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <p11-kit/pkcs11.h>

enum { SKIPPED = 77 };

#define PIN "2468"

static const char *const g_modules[] = {"/usr/lib/softhsm/libsofthsm2.so",
                                        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                                        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"};
static const char *g_module;
static CK_FUNCTION_LIST *g_api;
static CK_SLOT_ID g_slot;
static char g_pin_path[300];
static imi_error g_err;

#define OK(call) assert_ok((call), &g_err)
#define CK_OK(call) assert_int_equal((call), CKR_OK)

static const uint8_t g_p256[] = {0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
static const uint8_t g_p384[] = {0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22};
static const uint8_t g_ed25519[] = {0x13, 0x0C, 'e', 'd', 'w', 'a', 'r',
                                    'd',  's',  '2', '5', '5', '1', '9'};

/* SoftHSM 2.6 leaks the curve's name whenever it begins to sign by EdDSA. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libsofthsm2.so\n";
}

/* Without this the stack ends in libcrypto, before it shows whose leak it is. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

static CK_SESSION_HANDLE open_session(void)
{
    CK_SESSION_HANDLE session;
    CK_OK(g_api->C_OpenSession(g_slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
    CK_RV code = g_api->C_Login(session, CKU_USER, (CK_UTF8CHAR *)PIN, strlen(PIN));
    assert_true(code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN);
    return session;
}

static void make_pair(const char *public_label, const char *private_label, bool is_edwards,
                      const uint8_t *curve, size_t curve_size)
{
    CK_SESSION_HANDLE session = open_session();
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE public_parts[] = {
        {CKA_LABEL, (void *)public_label, strlen(public_label)},
        {CKA_EC_PARAMS, (void *)curve, curve_size},
        {CKA_VERIFY, &yes, sizeof yes},
        {CKA_TOKEN, &yes, sizeof yes},
    };
    CK_ATTRIBUTE private_parts[] = {
        {CKA_LABEL, (void *)private_label, strlen(private_label)},
        {CKA_SIGN, &yes, sizeof yes},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
    };
    CK_MECHANISM how = {is_edwards ? CKM_EC_EDWARDS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_OBJECT_HANDLE public_key, private_key;
    CK_OK(g_api->C_GenerateKeyPair(session, &how, public_parts, 4, private_parts, 5, &public_key,
                                   &private_key));
    g_api->C_CloseSession(session);
}

static void make_token(void)
{
    CK_ULONG count = 1;
    CK_OK(g_api->C_GetSlotList(CK_TRUE, &g_slot, &count));
    CK_UTF8CHAR label[32];
    memset(label, ' ', sizeof label);
    memcpy(label, "imi", 3);
    CK_OK(g_api->C_InitToken(g_slot, (CK_UTF8CHAR *)"1234", 4, label));
    CK_SESSION_HANDLE session;
    CK_OK(g_api->C_OpenSession(g_slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
    CK_OK(g_api->C_Login(session, CKU_SO, (CK_UTF8CHAR *)"1234", 4));
    CK_OK(g_api->C_InitPIN(session, (CK_UTF8CHAR *)PIN, strlen(PIN)));
    CK_OK(g_api->C_CloseSession(session));
}

static int set_up(void **state)
{
    forge_set_up(state);
    char text[700];
    snprintf(g_pin_path, sizeof g_pin_path, "%s/pin", g_folder);
    snprintf(text, sizeof text, "directories.tokendir = %s/tokens\nlog.level = ERROR\n", g_folder);
    OK(imi_file_write(g_pin_path, imi_view_of_text(PIN "\n"), 0600, &g_err));
    OK(imi_file_write(in_folder("softhsm.conf"), imi_view_of_text(text), 0600, &g_err));
    setenv("SOFTHSM2_CONF", in_folder("softhsm.conf"), 1);
    assert_int_equal(mkdir(in_folder("tokens"), 0700), 0);
    CK_C_GetFunctionList list =
        (CK_C_GetFunctionList)dlsym(dlopen(g_module, RTLD_NOW), "C_GetFunctionList");
    CK_OK(list(&g_api));
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    CK_OK(g_api->C_Initialize(&arguments));
    make_token();
    make_pair("p256", "p256", false, g_p256, sizeof g_p256);
    make_pair("ed25519", "ed25519", true, g_ed25519, sizeof g_ed25519);
    return 0;
}

static int tear_down(void **state)
{
    g_api->C_Finalize(NULL);
    char command[400];
    snprintf(command, sizeof command, "rm -r '%s/tokens'", g_folder);
    assert_int_equal(system(command), 0);
    return forge_tear_down(state);
}

static imi_signer_pkcs11_options good_options(void)
{
    return (imi_signer_pkcs11_options){g_module, "imi", "p256", "ES256", g_pin_path};
}

static void assert_verifies(imi_signer *signer)
{
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    IMI_AUTO(imi_key_set) keys = NULL;
    OK(imi_jwks_render(&signer, 1, &jwks, &g_err));
    OK(imi_key_set_parse(imi_buffer_view(&jwks), &keys, &g_err));
    OK(imi_jws_sign(signer, "t", NULL, imi_view_of_text("{}"), &token, &g_err));
    imi_jws_expectation form = {signer->algorithm, "t", 1000};
    OK(imi_jws_verify(imi_buffer_view(&token), keys, &form, &payload, &g_err));
}

static void assert_refused_with(const imi_signer_pkcs11_options *options, imi_status wanted)
{
    imi_signer *signer = g_signer;
    imi_status status = imi_signer_pkcs11_open(options, &signer, &g_err);
    if (status != wanted) {
        fail_msg("%s (%s)", imi_status_name(status), g_err.message);
    }
    assert_null(signer);
    assert_null(strstr(g_err.message, PIN));
}

static void a_key_on_p256_signs_es256(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    IMI_AUTO(imi_signer) signer = NULL;
    OK(imi_signer_pkcs11_open(&options, &signer, &g_err));
    assert_string_equal(signer->algorithm, "ES256");
    assert_verifies(signer);
}

static void a_key_on_ed25519_signs_eddsa(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    options.algorithm = "EdDSA";
    options.key_label = "ed25519";
    IMI_AUTO(imi_signer) signer = NULL;
    OK(imi_signer_pkcs11_open(&options, &signer, &g_err));
    assert_verifies(signer);
}

static void the_kid_stays_the_same_over_restarts(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    IMI_AUTO(imi_signer) first = NULL;
    IMI_AUTO(imi_signer) second = NULL;
    OK(imi_signer_pkcs11_open(&options, &first, &g_err));
    OK(imi_signer_pkcs11_open(&options, &second, &g_err));
    assert_string_equal(first->key_id, second->key_id);
}

static void a_lost_session_is_opened_again(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    IMI_AUTO(imi_signer) signer = NULL;
    OK(imi_signer_pkcs11_open(&options, &signer, &g_err));
    for (int i = 0; i < 3; i++) {
        CK_OK(g_api->C_CloseAllSessions(g_slot));
        assert_verifies(signer);
    }
}

static void a_lost_login_is_made_again(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    IMI_AUTO(imi_signer) signer = NULL;
    OK(imi_signer_pkcs11_open(&options, &signer, &g_err));
    CK_SESSION_HANDLE session = open_session();
    CK_OK(g_api->C_Logout(session));
    assert_verifies(signer);
}

static void a_session_that_cannot_be_opened_again_is_an_error_until_it_can(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    IMI_AUTO(imi_signer) signer = NULL;
    OK(imi_signer_pkcs11_open(&options, &signer, &g_err));
    CK_OK(g_api->C_CloseAllSessions(g_slot));
    assert_int_equal(chmod(g_pin_path, 0644), 0);
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    imi_view message = imi_view_of_text("m");
    assert_int_equal(signer->sign(signer, message, &signature, &g_err), IMI_E_KEY);
    assert_int_equal(signature.size, 0);
    assert_int_equal(chmod(g_pin_path, 0600), 0);
    assert_verifies(signer);
}

static void a_refused_pin_is_not_tried_again(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    IMI_AUTO(imi_signer) signer = NULL;
    OK(imi_signer_pkcs11_open(&options, &signer, &g_err));
    CK_OK(g_api->C_CloseAllSessions(g_slot));
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    imi_view message = imi_view_of_text("m");
    OK(imi_file_write(g_pin_path, imi_view_of_text("9999"), 0600, &g_err));
    assert_int_equal(signer->sign(signer, message, &signature, &g_err), IMI_E_PERMISSION);
    OK(imi_file_write(g_pin_path, imi_view_of_text(PIN), 0600, &g_err));
    assert_int_equal(signer->sign(signer, message, &signature, &g_err), IMI_E_PERMISSION);
    assert_int_equal(signature.size, 0);
}

static void a_wrong_pin_is_refused(void **state)
{
    (void)state;
    OK(imi_file_write(in_folder("wrong"), imi_view_of_text("1111"), 0600, &g_err));
    imi_signer_pkcs11_options options = good_options();
    options.pin_path = in_folder("wrong");
    CK_OK(g_api->C_CloseAllSessions(g_slot)); /* a login is shared by a process's sessions */
    assert_refused_with(&options, IMI_E_PERMISSION);
}

static void a_pin_that_others_can_read_is_refused(void **state)
{
    (void)state;
    OK(imi_file_write(in_folder("open"), imi_view_of_text(PIN), 0644, &g_err));
    imi_signer_pkcs11_options options = good_options();
    options.pin_path = in_folder("open");
    assert_refused_with(&options, IMI_E_KEY);
}

static void an_empty_pin_is_refused(void **state)
{
    (void)state;
    OK(imi_file_write(in_folder("empty"), imi_view_of_text("\n"), 0600, &g_err));
    imi_signer_pkcs11_options options = good_options();
    options.pin_path = in_folder("empty");
    assert_refused_with(&options, IMI_E_KEY);
}

static void what_the_module_does_not_have_is_refused(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    options.token_label = "im";
    assert_refused_with(&options, IMI_E_NOT_FOUND);
    options.token_label = "a label of more than 32 characters";
    assert_refused_with(&options, IMI_E_NOT_FOUND);
    options = good_options();
    options.key_label = "p25";
    assert_refused_with(&options, IMI_E_KEY);
}

static void a_key_of_another_kind_is_refused(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    options.algorithm = "EdDSA";
    assert_refused_with(&options, IMI_E_KEY);
    make_pair("p384", "p384", false, g_p384, sizeof g_p384);
    options = good_options();
    options.key_label = "p384";
    assert_refused_with(&options, IMI_E_KEY);
    options.algorithm = "SM2";
    assert_refused_with(&options, IMI_E_UNSUPPORTED);
}

static void keys_that_do_not_belong_together_are_refused(void **state)
{
    (void)state;
    make_pair("mixed", "lone private", false, g_p256, sizeof g_p256);
    make_pair("lone public", "mixed", false, g_p256, sizeof g_p256);
    imi_signer_pkcs11_options options = good_options();
    options.key_label = "mixed";
    assert_refused_with(&options, IMI_E_KEY);
}

static void a_label_of_two_keys_is_refused(void **state)
{
    (void)state;
    make_pair("twice", "twice", false, g_p256, sizeof g_p256);
    make_pair("twice", "twice", false, g_p256, sizeof g_p256);
    imi_signer_pkcs11_options options = good_options();
    options.key_label = "twice";
    assert_refused_with(&options, IMI_E_KEY);
}

static void what_is_no_module_is_refused(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    options.module_path = "/nowhere/module.so";
    assert_refused_with(&options, IMI_E_KEY);
    options.module_path = "libz.so.1";
    assert_refused_with(&options, IMI_E_KEY);
}

static void every_option_is_needed(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options[4];
    for (size_t i = 0; i < 4; i++) {
        options[i] = good_options();
    }
    options[0].module_path = NULL;
    options[1].token_label = "";
    options[2].key_label = NULL;
    options[3].pin_path = "";
    for (size_t i = 0; i < 4; i++) {
        assert_refused_with(&options[i], IMI_E_INVALID_ARGUMENT);
    }
}

/* --- In a keyring ---------------------------------------------------------------------------- */

static imi_keyring *open_ring(void)
{
    static const char *const algorithms[] = {"ES256"};
    imi_keyring_options options = {
        .folder = in_folder("tokens/ring"),
        .algorithms = algorithms,
        .algorithm_count = 1,
        .module_path = g_module,
        .token_label = "imi",
        .pin_path = g_pin_path,
    };
    imi_keyring *ring = NULL;
    OK(imi_keyring_open(&options, TEST_NOW_S, &ring, &g_err));
    return ring;
}

static void a_keyring_goes_over_from_a_file_to_the_token(void **state)
{
    (void)state;
    imi_keyring_entry fresh;
    imi_signer *signer = NULL;
    {
        IMI_AUTO(imi_keyring) ring = open_ring();
        OK(imi_keyring_rotate(ring, "ES256", "p256", TEST_NOW_S, &fresh, &g_err));
        assert_string_equal(fresh.source, "pkcs11");
        assert_string_equal(fresh.name, "p256");
    }
    IMI_AUTO(imi_keyring) again = open_ring();
    OK(imi_keyring_signer(again, "ES256", TEST_NOW_S + 3600, &signer, &g_err));
    assert_string_equal(signer->key_id, fresh.key_id);
    assert_verifies(signer);
    assert_int_equal(imi_keyring_rotate(again, "ES256", "p256", TEST_NOW_S + 3600, NULL, &g_err),
                     IMI_E_CONFLICT);
    assert_int_equal(
        imi_keyring_rotate(again, "ES256", "no such key", TEST_NOW_S + 3600, NULL, &g_err),
        IMI_E_KEY);
}

static void *sign_often(void *argument)
{
    imi_signer *signer = argument;
    intptr_t failures = 0;
    for (int i = 0; i < 20; i++) {
        IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
        failures += signer->sign(signer, imi_view_of_text("m"), &signature, NULL) != IMI_OK ||
                    signature.size != 64;
    }
    return (void *)failures;
}

static void many_threads_can_sign(void **state)
{
    (void)state;
    imi_signer_pkcs11_options options = good_options();
    IMI_AUTO(imi_signer) signer = NULL;
    OK(imi_signer_pkcs11_open(&options, &signer, &g_err));
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, sign_often, signer), 0);
    }
    for (int i = 0; i < 4; i++) {
        void *failures = NULL;
        pthread_join(threads[i], &failures);
        assert_null(failures);
    }
}

int main(void)
{
    for (size_t i = 0; g_module == NULL && i < sizeof g_modules / sizeof g_modules[0]; i++) {
        g_module = access(g_modules[i], R_OK) == 0 ? g_modules[i] : NULL;
    }
    if (g_module == NULL) {
        printf("skipped: no SoftHSM (Debian: softhsm2)\n");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_on_p256_signs_es256),
        cmocka_unit_test(a_key_on_ed25519_signs_eddsa),
        cmocka_unit_test(the_kid_stays_the_same_over_restarts),
        cmocka_unit_test(a_lost_session_is_opened_again),
        cmocka_unit_test(a_lost_login_is_made_again),
        cmocka_unit_test(a_session_that_cannot_be_opened_again_is_an_error_until_it_can),
        cmocka_unit_test(a_refused_pin_is_not_tried_again),
        cmocka_unit_test(a_wrong_pin_is_refused),
        cmocka_unit_test(a_pin_that_others_can_read_is_refused),
        cmocka_unit_test(an_empty_pin_is_refused),
        cmocka_unit_test(what_the_module_does_not_have_is_refused),
        cmocka_unit_test(a_key_of_another_kind_is_refused),
        cmocka_unit_test(keys_that_do_not_belong_together_are_refused),
        cmocka_unit_test(a_label_of_two_keys_is_refused),
        cmocka_unit_test(what_is_no_module_is_refused),
        cmocka_unit_test(every_option_is_needed),
        cmocka_unit_test(a_keyring_goes_over_from_a_file_to_the_token),
        cmocka_unit_test(many_threads_can_sign),
    };
    return cmocka_run_group_tests_name("token: keys in PKCS#11", tests, set_up, tear_down);
}
