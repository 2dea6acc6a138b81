#include "status_claim.h"

json_t *imi_status_claim_make(const char *uri, uint32_t index)
{
    return json_pack("{s:{s:I, s:s}}", "status_list", "idx", (json_int_t)index, "uri", uri);
}

imi_status imi_status_claim_read(const imi_json_node *payload, char uri_out[IMI_TOKEN_TEXT_MAX],
                                 uint32_t *index_out, imi_error *err)
{
    uri_out[0] = '\0';
    *index_out = 0;
    const imi_json_node *status = imi_json_member(payload, "status");
    if (status == NULL) {
        return IMI_OK;
    }
    const imi_json_node *list = imi_json_member(status, "status_list");
    int64_t index = 0;
    if (!imi_json_integer(imi_json_member(list, "idx"), &index) || index < 0 ||
        index > UINT32_MAX) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim status holds no idx of a status list");
    }
    if (!imi_json_copy_text(imi_json_member(list, "uri"), uri_out, IMI_TOKEN_TEXT_MAX)) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim status holds no uri of a status list");
    }
    *index_out = (uint32_t)index;
    return IMI_OK;
}
