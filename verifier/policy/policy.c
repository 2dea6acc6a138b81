#include "imi/policy.h"

#include "check.h"
#include "outline.h"
#include "schema.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { FILE_BYTES_MAX = 1 << 20, VERSION_SIZE = 80, DIGEST_DIGITS = 12, DAY_S = 24 * 3600 };

struct imi_policy {
    imi_raw_policy *raw; /* owns every text */
    char version[VERSION_SIZE];
    imi_purpose *purposes;
    size_t purpose_count;
    imi_relying_party *parties;
    size_t party_count;
    imi_weighing weighing;
    imi_attest_options attest;
    imi_log_rules log;
};

/* The file's own version, and what it really said: two files that claim one version differ. */
static imi_status set_version(imi_policy *policy, imi_view yaml, imi_error *err)
{
    uint8_t digest[32];
    char hex[2 * sizeof digest + 1];
    if (EVP_Digest(yaml.data, yaml.size, digest, NULL, EVP_sha256(), NULL) != 1) {
        IMI_FAIL(err, IMI_E_CRYPTO, "the digest of the policy cannot be made");
    }
    imi_hex_encode((imi_view){digest, sizeof digest}, hex);
    snprintf(policy->version, sizeof policy->version, "%.64s@%.*s", policy->raw->version,
             DIGEST_DIGITS, hex);
    return IMI_OK;
}

static imi_status check_all(imi_policy *policy, const imi_outline *outline, imi_error *err)
{
    const imi_raw_policy *raw = policy->raw;
    imi_checker checker = {.outline = outline, .err = err};
    IMI_TRY(imi_check_head(&checker, raw));
    IMI_TRY(imi_check_presentation(&checker, &raw->presentation_attack, &policy->weighing));
    IMI_TRY(imi_check_attestation(&checker, raw->attestation, &policy->attest));
    IMI_TRY(imi_check_log(&checker, raw->log, &policy->log));
    policy->purposes = imi_alloc_array(raw->purpose_count, sizeof *policy->purposes);
    policy->parties = imi_alloc_array(raw->party_count, sizeof *policy->parties);
    if (policy->purposes == NULL || policy->parties == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a policy");
    }
    for (unsigned i = 0; i < raw->purpose_count; i++) {
        policy->purpose_count = i + 1; /* counted first: a half checked one is freed, too */
        IMI_TRY(imi_check_purpose(&checker, raw, i, &policy->purposes[i]));
    }
    for (unsigned i = 0; i < raw->party_count; i++) {
        IMI_TRY(imi_check_party(&checker, raw, i, &policy->parties[i]));
    }
    IMI_TRY(imi_check_administrators(&checker, raw));
    policy->party_count = raw->party_count;
    return IMI_OK;
}

static const char *name_of_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

imi_status imi_policy_load(const char *path, imi_policy **out, imi_error *err)
{
    *out = NULL;
    if (path == NULL || path[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a policy needs the path of its file");
    }
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, FILE_BYTES_MAX, &file, err));
    imi_view yaml = imi_buffer_view(&file);
    IMI_AUTO_OUTLINE outline = NULL;
    IMI_TRY(imi_outline_new(name_of_path(path), yaml, &outline, err));
    IMI_AUTO(imi_policy) policy = imi_alloc(sizeof *policy);
    if (policy == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a policy");
    }
    IMI_TRY(imi_raw_policy_load(outline, yaml, &policy->raw, err));
    IMI_TRY(check_all(policy, outline, err));
    IMI_TRY(set_version(policy, yaml, err));
    *out = IMI_STEAL(&policy);
    return IMI_OK;
}

void imi_policy_destroy(imi_policy **policy)
{
    if (policy != NULL && *policy != NULL) {
        imi_policy *taken = IMI_STEAL(policy);
        imi_raw_policy_destroy(&taken->raw);
        for (size_t i = 0; i < taken->purpose_count; i++) {
            imi_free((void *)taken->purposes[i].claims);
        }
        imi_free((void *)taken->log.witnesses);
        imi_free(taken->purposes);
        imi_free(taken->parties);
        imi_free(taken);
    }
}

const char *imi_policy_version(const imi_policy *policy)
{
    return policy->version;
}

const char *imi_policy_issuer(const imi_policy *policy)
{
    return policy->raw->issuer;
}

const imi_purpose *imi_policy_purpose(const imi_policy *policy, const char *name)
{
    for (size_t i = 0; name != NULL && i < policy->purpose_count; i++) {
        if (strcmp(policy->purposes[i].name, name) == 0) {
            return &policy->purposes[i];
        }
    }
    return NULL;
}

const imi_relying_party *imi_policy_relying_party(const imi_policy *policy, const char *name)
{
    for (size_t i = 0; name != NULL && i < policy->party_count; i++) {
        if (strcmp(policy->parties[i].name, name) == 0) {
            return &policy->parties[i];
        }
    }
    return NULL;
}

const imi_relying_party *imi_policy_relying_party_at(const imi_policy *policy, size_t index)
{
    return index < policy->party_count ? &policy->parties[index] : NULL;
}

bool imi_policy_is_administrator(const imi_policy *policy, const char *name)
{
    for (unsigned i = 0; name != NULL && i < policy->raw->administrator_count; i++) {
        if (strcmp(policy->raw->administrators[i], name) == 0) {
            return true;
        }
    }
    return false;
}

const char *imi_policy_administrator_at(const imi_policy *policy, size_t index)
{
    return index < policy->raw->administrator_count ? policy->raw->administrators[index] : NULL;
}

const imi_weighing *imi_policy_weighing(const imi_policy *policy)
{
    return &policy->weighing;
}

const imi_attest_options *imi_policy_attest_options(const imi_policy *policy)
{
    return &policy->attest;
}

const imi_log_rules *imi_policy_log(const imi_policy *policy)
{
    return &policy->log;
}

size_t imi_policy_purpose_count(const imi_policy *policy)
{
    return policy->purpose_count;
}

const imi_purpose *imi_policy_purpose_at(const imi_policy *policy, size_t index)
{
    return index < policy->purpose_count ? &policy->purposes[index] : NULL;
}

int64_t imi_policy_longest_life_s(const imi_policy *policy)
{
    int64_t longest_s = 0;
    for (size_t i = 0; i < policy->purpose_count; i++) {
        const imi_purpose *purpose = &policy->purposes[i];
        int64_t token_s = purpose->token_lifetime_s;
        int64_t credential_s = (int64_t)purpose->credential_days * DAY_S;
        longest_s = token_s > longest_s ? token_s : longest_s;
        longest_s = credential_s > longest_s ? credential_s : longest_s;
    }
    return longest_s;
}
