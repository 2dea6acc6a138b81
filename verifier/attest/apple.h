/** Apple App Attest: the object that DCAppAttestService.attestKey returns. */
#ifndef IMI_ATTEST_APPLE_H
#define IMI_ATTEST_APPLE_H

#include "roots.h"

/** Refusal, or NULL and a score of 2: the key lives in the Secure Enclave. */
const char *imi_apple_verify(const imi_attest_roots *roots, const imi_attestation *attestation,
                             float *score);

#endif
