#include "imi_core/grpc_web.h"

#include "wire.h"

enum {
    FLAG_MESSAGE = 0x00,
    FLAG_TRAILERS = 0x80, /* a message that is compressed, 0x01, was never asked for */
    STATUS_LAST = 16
};

void imi_core_grpc_web_header(uint32_t message_size, uint8_t out[IMI_CORE_GRPC_WEB_HEADER_SIZE])
{
    out[0] = FLAG_MESSAGE;
    for (int i = 0; i < 4; i++) {
        out[1 + i] = (uint8_t)(message_size >> (24 - 8 * i));
    }
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 'a' - 'A') : byte;
}

/* The line's value if it has this name, else NULL; leading spaces are passed over. */
static const uint8_t *value_of(const uint8_t *line, const uint8_t *end, const char *name)
{
    for (; *name != 0; name++, line++) {
        if (line == end || lower(*line) != (uint8_t)*name) {
            return NULL;
        }
    }
    while (line != end && *line == ' ') {
        line++;
    }
    return line;
}

/* One or two digits up to 16; anything else is no status. */
static uint32_t status_of(const uint8_t *at, const uint8_t *end)
{
    uint32_t status = 0;
    size_t digits = (size_t)(end - at);
    if (digits == 0 || digits > 2) {
        return IMI_CORE_GRPC_NO_STATUS;
    }
    for (; at != end; at++) {
        if (*at < '0' || *at > '9') {
            return IMI_CORE_GRPC_NO_STATUS;
        }
        status = status * 10 + (uint32_t)(*at - '0');
    }
    return status <= STATUS_LAST ? status : IMI_CORE_GRPC_NO_STATUS;
}

static uint32_t find_status(imi_core_view trailers)
{
    const uint8_t *line = trailers.data;
    const uint8_t *end = line + trailers.size;
    while (line != end) {
        const uint8_t *stop = line;
        while (stop != end && *stop != '\r' && *stop != '\n') {
            stop++;
        }
        const uint8_t *value = value_of(line, stop, "grpc-status:");
        if (value != NULL) {
            return status_of(value, stop);
        }
        line = stop == end ? end : stop + 1;
    }
    return IMI_CORE_GRPC_NO_STATUS;
}

static bool next_part(reader *r, uint8_t *flag, imi_core_view *part)
{
    const uint8_t *head = imi_core_get(r, IMI_CORE_GRPC_WEB_HEADER_SIZE);
    if (head == NULL) {
        return false;
    }
    *flag = head[0];
    part->size = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    part->data = imi_core_get(r, part->size);
    return r->ok;
}

bool imi_core_grpc_web_parse(imi_core_view body, imi_core_answer *out)
{
    imi_core_answer answer = {.status = IMI_CORE_GRPC_NO_STATUS};
    *out = answer;
    reader r = read_view(body);
    uint8_t flag = FLAG_MESSAGE;
    imi_core_view part = {0};
    r.ok = r.ok && body.size <= IMI_CORE_GRPC_WEB_ANSWER_MAX;
    if (!next_part(&r, &flag, &part)) {
        return false;
    }
    bool has_message = flag == FLAG_MESSAGE;
    if (has_message) {
        answer.message = part;
        if (!next_part(&r, &flag, &part)) {
            return false;
        }
    }
    if (flag != FLAG_TRAILERS || r.left > 0) {
        return false;
    }
    answer.status = find_status(part);
    if (answer.status == IMI_CORE_GRPC_NO_STATUS || (answer.status == 0 && !has_message)) {
        return false;
    }
    if (answer.status != 0) {
        answer.message = (imi_core_view){0};
    }
    *out = answer;
    return true;
}

imi_core_reason imi_core_grpc_reason(uint32_t status)
{
    switch (status) {
    case 0:
        return IMI_CORE_REASON_NONE;
    case 3: /* INVALID_ARGUMENT */
        return IMI_CORE_REASON_FRAME_REFUSED;
    case 9: /* FAILED_PRECONDITION */
        return IMI_CORE_REASON_SESSION_OVER;
    case 7: /* PERMISSION_DENIED */
    case 5: /* NOT_FOUND */
    case 16: /* UNAUTHENTICATED */
        return IMI_CORE_REASON_LINK_REFUSED;
    case 12: /* UNIMPLEMENTED */
        return IMI_CORE_REASON_NOT_SUPPORTED;
    case 1: /* CANCELLED */
    case 4: /* DEADLINE_EXCEEDED */
        return IMI_CORE_REASON_NO_NETWORK;
    case IMI_CORE_GRPC_NO_STATUS:
        return IMI_CORE_REASON_ANSWER_MALFORMED;
    default: /* RESOURCE_EXHAUSTED, UNAVAILABLE, and the server's own troubles */
        return IMI_CORE_REASON_SERVER_BUSY;
    }
}
