#include "disclosure.h"

#include "imi/credential.h"
#include "imi/crypto.h"
#include "reserved.h"

enum { SALT_SIZE = 16, MEMBER_PARTS = 3, ELEMENT_PARTS = 2 };

imi_status imi_sd_digest(imi_view text, char out[IMI_DIGEST_TEXT_SIZE], imi_error *err)
{
    uint8_t digest[IMI_SHA256_SIZE];
    out[0] = '\0';
    IMI_TRY(imi_sha256(text, digest, err));
    IMI_AUTO_BUFFER encoded = IMI_BUFFER_INIT;
    IMI_TRY(imi_base64url_encode((imi_view){digest, sizeof digest}, &encoded, err));
    IMI_TRY(imi_buffer_terminate(&encoded, err));
    imi_copy_text(out, IMI_DIGEST_TEXT_SIZE, (const char *)encoded.data);
    return IMI_OK;
}

const char *imi_disclosure_name(const imi_disclosure *disclosure)
{
    return json_array_size(disclosure->array) == MEMBER_PARTS
               ? json_string_value(json_array_get(disclosure->array, 1))
               : NULL;
}

json_t *imi_disclosure_value(const imi_disclosure *disclosure)
{
    return json_array_get(disclosure->array, json_array_size(disclosure->array) - 1);
}

static imi_status check_form(const imi_disclosure *disclosure, imi_error *err)
{
    size_t parts = json_array_size(disclosure->array);
    if ((parts != MEMBER_PARTS && parts != ELEMENT_PARTS) ||
        !json_is_string(json_array_get(disclosure->array, 0))) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a disclosure is not salt, name and value");
    }
    const char *name = imi_disclosure_name(disclosure);
    if (parts == MEMBER_PARTS && name == NULL) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "the name in a disclosure is not text");
    }
    if (name != NULL && imi_sd_name_carries_digests(name)) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a disclosure has a reserved name");
    }
    return IMI_OK;
}

imi_status imi_disclosure_read(imi_view encoded, imi_disclosure *out, imi_error *err)
{
    *out = (imi_disclosure){.encoded = encoded};
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_status status = imi_base64url_decode(encoded, &text, err);
    if (status == IMI_E_INVALID_ARGUMENT) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a disclosure is not strict base64url");
    }
    IMI_TRY(status);
    IMI_TRY(imi_json_parse_array(imi_buffer_view(&text), IMI_CREDENTIAL_BYTES_MAX, "a disclosure",
                                 IMI_E_CREDENTIAL_DISCLOSURE, &out->array, err));
    return check_form(out, err);
}

void imi_disclosure_clean_up(imi_disclosure *disclosure)
{
    json_decref(disclosure->array);
    imi_free(disclosure->path);
    *disclosure = (imi_disclosure){0};
}

static imi_status make_array(const char *name, json_t *value, json_t **out, imi_error *err)
{
    uint8_t salt[SALT_SIZE];
    IMI_TRY(imi_random(salt, sizeof salt, err));
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_base64url_encode((imi_view){salt, sizeof salt}, &text, err));
    IMI_TRY(imi_buffer_terminate(&text, err));
    *out = name == NULL ? json_pack("[s, O]", (const char *)text.data, value)
                        : json_pack("[s, s, O]", (const char *)text.data, name, value);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a disclosure");
    }
    return IMI_OK;
}

imi_status imi_disclosure_make(const char *name, json_t *value, imi_buffer *out,
                               char digest_out[IMI_DIGEST_TEXT_SIZE], imi_error *err)
{
    digest_out[0] = '\0';
    IMI_AUTO_JSON array = NULL;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(make_array(name, value, &array, err));
    IMI_TRY(imi_json_render_exact(array, &text, err));
    size_t start = out->size;
    IMI_TRY(imi_base64url_encode(imi_buffer_view(&text), out, err));
    IMI_TRY(imi_sd_digest((imi_view){out->data + start, out->size - start}, digest_out, err));
    return imi_buffer_append_text(out, "~", err);
}
