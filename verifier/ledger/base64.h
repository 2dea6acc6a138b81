/** Base64 in notes and receipts: what does not parse is a fault of their format. */
#ifndef IMI_LEDGER_BASE64_H
#define IMI_LEDGER_BASE64_H

#include "imi/bytes.h"

/** Append the bytes of a text. Errors: IMI_E_LEDGER_FORMAT. */
IMI_MUST_USE imi_status imi_note_base64_decode(imi_view text, imi_buffer *out, imi_error *err);
/** Read exactly size bytes into out. Errors: IMI_E_LEDGER_FORMAT. */
IMI_MUST_USE imi_status imi_note_base64_decode_exactly(imi_view text, uint8_t *out, size_t size,
                                                       imi_error *err);

#endif
