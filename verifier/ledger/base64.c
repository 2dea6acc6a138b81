#include "base64.h"

/* Both alphabets differ in two symbols; the strict reader and the writer are those of base. */
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
            IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "not a base64 text: it is the kind for addresses");
        }
    }
    swap_symbols(symbols.data, size, "+/", "-_");
    imi_status status = text.size % 4 == 0
                            ? imi_base64url_decode(imi_buffer_view(&symbols), out, err)
                            : IMI_E_INVALID_ARGUMENT;
    if (status == IMI_E_INVALID_ARGUMENT) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "not a base64 text");
    }
    return status;
}

imi_status imi_base64_decode_exactly(imi_view text, uint8_t *out, size_t size, imi_error *err)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_base64_decode(text, &bytes, err));
    if (bytes.size != size) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a base64 text holds %zu bytes instead of %zu",
                 bytes.size, size);
    }
    imi_copy(out, bytes.data, size);
    return IMI_OK;
}
