#include "imi/credential.h"

#include "unpack.h"

static imi_status list_paths(const imi_sd_jwt *sd, json_t **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO_JSON paths = json_array();
    for (size_t i = 0; i < sd->count; i++) {
        if (json_array_append_new(paths, json_string(sd->disclosures[i].path)) != 0) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for paths");
        }
    }
    *out = IMI_STEAL(&paths);
    return IMI_OK;
}

imi_status imi_credential_describe(imi_view credential, imi_buffer *json_out, imi_error *err)
{
    IMI_AUTO_SD_JWT sd = {0};
    IMI_AUTO_JSON header = NULL;
    IMI_AUTO_JSON claims = NULL;
    IMI_AUTO_JSON paths = NULL;
    IMI_TRY(imi_sd_jwt_open(credential, &sd, err));
    IMI_TRY(imi_sd_jwt_header(&sd, &header, err));
    IMI_TRY(imi_sd_jwt_payload(&sd, &claims, err));
    IMI_TRY(imi_sd_unpack(claims, &sd, err));
    IMI_TRY(list_paths(&sd, &paths, err));
    IMI_AUTO_JSON described =
        json_pack("{s:O, s:O, s:O}", "header", header, "claims", claims, "disclosable", paths);
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_json_render_exact(described, &text, err));
    return imi_buffer_append(json_out, imi_buffer_view(&text), err);
}
