/** Certificate chains as phones send them: read, checked to a root, and their extensions. */
#ifndef IMI_ATTEST_CHAIN_H
#define IMI_ATTEST_CHAIN_H

#include "imi/bytes.h"
#include "openssl.h"

/** Most certificates in a chain; Android sends 4 or 5, Apple 2. */
enum { IMI_CHAIN_CERTIFICATES_MAX = 8 };

/**
 * Take one DER certificate from the front of input and push it. False if it is none, is not in
 * the encoding that OpenSSL would write, or would be one too many.
 */
bool imi_chain_take(imi_view *input, STACK_OF(X509) * chain);

/**
 * Refusal unless the certificates lead, leaf first and in the order sent, to a root of the store
 * at this time. The root itself may be sent or left out.
 */
const char *imi_chain_verify(X509_STORE *store, STACK_OF(X509) * chain, int64_t now_s);

/**
 * The extension of the leaf; refusal if the leaf has none or two, or if any other certificate
 * has it: there it would be the statement of a key that the platform did not mean to certify.
 */
const char *imi_chain_extension(STACK_OF(X509) * chain, const char *oid, imi_view *out);

#endif
