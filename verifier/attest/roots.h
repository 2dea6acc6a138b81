/** What is trusted, as read from the configuration. Constant once made. */
#ifndef IMI_ATTEST_ROOTS_H
#define IMI_ATTEST_ROOTS_H

#include "imi/attest.h"

#include <openssl/x509_vfy.h>

enum { IMI_SHA256_SIZE = 32 };

typedef struct imi_digest {
    uint8_t bytes[IMI_SHA256_SIZE];
} imi_digest;

struct imi_attest_roots {
    X509_STORE *android; /* NULL: not configured */
    X509_STORE *apple;
    char **packages;
    size_t package_count;
    imi_digest *signers;
    size_t signer_count;
    imi_digest *app_ids; /* SHA-256 of each, as authenticator data holds it */
    size_t app_id_count;
    char **revoked; /* serial numbers, lower-case hex without leading zeros; sorted */
    size_t revoked_count;
};

bool imi_roots_know_package(const imi_attest_roots *roots, imi_view name);
bool imi_roots_know_signer(const imi_attest_roots *roots, imi_view digest);
bool imi_roots_know_app_id(const imi_attest_roots *roots, imi_view digest);

#endif
