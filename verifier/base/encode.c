#include "imi/bytes.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

imi_status imi_base64url_encode(imi_view bytes, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_reserve(out, out->size + bytes.size / 3 * 4 + 4, err));
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        bits = (bits << 8) | bytes.data[i];
        for (held += 8; held >= 6; held -= 6) {
            out->data[out->size++] = (uint8_t)alphabet[(bits >> (held - 6)) & 63];
        }
    }
    if (held > 0) {
        out->data[out->size++] = (uint8_t)alphabet[(bits << (6 - held)) & 63];
    }
    return IMI_OK;
}

/* Value of a symbol and 1; 0 for what is none. Tokens are decoded far more often than written. */
static const uint8_t symbol_values[256] = {
    ['A'] = 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,         12,         13,
    14,         15, 16, 17, 18, 19, 20, 21, 22, 23, 24,         25,         26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37,         38,         39,
    40,         41, 42, 43, 44, 45, 46, 47, 48, 49, 50,         51,         52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, ['-'] = 63, ['_'] = 64,
};

/* Beyond 63 for what is no symbol. */
static uint32_t value_of(uint8_t symbol)
{
    return symbol_values[symbol] - 1U;
}

/* Four symbols to three bytes; how many symbols were taken. */
static size_t decode_whole(imi_view text, uint8_t *out)
{
    size_t i = 0;
    for (; i + 4 <= text.size; i += 4, out += 3) {
        const uint8_t *at = text.data + i;
        uint32_t a = value_of(at[0]), b = value_of(at[1]), c = value_of(at[2]), d = value_of(at[3]);
        if ((a | b | c | d) > 63) {
            break;
        }
        uint32_t bits = a << 18 | b << 12 | c << 6 | d;
        out[0] = (uint8_t)(bits >> 16);
        out[1] = (uint8_t)(bits >> 8);
        out[2] = (uint8_t)bits;
    }
    return i;
}

static imi_status decode_symbols(imi_view text, imi_buffer *out, imi_error *err)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t whole = decode_whole(text, out->data + out->size);
    out->size += whole / 4 * 3;
    for (size_t i = whole; i < text.size; i++) {
        uint32_t value = value_of(text.data[i]);
        if (value > 63) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "byte %zu is not a base64url symbol", i);
        }
        bits = (bits << 6) | value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out->data[out->size++] = (uint8_t)(bits >> held);
        }
    }
    if ((bits & ((1U << held) - 1)) != 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "base64url text ends in stray bits");
    }
    return IMI_OK;
}

imi_status imi_base64url_decode(imi_view text, imi_buffer *out, imi_error *err)
{
    if (text.size % 4 == 1) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "base64url text has an impossible length");
    }
    size_t before = out->size;
    IMI_TRY(imi_buffer_reserve(out, before + text.size, err));
    imi_status status = decode_symbols(text, out, err);
    if (status != IMI_OK) {
        /* Nothing of a malformed text is handed out. */
        imi_wipe(out->data + before, out->size - before);
        out->size = before;
    }
    return status;
}

/* Both alphabets differ in two symbols. */
static void swap_symbols(uint8_t *text, size_t size, const char from[2], const char to[2])
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == (uint8_t)from[0]) {
            text[i] = (uint8_t)to[0];
        } else if (text[i] == (uint8_t)from[1]) {
            text[i] = (uint8_t)to[1];
        }
    }
}

imi_status imi_base64_encode(imi_view bytes, imi_buffer *out, imi_error *err)
{
    size_t before = out->size;
    IMI_TRY(imi_base64url_encode(bytes, out, err));
    swap_symbols(out->data + before, out->size - before, "-_", "+/");
    while ((out->size - before) % 4 != 0) {
        IMI_TRY(imi_buffer_append_text(out, "=", err));
    }
    return IMI_OK;
}

imi_status imi_base64_decode(imi_view text, imi_buffer *out, imi_error *err)
{
    size_t size = text.size;
    for (size_t i = 0; i < 2 && size > 0 && text.data[size - 1] == '='; i++) {
        size--;
    }
    IMI_AUTO_BUFFER symbols = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append(&symbols, (imi_view){text.data, size}, err));
    for (size_t i = 0; i < size; i++) {
        if (symbols.data[i] == '-' || symbols.data[i] == '_') {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "base64 text is of the kind for addresses");
        }
    }
    if (text.size % 4 != 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "base64 text has an impossible length");
    }
    swap_symbols(symbols.data, size, "+/", "-_");
    return imi_base64url_decode(imi_buffer_view(&symbols), out, err);
}

void imi_hex_encode(imi_view bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
        out[2 * i] = digits[bytes.data[i] >> 4];
        out[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out[2 * bytes.size] = '\0';
}

/* Unicode table 3-7. */
size_t imi_utf8_sequence(imi_view sequence)
{
    const uint8_t *text = sequence.data;
    uint8_t lead = sequence.size == 0 ? 0 : text[0];
    if (lead < 0x80) {
        return lead == 0 ? 0 : 1;
    }
    size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                    : lead >= 0xE0 && lead <= 0xEF ? 3
                    : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                   : 0;
    if (length == 0 || length > sequence.size) {
        return 0;
    }
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

bool imi_text_is_clean_utf8(imi_view text)
{
    for (size_t i = 0; i < text.size;) {
        size_t length = imi_utf8_sequence((imi_view){text.data + i, text.size - i});
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}
