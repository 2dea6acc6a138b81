#include "claims.h"

#include "verifier/json/json.h"

#include <stdio.h>
#include <string.h>

enum {
    ENROLLED_BYTES_MAX = 8192,
    ENROLLED_MEMBERS_MAX = 32,
    ENROLLED_VALUES_MAX = 200, /* with those within others: each is a disclosure of a credential */
    TOLD_BYTES_MAX = 4096 /* of a session's claims as JSON, so that they fit a token */
};

_Static_assert((int)IMI_POLICY_CLAIMS_MAX == (int)IMI_TOKEN_VERIFIED_MAX,
               "a token holds every claim that can be asked for");
_Static_assert((int)IMI_POLICY_CLAIMS_MAX *(int)IMI_TOKEN_NAME_SIZE <=
                   (int)IMI_STORE_CLAIM_NAMES_SIZE,
               "a record holds every claim that can be asked for");

/* ---- Names ---- */

void imi_claim_names_read(const char *joined, imi_claim_names *out)
{
    *out = (imi_claim_names){.count = 0};
    for (const char *at = joined; *at != '\0' && out->count < IMI_POLICY_CLAIMS_MAX;) {
        size_t size = strcspn(at, " ");
        if (size > 0 && size < IMI_TOKEN_NAME_SIZE) {
            imi_copy(out->names[out->count], at, size);
            out->names[out->count++][size] = '\0';
        }
        at += size + strspn(at + size, " ");
    }
}

void imi_claim_names_write(const imi_claim_names *names, char out[IMI_STORE_CLAIM_NAMES_SIZE])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < names->count; i++) {
        int size = snprintf(out + used, IMI_STORE_CLAIM_NAMES_SIZE - used, "%s%s",
                            i == 0 ? "" : " ", names->names[i]);
        used += (size_t)(size < 0 ? 0 : size);
    }
}

bool imi_claim_names_hold(const imi_claim_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

const imi_claim_rule *imi_claim_rule_find(const imi_purpose *purpose, const char *name)
{
    for (size_t i = 0; i < purpose->claim_count; i++) {
        if (strcmp(purpose->claims[i].name, name) == 0) {
            return &purpose->claims[i];
        }
    }
    return NULL;
}

static size_t count_name(const char *const *names, size_t count, const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        found += names[i] != NULL && strcmp(names[i], name) == 0;
    }
    return found;
}

imi_status imi_claims_order(const imi_purpose *purpose, const char *const *names, size_t count,
                            imi_claim_names *out, imi_error *err)
{
    *out = (imi_claim_names){.count = 0};
    if (count > IMI_POLICY_CLAIMS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "at most %d claims can be named",
                 IMI_POLICY_CLAIMS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (names[i] == NULL || imi_claim_rule_find(purpose, names[i]) == NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "purpose %s has no claim '%.60s'", purpose->name,
                     names[i] == NULL ? "" : names[i]);
        }
        if (count_name(names, count, names[i]) > 1) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim %s is named twice", names[i]);
        }
    }
    for (size_t i = 0; i < purpose->claim_count && out->count < count; i++) {
        const char *name = purpose->claims[i].name;
        if (count_name(names, count, name) > 0) {
            imi_copy_text(out->names[out->count++], IMI_TOKEN_NAME_SIZE, name);
        }
    }
    return IMI_OK;
}

/* ---- What is there ---- */

/* NULL in *out without an error: nothing was enrolled, or it was erased. */
static imi_status load_enrolled(imi_service *service, const char *party, const char *subject_id,
                                json_t **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_store *store = service->options.store;
    imi_status status = store->get_claims(store, party, subject_id, &text, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    return imi_json_parse_object(imi_buffer_view(&text), IMI_STORE_CLAIMS_MAX,
                                 "what was enrolled of a subject", IMI_E_STORE_CORRUPT, out, err);
}

/* A token tells texts, yes and no; whatever else there is, a credential does. */
static bool read_value(const json_t *value, imi_verified_claim *out)
{
    if (json_is_boolean(value)) {
        out->kind = json_is_true(value) ? IMI_VERIFIED_TRUE : IMI_VERIFIED_FALSE;
        return true;
    }
    out->kind = IMI_VERIFIED_TEXT;
    const char *text = json_string_value(value);
    return text != NULL && text[0] != '\0' && imi_copy_text(out->text, sizeof out->text, text);
}

/* Bytes that the texts take in a token, with what JSON puts around and into them. */
static size_t told_size(const char *name, const imi_verified_claim *claim)
{
    size_t size = strlen(name) + 8;
    for (const char *c = claim->text; *c != '\0'; c++) {
        bool plain = (unsigned char)*c >= 0x20 && *c != '"' && *c != '\\';
        size += plain ? 1 : 6;
    }
    return size;
}

imi_status imi_claims_check_enrolled(imi_service *service, const char *party,
                                     const char *subject_id, const imi_claim_names *names,
                                     imi_error *err)
{
    if (names->count == 0) {
        return IMI_OK;
    }
    IMI_AUTO_JSON enrolled = NULL;
    IMI_TRY(load_enrolled(service, party, subject_id, &enrolled, err));
    size_t size = 0;
    for (size_t i = 0; i < names->count; i++) {
        imi_verified_claim claim = {.text = ""};
        const char *name = names->names[i];
        if (!read_value(json_object_get(enrolled, name), &claim)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                     "claim %s was not enrolled as a text of at most %d bytes, true or false: "
                     "call SetSubjectClaims first",
                     name, IMI_TOKEN_TEXT_MAX - 1);
        }
        size += told_size(name, &claim);
        imi_wipe(&claim, sizeof claim);
    }
    if (size > TOLD_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "the claims have more than %d bytes together: ask for fewer", TOLD_BYTES_MAX);
    }
    return IMI_OK;
}

imi_status imi_claims_tell(imi_service *service, const imi_session_record *record,
                           imi_verification *out, imi_error *err)
{
    imi_claim_names agreed;
    imi_claim_names_read(record->claims, &agreed);
    IMI_AUTO_JSON enrolled = NULL;
    if (agreed.count > 0) {
        IMI_TRY(load_enrolled(service, record->relying_party, record->subject_id, &enrolled, err));
    }
    for (size_t i = 0; i < agreed.count; i++) {
        imi_verified_claim *claim = &out->claims[out->claim_count];
        *claim = (imi_verified_claim){.text = ""};
        imi_copy_text(claim->name, sizeof claim->name, agreed.names[i]);
        /* What the relying party has taken back since it asked is not told. */
        out->claim_count += read_value(json_object_get(enrolled, agreed.names[i]), claim) ? 1 : 0;
    }
    return IMI_OK;
}

/* ---- What a relying party tells ---- */

static bool is_claim_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t size = strlen(name);
    return size > 0 && size < IMI_TOKEN_NAME_SIZE && strchr(letters, name[0]) != NULL &&
           strspn(name, rest) == size;
}

/* Names are such at every depth, so that a credential can disclose each value by its path. The
 * parser has bounded the depth. */
static bool count_values(const json_t *value, size_t *count)
{
    const char *name = NULL;
    json_t *member = NULL;
    size_t index = 0;
    bool good = ++*count <= ENROLLED_VALUES_MAX;
    json_object_foreach((json_t *)value, name, member)
    {
        good = good && is_claim_name(name) && count_values(member, count);
    }
    json_array_foreach(value, index, member)
    {
        good = good && count_values(member, count);
    }
    return good;
}

static imi_status check_enrolled(const json_t *claims, imi_error *err)
{
    const char *name = NULL;
    json_t *member = NULL;
    size_t count = 0;
    if (json_object_size(claims) == 0 || json_object_size(claims) > ENROLLED_MEMBERS_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claims_json must have 1 to %d members",
                 ENROLLED_MEMBERS_MAX);
    }
    json_object_foreach((json_t *)claims, name, member)
    {
        if (imi_claim_name_is_reserved(name)) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "claim %s is made by the service itself", name);
        }
    }
    if (!count_values(claims, &count)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "claims_json may hold at most %d values; names begin with a letter and have at "
                 "most %d letters, digits, '.', '_' and '-'",
                 ENROLLED_VALUES_MAX, IMI_TOKEN_NAME_SIZE - 1);
    }
    return IMI_OK;
}

imi_status imi_claims_normalise(const char *claims_json, imi_buffer *out, imi_error *err)
{
    IMI_AUTO_JSON claims = NULL;
    IMI_TRY(imi_json_parse_object(imi_view_of_text(claims_json), ENROLLED_BYTES_MAX, "claims_json",
                                  IMI_E_INVALID_ARGUMENT, &claims, err));
    IMI_TRY(check_enrolled(claims, err));
    return imi_json_render_exact(claims, out, err);
}
