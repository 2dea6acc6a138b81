#include "claims.h"

#include <string.h>

enum { CLAIMS_BYTES_MAX = 64 << 10 };

static imi_status take_claim(imi_document_claims *claims, const char *key, const json_t *value,
                             imi_error *err)
{
    const struct {
        const char *key;
        const char **text;
    } known[] = {{"document_number", &claims->document_number},
                 {"id_number", &claims->id_number},
                 {"birth_date", &claims->birth_date},
                 {"name", &claims->name}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(key, known[i].key) == 0 && json_is_string(value)) {
            *known[i].text = json_string_value(value);
            return IMI_OK;
        }
    }
    IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
             "a claim is a text named document_number, id_number, birth_date or name");
}

imi_status imictl_claims_load(const char *path, imictl_claims *out, imi_error *err)
{
    *out = (imictl_claims){.json = NULL};
    IMI_AUTO_BUFFER file = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, CLAIMS_BYTES_MAX, &file, err));
    out->json = json_loadb((const char *)file.data, file.size, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(out->json)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s: the claims are no JSON object", path);
    }
    const char *key;
    json_t *value;
    json_object_foreach(out->json, key, value)
    {
        IMI_TRY(take_claim(&out->claims, key, value, err));
    }
    return IMI_OK;
}

void imictl_claims_clean_up(imictl_claims *claims)
{
    json_decref(claims->json);
    *claims = (imictl_claims){.json = NULL};
}
