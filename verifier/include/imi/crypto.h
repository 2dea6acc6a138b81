/**
 * What several layers need of cryptography: digests, and files that hold secrets.
 */
#ifndef IMI_CRYPTO_H
#define IMI_CRYPTO_H

#include "imi/bytes.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_SHA256_SIZE = 32, IMI_SECRET_SIZE = 32, IMI_LEAF_SALT_SIZE = 32 };

/** SHA-256. */
IMI_MUST_USE imi_status imi_sha256(imi_view bytes, uint8_t out[IMI_SHA256_SIZE], imi_error *err);
/** HMAC-SHA-256. Errors: IMI_E_INVALID_ARGUMENT without a key. */
IMI_MUST_USE imi_status imi_hmac_sha256(imi_view key, imi_view message,
                                        uint8_t out[IMI_SHA256_SIZE], imi_error *err);

/**
 * Entry of a leaf of the public log: SHA-256("imi-leaf-v1" NUL || salt || event). Without the
 * salt it cannot be told which event an entry stands for.
 */
IMI_MUST_USE imi_status imi_leaf_entry(const uint8_t salt[IMI_LEAF_SALT_SIZE], imi_view event,
                                       uint8_t out[IMI_SHA256_SIZE], imi_error *err);

/**
 * Secret of the installation, raw bytes in a file; made at first start with mode 0600. The
 * caller wipes out.
 * Errors: IMI_E_KEY if the file is open to other users or damaged; out is then zeroed.
 */
IMI_MUST_USE imi_status imi_secret_file_load(const char *path, uint8_t out[IMI_SECRET_SIZE],
                                             imi_error *err);

/**
 * Read a private file that somebody else made.
 *
 * Errors: IMI_E_NOT_FOUND; IMI_E_KEY if it is not a regular file, belongs to another user, can be
 *         read or written by group or others, or is larger than limit; IMI_E_IO.
 */
IMI_MUST_USE imi_status imi_private_file_read(const char *path, size_t limit, imi_buffer *out,
                                              imi_error *err);

/** Fill out with fresh contents for the file. user: as handed to imi_private_file_load. */
typedef imi_status (*imi_private_file_make)(void *user, imi_buffer *out, imi_error *err);

/**
 * Read a private file; when it does not exist, make it first with mode 0600.
 *
 * Two processes that start at once end up with the same contents.
 * Errors: those of imi_private_file_read but IMI_E_NOT_FOUND, and those of make.
 */
IMI_MUST_USE imi_status imi_private_file_load(const char *path, size_t limit,
                                              imi_private_file_make make, void *user,
                                              imi_buffer *out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
