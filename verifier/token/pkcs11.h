/**
 * The edge to a PKCS#11 module (Cryptoki 2.40 and 3.0): loading it, and finding a key in it.
 */
#ifndef IMI_TOKEN_PKCS11_H
#define IMI_TOKEN_PKCS11_H

#include "algorithm.h"

#include <p11-kit/pkcs11.h>

/** A session that is logged in, and one key pair in it. */
typedef struct imi_pkcs11_session {
    CK_FUNCTION_LIST *module;
    CK_SESSION_HANDLE handle; /* CK_INVALID_HANDLE: none */
    CK_OBJECT_HANDLE private_key;
    imi_public_bytes public_key;
} imi_pkcs11_session;

/**
 * Load and initialise a module; it stays until the process ends, as others may share it.
 * Errors: IMI_E_KEY if it cannot be loaded or is no module.
 */
IMI_MUST_USE imi_status imi_pkcs11_load(const char *path, CK_FUNCTION_LIST **out, imi_error *err);

/**
 * Open a session with the token of this label and log in.
 * Errors: IMI_E_NOT_FOUND without such a token; IMI_E_PERMISSION if it refuses the PIN: trying
 *         again may lock it; IMI_E_CRYPTO, with the module's code.
 */
IMI_MUST_USE imi_status imi_pkcs11_open(imi_pkcs11_session *session, const char *token_label,
                                        imi_view pin, imi_error *err);
/** Close; accepts a session that is not open. */
void imi_pkcs11_close(imi_pkcs11_session *session);

/**
 * Find the key pair of this label.
 * Errors: IMI_E_KEY unless there is exactly one for the algorithm, with its public key.
 */
IMI_MUST_USE imi_status imi_pkcs11_find_key(imi_pkcs11_session *session,
                                            const imi_algorithm *algorithm, const char *key_label,
                                            imi_error *err);

/** Sign bytes; appends IMI_SIGNATURE_SIZE bytes. Errors: IMI_E_CRYPTO, with the module's code. */
IMI_MUST_USE imi_status imi_pkcs11_sign(const imi_pkcs11_session *session,
                                        CK_MECHANISM_TYPE mechanism, imi_view bytes,
                                        imi_buffer *signature_out, imi_error *err);

#endif
