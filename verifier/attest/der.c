#include "der.h"

static bool take_byte(imi_view *input, uint8_t *out)
{
    if (input->size == 0) {
        return false;
    }
    *out = *input->data;
    input->data++;
    input->size--;
    return true;
}

/* A number above 30: base 128, no leading zeros, at most two bytes as no field of ours needs
 * more. */
static bool take_high_number(imi_view *input, uint32_t *out)
{
    uint8_t byte = 0;
    if (!take_byte(input, &byte) || byte == 0x80) {
        return false;
    }
    *out = byte & 0x7FU;
    if ((byte & 0x80U) != 0) {
        if (!take_byte(input, &byte) || (byte & 0x80U) != 0) {
            return false;
        }
        *out = (*out << 7) | byte;
    }
    return *out > 30;
}

static bool take_length(imi_view *input, size_t *out)
{
    uint8_t first = 0;
    if (!take_byte(input, &first)) {
        return false;
    }
    *out = first;
    if (first < 0x80) {
        return true;
    }
    /* Two bytes of length suffice below IMI_ATTESTATION_BYTES_MAX; 0x80 would be indefinite. */
    unsigned bytes = first & 0x7FU;
    if (bytes < 1 || bytes > 2) {
        return false;
    }
    *out = 0;
    for (unsigned i = 0; i < bytes; i++) {
        uint8_t byte = 0;
        if (!take_byte(input, &byte)) {
            return false;
        }
        *out = (*out << 8) | byte;
    }
    return *out >= (bytes == 1 ? 0x80U : 0x100U);
}

bool imi_der_take_any(imi_view *input, imi_der_element *out)
{
    *out = (imi_der_element){0};
    uint8_t leading = 0;
    size_t size = 0;
    if (!take_byte(input, &leading)) {
        return false;
    }
    out->form = leading & 0xE0U;
    out->number = leading & 0x1FU;
    if (out->number == 0x1F && !take_high_number(input, &out->number)) {
        return false;
    }
    if (!take_length(input, &size) || size > input->size) {
        return false;
    }
    out->content = (imi_view){input->data, size};
    input->data += size;
    input->size -= size;
    return true;
}

bool imi_der_take(imi_view *input, uint8_t form, uint32_t number, imi_view *content)
{
    imi_der_element element;
    bool taken = imi_der_take_any(input, &element);
    *content = element.content;
    return taken && element.form == form && element.number == number;
}

bool imi_der_take_octets(imi_view *input, imi_view *out)
{
    return imi_der_take(input, IMI_DER_PRIMITIVE, IMI_DER_OCTET_STRING, out);
}

bool imi_der_take_boolean(imi_view *input, bool *out)
{
    imi_view content;
    *out = false;
    if (!imi_der_take(input, IMI_DER_PRIMITIVE, IMI_DER_BOOLEAN, &content) || content.size != 1 ||
        (content.data[0] != 0x00 && content.data[0] != 0xFF)) {
        return false;
    }
    *out = content.data[0] == 0xFF;
    return true;
}

bool imi_der_take_number(imi_view *input, uint32_t number, uint32_t *out)
{
    imi_view content;
    *out = 0;
    if (!imi_der_take(input, IMI_DER_PRIMITIVE, number, &content) || content.size < 1 ||
        content.size > 4 || content.data[0] >= 0x80) {
        return false;
    }
    if (content.size > 1 && content.data[0] == 0 && content.data[1] < 0x80) {
        return false;
    }
    for (size_t i = 0; i < content.size; i++) {
        *out = (*out << 8) | content.data[i];
    }
    return true;
}
