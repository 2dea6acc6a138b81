/**
 * Byte ranges: borrowed views, owned growable buffers, text encodings.
 */
#ifndef IMI_BYTES_H
#define IMI_BYTES_H

#include "imi/memory.h"
#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A borrowed byte range, never NUL-terminated, never freed. data may be NULL when size is 0. */
typedef struct imi_view {
    const uint8_t *data;
    size_t size;
} imi_view;

/** View of a NUL-terminated string, without its NUL; NULL gives an empty view. */
imi_view imi_view_of_text(const char *text);
/** Equal contents; not for secrets. */
bool imi_view_equal(imi_view a, imi_view b);
/** Equal contents in time that depends on the sizes alone; for secrets. */
bool imi_view_equal_secret(imi_view a, imi_view b);

/**
 * An owned, growable byte range in the caller's storage.
 *
 * Ownership: initialise with IMI_BUFFER_INIT; imi_buffer_clean_up wipes and frees.
 * Threads:   none.
 */
typedef struct imi_buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
} imi_buffer;

#define IMI_BUFFER_INIT                                                                            \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }
#define IMI_AUTO_BUFFER __attribute__((cleanup(imi_buffer_clean_up))) imi_buffer

/** Wipe and free; the buffer is empty and usable again. */
void imi_buffer_clean_up(imi_buffer *buffer);
/** Make room for capacity bytes in all. */
IMI_MUST_USE imi_status imi_buffer_reserve(imi_buffer *buffer, size_t capacity, imi_error *err);
/** Append bytes. Errors: IMI_E_OVERFLOW, IMI_E_NO_MEMORY; the contents then stay as they were. */
IMI_MUST_USE imi_status imi_buffer_append(imi_buffer *buffer, imi_view bytes, imi_error *err);
/** Append a NUL-terminated string without its NUL. */
IMI_MUST_USE imi_status imi_buffer_append_text(imi_buffer *buffer, const char *text,
                                               imi_error *err);
/** Append printf-style text. */
IMI_MUST_USE imi_status imi_buffer_printf(imi_buffer *buffer, imi_error *err, const char *format,
                                          ...) IMI_PRINTF(3, 4);
/** Put a NUL behind the contents (not counted in size) so that data is a C string. */
IMI_MUST_USE imi_status imi_buffer_terminate(imi_buffer *buffer, imi_error *err);
/** The contents, borrowed until the buffer next changes. */
imi_view imi_buffer_view(const imi_buffer *buffer);

/** Read a whole file of at most limit bytes. */
IMI_MUST_USE imi_status imi_file_read(const char *path, size_t limit, imi_buffer *out,
                                      imi_error *err);
/**
 * Write a whole file so that a crash leaves either the old or the new contents:
 * temporary file with the given mode, fsync, rename, fsync of the folder.
 */
IMI_MUST_USE imi_status imi_file_write(const char *path, imi_view contents, unsigned mode,
                                       imi_error *err);

/** Base64url without padding (RFC 4648 section 5), as JOSE uses it. Appends to out. */
IMI_MUST_USE imi_status imi_base64url_encode(imi_view bytes, imi_buffer *out, imi_error *err);
/** Strict: no padding, no white space, no non-zero trailing bits. */
IMI_MUST_USE imi_status imi_base64url_decode(imi_view text, imi_buffer *out, imi_error *err);
/** Base64 with padding (RFC 4648 section 4). Appends to out. */
IMI_MUST_USE imi_status imi_base64_encode(imi_view bytes, imi_buffer *out, imi_error *err);
/** As strict. */
IMI_MUST_USE imi_status imi_base64_decode(imi_view text, imi_buffer *out, imi_error *err);
/** Lower-case hexadecimal into out, which holds 2 * size + 1 bytes. */
void imi_hex_encode(imi_view bytes, char *out);

/** Length of the UTF-8 sequence at the start of text, 0 if there is no valid one, or NUL. */
size_t imi_utf8_sequence(imi_view text);
/** Valid UTF-8 (no surrogates, no overlong forms) and without NUL. */
bool imi_text_is_clean_utf8(imi_view text);

/** Fill with random bytes from the operating system. */
IMI_MUST_USE imi_status imi_random(uint8_t *out, size_t size, imi_error *err);

enum { IMI_ID_SIZE = 27 };
/**
 * A fresh random identifier of 128 bits: prefix of at most 3 characters, '_' and
 * 22 base64url characters, NUL-terminated, such as "ses_3q2-7wAAAAAAAAAAAAAAAA".
 */
IMI_MUST_USE imi_status imi_id_new(const char *prefix, char out[IMI_ID_SIZE], imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
