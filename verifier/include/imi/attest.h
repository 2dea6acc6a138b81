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

enum { IMI_ATTESTATION_BYTES_MAX = 16384, IMI_ATTEST_CHALLENGE_SIZE = 32 };

typedef struct imi_attest_roots imi_attest_roots;

/** What is trusted: PEM files of roots, and the apps. All borrowed; NULL or 0 = none. */
typedef struct imi_attest_options {
    const char *android_roots_pem; /* path; needs packages and signers beside it */
    const char *apple_roots_pem; /* path; needs app ids beside it */
    const char *const *android_packages; /* "org.example.app", each with the digests below */
    size_t android_package_count;
    const char *const *android_signers; /* SHA-256 of signing certificates, 64 hex digits */
    size_t android_signer_count;
    const char *const *apple_app_ids; /* "TEAMID.org.example.app" */
    size_t apple_app_id_count;
    const char *android_revoked_json; /* path of Google's status list; NULL: none is revoked */
} imi_attest_options;

/** Errors: IMI_E_NOT_FOUND, IMI_E_IO, IMI_E_INVALID_ARGUMENT naming file or value. */
IMI_MUST_USE imi_status imi_attest_roots_new(const imi_attest_options *options,
                                             imi_attest_roots **out, imi_error *err);
void imi_attest_roots_destroy(imi_attest_roots **roots);
IMI_AUTO_DEFINE(imi_attest_roots, imi_attest_roots_destroy)

/**
 * The challenge that an attestation of a session must cover: SHA-256 of "imi-attest-v1", the
 * session id and the device key's SubjectPublicKeyInfo (91 bytes for P-256), without separators.
 * Android's is without the key: the key store wants it before there is a key, and what it then
 * certifies is that key.
 */
IMI_MUST_USE imi_status imi_attest_challenge(const char *session_id, imi_view device_key_spki,
                                             uint8_t out[IMI_ATTEST_CHALLENGE_SIZE],
                                             imi_error *err);

/** What is attested and to what it must be bound. Borrowed. */
typedef struct imi_attestation {
    imi_attestation_kind kind;
    imi_view object;
    imi_view device_key_spki; /* the session's device key */
    imi_view challenge; /* bytes that the attestation must cover: imi_attest_challenge. Of an
                           Apple object this alone binds the device key (docs/attestation.md) */
    int64_t now_s; /* for certificate lifetimes */
} imi_attestation;

/**
 * Verify; fills IMI_LAYER_ATTESTATION and leaves the others.
 *
 * A wrong or unverifiable object is a finding with a veto and a code, not an error:
 * "attestation_format", "attestation_chain", "attestation_revoked", "attestation_key",
 * "attestation_challenge", "attestation_app", "attestation_software" or "attestation_boot".
 * Kind NONE, or a platform without configured roots (roots may be NULL), leaves the layer
 * unmeasured; the latter with the code "attestation_not_configured".
 *
 * Units:   score 1 = key in a trusted execution environment, 2 = in a chip of its own
 *          (StrongBox, Secure Enclave); 0 beside a veto.
 * Threads: safe on shared roots.
 * Errors:  IMI_E_NO_MEMORY, IMI_E_INVALID_ARGUMENT; the finding is then a veto.
 */
IMI_MUST_USE imi_status imi_attest_verify(const imi_attest_roots *roots,
                                          const imi_attestation *attestation,
                                          imi_findings *findings, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
