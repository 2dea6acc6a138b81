#include "check.h"

#include <string.h>

enum { PATH_MAX_BYTES = 1024, APP_NAME_MAX = 255, SIGNER_DIGITS = 64 };

static imi_status check_names(imi_checker *checker, const char *path, char *const *names,
                              unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        imi_checker_at(checker, "%s[%u]", path, i);
        IMI_TRY(imi_check_text(checker, names[i], 1, APP_NAME_MAX, true));
    }
    return IMI_OK;
}

static imi_status check_signers(imi_checker *checker, const imi_raw_android *raw)
{
    for (unsigned i = 0; i < raw->signer_count; i++) {
        imi_checker_at(checker, "attestation.android.signers[%u]", i);
        if (strlen(raw->signers[i]) != SIGNER_DIGITS ||
            strspn(raw->signers[i], "0123456789abcdefABCDEF") != SIGNER_DIGITS) {
            IMI_CHECK_FAIL(checker, "must be a SHA-256 digest in %d hex digits", SIGNER_DIGITS);
        }
    }
    return IMI_OK;
}

static imi_status check_android(imi_checker *checker, const imi_raw_android *raw,
                                imi_attest_options *out)
{
    imi_checker_at(checker, "attestation.android.roots");
    IMI_TRY(imi_check_text(checker, raw->roots, 1, PATH_MAX_BYTES, true));
    if (raw->revoked != NULL) {
        imi_checker_at(checker, "attestation.android.revoked");
        IMI_TRY(imi_check_text(checker, raw->revoked, 1, PATH_MAX_BYTES, true));
    }
    IMI_TRY(
        check_names(checker, "attestation.android.packages", raw->packages, raw->package_count));
    IMI_TRY(check_signers(checker, raw));
    out->android_roots_pem = raw->roots;
    out->android_revoked_json = raw->revoked;
    out->android_packages = (const char *const *)raw->packages;
    out->android_package_count = raw->package_count;
    out->android_signers = (const char *const *)raw->signers;
    out->android_signer_count = raw->signer_count;
    return IMI_OK;
}

static imi_status check_apple(imi_checker *checker, const imi_raw_apple *raw,
                              imi_attest_options *out)
{
    imi_checker_at(checker, "attestation.apple.roots");
    IMI_TRY(imi_check_text(checker, raw->roots, 1, PATH_MAX_BYTES, true));
    IMI_TRY(check_names(checker, "attestation.apple.app_ids", raw->app_ids, raw->app_id_count));
    out->apple_roots_pem = raw->roots;
    out->apple_app_ids = (const char *const *)raw->app_ids;
    out->apple_app_id_count = raw->app_id_count;
    return IMI_OK;
}

imi_status imi_check_attestation(imi_checker *checker, const imi_raw_attestation *raw,
                                 imi_attest_options *out)
{
    *out = (imi_attest_options){0};
    if (raw == NULL) {
        return IMI_OK;
    }
    imi_checker_at(checker, "attestation");
    if (raw->android == NULL && raw->apple == NULL) {
        IMI_CHECK_FAIL(checker, "must hold android, apple or both");
    }
    if (raw->android != NULL) {
        IMI_TRY(check_android(checker, raw->android, out));
    }
    return raw->apple == NULL ? IMI_OK : check_apple(checker, raw->apple, out);
}
