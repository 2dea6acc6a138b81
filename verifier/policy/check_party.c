#include "check.h"

#include <string.h>

/* The common name of a certificate has at most 64 characters (RFC 5280, ub-common-name). */
enum { COMMON_NAME_MAX = 64, AUDIENCE_MAX = 255 };

static bool is_purpose(const imi_raw_policy *raw, const char *name)
{
    for (unsigned i = 0; i < raw->purpose_count; i++) {
        if (strcmp(raw->purposes[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static imi_status check_purposes(imi_checker *checker, const imi_raw_policy *raw, unsigned index)
{
    const imi_raw_party *party = &raw->parties[index];
    for (unsigned i = 0; i < party->purpose_count; i++) {
        imi_checker_at(checker, "relying_parties[%u].purposes[%u]", index, i);
        if (!is_purpose(raw, party->purposes[i])) {
            IMI_CHECK_FAIL(checker, "is not the name of a purpose of this file");
        }
        for (unsigned before = 0; before < i; before++) {
            if (strcmp(party->purposes[before], party->purposes[i]) == 0) {
                IMI_CHECK_FAIL(checker, "is listed twice");
            }
        }
    }
    return IMI_OK;
}

imi_status imi_check_party(imi_checker *checker, const imi_raw_policy *raw, unsigned index,
                           imi_relying_party *out)
{
    const imi_raw_party *party = &raw->parties[index];
    *out = (imi_relying_party){0};
    imi_checker_at(checker, "relying_parties[%u].name", index);
    IMI_TRY(imi_check_text(checker, party->name, 1, COMMON_NAME_MAX, true));
    for (unsigned i = 0; i < index; i++) {
        if (strcmp(raw->parties[i].name, party->name) == 0) {
            IMI_CHECK_FAIL(checker, "is the name of relying_parties[%u] already", i);
        }
    }
    imi_checker_at(checker, "relying_parties[%u].audience", index);
    IMI_TRY(imi_check_text(checker, party->audience, 1, AUDIENCE_MAX, true));
    IMI_TRY(check_purposes(checker, raw, index));
    *out = (imi_relying_party){
        .name = party->name,
        .audience = party->audience,
        .purposes = (const char *const *)party->purposes,
        .purpose_count = party->purpose_count,
        .may_enrol = party->may_enrol == 1,
    };
    return IMI_OK;
}
