/* RFC 6962 proofs published by the transparency-dev project, where the machine has them. */
#include "land.h"

#include <ftw.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { SKIPPED = 77, PATH_DEPTH = 8 };

static char g_vectors[400];
static int g_checked;

/* Some texts stand for a hash and are shorter than one; longer ones our types cannot carry. */
static bool read_hash(const json_t *text, imi_ledger_hash *out)
{
    uint8_t bytes[128] = {0};
    const char *base64 = json_string_value(text);
    size_t size = base64 == NULL ? 0 : strlen(base64);
    *out = (imi_ledger_hash){{0}};
    if (size == 0 || size > 44 || EVP_DecodeBlock(bytes, (const uint8_t *)base64, (int)size) > 33) {
        return false;
    }
    memcpy(out->bytes, bytes, sizeof out->bytes);
    return true;
}

static bool read_proof(const json_t *list, imi_ledger_proof *out)
{
    out->count = json_array_size(list);
    bool good = out->count <= IMI_LEDGER_PROOF_MAX;
    for (size_t i = 0; good && i < out->count; i++) {
        good = read_hash(json_array_get(list, i), &out->hashes[i]);
    }
    return good;
}

static uint64_t number(const json_t *object, const char *member)
{
    /* Some are above the largest integer that jansson reads; as real numbers they stay large. */
    const json_t *value = json_object_get(object, member);
    return json_is_integer(value) ? (uint64_t)json_integer_value(value) : UINT64_MAX;
}

static bool is_included(const json_t *test)
{
    imi_ledger_hash root, leaf;
    imi_ledger_proof proof;
    return read_hash(json_object_get(test, "root"), &root) &&
           read_hash(json_object_get(test, "leafHash"), &leaf) &&
           read_proof(json_object_get(test, "proof"), &proof) &&
           imi_ledger_verify_inclusion(number(test, "leafIdx"), number(test, "treeSize"), &leaf,
                                       &proof, &root, NULL) == IMI_OK;
}

static bool is_consistent(const json_t *test)
{
    imi_ledger_hash root1, root2;
    imi_ledger_proof proof;
    return read_hash(json_object_get(test, "root1"), &root1) &&
           read_hash(json_object_get(test, "root2"), &root2) &&
           read_proof(json_object_get(test, "proof"), &proof) &&
           imi_ledger_verify_consistency(number(test, "size1"), &root1, number(test, "size2"),
                                         &root2, &proof, NULL) == IMI_OK;
}

static int check_file(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)place;
    if (type != FTW_F) {
        return 0;
    }
    json_error_t error;
    json_t *test = json_load_file(path, 0, &error);
    if (test == NULL) { /* numbers that jansson does not read */
        test = json_load_file(path, JSON_DECODE_INT_AS_REAL, &error);
    }
    assert_non_null(test);
    bool good = json_object_get(test, "leafHash") != NULL ? is_included(test) : is_consistent(test);
    if (good == json_is_true(json_object_get(test, "wantErr"))) {
        fail_msg("%s: %s", path, good ? "taken" : "refused");
    }
    json_decref(test);
    g_checked++;
    return 0;
}

static int check_folder(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", g_vectors, name);
    g_checked = 0;
    assert_int_equal(nftw(path, check_file, PATH_DEPTH, FTW_PHYS), 0);
    return g_checked;
}

static void test_published_inclusion_proofs(void **state)
{
    (void)state;
    assert_true(check_folder("inclusion") > 50);
}

static void test_published_consistency_proofs(void **state)
{
    (void)state;
    assert_true(check_folder("consistency") > 50);
}

int main(void)
{
    const char *shared = getenv("IMI_SHARED");
    shared = shared == NULL ? getenv("IMI_SHARED_DEFAULT") : shared;
    snprintf(g_vectors, sizeof g_vectors, "%s/data/conformance/rfc6962_merkle/testdata",
             shared == NULL ? "" : shared);
    struct stat info;
    if (stat(g_vectors, &info) != 0) {
        fprintf(stderr, "no published vectors on this machine\n");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_inclusion_proofs),
        cmocka_unit_test(test_published_consistency_proofs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
