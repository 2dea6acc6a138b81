#include "roots.h"

#include "openssl.h"
#include "status_list.h"

#include <ctype.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

enum { PEM_BYTES_MAX = 256 << 10, NAMES_MAX = 64, NAME_SIZE_MAX = 255 };

/* ---- Files of roots ---- */

/* Push every certificate of the text. False for damaged ones, for other text, and for none. */
static bool add_roots(imi_view pem, X509_STORE *store)
{
    IMI_AUTO_BIO bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    int count = 0;
    while (bio != NULL) {
        IMI_AUTO_X509 root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (root == NULL) {
            break;
        }
        if (X509_STORE_add_cert(store, root) != 1) {
            return false;
        }
        count++;
    }
    return count > 0 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static imi_status read_roots(const char *path, X509_STORE **out, imi_error *err)
{
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, PEM_BYTES_MAX, &pem, err));
    *out = X509_STORE_new();
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for roots");
    }
    ERR_clear_error();
    bool added = add_roots(imi_buffer_view(&pem), *out);
    ERR_clear_error();
    if (!added) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s: not a PEM file of certificates", path);
    }
    return IMI_OK;
}

/* ---- Names and digests ---- */

static imi_status check_list(const char *const *values, size_t count, const char *what,
                             imi_error *err)
{
    if (values == NULL || count == 0 || count > NAMES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "attestation roots need %s beside them, 1 to %d",
                 what, NAMES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        size_t size = values[i] == NULL ? 0 : strlen(values[i]);
        if (size == 0 || size > NAME_SIZE_MAX) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s: entry %zu is empty or too long", what,
                     i + 1);
        }
    }
    return IMI_OK;
}

static imi_status copy_packages(const imi_attest_options *options, imi_attest_roots *roots,
                                imi_error *err)
{
    IMI_TRY(check_list(options->android_packages, options->android_package_count,
                       "android packages", err));
    roots->packages = imi_alloc_array(options->android_package_count, sizeof *roots->packages);
    for (size_t i = 0; roots->packages != NULL && i < options->android_package_count; i++) {
        roots->packages[i] = imi_strdup(options->android_packages[i]);
        if (roots->packages[i] == NULL) {
            break;
        }
        roots->package_count++;
    }
    if (roots->package_count != options->android_package_count) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the names of packages");
    }
    return IMI_OK;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    int lower = tolower((unsigned char)digit);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool read_digest(const char *text, imi_digest *out)
{
    if (strlen(text) != 2 * IMI_SHA256_SIZE) {
        return false;
    }
    for (size_t i = 0; i < IMI_SHA256_SIZE; i++) {
        int high = hex_value(text[2 * i]);
        int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out->bytes[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static imi_status read_signers(const imi_attest_options *options, imi_attest_roots *roots,
                               imi_error *err)
{
    IMI_TRY(check_list(options->android_signers, options->android_signer_count, "android signers",
                       err));
    roots->signers = imi_alloc_array(options->android_signer_count, sizeof *roots->signers);
    if (roots->signers == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the digests of signers");
    }
    for (size_t i = 0; i < options->android_signer_count; i++) {
        if (!read_digest(options->android_signers[i], &roots->signers[i])) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "android signers: \"%s\" is not 64 hex digits",
                     options->android_signers[i]);
        }
    }
    roots->signer_count = options->android_signer_count;
    return IMI_OK;
}

static imi_status hash_app_ids(const imi_attest_options *options, imi_attest_roots *roots,
                               imi_error *err)
{
    IMI_TRY(check_list(options->apple_app_ids, options->apple_app_id_count, "apple app ids", err));
    roots->app_ids = imi_alloc_array(options->apple_app_id_count, sizeof *roots->app_ids);
    if (roots->app_ids == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the ids of apps");
    }
    for (size_t i = 0; i < options->apple_app_id_count; i++) {
        const char *id = options->apple_app_ids[i];
        if (strchr(id, '.') == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                     "apple app ids: \"%s\" does not begin with a team id and a dot", id);
        }
        if (EVP_Digest(id, strlen(id), roots->app_ids[i].bytes, NULL, EVP_sha256(), NULL) != 1) {
            ERR_clear_error();
            IMI_FAIL(err, IMI_E_CRYPTO, "SHA-256 failed");
        }
    }
    roots->app_id_count = options->apple_app_id_count;
    return IMI_OK;
}

/* ---- The whole ---- */

static imi_status fill_android(const imi_attest_options *options, imi_attest_roots *roots,
                               imi_error *err)
{
    IMI_TRY(copy_packages(options, roots, err));
    IMI_TRY(read_signers(options, roots, err));
    if (options->android_revoked_json != NULL) {
        IMI_TRY(imi_status_list_read(options->android_revoked_json, roots, err));
    }
    return read_roots(options->android_roots_pem, &roots->android, err);
}

static imi_status fill_apple(const imi_attest_options *options, imi_attest_roots *roots,
                             imi_error *err)
{
    IMI_TRY(hash_app_ids(options, roots, err));
    return read_roots(options->apple_roots_pem, &roots->apple, err);
}

/* Apps without roots would be checked against nothing: surely an oversight. */
static bool has_idle_options(const imi_attest_options *options)
{
    return (options->android_roots_pem == NULL &&
            (options->android_package_count > 0 || options->android_signer_count > 0 ||
             options->android_revoked_json != NULL)) ||
           (options->apple_roots_pem == NULL && options->apple_app_id_count > 0);
}

imi_status imi_attest_roots_new(const imi_attest_options *options, imi_attest_roots **out,
                                imi_error *err)
{
    if (out == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "nowhere to put the roots");
    }
    *out = NULL;
    if (options == NULL || has_idle_options(options)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "apps to attest are named, but no file of roots");
    }
    IMI_AUTO(imi_attest_roots) roots = imi_alloc(sizeof *roots);
    if (roots == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for roots");
    }
    if (options->android_roots_pem != NULL) {
        IMI_TRY(fill_android(options, roots, err));
    }
    if (options->apple_roots_pem != NULL) {
        IMI_TRY(fill_apple(options, roots, err));
    }
    *out = IMI_STEAL(&roots);
    return IMI_OK;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        imi_free(texts[i]);
    }
    imi_free(texts);
}

void imi_attest_roots_destroy(imi_attest_roots **roots)
{
    if (roots == NULL || *roots == NULL) {
        return;
    }
    imi_attest_roots *old = IMI_STEAL(roots);
    X509_STORE_free(old->android);
    X509_STORE_free(old->apple);
    free_texts(old->packages, old->package_count);
    free_texts(old->revoked, old->revoked_count);
    imi_free(old->signers);
    imi_free(old->app_ids);
    imi_free(old);
}

bool imi_roots_know_package(const imi_attest_roots *roots, imi_view name)
{
    for (size_t i = 0; i < roots->package_count; i++) {
        if (imi_view_equal(name, imi_view_of_text(roots->packages[i]))) {
            return true;
        }
    }
    return false;
}

static bool holds_digest(const imi_digest *digests, size_t count, imi_view digest)
{
    for (size_t i = 0; i < count; i++) {
        if (imi_view_equal(digest, (imi_view){digests[i].bytes, IMI_SHA256_SIZE})) {
            return true;
        }
    }
    return false;
}

bool imi_roots_know_signer(const imi_attest_roots *roots, imi_view digest)
{
    return holds_digest(roots->signers, roots->signer_count, digest);
}

bool imi_roots_know_app_id(const imi_attest_roots *roots, imi_view digest)
{
    return holds_digest(roots->app_ids, roots->app_id_count, digest);
}
