/**
 * Makes roots, chains and attestation objects, right ones and wrong ones, with keys of the
 * tests' own: what a platform would sign, with any field changed before it is signed.
 */
#ifndef IMI_TESTS_ATTEST_FORGE_H
#define IMI_TESTS_ATTEST_FORGE_H

#include "imi/attest.h"

#include <openssl/x509.h>

#define TEST_NOW_S 1700000000
#define TEST_DAY_S 86400
#define TEST_PACKAGE "org.example.app"
#define TEST_APP_ID "TEAM123456.org.example.app"
/* SHA-256 of the signing certificate, by the tests' fiat: 32 bytes 0xA5. */
#define TEST_SIGNER "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
#define TEST_SESSION "ses_AAAAAAAAAAAAAAAAAAAAAA"

/** Keys, two authorities, and the roots as configured. */
typedef struct forge {
    EVP_PKEY *root_key, *intermediate_key, *device_key, *other_key;
    X509 *root, *intermediate;
    imi_attest_roots *roots;
    uint8_t spki[91]; /* of device_key */
    uint8_t challenge[IMI_ATTEST_CHALLENGE_SIZE];
    char folder[64];
} forge;
extern forge g_forge;

int forge_set_up(void **state);
int forge_tear_down(void **state);
/** Path of a file in the forge's folder; static storage. */
const char *forge_path(const char *name);
void forge_write_pem(const char *name, X509 *certificate);

/** One certificate to be made. Zero fields: see forge_certificate. */
typedef struct certificate_plan {
    const char *subject;
    X509 *issuer; /* NULL: itself */
    EVP_PKEY *issuer_key;
    EVP_PKEY *key;
    bool is_authority;
    int path_length; /* -1: unlimited */
    long serial;
    int64_t not_before_s, not_after_s; /* 0: a day before and after now */
    const char *extension_oid; /* NULL: none */
    imi_view extension;
    bool extension_twice;
} certificate_plan;
X509 *forge_certificate(const certificate_plan *plan);
/** Append the DER of a certificate. */
void forge_append(X509 *certificate, imi_buffer *out);

/** What the leaf of an Android chain says. */
typedef struct key_statement {
    uint32_t version, attestation_level, key_level;
    imi_view challenge;
    uint32_t origin;
    bool has_origin, has_boot, locked, boot_in_software;
    uint32_t boot_state;
    const char *packages[2];
    uint8_t signers[2]; /* each a digest of 32 such bytes; 0: none */
    bool has_application, application_in_hardware, all_applications;
    bool repeats_origin, trailing_byte;
} key_statement;
key_statement forge_good_statement(void);
void forge_key_description(const key_statement *statement, imi_buffer *out);
/** Leaf (device key, with this statement), intermediate and root. */
void forge_android(const key_statement *statement, imi_buffer *out);
/** A leaf for a description, under the intermediate; the plan may be changed before use. */
certificate_plan forge_android_leaf(imi_view description);

/** What an Apple object says. */
typedef struct app_statement {
    const char *format, *app_id, *aaguid;
    imi_view challenge;
    uint32_t counter;
    uint8_t flags;
    bool wrong_credential, wrong_nonce, in_intermediate, no_public_key, extra_member;
    int extensions; /* maps behind the public key; systems write none or one */
    bool long_form_length; /* CBOR that is not in its shortest form */
    int64_t leaf_not_after_s; /* 0: a day after now */
} app_statement;
app_statement forge_good_app(void);
void forge_apple(const app_statement *statement, imi_buffer *out);

/** Verify against g_forge.roots at TEST_NOW_S. */
imi_finding forge_verify(imi_attestation_kind kind, imi_view object);
void assert_accepted(imi_attestation_kind kind, imi_view object, float score);
void assert_refused(imi_attestation_kind kind, imi_view object, const char *code);

#endif
