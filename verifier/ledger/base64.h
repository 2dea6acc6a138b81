/** Base64 with padding (RFC 4648 section 4), as notes and receipts carry hashes. */
#ifndef IMI_LEDGER_BASE64_H
#define IMI_LEDGER_BASE64_H

#include "imi/bytes.h"

/** Append the text of bytes. */
IMI_MUST_USE imi_status imi_base64_encode(imi_view bytes, imi_buffer *out, imi_error *err);
/** Append the bytes of a text. Strict. Errors: IMI_E_LEDGER_FORMAT. */
IMI_MUST_USE imi_status imi_base64_decode(imi_view text, imi_buffer *out, imi_error *err);
/** Read exactly size bytes into out. Errors: IMI_E_LEDGER_FORMAT. */
IMI_MUST_USE imi_status imi_base64_decode_exactly(imi_view text, uint8_t *out, size_t size,
                                                  imi_error *err);

#endif
