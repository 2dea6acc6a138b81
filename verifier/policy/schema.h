/**
 * The form of a policy file, as libcyaml loads it. Types only: check.h judges the values.
 */
#ifndef IMI_POLICY_SCHEMA_H
#define IMI_POLICY_SCHEMA_H

#include "imi/bytes.h"
#include "imi/status.h"
#include "outline.h"

#include <stdint.h>

/* Numbers stay text: libcyaml reads "1x" as 1, "010" as 8, and takes "nan". Booleans are
 * enumerations: libcyaml takes every word that it does not know for true. */

typedef struct imi_raw_challenge {
    char **actions;
    unsigned action_count;
    char *count;
    uint32_t near_far_required;
} imi_raw_challenge;

typedef struct imi_raw_additional {
    uint32_t offer;
    char *consent_text;
    char *fmr_max;
    char *max;
    char *after_days;
} imi_raw_additional;

typedef struct imi_raw_purpose {
    char *name;
    char *title;
    char *consent_text;
    char *target_fmr;
    imi_raw_challenge challenge;
    uint32_t pad;
    char *pad_minimum_score;
    char *attempts;
    char *session_lifetime_s;
    char *token_lifetime_s;
    char **evidence;
    unsigned evidence_count;
    imi_raw_additional *additional_reference; /* NULL when the file does not say */
} imi_raw_purpose;

typedef struct imi_raw_party {
    char *name;
    char *audience;
    char **purposes;
    unsigned purpose_count;
    uint32_t may_enrol;
} imi_raw_party;

enum {
    IMI_POLICY_PURPOSES_MAX = 64,
    IMI_POLICY_PARTIES_MAX = 1024,
    IMI_POLICY_ADMINISTRATORS_MAX = 64
};

typedef struct imi_raw_policy {
    char *version;
    char *issuer;
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
