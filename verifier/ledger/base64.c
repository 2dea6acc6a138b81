#include "base64.h"

imi_status imi_note_base64_decode(imi_view text, imi_buffer *out, imi_error *err)
{
    imi_status status = imi_base64_decode(text, out, err);
    if (status == IMI_E_INVALID_ARGUMENT) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "not a base64 text");
    }
    return status;
}

imi_status imi_note_base64_decode_exactly(imi_view text, uint8_t *out, size_t size, imi_error *err)
{
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_note_base64_decode(text, &bytes, err));
    if (bytes.size != size) {
        IMI_FAIL(err, IMI_E_LEDGER_FORMAT, "a base64 text holds %zu bytes instead of %zu",
                 bytes.size, size);
    }
    imi_copy(out, bytes.data, size);
    return IMI_OK;
}
