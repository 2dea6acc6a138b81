#include "rpc/gateway/grpc_web.h"

#include <string.h>
#include <strings.h>

enum {
    HEADER_BYTES = 5, /* one of flags, four of length, big-endian */
    FLAG_MESSAGE = 0x00,
    FLAG_TRAILERS = 0x80,
    TIMEOUT_DIGITS_MAX = 8
};

imi_grpc_web_format imi_grpc_web_format_of(const char *content_type)
{
    static const struct {
        const char *name;
        imi_grpc_web_format format;
    } known[] = {
        {"application/grpc-web", IMI_GRPC_WEB_BINARY},
        {"application/grpc-web+proto", IMI_GRPC_WEB_BINARY},
        {"application/grpc-web-text", IMI_GRPC_WEB_TEXT},
        {"application/grpc-web-text+proto", IMI_GRPC_WEB_TEXT},
    };
    size_t size = content_type == NULL ? 0 : strcspn(content_type, "; \t");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (size == strlen(known[i].name) && strncasecmp(content_type, known[i].name, size) == 0) {
            return known[i].format;
        }
    }
    return IMI_GRPC_WEB_NONE;
}

const char *imi_grpc_web_content_type(imi_grpc_web_format format)
{
    return format == IMI_GRPC_WEB_TEXT ? "application/grpc-web-text+proto"
                                       : "application/grpc-web+proto";
}

imi_status imi_grpc_web_take_message(imi_view *rest, imi_view *message, imi_error *err)
{
    *message = (imi_view){NULL, 0};
    if (rest->size < HEADER_BYTES) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the frame is cut");
    }
    const uint8_t *at = rest->data;
    if (at[0] != FLAG_MESSAGE) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the frame is no uncompressed message");
    }
    size_t size = (size_t)at[1] << 24 | (size_t)at[2] << 16 | (size_t)at[3] << 8 | at[4];
    if (size > rest->size - HEADER_BYTES) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the frame is cut");
    }
    *message = (imi_view){at + HEADER_BYTES, size};
    *rest = (imi_view){at + HEADER_BYTES + size, rest->size - HEADER_BYTES - size};
    return IMI_OK;
}

static imi_status append_frame(uint8_t flags, imi_view payload, imi_buffer *out, imi_error *err)
{
    if (payload.size > UINT32_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "the message is too long for a frame");
    }
    uint32_t size = (uint32_t)payload.size;
    const uint8_t header[HEADER_BYTES] = {flags, (uint8_t)(size >> 24), (uint8_t)(size >> 16),
                                          (uint8_t)(size >> 8), (uint8_t)size};
    IMI_TRY(imi_buffer_append(out, (imi_view){header, sizeof header}, err));
    return imi_buffer_append(out, payload, err);
}

imi_status imi_grpc_web_append_message(imi_view message, imi_buffer *out, imi_error *err)
{
    return append_frame(FLAG_MESSAGE, message, out, err);
}

/* Printable ASCII but '%' stands for itself; so no text can begin another trailer. */
static imi_status append_percent_encoded(const char *text, imi_buffer *out, imi_error *err)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = c >= 0x20 && c <= 0x7E && c != '%';
        IMI_TRY(imi_buffer_printf(out, err, plain ? "%c" : "%%%02X", c));
    }
    return IMI_OK;
}

imi_status imi_grpc_web_append_end(const imi_grpc_web_end *end, imi_buffer *out, imi_error *err)
{
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_printf(&text, err, "grpc-status: %d\r\n", end->code));
    if (end->message != NULL && end->message[0] != '\0') {
        IMI_TRY(imi_buffer_append_text(&text, "grpc-message: ", err));
        IMI_TRY(append_percent_encoded(end->message, &text, err));
        IMI_TRY(imi_buffer_append_text(&text, "\r\n", err));
    }
    if (end->name != NULL) {
        IMI_TRY(imi_buffer_printf(&text, err, "imi-status: %s\r\n", end->name));
    }
    return append_frame(FLAG_TRAILERS, imi_buffer_view(&text), out, err);
}

bool imi_grpc_web_parse_timeout(const char *text, int64_t limit_ms, int64_t *ms_out)
{
    static const struct {
        char unit;
        int64_t microseconds; /* 0: less than one */
    } units[] = {{'H', 3600000000}, {'M', 60000000}, {'S', 1000000},
                 {'m', 1000},       {'u', 1},        {'n', 0}};
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > TIMEOUT_DIGITS_MAX || text[digits] == '\0' ||
        text[digits + 1] != '\0') {
        return false;
    }
    int64_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (text[i] - '0');
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (units[i].unit == text[digits]) {
            int64_t us = units[i].microseconds > 0 ? value * units[i].microseconds : value / 1000;
            int64_t ms = us % 1000 == 0 && us > 0 ? us / 1000 : us / 1000 + 1;
            *ms_out = ms < limit_ms ? ms : limit_ms;
            return true;
        }
    }
    return false;
}
