/**
 * A strict reader of CBOR (RFC 8949): definite lengths in their shortest form, no tags and no
 * floating point, as authenticators write it (CTAP2 canonical form).
 *
 * A reader consumes its input from the front. A function that answers false may have consumed
 * some of it; the caller gives up on the whole then. Nothing is copied or allocated.
 */
#ifndef IMI_ATTEST_CBOR_H
#define IMI_ATTEST_CBOR_H

#include "imi/bytes.h"

bool imi_cbor_take_bytes(imi_view *input, imi_view *out);
bool imi_cbor_take_text(imi_view *input, imi_view *out);
/** Take the head of an array or a map: so many elements, or pairs, follow. */
bool imi_cbor_take_array(imi_view *input, uint64_t *count);
bool imi_cbor_take_map(imi_view *input, uint64_t *count);
/** Take a whole item of whatever kind, at most four levels deep. */
bool imi_cbor_skip(imi_view *input);

#endif
