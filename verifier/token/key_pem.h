/**
 * Private keys as PKCS #8 PEM, plain or encrypted (PBES2).
 */
#ifndef IMI_TOKEN_KEY_PEM_H
#define IMI_TOKEN_KEY_PEM_H

#include "algorithm.h"

enum { IMI_PEM_BYTES_MAX = 16384, IMI_PASS_PHRASE_MAX = 1024 };

/** Append the PEM of a private key; pass_phrase of size 0: unencrypted. */
IMI_MUST_USE imi_status imi_key_pem_render(EVP_PKEY *key, imi_view pass_phrase, imi_buffer *out,
                                           imi_error *err);

/**
 * Read a private key. path names it in messages.
 * Errors: IMI_E_KEY if it is not a whole key pair for the algorithm, or encrypted although
 *         pass_phrase is empty, or not encrypted although it is not.
 */
IMI_MUST_USE imi_status imi_key_pem_parse(const imi_algorithm *algorithm, imi_view pass_phrase,
                                          imi_view pem, const char *path, EVP_PKEY **out,
                                          imi_error *err);

/** First line of a private file, for pass phrases and PINs. Errors: IMI_E_KEY also if empty. */
IMI_MUST_USE imi_status imi_pass_phrase_read(const char *path, imi_buffer *out, imi_error *err);

#endif
