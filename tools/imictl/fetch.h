/** A document from a file or from an address. */
#ifndef IMI_IMICTL_FETCH_H
#define IMI_IMICTL_FETCH_H

#include "imi/bytes.h"

#include <stdbool.h>

/** Whether a text is an http or https address. */
bool imictl_is_url(const char *text);

/**
 * Read a file, or GET an address, of at most 64 KiB; appends to out.
 *
 * ca: PEM file of who signed the server's certificate, or NULL for the system's.
 * Errors: IMI_E_NOT_FOUND, IMI_E_IO, IMI_E_OVERFLOW, IMI_E_RPC_UNAVAILABLE.
 */
IMI_MUST_USE imi_status imictl_fetch(const char *file_or_url, const char *ca, imi_buffer *out,
                                     imi_error *err);

#endif
