#include "imi/status_list.h"

#include "deflate.h"
#include "verifier/json/json.h"

static imi_status check_terms(const imi_status_list_terms *terms, imi_view packed, imi_error *err)
{
    if (terms->uri == NULL || terms->uri[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a status list needs a uri");
    }
    if (terms->issued_at_s <= 0 || terms->expires_at_s <= terms->issued_at_s || terms->ttl_s <= 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a status list needs iat, a later exp, and ttl");
    }
    if (packed.size == 0 || packed.size > IMI_STATUS_LIST_BYTES) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a status list has 1 to %d bytes",
                 IMI_STATUS_LIST_BYTES);
    }
    return IMI_OK;
}

imi_status imi_status_list_sign(imi_signer *signer, const imi_status_list_terms *terms,
                                imi_view packed, imi_buffer *out, imi_error *err)
{
    IMI_TRY(check_terms(terms, packed, err));
    IMI_AUTO_BUFFER zipped = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER list = IMI_BUFFER_INIT;
    IMI_TRY(imi_zlib_deflate(packed, &zipped, err));
    IMI_TRY(imi_base64url_encode(imi_buffer_view(&zipped), &list, err));
    IMI_TRY(imi_buffer_terminate(&list, err));
    IMI_AUTO_JSON payload =
        json_pack("{s:s, s:I, s:I, s:I, s:{s:i, s:s}}", "sub", terms->uri, "iat",
                  (json_int_t)terms->issued_at_s, "exp", (json_int_t)terms->expires_at_s, "ttl",
                  (json_int_t)terms->ttl_s, "status_list", "bits", IMI_STATUS_LIST_BITS, "lst",
                  (const char *)list.data);
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_json_render(payload, &text, err));
    return imi_jws_sign(signer, IMI_STATUS_LIST_TYPE, NULL, imi_buffer_view(&text), out, err);
}
