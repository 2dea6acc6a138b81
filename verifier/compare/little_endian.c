#include "little_endian.h"

uint32_t imi_crc_32(imi_view bytes)
{
    uint32_t crc = 0xFFFFFFFFU;
    for (size_t i = 0; i < bytes.size; i++) {
        crc ^= bytes.data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xEDB88320U & (0U - (crc & 1)));
        }
    }
    return ~crc;
}

imi_status imi_append_number(imi_buffer *out, uint32_t value, size_t width, imi_error *err)
{
    uint8_t bytes[4];
    for (size_t i = 0; i < width; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    return imi_buffer_append(out, (imi_view){bytes, width}, err);
}

imi_status imi_append_float(imi_buffer *out, float value, imi_error *err)
{
    uint32_t bits = 0;
    imi_copy(&bits, &value, sizeof bits);
    return imi_append_number(out, bits, 4, err);
}

bool imi_take_bytes(imi_byte_reader *in, size_t size, const uint8_t **out)
{
    if (in->left.size < size) {
        return false;
    }
    *out = in->left.data;
    in->left = (imi_view){in->left.data + size, in->left.size - size};
    return true;
}

bool imi_take_number(imi_byte_reader *in, size_t width, uint32_t *out)
{
    const uint8_t *bytes = NULL;
    if (!imi_take_bytes(in, width, &bytes)) {
        return false;
    }
    *out = 0;
    for (size_t i = 0; i < width; i++) {
        *out |= (uint32_t)bytes[i] << (8 * i);
    }
    return true;
}

bool imi_take_float(imi_byte_reader *in, float *out)
{
    uint32_t bits = 0;
    if (!imi_take_number(in, 4, &bits)) {
        return false;
    }
    imi_copy(out, &bits, sizeof bits);
    return true;
}

bool imi_take_text(imi_byte_reader *in, char *out, size_t capacity)
{
    uint32_t size = 0;
    const uint8_t *bytes = NULL;
    if (!imi_take_number(in, 1, &size) || size == 0 || size >= capacity ||
        !imi_take_bytes(in, size, &bytes) || !imi_text_is_clean_utf8((imi_view){bytes, size})) {
        return false;
    }
    imi_copy(out, bytes, size);
    out[size] = '\0';
    return true;
}

bool imi_check_crc(imi_view bytes, imi_view *body_out)
{
    if (bytes.size < 4) {
        return false;
    }
    *body_out = (imi_view){bytes.data, bytes.size - 4};
    imi_byte_reader tail = {{bytes.data + body_out->size, 4}};
    uint32_t crc = 0;
    return imi_take_number(&tail, 4, &crc) && crc == imi_crc_32(*body_out);
}
