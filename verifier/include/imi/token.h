/**
 * Verification tokens: JWT (RFC 7519) signed with a fixed algorithm, after RFC 8725.
 */
#ifndef IMI_TOKEN_H
#define IMI_TOKEN_H

#include "imi/crypto.h"
#include "imi/jws.h"
#include "imi/signer.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IMI_TOKEN_TEXT_MAX = 256,
    IMI_TOKEN_BYTES_MAX = 8192,
    IMI_TOKEN_EVIDENCE_MAX = 4,
    IMI_TOKEN_VERIFIED_MAX = 16, /* claims; as many as a purpose may ask for */
    IMI_TOKEN_NAME_SIZE = 64
};

/** typ header of every verification token. */
#define IMI_TOKEN_TYPE "imi-verification+jwt"

/** What was looked at to verify a person. */
typedef enum imi_token_evidence_kind {
    IMI_TOKEN_EVIDENCE_NONE = 0,
    IMI_TOKEN_EVIDENCE_FACE = 1, /* face compared with an enrolled reference */
    IMI_TOKEN_EVIDENCE_LIVENESS = 2, /* a living person answered a challenge */
    IMI_TOKEN_EVIDENCE_DOCUMENT = 3 /* face compared with the portrait of a checked document */
} imi_token_evidence_kind;

typedef struct imi_token_evidence {
    imi_token_evidence_kind kind;
    int64_t checked_at_s;
} imi_token_evidence;

typedef enum imi_verified_kind {
    IMI_VERIFIED_TEXT = 0,
    IMI_VERIFIED_FALSE = 1,
    IMI_VERIFIED_TRUE = 2
} imi_verified_kind;

/** A claim about the person that the evidence supports. */
typedef struct imi_verified_claim {
    char name[IMI_TOKEN_NAME_SIZE];
    imi_verified_kind kind;
    char text[IMI_TOKEN_TEXT_MAX]; /* of IMI_VERIFIED_TEXT */
} imi_verified_claim;

/** verified_claims, shaped after OpenID Identity Assurance: what, when, how, on which evidence. */
typedef struct imi_verification {
    char trust_framework[IMI_TOKEN_NAME_SIZE]; /* under whose rules; "" = no verified_claims */
    char assurance_level[IMI_TOKEN_NAME_SIZE]; /* required */
    char process[IMI_TOKEN_NAME_SIZE]; /* verification_process, or "" */
    int64_t verified_at_s; /* time; required */
    size_t evidence_count;
    imi_token_evidence evidence[IMI_TOKEN_EVIDENCE_MAX];
    size_t claim_count;
    imi_verified_claim claims[IMI_TOKEN_VERIFIED_MAX];
} imi_verification;

/** What a token says. Fixed storage, so that verifying one allocates nothing that outlives it. */
typedef struct imi_token_claims {
    char issuer[IMI_TOKEN_TEXT_MAX]; /* iss */
    char audience[IMI_TOKEN_TEXT_MAX]; /* aud */
    char subject[IMI_TOKEN_TEXT_MAX]; /* sub, pairwise per audience */
    char token_id[IMI_TOKEN_TEXT_MAX]; /* jti */
    char nonce[IMI_TOKEN_TEXT_MAX]; /* nonce of the relying party */
    char purpose[IMI_TOKEN_TEXT_MAX]; /* purpose */
    char session_id[IMI_TOKEN_TEXT_MAX]; /* sid */
    char methods[IMI_TOKEN_TEXT_MAX]; /* amr, joined by spaces: "face liveness" */
    char assurance[IMI_TOKEN_TEXT_MAX]; /* acr: "substantial", "basic" */
    char model_version[IMI_TOKEN_TEXT_MAX]; /* imi_model */
    char policy_version[IMI_TOKEN_TEXT_MAX]; /* imi_policy */
    char operating_point[IMI_TOKEN_TEXT_MAX]; /* imi_point; "" = the shipped calibration */
    char score_kind[IMI_TOKEN_TEXT_MAX]; /* imi_score: "raw" or "normalised" */
    double target_fmr; /* imi_target_fmr: what the threshold promises */
    int64_t issued_at_s; /* iat */
    int64_t not_before_s; /* nbf; 0 = none */
    int64_t expires_at_s; /* exp */
    char confirmation[IMI_KEY_ID_SIZE]; /* cnf.jkt: thumbprint of the holder's key, or "" */
    char status_uri[IMI_TOKEN_TEXT_MAX]; /* status.status_list.uri, or "" = no status */
    uint32_t status_index; /* status.status_list.idx */
    imi_verification verification; /* verified_claims; last, for most of it is seldom used */
} imi_token_claims;

/** Sign a token; appends the compact form to out. Errors: a missing or too long claim. */
IMI_MUST_USE imi_status imi_token_issue(imi_signer *signer, const imi_token_claims *claims,
                                        imi_buffer *out, imi_error *err);

/** What a verifier insists on. */
typedef struct imi_token_expectation {
    const char *algorithm; /* required, see imi/jws.h; never taken from the token */
    const char *issuer; /* required */
    const char *audience; /* required */
    const char *nonce; /* optional: NULL = not checked */
    int64_t now_s; /* required */
    int64_t leeway_s; /* clock difference allowed, 0 to 300 */
} imi_token_expectation;

/**
 * Check a token offline against a JWKS.
 *
 * Errors: IMI_E_TOKEN_* ; each condition has its own. out is zeroed unless all hold.
 * Source: RFC 7519, RFC 7515, RFC 8725 sections 3.1 to 3.11.
 */
IMI_MUST_USE imi_status imi_token_verify(imi_view token, imi_view jwks_json,
                                         const imi_token_expectation *expectation,
                                         imi_token_claims *out, imi_error *err);
/** The same against a key set that was parsed before. */
IMI_MUST_USE imi_status imi_token_verify_by_keys(imi_view token, const imi_key_set *keys,
                                                 const imi_token_expectation *expectation,
                                                 imi_token_claims *out, imi_error *err);

enum { IMI_PAIRWISE_SIZE = 44 };

/**
 * sub of a person at an audience: base64url of an HMAC, NUL-terminated. Steady over time;
 * two audiences cannot tell from it that they know the same person.
 *
 * subject_id: the relying party's own name for the person.
 */
IMI_MUST_USE imi_status imi_token_pairwise_subject(const uint8_t secret[IMI_SECRET_SIZE],
                                                   const char *audience, const char *subject_id,
                                                   char out[IMI_PAIRWISE_SIZE], imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
