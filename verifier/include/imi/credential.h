/**
 * Credentials that a person holds: SD-JWT with key binding. The issuer signs digests of claims;
 * the holder says which claims are shown to whom, and proves to be the holder by signing for that
 * one audience and nonce.
 *
 * Paths:  a claim within others is named by their names and places joined by '/':
 *         "degree/subject", "languages/0".
 * Source: RFC 9901; draft-ietf-oauth-sd-jwt-vc-19.
 */
#ifndef IMI_CREDENTIAL_H
#define IMI_CREDENTIAL_H

#include "imi/jws.h"
#include "imi/token.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** typ of a credential and of its key binding; media types are application/ and these. */
#define IMI_CREDENTIAL_TYPE "dc+sd-jwt"
#define IMI_KEY_BINDING_TYPE "kb+jwt"

enum {
    IMI_CREDENTIAL_TEXT_MAX = IMI_TOKEN_TEXT_MAX,
    IMI_CREDENTIAL_BYTES_MAX = 65536, /* with all disclosures and the key binding */
    IMI_CREDENTIAL_DISCLOSURES_MAX = 256,
    IMI_CREDENTIAL_DEPTH_MAX = 16, /* of claims within claims */
    IMI_CREDENTIAL_DECOYS_MAX = 64
};

/** What a credential says of itself to everybody; never selectively disclosed. */
typedef struct imi_credential_terms {
    const char *issuer; /* iss; required */
    const char *type; /* vct; required */
    int64_t issued_at_s; /* iat; required. Rounded, it links presentations less */
    int64_t not_before_s; /* nbf; 0 = none */
    int64_t expires_at_s; /* exp; required */
    imi_view holder_jwk; /* cnf.jwk: public P-256 key; required. Only kty, crv, x, y are kept */
    const char *status_uri; /* status.status_list.uri; NULL or "" = no status */
    uint32_t status_index;
    size_t decoys; /* digests of nothing, so that claims cannot be counted */
} imi_credential_terms;

/**
 * Issue; appends the credential with all its disclosures to out.
 *
 * claims_json: JSON object. Each claim, each member of an object in it and each element of an
 *              array can be disclosed by itself.
 * Errors:      IMI_E_INVALID_ARGUMENT for terms that are missing or too long, for claims with
 *              names that are reserved or hold '/', and for more than the bounds above;
 *              IMI_E_KEY for a holder's key that is not a public P-256 key.
 */
IMI_MUST_USE imi_status imi_credential_issue(imi_signer *issuer, const imi_credential_terms *terms,
                                             imi_view claims_json, imi_buffer *out, imi_error *err);

/**
 * What is in a credential, for its holder: nothing of it is checked.
 *
 * json_out: appends {"header":{...},"claims":{...},"disclosable":["degree","degree/subject",...]};
 *           claims with everything that its disclosures disclose.
 * Errors:   IMI_E_TOKEN_FORMAT, IMI_E_CREDENTIAL_DISCLOSURE.
 */
IMI_MUST_USE imi_status imi_credential_describe(imi_view credential, imi_buffer *json_out,
                                                imi_error *err);

/** What the holder shows, and to whom. */
typedef struct imi_presentation_terms {
    const char *const *paths; /* of claims to disclose, with all that is within them */
    size_t path_count; /* 0: none but what the issuer keeps open */
    const char *audience; /* aud: for whom; required with a holder */
    const char *nonce; /* of whom asks; required with a holder */
    int64_t issued_at_s; /* iat; required with a holder */
} imi_presentation_terms;

/**
 * Present; appends the credential with the chosen disclosures to out.
 *
 * holder: signer of the credential's cnf.jwk; NULL presents without key binding.
 * Errors: IMI_E_NOT_FOUND for a path that the credential has no disclosure at or within;
 *         IMI_E_KEY for a signer of another key; those of imi_credential_describe;
 *         IMI_E_INVALID_ARGUMENT, also for what is a presentation already.
 */
IMI_MUST_USE imi_status imi_credential_present(imi_view credential, imi_signer *holder,
                                               const imi_presentation_terms *terms, imi_buffer *out,
                                               imi_error *err);

/** What a verifier insists on. */
typedef struct imi_credential_expectation {
    const char *algorithm; /* of the issuer, see imi/jws.h; required, never taken from outside */
    const char *issuer; /* iss; required */
    const char *type; /* vct; required */
    int64_t now_s; /* required */
    int64_t leeway_s; /* clock difference allowed, 0 to 300 */
    /** Of the holder, who looks at an own credential: no key binding is expected, and one that is
     *  there is refused. The three members below are then not looked at. */
    bool without_key_binding;
    const char *audience; /* aud of the key binding; required */
    const char *nonce; /* that was given to the holder for this one presentation; required */
    int64_t binding_age_max_s; /* how old the key binding may be, 1 to 86400; required */
} imi_credential_expectation;

/** What a credential says of itself. Fixed storage. */
typedef struct imi_credential_facts {
    char issuer[IMI_CREDENTIAL_TEXT_MAX]; /* iss */
    char type[IMI_CREDENTIAL_TEXT_MAX]; /* vct */
    int64_t issued_at_s; /* iat */
    int64_t not_before_s; /* nbf; 0 = none */
    int64_t expires_at_s; /* exp */
    char holder_thumbprint[IMI_KEY_ID_SIZE]; /* RFC 7638, of cnf.jwk */
    char status_uri[IMI_CREDENTIAL_TEXT_MAX]; /* status.status_list.uri, or "" = no status */
    uint32_t status_index;
} imi_credential_facts;

/**
 * Check a presentation offline.
 *
 * A nonce must be given out once and taken back once: that is the caller's to see to.
 *
 * out:             zeroed unless all holds.
 * claims_json_out: appends the claims that were disclosed as one JSON object, without those that
 *                  are in out; stays as it was unless all holds.
 * Errors: IMI_E_TOKEN_* for what the issuer signed, as imi_token_verify has them;
 *         IMI_E_CREDENTIAL_DISCLOSURE for a disclosure that was not signed, is there twice or
 *         breaks a rule of RFC 9901 section 7.1; IMI_E_CREDENTIAL_UNBOUND without a key binding;
 *         IMI_E_CREDENTIAL_HOLDER for a key binding that the holder's key did not sign;
 *         IMI_E_CREDENTIAL_REPLAYED for one that was made for something else: aud, nonce, iat,
 *         sd_hash.
 */
IMI_MUST_USE imi_status imi_credential_verify(imi_view presentation, const imi_key_set *keys,
                                              const imi_credential_expectation *expectation,
                                              imi_credential_facts *out,
                                              imi_buffer *claims_json_out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
