/**
 * Platform attestation: does the platform vouch that the device key lives in its secure hardware
 * and belongs to the app that it should?
 *
 * Android Key Attestation (X.509 chain with the extension 1.3.6.1.4.1.11129.2.1.17) and Apple App
 * Attest (CBOR "apple-appattest" object). Verified with OpenSSL against configured roots.
 */
#ifndef IMI_ATTEST_H
#define IMI_ATTEST_H

#include "imi/bytes.h"
#include "imi/findings.h"
#include "imi/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum imi_attestation_kind {
    IMI_ATTESTATION_NONE = 0,
    IMI_ATTESTATION_ANDROID_KEY = 1, /* DER certificates, leaf first, concatenated */
    IMI_ATTESTATION_APPLE_APP = 2 /* CBOR attestation object */
} imi_attestation_kind;

enum { IMI_ATTESTATION_BYTES_MAX = 16384 };

typedef struct imi_attest_roots imi_attest_roots;

/** What is trusted: PEM files of roots, and the apps. All borrowed; NULL or 0 = none. */
typedef struct imi_attest_options {
    const char *android_roots_pem; /* path */
    const char *apple_roots_pem; /* path */
    const char *const *android_packages; /* "org.example.app", each with the digests below */
    size_t android_package_count;
    const char *const *android_signers; /* SHA-256 of signing certificates, 64 hex digits */
    size_t android_signer_count;
    const char *const *apple_app_ids; /* "TEAMID.org.example.app" */
    size_t apple_app_id_count;
} imi_attest_options;

/** Errors: IMI_E_NOT_FOUND, IMI_E_IO, IMI_E_INVALID_ARGUMENT naming file or value. */
IMI_MUST_USE imi_status imi_attest_roots_new(const imi_attest_options *options,
                                             imi_attest_roots **out, imi_error *err);
void imi_attest_roots_destroy(imi_attest_roots **roots);
IMI_AUTO_DEFINE(imi_attest_roots, imi_attest_roots_destroy)

/** What is attested and to what it must be bound. Borrowed. */
typedef struct imi_attestation {
    imi_attestation_kind kind;
    imi_view object;
    imi_view device_key_spki; /* the session's device key */
    imi_view challenge; /* bytes that the attestation must cover: SHA-256 of the join secret's
                           session id and the device key (docs/injection.md) */
    int64_t now_s; /* for certificate lifetimes */
} imi_attestation;

/**
 * Verify. A wrong or unverifiable object is a finding with a veto and a code ("attestation_chain",
 * "attestation_key", "attestation_challenge", "attestation_app", "attestation_software"), not an
 * error; kind NONE leaves the layer unmeasured.
 */
IMI_MUST_USE imi_status imi_attest_verify(const imi_attest_roots *roots,
                                          const imi_attestation *attestation,
                                          imi_findings *findings, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
