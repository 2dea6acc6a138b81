#include "check.h"

#include <string.h>

/* The common name of a certificate has at most 64 characters (RFC 5280, ub-common-name). */
enum { COMMON_NAME_MAX = 64, AUDIENCE_MAX = 255, TITLE_MAX = 200, PATH_MAX_BYTES = 1024 };

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

static imi_status check_algorithm(imi_checker *checker, const imi_raw_party *party, unsigned index,
                                  imi_relying_party *out)
{
    static const char *const names[] = {"ES256", "EdDSA", "SM2"};
    out->token_algorithm = names[0];
    if (party->token_algorithm == NULL) {
        return IMI_OK;
    }
    imi_checker_at(checker, "relying_parties[%u].token_algorithm", index);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(party->token_algorithm, names[i]) == 0) {
            out->token_algorithm = names[i];
            return IMI_OK;
        }
    }
    IMI_CHECK_FAIL(checker, "is not an algorithm: ES256, EdDSA or SM2");
}

static imi_status check_webhook(imi_checker *checker, const imi_raw_party *party, unsigned index,
                                imi_relying_party *out)
{
    if (party->webhook == NULL) {
        return IMI_OK;
    }
    imi_checker_at(checker, "relying_parties[%u].webhook.url", index);
    IMI_TRY(imi_check_url(checker, party->webhook->url));
    imi_checker_at(checker, "relying_parties[%u].webhook.secret_file", index);
    IMI_TRY(imi_check_text(checker, party->webhook->secret_file, 1, PATH_MAX_BYTES, true));
    out->webhook_url = party->webhook->url;
    out->webhook_secret_file = party->webhook->secret_file;
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
    if (party->title != NULL) {
        imi_checker_at(checker, "relying_parties[%u].title", index);
        IMI_TRY(imi_check_text(checker, party->title, 1, TITLE_MAX, true));
    }
    imi_checker_at(checker, "relying_parties[%u].audience", index);
    IMI_TRY(imi_check_text(checker, party->audience, 1, AUDIENCE_MAX, true));
    IMI_TRY(check_purposes(checker, raw, index));
    *out = (imi_relying_party){
        .name = party->name,
        .title = party->title == NULL ? party->name : party->title,
        .audience = party->audience,
        .purposes = (const char *const *)party->purposes,
        .purpose_count = party->purpose_count,
        .may_enrol = party->may_enrol == 1,
    };
    IMI_TRY(check_algorithm(checker, party, index, out));
    return check_webhook(checker, party, index, out);
}
