#include "sd_jwt.h"

#include "imi/credential.h"

#include <string.h>

static size_t count_tildes(imi_view text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        count += text.data[i] == '~';
    }
    return count;
}

/* From, not including, at, up to the next '~', which is there. */
static imi_view next_part(imi_view text, size_t at)
{
    const uint8_t *start = text.data + at;
    const uint8_t *end = memchr(start, '~', text.size - at);
    return (imi_view){start, (size_t)(end - start)};
}

static imi_status add_disclosure(imi_sd_jwt *sd, imi_view encoded, imi_error *err)
{
    char digest[IMI_DIGEST_TEXT_SIZE];
    imi_disclosure *disclosure = &sd->disclosures[sd->count++];
    IMI_TRY(imi_disclosure_read(encoded, disclosure, err));
    IMI_TRY(imi_sd_digest(encoded, digest, err));
    if (json_object_get(sd->by_digest, digest) != NULL) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "a disclosure is there twice");
    }
    if (json_object_set_new(sd->by_digest, digest, json_integer((json_int_t)sd->count - 1)) != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for disclosures");
    }
    return IMI_OK;
}

static imi_status read_disclosures(imi_sd_jwt *sd, size_t count, imi_error *err)
{
    if (count > IMI_CREDENTIAL_DISCLOSURES_MAX) {
        IMI_FAIL(err, IMI_E_CREDENTIAL_DISCLOSURE, "there are more than %d disclosures",
                 IMI_CREDENTIAL_DISCLOSURES_MAX);
    }
    sd->disclosures = imi_alloc_array(count, sizeof *sd->disclosures);
    sd->by_digest = json_object();
    if (sd->disclosures == NULL || sd->by_digest == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for disclosures");
    }
    for (size_t at = sd->issued.size + 1; at < sd->shown.size;) {
        imi_view encoded = next_part(sd->shown, at);
        IMI_TRY(add_disclosure(sd, encoded, err));
        at += encoded.size + 1;
    }
    return IMI_OK;
}

imi_status imi_sd_jwt_open(imi_view text, imi_sd_jwt *out, imi_error *err)
{
    *out = (imi_sd_jwt){0};
    if (text.size == 0 || text.size > IMI_CREDENTIAL_BYTES_MAX) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "a credential has 1 to %d bytes",
                 IMI_CREDENTIAL_BYTES_MAX);
    }
    size_t tildes = count_tildes(text);
    if (tildes == 0) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "a credential has a ~ behind its JWT: this is a token");
    }
    const uint8_t *last = memrchr(text.data, '~', text.size);
    size_t shown = (size_t)(last - text.data) + 1;
    out->issued = next_part(text, 0);
    out->shown = (imi_view){text.data, shown};
    out->binding = (imi_view){text.data + shown, text.size - shown};
    return read_disclosures(out, tildes - 1, err);
}

void imi_sd_jwt_clean_up(imi_sd_jwt *sd)
{
    for (size_t i = 0; i < sd->count; i++) {
        imi_disclosure_clean_up(&sd->disclosures[i]);
    }
    imi_free(sd->disclosures);
    json_decref(sd->by_digest);
    *sd = (imi_sd_jwt){0};
}

imi_disclosure *imi_sd_jwt_find(const imi_sd_jwt *sd, const char *digest)
{
    const json_t *place = json_object_get(sd->by_digest, digest);
    return place == NULL ? NULL : &sd->disclosures[json_integer_value(place)];
}

static imi_status decode_object(imi_view part, const char *what, json_t **out, imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    imi_status status = imi_base64url_decode(part, &text, err);
    if (status == IMI_E_INVALID_ARGUMENT) {
        IMI_FAIL(err, IMI_E_TOKEN_FORMAT, "%s is not strict base64url", what);
    }
    IMI_TRY(status);
    return imi_json_parse_object(imi_buffer_view(&text), IMI_CREDENTIAL_BYTES_MAX, what,
                                 IMI_E_TOKEN_FORMAT, out, err);
}

imi_status imi_sd_jwt_header(const imi_sd_jwt *sd, json_t **out, imi_error *err)
{
    *out = NULL;
    imi_jws_parts parts;
    IMI_TRY(imi_jws_split(sd->issued, IMI_JWS_BYTES_MAX, &parts, err));
    return decode_object(parts.header, "the credential's header", out, err);
}

imi_status imi_sd_jwt_payload(const imi_sd_jwt *sd, json_t **out, imi_error *err)
{
    *out = NULL;
    imi_jws_parts parts;
    IMI_TRY(imi_jws_split(sd->issued, IMI_JWS_BYTES_MAX, &parts, err));
    return decode_object(parts.payload, "the credential's payload", out, err);
}
