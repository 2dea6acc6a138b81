/**
 * Policy: what each purpose demands. Read once from a checked YAML file, then immutable and
 * shared by threads.
 */
#ifndef IMI_POLICY_H
#define IMI_POLICY_H

#include "imi/attest.h"
#include "imi/findings.h"
#include "imi/liveness.h"
#include "imi/memory.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whether passive presentation attack detection is asked for. */
typedef enum imi_policy_pad {
    IMI_POLICY_PAD_OFF = 0,
    IMI_POLICY_PAD_OPTIONAL = 1, /* used when the models are there; assurance says so */
    IMI_POLICY_PAD_REQUIRED = 2 /* without the models nothing is verified: REVIEW */
} imi_policy_pad;

/** Whether the platform must vouch for the app. */
typedef enum imi_policy_attestation {
    IMI_POLICY_ATTESTATION_OFF = 0, /* not looked at */
    IMI_POLICY_ATTESTATION_OPTIONAL = 1, /* checked when it is sent: a wrong one is an attack */
    IMI_POLICY_ATTESTATION_REQUIRED = 2 /* without it nothing is verified: REVIEW */
} imi_policy_attestation;

/**
 * How often one may try within a day, for a subject over all its sessions and for a device key.
 * Captures that verified do not count.
 */
typedef struct imi_attempt_limits {
    uint32_t free; /* attempts without a delay */
    uint32_t first_delay_s; /* before the next one; doubles with each */
    uint32_t max_delay_s;
    uint32_t per_day; /* after so many a member of staff sees to it */
} imi_attempt_limits;

enum { IMI_EVIDENCE_FACE = 1, IMI_EVIDENCE_LIVENESS = 2, IMI_EVIDENCE_DOCUMENT = 4 };

/**
 * Whether the template of a verified session may be kept beside the enrolled one, if the subject
 * consents. All zero when the file says nothing: nothing is offered.
 */
typedef struct imi_additional_rules {
    bool offer;
    const char *consent_text; /* shown before the subject answers */
    double fmr_max; /* the session's comparison must be at most this; at most target_fmr */
    uint32_t max; /* kept a subject, 1 to 8; the oldest goes */
    uint32_t after_days; /* age of the newest reference from which on one is offered */
} imi_additional_rules;

/** One thing that a purpose may have told of the subject, if the subject agrees. */
typedef struct imi_claim_rule {
    const char *name; /* of the claim, as it was enrolled: "birthdate" */
    const char *title; /* what it is, in plain words */
    const char *purpose; /* what it is wanted for, in plain words */
    uint32_t retention_days; /* that the receiver keeps it; 0 = looked at and not kept */
    bool required; /* without it there is nothing to do */
} imi_claim_rule;

enum { IMI_POLICY_CLAIMS_MAX = 16, IMI_POLICY_WITNESSES_MAX = 16 };

/** One purpose. Strings are owned by the policy. */
typedef struct imi_purpose {
    const char *name; /* such as "pension.qualification" */
    const char *title; /* one line for people */
    const char *consent_text; /* shown before any image is taken */
    double target_fmr; /* in (0, 0.1]: the threshold follows from the calibration */
    imi_challenge_rules challenge;
    imi_policy_pad pad;
    bool light; /* coloured light is shown and looked for */
    imi_policy_attestation attestation;
    uint32_t attempts; /* captures per session, 1 to 10 */
    imi_attempt_limits attempt_limits;
    uint32_t session_lifetime_s;
    uint32_t token_lifetime_s;
    uint32_t evidence_mask; /* IMI_EVIDENCE_*; FACE and LIVENESS always set */
    imi_additional_rules additional;
    const imi_claim_rule *claims; /* that may be asked for */
    size_t claim_count;
    uint32_t credential_days; /* life of a credential that the subject may hold; 0 = none */
} imi_purpose;

/** A relying party: the common name of its client certificate, and what it may ask. */
typedef struct imi_relying_party {
    const char *name;
    const char *title; /* for people; the name where the file does not say */
    const char *audience; /* aud of its tokens; also the sector of its pairwise subjects */
    const char *const *purposes; /* names of purposes */
    size_t purpose_count;
    bool may_enrol;
    const char *token_algorithm; /* JOSE name: "ES256" where the file does not say */
    const char *webhook_url; /* NULL = none */
    const char *webhook_secret_file; /* NULL = none */
} imi_relying_party;

/** Somebody who watches that the public log only grows. */
typedef struct imi_witness_rule {
    const char *key; /* its verifier key: name+hash+base64 */
    const char *url; /* where checkpoints are submitted */
} imi_witness_rule;

/** Witnesses of the public log; all zero when the file says nothing. */
typedef struct imi_log_rules {
    const imi_witness_rule *witnesses;
    size_t witness_count;
    uint32_t quorum; /* that must have cosigned what a receipt shows */
} imi_log_rules;

/** Whether a claim says who issued a credential, to whom and how long it holds: never the
 *  subject's. */
bool imi_claim_name_is_reserved(const char *name);

typedef struct imi_policy imi_policy;

/** Errors: IMI_E_POLICY with line and field in the message; IMI_E_NOT_FOUND, IMI_E_IO. */
IMI_MUST_USE imi_status imi_policy_load(const char *path, imi_policy **out, imi_error *err);
/** Free; accepts NULL, nulls the pointer. */
void imi_policy_destroy(imi_policy **policy);
IMI_AUTO_DEFINE(imi_policy, imi_policy_destroy)

/** Version string of the file and first 12 hex digits of its SHA-256: "2026-11-22@0123456789ab". */
const char *imi_policy_version(const imi_policy *policy);
/** iss of tokens, a URL. */
const char *imi_policy_issuer(const imi_policy *policy);
/** NULL if unknown. */
const imi_purpose *imi_policy_purpose(const imi_policy *policy, const char *name);
/** The party with this name (its certificate's common name); NULL if unknown. */
const imi_relying_party *imi_policy_relying_party(const imi_policy *policy, const char *name);
/** Party by position, in the file's order; NULL past the end. */
const imi_relying_party *imi_policy_relying_party_at(const imi_policy *policy, size_t index);
/** Whether this is the name (of a client certificate) of somebody who may change thresholds. */
bool imi_policy_is_administrator(const imi_policy *policy, const char *name);
/** Administrator by position, in the file's order; NULL past the end. */
const char *imi_policy_administrator_at(const imi_policy *policy, size_t index);
/** How the findings of all layers are weighed. */
const imi_weighing *imi_policy_weighing(const imi_policy *policy);
/** Whom platform attestations are trusted from; nobody if the file does not say. */
const imi_attest_options *imi_policy_attest_options(const imi_policy *policy);
/** Who witnesses the public log. */
const imi_log_rules *imi_policy_log(const imi_policy *policy);
/** Number of purposes. */
size_t imi_policy_purpose_count(const imi_policy *policy);
/** Purpose by position, in the file's order; NULL past the end. */
const imi_purpose *imi_policy_purpose_at(const imi_policy *policy, size_t index);
/** Seconds that the longest-lived token or credential of any purpose lives. */
int64_t imi_policy_longest_life_s(const imi_policy *policy);

#ifdef __cplusplus
}
#endif
#endif
