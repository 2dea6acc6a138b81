/**
 * The form of a policy file, as libcyaml loads it. Types only: check.h judges the values.
 */
#ifndef IMI_POLICY_SCHEMA_H
#define IMI_POLICY_SCHEMA_H

#include "imi/bytes.h"
#include "imi/findings.h"
#include "imi/policy.h"
#include "imi/status.h"
#include "outline.h"

#include <stdint.h>

/* Numbers stay text: libcyaml reads "1x" as 1, "010" as 8, and takes "nan". Booleans are
 * enumerations: libcyaml takes every word that it does not know for true. */

typedef struct imi_raw_challenge {
    char **actions;
    unsigned action_count;
    char *count;
    char *count_max;
    uint32_t near_far_required;
    uint32_t near_targets;
} imi_raw_challenge;

typedef struct imi_raw_attempt_limits {
    char *free;
    char *first_delay_s;
    char *max_delay_s;
    char *per_day;
} imi_raw_attempt_limits;

typedef struct imi_raw_additional {
    uint32_t offer;
    char *consent_text;
    char *fmr_max;
    char *max;
    char *after_days;
} imi_raw_additional;

typedef struct imi_raw_claim {
    char *name;
    char *title;
    char *purpose;
    char *retention_days;
    uint32_t required;
} imi_raw_claim;

typedef struct imi_raw_purpose {
    char *name;
    char *title;
    char *consent_text;
    char *target_fmr;
    imi_raw_challenge challenge;
    uint32_t pad;
    uint32_t light;
    uint32_t attestation;
    char *attempts;
    imi_raw_attempt_limits attempt_limits;
    char *session_lifetime_s;
    char *token_lifetime_s;
    char **evidence;
    unsigned evidence_count;
    imi_raw_additional *additional_reference; /* NULL when the file does not say */
    imi_raw_claim *claims; /* NULL when the file names none */
    unsigned claim_count;
    char *credential_days; /* NULL when the file does not say */
} imi_raw_purpose;

typedef struct imi_raw_webhook {
    char *url;
    char *secret_file;
} imi_raw_webhook;

typedef struct imi_raw_party {
    char *name;
    char *title; /* NULL when the file does not say */
    char *audience;
    char **purposes;
    unsigned purpose_count;
    uint32_t may_enrol;
    char *token_algorithm; /* NULL when the file does not say */
    imi_raw_webhook *webhook; /* NULL when the file does not say */
} imi_raw_party;

typedef struct imi_raw_witness {
    char *key;
    char *url;
} imi_raw_witness;

typedef struct imi_raw_log {
    imi_raw_witness *witnesses;
    unsigned witness_count;
    char *quorum;
} imi_raw_log;

typedef struct imi_raw_layer {
    uint32_t required;
    char **scores; /* NULL when the file gives none */
    unsigned score_count;
    char **log_ratios; /* NULL when the file gives none */
    unsigned log_ratio_count;
} imi_raw_layer;

typedef struct imi_raw_presentation {
    char *accept;
    char *reject;
    imi_raw_layer layers[IMI_LAYER_COUNT];
} imi_raw_presentation;

typedef struct imi_raw_android {
    char *roots;
    char *revoked; /* NULL when the file names none */
    char **packages;
    unsigned package_count;
    char **signers;
    unsigned signer_count;
} imi_raw_android;

typedef struct imi_raw_apple {
    char *roots;
    char **app_ids;
    unsigned app_id_count;
} imi_raw_apple;

/** Either is NULL when the file does not say. */
typedef struct imi_raw_attestation {
    imi_raw_android *android;
    imi_raw_apple *apple;
} imi_raw_attestation;

enum {
    IMI_POLICY_APPS_MAX = 64,
    IMI_POLICY_PURPOSES_MAX = 64,
    IMI_POLICY_PARTIES_MAX = 1024,
    IMI_POLICY_ADMINISTRATORS_MAX = 64
};

typedef struct imi_raw_policy {
    char *version;
    char *issuer;
    imi_raw_presentation presentation_attack;
    imi_raw_attestation *attestation; /* NULL when the file does not say */
    imi_raw_log *log; /* NULL when the file does not say */
    imi_raw_purpose *purposes;
    unsigned purpose_count;
    imi_raw_party *parties;
    unsigned party_count;
    char **administrators; /* NULL when the file names none */
    unsigned administrator_count;
} imi_raw_policy;

/**
 * Load the text of a file that has an outline.
 * Errors: IMI_E_POLICY with line and field: missing, unknown, of another type, too many.
 */
IMI_MUST_USE imi_status imi_raw_policy_load(const imi_outline *outline, imi_view yaml,
                                            imi_raw_policy **out, imi_error *err);
void imi_raw_policy_destroy(imi_raw_policy **raw);

#endif
