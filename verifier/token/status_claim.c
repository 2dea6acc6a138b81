#include "status_claim.h"

json_t *imi_status_claim_make(const char *uri, uint32_t index)
{
    return json_pack("{s:{s:I, s:s}}", "status_list", "idx", (json_int_t)index, "uri", uri);
}

imi_status imi_status_claim_read(const json_t *payload, char uri_out[IMI_TOKEN_TEXT_MAX],
                                 uint32_t *index_out, imi_error *err)
{
    uri_out[0] = '\0';
    *index_out = 0;
    const json_t *status = json_object_get(payload, "status");
    if (status == NULL) {
        return IMI_OK;
    }
    const json_t *list = json_object_get(status, "status_list");
    const json_t *index = json_object_get(list, "idx");
    const char *uri = imi_json_text(list, "uri");
    if (!json_is_integer(index) || json_integer_value(index) < 0 ||
        json_integer_value(index) > UINT32_MAX) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim status holds no idx of a status list");
    }
    if (uri == NULL || uri[0] == '\0' || !imi_copy_text(uri_out, IMI_TOKEN_TEXT_MAX, uri)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim status holds no uri of a status list");
    }
    *index_out = (uint32_t)json_integer_value(index);
    return IMI_OK;
}
