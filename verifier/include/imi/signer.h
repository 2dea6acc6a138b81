/**
 * The signer interface: who holds the key that tokens are signed with. Declared here so that
 * a file, an HSM or a remote signer can stand behind it.
 */
#ifndef IMI_SIGNER_H
#define IMI_SIGNER_H

#include "imi/bytes.h"
#include "imi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_KEY_ID_SIZE = 48, IMI_JOSE_ALG_SIZE = 16 };

typedef struct imi_signer imi_signer;
struct imi_signer {
    char key_id[IMI_KEY_ID_SIZE]; /* RFC 7638 thumbprint of the public key */
    char algorithm[IMI_JOSE_ALG_SIZE]; /* JOSE name, fixed for the signer's life: see imi/jws.h */
    /** Sign message (hashing it as the algorithm says); appends the JOSE form of the signature.
     *  Threads: safe. */
    imi_status (*sign)(imi_signer *self, imi_view message, imi_buffer *signature_out,
                       imi_error *err);
    /** Append the public key as one JWK object with kid, alg and use. */
    imi_status (*public_jwk)(imi_signer *self, imi_buffer *json_out, imi_error *err);
    void (*destroy)(imi_signer *self);
};

typedef struct imi_signer_file_options {
    const char *pem_path; /* required */
    const char *algorithm; /* required: JOSE name, see imi/jws.h */
    const char *pass_phrase_path; /* private file; NULL: the PEM is not encrypted */
} imi_signer_file_options;

/**
 * Signer whose key lies in a PEM file of mode 0600, made if it does not exist yet: PKCS #8, and
 * under PBES2 where there is a pass phrase.
 *
 * Errors: IMI_E_UNSUPPORTED (algorithm); IMI_E_NOT_FOUND without the file of the pass phrase;
 *         IMI_E_KEY if a file is readable by others, or the PEM is no private key for the
 *         algorithm, encrypted otherwise, or not although it should be.
 */
IMI_MUST_USE imi_status imi_signer_file_open(const imi_signer_file_options *options,
                                             imi_signer **out, imi_error *err);
/** imi_signer_file_open for ES256 without a pass phrase. */
IMI_MUST_USE imi_status imi_signer_file_new(const char *pem_path, imi_signer **out, imi_error *err);

typedef struct imi_signer_pkcs11_options {
    const char *module_path; /* shared library */
    const char *token_label;
    const char *key_label; /* of the private and of the public key */
    const char *algorithm; /* "ES256" or "EdDSA" */
    const char *pin_path; /* private file */
} imi_signer_pkcs11_options;

/**
 * Signer whose key lies in a PKCS#11 token and never leaves it. All options are required. A
 * session that was lost is opened again at the next signature; a PIN that was refused is not
 * tried again.
 *
 * Errors: IMI_E_UNSUPPORTED (algorithm); IMI_E_NOT_FOUND without the token; IMI_E_PERMISSION for
 *         a wrong PIN; IMI_E_KEY for a module, key pair or PIN file that is not fit; IMI_E_CRYPTO.
 */
IMI_MUST_USE imi_status imi_signer_pkcs11_open(const imi_signer_pkcs11_options *options,
                                               imi_signer **out, imi_error *err);
/** Destroy through the implementation, which wipes the key; accepts NULL, nulls the pointer. */
void imi_signer_destroy(imi_signer **signer);
IMI_AUTO_DEFINE(imi_signer, imi_signer_destroy)

/** JSON Web Key Set of the signers' public keys (RFC 7517); appends to out. */
IMI_MUST_USE imi_status imi_jwks_render(imi_signer *const *signers, size_t count,
                                        imi_buffer *json_out, imi_error *err);

/**
 * Check an ES256 signature (r||s, 64 bytes) by a P-256 key in SubjectPublicKeyInfo DER; used
 * for phones' frames.
 * Errors: IMI_E_KEY for anything but a valid P-256 point, IMI_E_TOKEN_SIGNATURE if wrong.
 */
IMI_MUST_USE imi_status imi_es256_verify_spki(imi_view spki_der, imi_view message,
                                              imi_view signature, imi_error *err);
/** The same kind of key as a public JWK, appended to json_out. Errors: IMI_E_KEY. */
IMI_MUST_USE imi_status imi_es256_jwk_of_spki(imi_view spki_der, imi_buffer *json_out,
                                              imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
