/* Vectors of Wycheproof and of the JOSE cookbook (RFC 7520), where they are at hand. */
#include "forge.h"

#include "algorithm.h"
#include "imi/jws.h"

#include "imi/memory.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { SKIPPED = 77 };

static char g_vectors[400], g_cookbook[400];

static json_t *load_from(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    json_error_t error;
    json_t *file = json_load_file(path, 0, &error);
    if (file == NULL) {
        fail_msg("%s: %s", path, error.text);
    }
    return file;
}

static json_t *load(const char *name)
{
    return load_from(g_vectors, name);
}

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text == NULL ? "" : text;
}

static size_t unhex(const char *hex, uint8_t *out, size_t capacity)
{
    size_t size = strlen(hex) / 2;
    assert_true(size <= capacity);
    for (size_t i = 0; i < size; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return size;
}

static void check_signature_vector(const json_t *test, imi_view spki)
{
    static uint8_t message[4096], signature[512];
    imi_view m = {message, unhex(text_of(test, "msg"), message, sizeof message)};
    imi_view s = {signature, unhex(text_of(test, "sig"), signature, sizeof signature)};
    bool valid = strcmp(text_of(test, "result"), "valid") == 0;
    imi_status status = imi_es256_verify_spki(spki, m, s, NULL);
    if (status != (valid ? IMI_OK : IMI_E_TOKEN_SIGNATURE)) {
        fail_msg("test %lld (%s): %s", (long long)json_integer_value(json_object_get(test, "tcId")),
                 text_of(test, "comment"), imi_status_name(status));
    }
}

static void ecdsa_signatures_are_judged_as_wycheproof_says(void **state)
{
    (void)state;
    json_t *file = load("ecdsa_secp256r1_sha256_p1363_test.json");
    const json_t *groups = json_object_get(file, "testGroups");
    size_t count = 0;
    for (size_t g = 0; g < json_array_size(groups); g++) {
        const json_t *group = json_array_get(groups, g);
        uint8_t spki[128];
        size_t size = unhex(text_of(group, "publicKeyDer"), spki, sizeof spki);
        const json_t *tests = json_object_get(group, "tests");
        for (size_t t = 0; t < json_array_size(tests); t++, count++) {
            check_signature_vector(json_array_get(tests, t), (imi_view){spki, size});
        }
    }
    print_message("%zu signatures\n", count);
    assert_true(count > 200);
    json_decref(file);
}

static void check_jws_vector(const json_t *test, const json_t *key)
{
    json_t *set = json_pack("{s:[O]}", "keys", key);
    char *jwks = json_dumps(set, JSON_COMPACT);
    IMI_AUTO(imi_key_set) keys = NULL;
    assert_int_equal(imi_key_set_parse(imi_view_of_text(jwks), &keys, NULL), IMI_OK);
    imi_jws_expectation form = {"ES256", NULL, IMI_JWS_BYTES_MAX};
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    imi_error err = IMI_ERROR_INIT;
    imi_status status =
        imi_jws_verify(imi_view_of_text(text_of(test, "jws")), keys, &form, &payload, &err);
    bool valid = strcmp(text_of(test, "result"), "valid") == 0;
    if ((status == IMI_OK) != valid) {
        fail_msg("test %lld (%s): %s %s",
                 (long long)json_integer_value(json_object_get(test, "tcId")),
                 text_of(test, "comment"), imi_status_name(status), err.message);
    }
    free(jwks);
    json_decref(set);
}

static void web_signatures_are_judged_as_wycheproof_says(void **state)
{
    (void)state;
    json_t *file = load("json_web_signature_test.json");
    const json_t *groups = json_object_get(file, "testGroups");
    size_t count = 0;
    for (size_t g = 0; g < json_array_size(groups); g++) {
        const json_t *key = json_object_get(json_array_get(groups, g), "public");
        const json_t *tests = json_object_get(json_array_get(groups, g), "tests");
        if (strcmp(text_of(key, "crv"), "P-256") != 0) {
            continue;
        }
        for (size_t t = 0; t < json_array_size(tests); t++, count++) {
            check_jws_vector(json_array_get(tests, t), key);
        }
    }
    print_message("%zu signatures\n", count);
    assert_true(count > 30);
    json_decref(file);
}

/* Whatever a token by another algorithm is, valid or not, no key of its group makes us take it. */
static void assert_never_taken(const char *compact, json_t *key)
{
    static const char *const names[] = {"ES256", "EdDSA", "SM2"};
    char *jwk = json_dumps(key, JSON_COMPACT);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        imi_jws_expectation form = {names[i], NULL, IMI_JWS_BYTES_MAX};
        IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
        assert_int_not_equal(imi_jws_verify_by_jwk(imi_view_of_text(compact), imi_view_of_text(jwk),
                                                   &form, &payload, NULL),
                             IMI_OK);
        assert_int_equal(payload.size, 0);
    }
    free(jwk);
}

static void web_signatures_by_other_algorithms_are_never_taken(void **state)
{
    (void)state;
    json_t *file = load("json_web_signature_test.json");
    const json_t *groups = json_object_get(file, "testGroups");
    size_t count = 0;
    for (size_t g = 0; g < json_array_size(groups); g++) {
        const json_t *group = json_array_get(groups, g);
        json_t *key = json_object_get(group, "public");
        key = key == NULL ? json_object_get(group, "private") : key;
        const json_t *tests = json_object_get(group, "tests");
        for (size_t t = 0; strcmp(text_of(key, "crv"), "P-256") != 0 && t < json_array_size(tests);
             t++, count++) {
            assert_never_taken(text_of(json_array_get(tests, t), "jws"), key);
        }
    }
    print_message("%zu signatures\n", count);
    assert_true(count > 300);
    json_decref(file);
}

static void check_eddsa_vector(const json_t *test, const EVP_MD_CTX *verifier)
{
    static uint8_t message[4096], signature[512];
    imi_view m = {message, unhex(text_of(test, "msg"), message, sizeof message)};
    imi_view s = {signature, unhex(text_of(test, "sig"), signature, sizeof signature)};
    bool valid = strcmp(text_of(test, "result"), "valid") == 0;
    imi_status status = imi_algorithm_verify(imi_algorithm_named("EdDSA"), verifier, m, s, NULL);
    if (status != (valid ? IMI_OK : IMI_E_TOKEN_SIGNATURE)) {
        fail_msg("test %lld (%s): %s", (long long)json_integer_value(json_object_get(test, "tcId")),
                 text_of(test, "comment"), imi_status_name(status));
    }
}

static void eddsa_signatures_are_judged_as_wycheproof_says(void **state)
{
    (void)state;
    json_t *file = load("ed25519_test.json");
    const json_t *groups = json_object_get(file, "testGroups");
    size_t count = 0;
    for (size_t g = 0; g < json_array_size(groups); g++) {
        const json_t *group = json_array_get(groups, g);
        const json_t *numbers = json_object_get(group, "publicKey");
        imi_public_bytes bytes = {0};
        bytes.size = unhex(text_of(numbers, "pk"), bytes.data, sizeof bytes.data);
        const imi_algorithm *eddsa = imi_algorithm_named("EdDSA");
        IMI_AUTO_PKEY key = NULL;
        IMI_AUTO_MD_CTX verifier = NULL;
        assert_int_equal(imi_algorithm_key_of_bytes(eddsa, &bytes, &key, NULL), IMI_OK);
        assert_int_equal(imi_algorithm_prepare_to_verify(eddsa, key, &verifier, NULL), IMI_OK);
        const json_t *tests = json_object_get(group, "tests");
        for (size_t t = 0; t < json_array_size(tests); t++, count++) {
            check_eddsa_vector(json_array_get(tests, t), verifier);
        }
    }
    print_message("%zu signatures\n", count);
    assert_true(count > 100);
    json_decref(file);
}

/* RFC 7520 signs by RS256, PS384, ES512 and HS256, of which we support none, and forms that are
 * not compact. So what its examples can show is that each is refused. */
static void examples_of_the_cookbook_by_other_algorithms_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"4_1.rsa_v15_signature.json", "4_2.rsa-pss_signature.json",
                                        "4_3.ecdsa_signature.json",
                                        "4_4.hmac-sha2_integrity_protection.json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[128];
        snprintf(name, sizeof name, "jws/%s", names[i]);
        json_t *file = load_from(g_cookbook, name);
        const char *compact = text_of(json_object_get(file, "output"), "compact");
        assert_true(strlen(compact) > 100);
        assert_never_taken(compact, json_object_get(json_object_get(file, "input"), "key"));
        json_decref(file);
    }
}

static void the_cookbooks_ed25519_signature_verifies(void **state)
{
    (void)state;
    json_t *file = load_from(g_cookbook, "curve25519/jws.json");
    json_t *key = json_object_get(json_object_get(file, "input"), "key");
    const char *compact = text_of(json_object_get(file, "output"), "compact");
    assert_never_taken(compact, key); /* while it holds the private part */
    json_object_del(key, "d");
    char *jwk = json_dumps(key, JSON_COMPACT);
    imi_jws_expectation form = {"EdDSA", NULL, IMI_JWS_BYTES_MAX};
    IMI_AUTO_BUFFER payload = IMI_BUFFER_INIT;
    assert_int_equal(imi_jws_verify_by_jwk(imi_view_of_text(compact), imi_view_of_text(jwk), &form,
                                           &payload, NULL),
                     IMI_OK);
    const char *wanted = text_of(json_object_get(file, "input"), "payload");
    assert_true(imi_view_equal(imi_buffer_view(&payload), imi_view_of_text(wanted)));
    free(jwk);
    json_decref(file);
}

static void check_mac_vector(const json_t *test, size_t tag_size)
{
    static uint8_t key[512], message[4096], wanted[64];
    imi_view k = {key, unhex(text_of(test, "key"), key, sizeof key)};
    imi_view m = {message, unhex(text_of(test, "msg"), message, sizeof message)};
    unhex(text_of(test, "tag"), wanted, sizeof wanted);
    uint8_t mac[32];
    assert_int_equal(imi_hmac_sha256(k, m, mac, NULL), IMI_OK);
    bool valid = strcmp(text_of(test, "result"), "valid") == 0;
    imi_view made = {mac, tag_size}, given = {wanted, tag_size};
    assert_int_equal(imi_view_equal_secret(made, given), valid);
}

static void macs_are_judged_as_wycheproof_says(void **state)
{
    (void)state;
    json_t *file = load("hmac_sha256_test.json");
    const json_t *groups = json_object_get(file, "testGroups");
    size_t count = 0;
    for (size_t g = 0; g < json_array_size(groups); g++) {
        const json_t *group = json_array_get(groups, g);
        size_t bits = (size_t)json_integer_value(json_object_get(group, "tagSize"));
        const json_t *tests = json_object_get(group, "tests");
        for (size_t t = 0; t < json_array_size(tests); t++, count++) {
            check_mac_vector(json_array_get(tests, t), bits / 8);
        }
    }
    print_message("%zu codes\n", count);
    assert_true(count > 150);
    json_decref(file);
}

int main(void)
{
    const char *shared = getenv("IMI_SHARED");
    const char *fallback = getenv("IMI_SHARED_DEFAULT");
    shared = shared != NULL ? shared : fallback != NULL ? fallback : "";
    snprintf(g_vectors, sizeof g_vectors, "%s/data/conformance/wycheproof/testvectors_v1", shared);
    snprintf(g_cookbook, sizeof g_cookbook, "%s/data/conformance/jose_cookbook_rfc7520", shared);
    struct stat info;
    if (stat(g_vectors, &info) != 0) {
        printf("skipped: no vectors in %s; set IMI_SHARED to the folder that holds data/\n",
               g_vectors);
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecdsa_signatures_are_judged_as_wycheproof_says),
        cmocka_unit_test(web_signatures_are_judged_as_wycheproof_says),
        cmocka_unit_test(web_signatures_by_other_algorithms_are_never_taken),
        cmocka_unit_test(eddsa_signatures_are_judged_as_wycheproof_says),
        cmocka_unit_test(examples_of_the_cookbook_by_other_algorithms_are_refused),
        cmocka_unit_test(the_cookbooks_ed25519_signature_verifies),
        cmocka_unit_test(macs_are_judged_as_wycheproof_says),
    };
    return cmocka_run_group_tests_name("token: published vectors", tests, NULL, NULL);
}
