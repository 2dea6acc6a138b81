/**
 * libimi-token: what a backend checks of IMI without asking it. Tokens, their status, receipts of
 * the public log, and credentials that a person presents. Depends on the C standard library alone.
 *
 * Start:     docs/integrating.md.
 * Network:   none. Where a document is needed, the library calls a function of yours.
 * Threads:   all functions may be called from any thread at once; a handle is destroyed when no
 *            other call uses it. No function keeps thread-local or process-wide state.
 * Memory:    only handles outlive a call. Within a call no more is allocated than a small multiple
 *            of the document's size, which is bounded; out of memory is IMITOKEN_E_NO_MEMORY.
 * Outputs:   hold nothing but zeros unless the result is IMITOKEN_OK.
 * ABI:       structs begin with self_size, which the macros _INIT set; they may grow at their end.
 */
#ifndef IMITOKEN_H
#define IMITOKEN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IMITOKEN_VERSION "1.0.0"

enum {
    IMITOKEN_TEXT_SIZE = 256, /* of a claim, with its NUL */
    IMITOKEN_NAME_SIZE = 64,
    IMITOKEN_VERIFIED_SIZE = 6145, /* all claims of the largest token fit */
    IMITOKEN_WITNESSES_MAX = 16
};

/** Version of the library that is linked. Static storage. */
const char *imitoken_version(void);

/* ---- Results ---- */

/** Result of a call. Numbers are stable. */
typedef enum imitoken_code {
    IMITOKEN_OK = 0,
    IMITOKEN_E_ARGUMENT = 1, /* the call or the options are wrong: a defect of the caller */
    IMITOKEN_E_NO_MEMORY = 2,
    IMITOKEN_E_INTERNAL = 3,
    IMITOKEN_E_SPACE = 4, /* the caller's memory for an output is too small */
    IMITOKEN_E_UNSUPPORTED = 5, /* algorithm that the library does not know */
    /* keys */
    IMITOKEN_E_KEYS_UNAVAILABLE = 10, /* no key set could be fetched */
    IMITOKEN_E_KEYS = 11, /* the key set, or a key in it, is not fit */
    IMITOKEN_E_KEY_UNKNOWN = 12,
    /* tokens, and what else is signed as they are */
    IMITOKEN_E_FORMAT = 20,
    IMITOKEN_E_ALGORITHM = 21,
    IMITOKEN_E_SIGNATURE = 22,
    IMITOKEN_E_EXPIRED = 23,
    IMITOKEN_E_NOT_YET_VALID = 24,
    IMITOKEN_E_CLAIM = 25, /* typ, iss, aud or another claim; the text says which */
    IMITOKEN_E_NONCE = 26,
    IMITOKEN_E_PURPOSE = 27,
    /* status */
    IMITOKEN_E_REVOKED = 30,
    IMITOKEN_E_SUSPENDED = 31,
    IMITOKEN_E_STATUS_UNAVAILABLE = 32, /* no usable status list could be fetched */
    IMITOKEN_E_STATUS_MISSING = 33, /* the token has no place in a status list */
    /* receipts */
    IMITOKEN_E_RECEIPT_FORMAT = 40,
    IMITOKEN_E_RECEIPT_LOG = 41,
    IMITOKEN_E_RECEIPT_SIGNATURE = 42,
    IMITOKEN_E_RECEIPT_PROOF = 43,
    IMITOKEN_E_RECEIPT_EVENT = 44,
    IMITOKEN_E_RECEIPT_WITNESSES = 45,
    IMITOKEN_E_RECEIPT_OTHER = 46, /* of another token, or of another kind */
    /* credentials */
    IMITOKEN_E_DISCLOSURE = 50,
    IMITOKEN_E_UNBOUND = 51,
    IMITOKEN_E_HOLDER = 52,
    IMITOKEN_E_REPLAYED = 53
} imitoken_code;

/** Detail of a failure, in the caller's storage. Never holds a part of what was checked. */
typedef struct imitoken_error {
    imitoken_code code;
    char text[512]; /* what is wrong, and what to do */
} imitoken_error;

/** Stable name of a code, such as "nonce"; "unknown" for other numbers. Static storage. */
const char *imitoken_code_name(imitoken_code code);
/** What to do about a code, one sentence. Static storage. */
const char *imitoken_code_advice(imitoken_code code);

/* ---- Documents that you fetch ---- */

/** What a fetch function fills in. */
typedef struct imitoken_document imitoken_document;

/**
 * Fetch a document over HTTPS and write its body. Returns 0, or anything else if it failed; use a
 * time limit. May be called from any thread that makes a check.
 */
typedef int (*imitoken_fetch)(void *user, const char *uri, imitoken_document *document);

/** Append bytes of the body. Returns 0, or 1 when the document is too large: give up then. */
int imitoken_document_write(imitoken_document *document, const void *bytes, size_t size);
/** Hand over the header Cache-Control, of which max-age, no-cache and no-store are read. */
void imitoken_document_cache_control(imitoken_document *document, const char *value);

/** Seconds since 1970. */
typedef int64_t (*imitoken_clock)(void *user);

/* ---- Key sets ---- */

/**
 * A key set that is kept: fetched when it is first needed and when its max-age has passed, and,
 * at most once a minute, when a token names a key that is not in it. While fetching fails the
 * old set stays in use for max_stale_s. Keys are prepared once for all checks.
 */
typedef struct imitoken_keys imitoken_keys;

typedef struct imitoken_keys_options {
    size_t self_size;
    imitoken_fetch fetch; /* NULL: the set of jwks_json never changes */
    void *user; /* of fetch */
    const char *uri; /* handed to fetch, such as "https://imi.example/.well-known/jwks.json" */
    const char *jwks_json; /* with fetch NULL; otherwise NULL */
    size_t jwks_size;
    int64_t max_age_s; /* where the answer has no max-age; 1 to 86400 */
    int64_t max_stale_s; /* 0 to 30 days, beyond the max-age */
    imitoken_clock clock; /* NULL: time() */
    void *clock_user;
} imitoken_keys_options;

#define IMITOKEN_KEYS_OPTIONS_INIT                                                                 \
    {                                                                                              \
        sizeof(imitoken_keys_options), NULL, NULL, NULL, NULL, 0, 300, 86400, NULL, NULL           \
    }

/** Options are copied, user data is not. err may be NULL, here and below. Nothing is fetched. */
imitoken_code imitoken_keys_new(const imitoken_keys_options *options, imitoken_keys **out,
                                imitoken_error *err);
/** Accepts NULL; nulls the pointer. */
void imitoken_keys_destroy(imitoken_keys **keys);
/**
 * Fetch now, unless that was done in the last ten seconds. A thread that calls this more often
 * than max-age keeps checks from ever waiting for the network.
 */
imitoken_code imitoken_keys_refresh(imitoken_keys *keys, imitoken_error *err);

/* ---- Checkers ---- */

/** What a backend insists on, for all its checks. */
typedef struct imitoken_checker imitoken_checker;

typedef struct imitoken_checker_options {
    size_t self_size;
    const char *issuer; /* iss; required */
    const char *audience; /* aud; required */
    const char *algorithm; /* "ES256", "EdDSA" or "SM2": what was agreed, never the token's word */
    int64_t leeway_s; /* difference of clocks, 0 to 300 */
    imitoken_keys *keys; /* required; borrowed, outlives the checker, may serve several */
    imitoken_fetch fetch_status; /* NULL: tokens are not looked up in status lists */
    void *status_user;
    const char *status_algorithm; /* of status lists */
    int status_required; /* with fetch_status: refuse what has no place in a list */
    const char *log_key; /* verifier key of the public log; NULL: no receipts are checked */
    const char *const *witness_keys;
    size_t witness_count; /* at most IMITOKEN_WITNESSES_MAX */
    size_t witnesses_needed;
    imitoken_clock clock; /* NULL: time() */
    void *clock_user;
} imitoken_checker_options;

#define IMITOKEN_CHECKER_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(imitoken_checker_options), NULL, NULL, "ES256", 30, NULL, NULL, NULL, "ES256", 0,   \
            NULL, NULL, 0, 0, NULL, NULL                                                           \
    }

/** Options are copied, except keys and user data. */
imitoken_code imitoken_checker_new(const imitoken_checker_options *options, imitoken_checker **out,
                                   imitoken_error *err);
/** Accepts NULL; nulls the pointer. */
void imitoken_checker_destroy(imitoken_checker **checker);

/* ---- Tokens ---- */

/** What one request expects. */
typedef struct imitoken_expected {
    size_t self_size;
    const char *nonce; /* that was given to CreateSession; NULL: the session had none */
    const char *purpose; /* required */
} imitoken_expected;

#define IMITOKEN_EXPECTED_INIT                                                                     \
    {                                                                                              \
        sizeof(imitoken_expected), NULL, NULL                                                      \
    }

/** What a token says (docs/tokens.md). Text is NUL-terminated; "" where a claim is missing. */
typedef struct imitoken_claims {
    size_t self_size;
    char issuer[IMITOKEN_TEXT_SIZE]; /* iss */
    char audience[IMITOKEN_TEXT_SIZE]; /* aud */
    char subject[IMITOKEN_TEXT_SIZE]; /* sub: the person, as this audience knows them */
    char token_id[IMITOKEN_TEXT_SIZE]; /* jti */
    char nonce[IMITOKEN_TEXT_SIZE];
    char purpose[IMITOKEN_TEXT_SIZE];
    char session_id[IMITOKEN_TEXT_SIZE]; /* sid */
    char methods[IMITOKEN_TEXT_SIZE]; /* amr, joined by spaces: "face liveness" */
    char assurance[IMITOKEN_TEXT_SIZE]; /* acr */
    char model_version[IMITOKEN_TEXT_SIZE]; /* imi_model */
    char policy_version[IMITOKEN_TEXT_SIZE]; /* imi_policy */
    char operating_point[IMITOKEN_TEXT_SIZE]; /* imi_point */
    char score_kind[IMITOKEN_TEXT_SIZE]; /* imi_score */
    double target_fmr; /* imi_target_fmr */
    int64_t issued_at_s; /* iat */
    int64_t not_before_s; /* nbf; 0 = none */
    int64_t expires_at_s; /* exp */
    char holder_thumbprint[IMITOKEN_NAME_SIZE]; /* cnf.jkt: who presents must sign with this key */
    char status_uri[IMITOKEN_TEXT_SIZE]; /* status.status_list.uri */
    uint32_t status_index; /* status.status_list.idx */
    char trust_framework[IMITOKEN_NAME_SIZE]; /* of verified_claims; "": there are none */
    char assurance_level[IMITOKEN_NAME_SIZE];
    int64_t verified_at_s;
    char verified_claims[IMITOKEN_VERIFIED_SIZE]; /* JSON object of names, with texts and truths */
} imitoken_claims;

/**
 * Check a token: form, algorithm, key, signature, typ, times, issuer, audience, nonce, purpose,
 * and, if the checker fetches status lists, that it still stands.
 *
 * A token is good for as many checks as there are: whoever must act once only keeps token_id, or
 * calls RedeemToken.
 *
 * Shape: token: size bytes in compact form. out: self_size must be set (IMITOKEN_CLAIMS_INIT).
 */
imitoken_code imitoken_check(imitoken_checker *checker, const char *token, size_t size,
                             const imitoken_expected *expected, imitoken_claims *out,
                             imitoken_error *err);

/** Set self_size, and nothing else: the rest is written by the call. */
#define IMITOKEN_CLAIMS_INIT(claims) ((claims)->self_size = sizeof *(claims))

/**
 * Look a token or credential up in a status list that you fetched yourself.
 *
 * Shape:  uri, index: its place; list: size bytes, the list that is served there.
 * Errors: IMITOKEN_E_REVOKED, IMITOKEN_E_SUSPENDED; those of a token for the list itself.
 */
imitoken_code imitoken_check_status(imitoken_checker *checker, const char *uri, uint32_t index,
                                    const char *list, size_t size, imitoken_error *err);

/* ---- Receipts ---- */

/** What a receipt proves. */
typedef struct imitoken_receipt {
    size_t self_size;
    char kind[IMITOKEN_NAME_SIZE]; /* "decision" or "consent" */
    char outcome[IMITOKEN_NAME_SIZE]; /* "VERIFIED"; of a consent "given" or "withdrawn" */
    int64_t at_ms; /* Unix time, as the log has it */
    uint64_t index; /* of the entry */
    uint64_t log_size; /* of the tree that holds it */
    size_t witnesses; /* that cosigned that tree */
} imitoken_receipt;

#define IMITOKEN_RECEIPT_INIT                                                                      \
    {                                                                                              \
        sizeof(imitoken_receipt), "", "", 0, 0, 0, 0                                               \
    }

/**
 * A receipt proves that the decision behind a token, or the consent to its session, is in the
 * public log.
 *
 * Shape: receipt: size bytes of JSON from GetReceipt; claims: of the token, from imitoken_check.
 */
imitoken_code imitoken_check_receipt(imitoken_checker *checker, const char *receipt, size_t size,
                                     const imitoken_claims *claims, imitoken_receipt *out,
                                     imitoken_error *err);

/* ---- Credentials that a person presents ---- */

/** What one request expects of a presentation. */
typedef struct imitoken_presentation {
    size_t self_size;
    const char *type; /* vct; required */
    const char *nonce; /* given to the holder for this one presentation; required */
    int64_t age_max_s; /* of the key binding, 1 to 86400 */
} imitoken_presentation;

#define IMITOKEN_PRESENTATION_INIT                                                                 \
    {                                                                                              \
        sizeof(imitoken_presentation), NULL, NULL, 300                                             \
    }

/** What a credential says of itself. */
typedef struct imitoken_credential {
    size_t self_size;
    char issuer[IMITOKEN_TEXT_SIZE];
    char type[IMITOKEN_TEXT_SIZE];
    char holder_thumbprint[IMITOKEN_NAME_SIZE]; /* of the key that it is bound to */
    int64_t issued_at_s, not_before_s, expires_at_s; /* not_before_s: 0 = none */
    char status_uri[IMITOKEN_TEXT_SIZE];
    uint32_t status_index;
} imitoken_credential;

#define IMITOKEN_CREDENTIAL_INIT(credential) ((credential)->self_size = sizeof *(credential))

/**
 * Check an SD-JWT with key binding (RFC 9901): issuer, signature, times, every disclosure, and
 * that the holder made it for this audience and nonce; and its status, as of a token.
 *
 * Shape:  claims_json: gets what was disclosed as one JSON object, NUL-terminated; capacity bytes.
 * Errors: IMITOKEN_E_SPACE if that is too small: the size of the presentation is always enough.
 */
imitoken_code imitoken_check_presentation(imitoken_checker *checker, const char *presentation,
                                          size_t size, const imitoken_presentation *expected,
                                          imitoken_credential *out, char *claims_json,
                                          size_t capacity, imitoken_error *err);

#ifdef __cplusplus
}
#endif
#endif
