#include "imi/webhook_signature.h"

#include "imi/crypto.h"

#include <string.h>

#define PREFIX "whsec_"

enum {
    FRESH_SIZE = 32,
    /* prefix, base64 and line end of each, with room for "\r\n" */
    FILE_MAX = IMI_WEBHOOK_SECRETS_MAX * (6 + (IMI_WEBHOOK_SECRET_MAX + 2) / 3 * 4 + 2)
};

/* Cut the next line off; without its end. */
static imi_view take_line(imi_view *text)
{
    const uint8_t *end = memchr(text->data, '\n', text->size);
    size_t size = end == NULL ? text->size : (size_t)(end - text->data);
    imi_view line = {text->data, size};
    size_t taken = end == NULL ? size : size + 1;
    *text = (imi_view){text->data + taken, text->size - taken};
    if (line.size > 0 && line.data[line.size - 1] == '\r') {
        line.size--;
    }
    return line;
}

static imi_status add_secret(imi_view line, size_t number, imi_webhook_secrets *out, imi_error *err)
{
    const size_t prefix = strlen(PREFIX);
    if (out->count == IMI_WEBHOOK_SECRETS_MAX) {
        IMI_FAIL(err, IMI_E_KEY, "more than %d webhook secrets", IMI_WEBHOOK_SECRETS_MAX);
    }
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    bool right = line.size > prefix && memcmp(line.data, PREFIX, prefix) == 0;
    if (right) {
        imi_view base64 = {line.data + prefix, line.size - prefix};
        imi_status status = imi_base64_decode(base64, &bytes, err);
        if (status == IMI_E_NO_MEMORY) {
            return status;
        }
        right = status == IMI_OK && bytes.size >= IMI_WEBHOOK_SECRET_MIN &&
                bytes.size <= IMI_WEBHOOK_SECRET_MAX;
    }
    if (!right) {
        IMI_FAIL(err, IMI_E_KEY, "line %zu is not whsec_ and the base64 of %d to %d bytes", number,
                 IMI_WEBHOOK_SECRET_MIN, IMI_WEBHOOK_SECRET_MAX);
    }
    imi_copy(out->at[out->count].bytes, bytes.data, bytes.size);
    out->at[out->count++].size = bytes.size;
    return IMI_OK;
}

static imi_status parse(imi_view text, imi_webhook_secrets *out, imi_error *err)
{
    for (size_t number = 1; text.size > 0; number++) {
        imi_view line = take_line(&text);
        if (line.size > 0) {
            IMI_TRY(add_secret(line, number, out, err));
        }
    }
    if (out->count == 0) {
        IMI_FAIL(err, IMI_E_KEY, "no webhook secret");
    }
    return IMI_OK;
}

imi_status imi_webhook_secrets_parse(imi_view text, imi_webhook_secrets *out, imi_error *err)
{
    *out = (imi_webhook_secrets){0};
    imi_status status = parse(text, out, err);
    if (status != IMI_OK) {
        imi_wipe(out, sizeof *out);
    }
    return status;
}

static imi_status parse_file(const char *path, const imi_buffer *text, imi_webhook_secrets *out,
                             imi_error *err)
{
    imi_error why = IMI_ERROR_INIT;
    imi_status status = imi_webhook_secrets_parse(imi_buffer_view(text), out, &why);
    if (status != IMI_OK) {
        IMI_FAIL(err, status, "%s: %s", path, why.message);
    }
    return IMI_OK;
}

imi_status imi_webhook_secrets_read(const char *path, imi_webhook_secrets *out, imi_error *err)
{
    *out = (imi_webhook_secrets){0};
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_private_file_read(path, FILE_MAX, &text, err));
    return parse_file(path, &text, out, err);
}

static imi_status make_secret(void *user, imi_buffer *out, imi_error *err)
{
    (void)user;
    uint8_t bytes[FRESH_SIZE];
    IMI_TRY(imi_random(bytes, sizeof bytes, err));
    imi_status status = imi_buffer_append_text(out, PREFIX, err);
    if (status == IMI_OK) {
        status = imi_base64_encode((imi_view){bytes, sizeof bytes}, out, err);
    }
    imi_wipe(bytes, sizeof bytes);
    return status == IMI_OK ? imi_buffer_append_text(out, "\n", err) : status;
}

imi_status imi_webhook_secrets_load(const char *path, imi_webhook_secrets *out, imi_error *err)
{
    *out = (imi_webhook_secrets){0};
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_private_file_load(path, FILE_MAX, make_secret, NULL, &text, err));
    return parse_file(path, &text, out, err);
}
