#include "schema.h"

#include "imi/memory.h"
#include "imi/policy.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

static const cyaml_strval_t booleans[] = {{"false", 0}, {"true", 1}};
static const cyaml_strval_t pads[] = {
    {"off", IMI_POLICY_PAD_OFF},
    {"optional", IMI_POLICY_PAD_OPTIONAL},
    {"required", IMI_POLICY_PAD_REQUIRED},
};

static const cyaml_strval_t lights[] = {{"off", 0}, {"on", 1}};
static const cyaml_strval_t attestations[] = {
    {"off", IMI_POLICY_ATTESTATION_OFF},
    {"optional", IMI_POLICY_ATTESTATION_OPTIONAL},
    {"required", IMI_POLICY_ATTESTATION_REQUIRED},
};

#define TEXT(type, member)                                                                         \
    CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER, type, member, 1, TEXT_MAX)
#define CHOICE(type, member, names)                                                                \
    CYAML_FIELD_ENUM(#member, CYAML_FLAG_STRICT, type, member, names, CYAML_ARRAY_LEN(names))
#define LIST(key, type, member, number, entry, max)                                                \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER, type, member, number, entry, 1, max)

#define MAPPING(key, type, member, fields)                                                         \
    CYAML_FIELD_MAPPING(key, CYAML_FLAG_DEFAULT, type, member, fields)
#define OPTIONAL_MAPPING(key, type, member, fields)                                                \
    CYAML_FIELD_MAPPING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, fields)
#define OPTIONAL_TEXT(type, member)                                                                \
    CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1,     \
                           TEXT_MAX)
#define OPTIONAL_LIST(key, type, member, number, entry, max)                                       \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member,        \
                               number, entry, 1, max)

static const cyaml_schema_value_t text_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX),
};

static const cyaml_schema_field_t challenge_fields[] = {
    LIST("actions", imi_raw_challenge, actions, action_count, &text_value, 16),
    TEXT(imi_raw_challenge, count),
    TEXT(imi_raw_challenge, count_max),
    CHOICE(imi_raw_challenge, near_far_required, booleans),
    CHOICE(imi_raw_challenge, near_targets, booleans),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t limit_fields[] = {
    TEXT(imi_raw_attempt_limits, free),
    TEXT(imi_raw_attempt_limits, first_delay_s),
    TEXT(imi_raw_attempt_limits, max_delay_s),
    TEXT(imi_raw_attempt_limits, per_day),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t additional_fields[] = {
    CHOICE(imi_raw_additional, offer, booleans), TEXT(imi_raw_additional, consent_text),
    TEXT(imi_raw_additional, fmr_max),           TEXT(imi_raw_additional, max),
    TEXT(imi_raw_additional, after_days),        CYAML_FIELD_END,
};

static const cyaml_schema_field_t claim_fields[] = {
    TEXT(imi_raw_claim, name),
    TEXT(imi_raw_claim, title),
    TEXT(imi_raw_claim, purpose),
    TEXT(imi_raw_claim, retention_days),
    CHOICE(imi_raw_claim, required, booleans),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t claim_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, imi_raw_claim, claim_fields),
};

static const cyaml_schema_field_t purpose_fields[] = {
    TEXT(imi_raw_purpose, name),
    TEXT(imi_raw_purpose, title),
    TEXT(imi_raw_purpose, consent_text),
    TEXT(imi_raw_purpose, target_fmr),
    MAPPING("challenge", imi_raw_purpose, challenge, challenge_fields),
    CHOICE(imi_raw_purpose, pad, pads),
    CHOICE(imi_raw_purpose, light, lights),
    CHOICE(imi_raw_purpose, attestation, attestations),
    TEXT(imi_raw_purpose, attempts),
    MAPPING("attempt_limits", imi_raw_purpose, attempt_limits, limit_fields),
    TEXT(imi_raw_purpose, session_lifetime_s),
    TEXT(imi_raw_purpose, token_lifetime_s),
    LIST("evidence", imi_raw_purpose, evidence, evidence_count, &text_value, 8),
    OPTIONAL_MAPPING("additional_reference", imi_raw_purpose, additional_reference,
                     additional_fields),
    OPTIONAL_LIST("claims", imi_raw_purpose, claims, claim_count, &claim_value,
                  IMI_POLICY_CLAIMS_MAX),
    OPTIONAL_TEXT(imi_raw_purpose, credential_days),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t purpose_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, imi_raw_purpose, purpose_fields),
};

static const cyaml_schema_field_t webhook_fields[] = {
    TEXT(imi_raw_webhook, url),
    TEXT(imi_raw_webhook, secret_file),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t party_fields[] = {
    TEXT(imi_raw_party, name),
    OPTIONAL_TEXT(imi_raw_party, title),
    TEXT(imi_raw_party, audience),
    LIST("purposes", imi_raw_party, purposes, purpose_count, &text_value, IMI_POLICY_PURPOSES_MAX),
    CHOICE(imi_raw_party, may_enrol, booleans),
    OPTIONAL_TEXT(imi_raw_party, token_algorithm),
    OPTIONAL_MAPPING("webhook", imi_raw_party, webhook, webhook_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t party_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, imi_raw_party, party_fields),
};

static const cyaml_schema_field_t layer_fields[] = {
    CHOICE(imi_raw_layer, required, booleans),
    OPTIONAL_LIST("scores", imi_raw_layer, scores, score_count, &text_value, IMI_LAYER_KNOTS_MAX),
    OPTIONAL_LIST("log_ratios", imi_raw_layer, log_ratios, log_ratio_count, &text_value,
                  IMI_LAYER_KNOTS_MAX),
    CYAML_FIELD_END,
};

#define LAYER(name, layer) MAPPING(name, imi_raw_presentation, layers[layer], layer_fields)

static const cyaml_schema_field_t presentation_fields[] = {
    TEXT(imi_raw_presentation, accept),
    TEXT(imi_raw_presentation, reject),
    LAYER("challenge", IMI_LAYER_CHALLENGE),
    LAYER("geometry", IMI_LAYER_GEOMETRY),
    LAYER("parallax", IMI_LAYER_PARALLAX),
    LAYER("passive", IMI_LAYER_PASSIVE),
    LAYER("continuity", IMI_LAYER_CONTINUITY),
    LAYER("camera", IMI_LAYER_CAMERA),
    LAYER("light", IMI_LAYER_LIGHT),
    LAYER("attestation", IMI_LAYER_ATTESTATION),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t android_fields[] = {
    TEXT(imi_raw_android, roots),
    CYAML_FIELD_STRING_PTR("revoked", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, imi_raw_android,
                           revoked, 1, TEXT_MAX),
    LIST("packages", imi_raw_android, packages, package_count, &text_value, IMI_POLICY_APPS_MAX),
    LIST("signers", imi_raw_android, signers, signer_count, &text_value, IMI_POLICY_APPS_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t apple_fields[] = {
    TEXT(imi_raw_apple, roots),
    LIST("app_ids", imi_raw_apple, app_ids, app_id_count, &text_value, IMI_POLICY_APPS_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t attestation_fields[] = {
    OPTIONAL_MAPPING("android", imi_raw_attestation, android, android_fields),
    OPTIONAL_MAPPING("apple", imi_raw_attestation, apple, apple_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t witness_fields[] = {
    TEXT(imi_raw_witness, key),
    TEXT(imi_raw_witness, url),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t witness_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, imi_raw_witness, witness_fields),
};

static const cyaml_schema_field_t log_fields[] = {
    LIST("witnesses", imi_raw_log, witnesses, witness_count, &witness_value,
         IMI_POLICY_WITNESSES_MAX),
    TEXT(imi_raw_log, quorum),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t policy_fields[] = {
    TEXT(imi_raw_policy, version),
    TEXT(imi_raw_policy, issuer),
    MAPPING("presentation_attack", imi_raw_policy, presentation_attack, presentation_fields),
    OPTIONAL_MAPPING("attestation", imi_raw_policy, attestation, attestation_fields),
    OPTIONAL_MAPPING("log", imi_raw_policy, log, log_fields),
    LIST("purposes", imi_raw_policy, purposes, purpose_count, &purpose_value,
         IMI_POLICY_PURPOSES_MAX),
    LIST("relying_parties", imi_raw_policy, parties, party_count, &party_value,
         IMI_POLICY_PARTIES_MAX),
    /* A server without administrators decides under what ships, and nobody can change that. */
    OPTIONAL_LIST("administrators", imi_raw_policy, administrators, administrator_count,
                  &text_value, IMI_POLICY_ADMINISTRATORS_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t policy_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, imi_raw_policy, policy_fields),
};

/* What libcyaml says about a failure: one line with the complaint, then one line for each level
 * around it, innermost first. */
typedef struct complaint {
    char text[192];
    char path[IMI_OUTLINE_PATH_SIZE];
    unsigned levels;
    bool about_field; /* the innermost level is a field that was read, not the mapping itself */
} complaint;

static void *allocate(void *user, void *block, size_t size)
{
    (void)user;
    if (size == 0) {
        imi_free(block);
        return NULL;
    }
    return imi_realloc(block, size);
}

/* Put a level in front of the path: "purposes" + "[1].name". */
static void put_in_front(complaint *self, const char *level)
{
    char joined[IMI_OUTLINE_PATH_SIZE];
    bool dot = self->path[0] != '\0' && self->path[0] != '[';
    snprintf(joined, sizeof joined, "%.60s%s%.60s", level, dot ? "." : "", self->path);
    imi_copy_text(self->path, sizeof self->path, joined);
}

static void take_line(complaint *self, const char *line)
{
    bool is_level = strncmp(line, "  in ", 5) == 0;
    char name[64], level[80];
    unsigned entry = 0;
    if (sscanf(line, "  in mapping field '%60[^']'", name) == 1) {
        self->about_field = self->about_field || self->levels == 0;
        put_in_front(self, name);
    } else if (sscanf(line, "  in sequence entry '%u'", &entry) == 1) {
        /* libcyaml counts entries from 1, and names the last one read when there are too many. */
        snprintf(level, sizeof level, "[%u]", entry == 0 ? 0 : entry - 1);
        put_in_front(self, level);
    } else if (strncmp(line, "Load: ", 6) == 0 && strncmp(line, "Load: Backtrace", 15) != 0 &&
               self->text[0] == '\0') {
        imi_copy_text(self->text, sizeof self->text, line + 6);
        self->text[strcspn(self->text, "\n")] = '\0';
    }
    self->levels += is_level;
}

static void listen(cyaml_log_t level, void *user, const char *format, va_list arguments)
{
    if (level == CYAML_LOG_ERROR) {
        char line[256];
        vsnprintf(line, sizeof line, format, arguments);
        take_line(user, line);
    }
}

static const cyaml_config_t *config_for(complaint *self, cyaml_config_t *config)
{
    *config = (cyaml_config_t){
        .log_fn = listen,
        .log_ctx = self,
        .mem_fn = allocate,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
    return config;
}

/* Put the key in the place of the field that was read last, its neighbour; or, if none was, in
 * the mapping itself. */
static void name_neighbour(complaint *self, const char *key)
{
    char joined[IMI_OUTLINE_PATH_SIZE];
    char *dot = strrchr(self->path, '.');
    char *bracket = strrchr(self->path, ']');
    if (self->about_field && dot != NULL && (bracket == NULL || dot > bracket)) {
        *dot = '\0';
    } else if (self->about_field) {
        self->path[bracket == NULL ? 0 : bracket - self->path + 1] = '\0';
    }
    snprintf(joined, sizeof joined, "%.60s%s%.60s", self->path, self->path[0] == '\0' ? "" : ".",
             key);
    imi_copy_text(self->path, sizeof self->path, joined);
}

/* What to say of a field that is not known; one that was known once names its successor. */
static const char *advice_of_unknown(const char *key)
{
    return strcmp(key, "pad_minimum_score") == 0
               ? "is no longer a field: say under presentation_attack.passive what its scores are "
                 "worth (docs/policy.md)"
               : "is not a known field";
}

static imi_status report(const imi_outline *outline, complaint *self, cyaml_err_t code,
                         imi_error *err)
{
    char key[64];
    if (code == CYAML_ERR_OOM) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory to read %s", imi_outline_name(outline));
    }
    if (sscanf(self->text, "Missing required mapping field: %60s", key) == 1) {
        name_neighbour(self, key);
        return imi_outline_fail(outline, err, self->path, "is missing");
    }
    if (sscanf(self->text, "Unexpected key: %60s", key) == 1) {
        name_neighbour(self, key);
        return imi_outline_fail(outline, err, self->path, "%s", advice_of_unknown(key));
    }
    return imi_outline_fail(outline, err, self->path, "is refused: %s",
                            self->text[0] == '\0' ? cyaml_strerror(code) : self->text);
}

imi_status imi_raw_policy_load(const imi_outline *outline, imi_view yaml, imi_raw_policy **out,
                               imi_error *err)
{
    *out = NULL;
    complaint heard = {0};
    cyaml_config_t config;
    cyaml_data_t *data = NULL;
    cyaml_err_t code = cyaml_load_data(yaml.data, yaml.size, config_for(&heard, &config),
                                       &policy_value, &data, NULL);
    if (code != CYAML_OK) {
        return report(outline, &heard, code, err);
    }
    if (data == NULL) {
        return imi_outline_fail(outline, err, "", "the file is empty");
    }
    *out = data;
    return IMI_OK;
}

void imi_raw_policy_destroy(imi_raw_policy **raw)
{
    if (raw != NULL && *raw != NULL) {
        complaint unheard = {0};
        cyaml_config_t config;
        cyaml_free(config_for(&unheard, &config), &policy_value, IMI_STEAL(raw), 0);
    }
}
