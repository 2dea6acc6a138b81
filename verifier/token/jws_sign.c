#include "imi/jws.h"

#include "verifier/json/json.h"

#include <string.h>

/* What this file writes itself, and what would change how the signature is read. */
static const char *const own_members[] = {"alg", "typ", "kid", "crit", "b64"};

static imi_status add_members(json_t *header, const char *extra_members, imi_error *err)
{
    if (extra_members == NULL) {
        return IMI_OK;
    }
    IMI_AUTO_JSON extra = NULL;
    IMI_TRY(imi_json_parse_object(imi_view_of_text(extra_members), IMI_JWS_BYTES_MAX,
                                  "the header's further members", IMI_E_INVALID_ARGUMENT, &extra,
                                  err));
    for (size_t i = 0; i < sizeof own_members / sizeof own_members[0]; i++) {
        if (json_object_get(extra, own_members[i]) != NULL) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "header member %s is not the caller's to set",
                     own_members[i]);
        }
    }
    if (json_object_update(header, extra) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a header");
    }
    return IMI_OK;
}

static imi_status render_header(const imi_signer *signer, const char *type,
                                const char *extra_members, imi_buffer *out, imi_error *err)
{
    IMI_AUTO_JSON header =
        json_pack("{s:s, s:s, s:s}", "alg", signer->algorithm, "typ", type, "kid", signer->key_id);
    if (header == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a header");
    }
    IMI_TRY(add_members(header, extra_members, err));
    return imi_json_render(header, out, err);
}

imi_status imi_jws_sign(imi_signer *signer, const char *type, const char *extra_members,
                        imi_view payload, imi_buffer *out, imi_error *err)
{
    if (type == NULL || type[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a signature needs a typ");
    }
    IMI_AUTO_BUFFER header = IMI_BUFFER_INIT;
    IMI_TRY(render_header(signer, type, extra_members, &header, err));
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER signature = IMI_BUFFER_INIT;
    IMI_TRY(imi_base64url_encode(imi_buffer_view(&header), &token, err));
    IMI_TRY(imi_buffer_append_text(&token, ".", err));
    IMI_TRY(imi_base64url_encode(payload, &token, err));
    IMI_TRY(signer->sign(signer, imi_buffer_view(&token), &signature, err));
    IMI_TRY(imi_buffer_append_text(&token, ".", err));
    IMI_TRY(imi_base64url_encode(imi_buffer_view(&signature), &token, err));
    if (token.size > IMI_JWS_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the signature would be larger than %d bytes",
                 IMI_JWS_BYTES_MAX);
    }
    return imi_buffer_append(out, imi_buffer_view(&token), err);
}
