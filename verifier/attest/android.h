/** Android Key Attestation: what the extension 1.3.6.1.4.1.11129.2.1.17 of a leaf says. */
#ifndef IMI_ATTEST_ANDROID_H
#define IMI_ATTEST_ANDROID_H

#include "roots.h"

/** Refusal, or NULL and the security level: 1 trusted environment, 2 StrongBox. */
const char *imi_android_verify(const imi_attest_roots *roots, const imi_attestation *attestation,
                               float *score);

#endif
