#include "imi/attest.h"

#include "android.h"
#include "apple.h"
#include "refusal.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

imi_status imi_attest_challenge(const char *session_id, imi_view device_key_spki,
                                uint8_t out[IMI_ATTEST_CHALLENGE_SIZE], imi_error *err)
{
    imi_wipe(out, IMI_ATTEST_CHALLENGE_SIZE);
    if (session_id == NULL || session_id[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a challenge needs a session");
    }
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(&text, "imi-attest-v1", err));
    IMI_TRY(imi_buffer_append_text(&text, session_id, err));
    IMI_TRY(imi_buffer_append(&text, device_key_spki, err));
    if (EVP_Digest(text.data, text.size, out, NULL, EVP_sha256(), NULL) != 1) {
        imi_wipe(out, IMI_ATTEST_CHALLENGE_SIZE);
        ERR_clear_error();
        IMI_FAIL(err, IMI_E_CRYPTO, "SHA-256 failed");
    }
    return IMI_OK;
}

/* Empties OpenSSL's queue, so that no error of ours surfaces in another library. */
static bool ran_out_of_memory(void)
{
    bool found = false;
    for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
        found = found || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    }
    return found;
}

static bool is_configured(const imi_attest_roots *roots, imi_attestation_kind kind)
{
    return roots != NULL && ((kind == IMI_ATTESTATION_ANDROID_KEY && roots->android != NULL) ||
                             (kind == IMI_ATTESTATION_APPLE_APP && roots->apple != NULL));
}

static const char *verify(const imi_attest_roots *roots, const imi_attestation *attestation,
                          float *score)
{
    if (attestation->object.size == 0 || attestation->object.size > IMI_ATTESTATION_BYTES_MAX) {
        return REFUSED_FORMAT;
    }
    return attestation->kind == IMI_ATTESTATION_ANDROID_KEY
               ? imi_android_verify(roots, attestation, score)
               : imi_apple_verify(roots, attestation, score);
}

imi_status imi_attest_verify(const imi_attest_roots *roots, const imi_attestation *attestation,
                             imi_findings *findings, imi_error *err)
{
    if (findings == NULL) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "nowhere to put the finding");
    }
    imi_finding *finding = &findings->layer[IMI_LAYER_ATTESTATION];
    *finding = (imi_finding){.measured = true, .veto = true, .code = REFUSED_FORMAT};
    if (attestation == NULL || attestation->challenge.size == 0 ||
        attestation->device_key_spki.size == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an attestation needs a challenge and a device key");
    }
    if (attestation->kind == IMI_ATTESTATION_NONE) {
        *finding = (imi_finding){0};
        return IMI_OK;
    }
    if (attestation->kind != IMI_ATTESTATION_ANDROID_KEY &&
        attestation->kind != IMI_ATTESTATION_APPLE_APP) {
        return IMI_OK;
    }
    if (!is_configured(roots, attestation->kind)) {
        *finding = (imi_finding){.code = "attestation_not_configured"};
        return IMI_OK;
    }
    float score = 0;
    ERR_clear_error();
    const char *refusal = verify(roots, attestation, &score);
    if (ran_out_of_memory() && refusal != NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to verify an attestation");
    }
    bool refused = refusal != NULL;
    *finding = (imi_finding){
        .measured = true, .veto = refused, .score = refused ? 0.0f : score, .code = refusal};
    return IMI_OK;
}
