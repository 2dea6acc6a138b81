/**
 * Status codes and error detail, shared by every layer.
 *
 * Conventions used in all public headers:
 *   - A function that can fail returns imi_status; 0 is success. Results that are not
 *     failures (a non-match, an attack, a poor image) are never statuses.
 *   - Outputs come last but one, `imi_error *err` last; err may be NULL.
 *   - On failure outputs hold safe values: NULL, zero, NaN or IMI_DECISION_NONE.
 *   - `new`/`destroy` make and free heap objects; destroy takes T **, accepts NULL,
 *     wipes what is secret or biometric, and nulls the pointer.
 *   - A parameter named take_* is moved in on success only.
 */
#ifndef IMI_STATUS_H
#define IMI_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Status of an operation. Numbers are stable: never reused, never renumbered. */
typedef enum imi_status {
    IMI_OK = 0,
    /* base, -1 to -99 */
    IMI_E_INVALID_ARGUMENT = -1, /* the caller broke the contract */
    IMI_E_NO_MEMORY = -2,
    IMI_E_OVERFLOW = -3, /* a size or count would not fit */
    IMI_E_IO = -4, /* a file or socket failed; foreign_code is errno */
    IMI_E_NOT_FOUND = -5,
    IMI_E_EXHAUSTED = -6, /* a bounded queue or quota is full: try later */
    IMI_E_CANCELLED = -7,
    IMI_E_DEADLINE = -8,
    IMI_E_INTERNAL = -9, /* a defect of ours */
    IMI_E_UNSUPPORTED = -10,
    IMI_E_PERMISSION = -11,
    IMI_E_CONFLICT = -12, /* state does not allow it, or changed meanwhile */
    IMI_E_UNAUTHENTICATED = -13,
    /* image, -100 to -199 */
    IMI_E_IMAGE_EMPTY = -100,
    IMI_E_IMAGE_FORMAT = -101, /* not a JPEG, or a kind of JPEG that is not accepted */
    IMI_E_IMAGE_CORRUPT = -102, /* a JPEG whose data cannot be decoded whole */
    IMI_E_IMAGE_TOO_LARGE = -103, /* bytes, pixels or dimensions over the limit */
    IMI_E_IMAGE_TOO_SMALL = -104,
    /* models, -200 to -299 */
    IMI_E_MODEL_MISSING = -200,
    IMI_E_MODEL_DIGEST = -201, /* a model file is not the one the manifest names */
    IMI_E_MODEL_LOAD = -202,
    IMI_E_MODEL_RUN = -203,
    IMI_E_MODEL_MISMATCH = -204, /* templates made by different models */
    IMI_E_MANIFEST = -205,
    /* compare, -300 to -399 */
    IMI_E_CALIBRATION = -300, /* calibration table unreadable or for other models */
    IMI_E_TEMPLATE_FORMAT = -301,
    /* policy, -500 to -599 */
    IMI_E_POLICY = -500, /* the message names line and field */
    IMI_E_POLICY_UNKNOWN_PURPOSE = -501,
    /* token, -600 to -699 */
    IMI_E_TOKEN_FORMAT = -600,
    IMI_E_TOKEN_ALGORITHM = -601,
    IMI_E_TOKEN_KEY_UNKNOWN = -602,
    IMI_E_TOKEN_SIGNATURE = -603,
    IMI_E_TOKEN_EXPIRED = -604,
    IMI_E_TOKEN_NOT_YET_VALID = -605,
    IMI_E_TOKEN_CLAIM = -606, /* iss, aud, nonce, typ or another claim is wrong */
    IMI_E_KEY = -607, /* a key file is unreadable, unsafe or of another kind */
    IMI_E_CRYPTO = -608,
    IMI_E_TOKEN_REVOKED = -609,
    IMI_E_TOKEN_SUSPENDED = -610, /* does not stand for now */
    /* store, -700 to -799 */
    IMI_E_STORE_BUSY = -700, /* retry may succeed */
    IMI_E_STORE_CORRUPT = -701,
    IMI_E_STORE_IO = -702,
    IMI_E_STORE_SCHEMA = -703, /* database made by a newer version */
    /* session, -800 to -899 */
    IMI_E_SESSION_EXPIRED = -800,
    IMI_E_SESSION_STATE = -801, /* not allowed in the session's present state */
    IMI_E_FRAME_CHAIN = -802, /* signature, sequence or previous link is wrong */
    IMI_E_CONSENT_REQUIRED = -803,
    IMI_E_FRAME_EARLY = -804, /* frames before it have not come yet: send it again */
    /* rpc, -900 to -999 */
    IMI_E_RPC_MESSAGE = -900, /* message does not parse or breaks its field rules */
    IMI_E_RPC_UNAVAILABLE = -901,
    /* ledger, -1000 to -1099 */
    IMI_E_LEDGER_FORMAT = -1000, /* a note, checkpoint, tile or receipt does not parse */
    IMI_E_LEDGER_LOG = -1001, /* of another log, or not signed by the key that is expected */
    IMI_E_LEDGER_SIGNATURE = -1002, /* a known key's signature is wrong */
    IMI_E_LEDGER_PROOF = -1003, /* what is claimed does not follow from the hashes */
    IMI_E_LEDGER_WITNESS = -1004, /* too few witnesses have cosigned */
    IMI_E_LEDGER_EVENT = -1005, /* the event or its salt is not what was logged */
    IMI_E_LEDGER_REWRITTEN = -1006, /* history is not what it was */
    /* credential, -1100 to -1199 */
    IMI_E_CREDENTIAL_DISCLOSURE = -1100, /* not signed, there twice, or against the rules */
    IMI_E_CREDENTIAL_UNBOUND = -1101, /* a key binding is required and missing */
    IMI_E_CREDENTIAL_HOLDER = -1102, /* the key binding is not signed by the holder's key */
    IMI_E_CREDENTIAL_REPLAYED = -1103 /* the key binding was made for something else */
} imi_status;

/** Detail of a failure. Caller-supplied storage, safe to copy, never holds secrets. */
typedef struct imi_error {
    imi_status status;
    int64_t foreign_code; /* errno, OpenSSL, SQLite, gRPC... code, or 0 */
    char message[256]; /* what went wrong and what to do, in English */
    const char *file; /* where it was raised, static storage */
    int line;
} imi_error;

#define IMI_ERROR_INIT                                                                             \
    {                                                                                              \
        IMI_OK, 0, "", 0, 0                                                                        \
    }

#ifdef __GNUC__
#define IMI_MUST_USE __attribute__((warn_unused_result))
#define IMI_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define IMI_MUST_USE
#define IMI_PRINTF(f, a)
#endif

/**
 * Stable lower-case name of a status, such as "invalid_argument".
 *
 * Ownership: static storage.
 * Errors:    an unknown number gives "unknown".
 */
const char *imi_status_name(imi_status status);

/** Fill err (may be NULL) and return status. Use through IMI_FAIL. */
imi_status imi_error_set(imi_error *err, imi_status status, int64_t foreign_code, const char *file,
                         int line, const char *format, ...) IMI_PRINTF(6, 7);

/** Return from the function with a status and a printf-style message. */
#define IMI_FAIL(err, status, ...)                                                                 \
    return imi_error_set((err), (status), 0, __FILE__, __LINE__, __VA_ARGS__)

/** The same with the code of a foreign library. */
#define IMI_FAIL_FOREIGN(err, status, code, ...)                                                   \
    return imi_error_set((err), (status), (code), __FILE__, __LINE__, __VA_ARGS__)

/** Hand a failure to the caller as it is. */
#define IMI_TRY(expression)                                                                        \
    do {                                                                                           \
        imi_status try_status_ = (expression);                                                     \
        if (try_status_ != IMI_OK) {                                                               \
            return try_status_;                                                                    \
        }                                                                                          \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif
