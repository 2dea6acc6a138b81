/**
 * A strict reader of DER (X.690): definite, minimal lengths and tags; anything else is refused.
 *
 * A reader consumes its input from the front. A function that answers false may have consumed
 * some of it; the caller gives up on the whole then. Nothing is copied or allocated.
 */
#ifndef IMI_ATTEST_DER_H
#define IMI_ATTEST_DER_H

#include "imi/bytes.h"

/** Class and constructed bit, as in the upper bits of a leading byte. */
enum { IMI_DER_PRIMITIVE = 0x00, IMI_DER_CONSTRUCTED = 0x20, IMI_DER_CONTEXT = 0xA0 };

/** Universal tag numbers. */
enum {
    IMI_DER_BOOLEAN = 1,
    IMI_DER_INTEGER = 2,
    IMI_DER_OCTET_STRING = 4,
    IMI_DER_ENUMERATED = 10,
    IMI_DER_SEQUENCE = 16,
    IMI_DER_SET = 17
};

typedef struct imi_der_element {
    uint8_t form; /* class and constructed bit */
    uint32_t number;
    imi_view content;
} imi_der_element;

/** Take whatever element comes next. */
bool imi_der_take_any(imi_view *input, imi_der_element *out);
/** Take an element that must have this form and number. */
bool imi_der_take(imi_view *input, uint8_t form, uint32_t number, imi_view *content);
bool imi_der_take_octets(imi_view *input, imi_view *out);
bool imi_der_take_boolean(imi_view *input, bool *out);
/** Take an INTEGER or ENUMERATED from 0 to 2^31 - 1. */
bool imi_der_take_number(imi_view *input, uint32_t number, uint32_t *out);

#endif
