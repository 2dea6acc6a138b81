#include "check.h"

#include "imi/memory.h"

#include <string.h>

enum { CLAIM_NAME_SIZE = 64, CREDENTIAL_DAYS_MAX = 3650 };

bool imi_claim_name_is_reserved(const char *name)
{
    static const char *const names[] = {"iss", "sub", "aud",    "exp", "nbf",    "iat",
                                        "jti", "cnf", "status", "vct", "_sd_alg"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static imi_status check_claim_name(imi_checker *checker, const imi_raw_purpose *raw, unsigned index,
                                   unsigned entry)
{
    const char *name = raw->claims[entry].name;
    imi_checker_at(checker, "purposes[%u].claims[%u].name", index, entry);
    IMI_TRY(imi_check_name(checker, name, CLAIM_NAME_SIZE));
    if (imi_claim_name_is_reserved(name)) {
        IMI_CHECK_FAIL(checker, "is a claim that the service itself makes");
    }
    for (unsigned before = 0; before < entry; before++) {
        if (strcmp(raw->claims[before].name, name) == 0) {
            IMI_CHECK_FAIL(checker, "is the name of claims[%u] already", before);
        }
    }
    return IMI_OK;
}

static imi_status check_claim(imi_checker *checker, const imi_raw_purpose *raw, unsigned index,
                              unsigned entry, imi_claim_rule *out)
{
    const imi_raw_claim *claim = &raw->claims[entry];
    IMI_TRY(check_claim_name(checker, raw, index, entry));
    imi_checker_at(checker, "purposes[%u].claims[%u].title", index, entry);
    IMI_TRY(imi_check_text(checker, claim->title, 1, 200, true));
    imi_checker_at(checker, "purposes[%u].claims[%u].purpose", index, entry);
    IMI_TRY(imi_check_text(checker, claim->purpose, 1, 400, true));
    imi_checker_at(checker, "purposes[%u].claims[%u].retention_days", index, entry);
    IMI_TRY(imi_check_count(checker, claim->retention_days, 0, 36500, &out->retention_days));
    out->name = claim->name;
    out->title = claim->title;
    out->purpose = claim->purpose;
    out->required = claim->required == 1;
    return IMI_OK;
}

imi_status imi_check_claims(imi_checker *checker, const imi_raw_purpose *raw, unsigned index,
                            imi_purpose *out)
{
    if (raw->credential_days != NULL) {
        imi_checker_at(checker, "purposes[%u].credential_days", index);
        IMI_TRY(imi_check_count(checker, raw->credential_days, 0, CREDENTIAL_DAYS_MAX,
                                &out->credential_days));
    }
    if (raw->claim_count == 0) {
        return IMI_OK;
    }
    imi_claim_rule *claims = imi_alloc_array(raw->claim_count, sizeof *claims);
    if (claims == NULL) {
        IMI_FAIL(checker->err, IMI_E_NO_MEMORY, "no memory for the claims of a purpose");
    }
    out->claims = claims;
    for (unsigned i = 0; i < raw->claim_count; i++) {
        IMI_TRY(check_claim(checker, raw, index, i, &claims[i]));
    }
    out->claim_count = raw->claim_count;
    return IMI_OK;
}
