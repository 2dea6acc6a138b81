/**
 * Why an attestation is refused. The checks return one of these, or NULL where nothing is wrong,
 * as a refusal is a finding and not a failure of ours.
 */
#ifndef IMI_ATTEST_REFUSAL_H
#define IMI_ATTEST_REFUSAL_H

#define REFUSED_FORMAT "attestation_format" /* not the object it says it is */
#define REFUSED_CHAIN "attestation_chain" /* no valid chain to a configured root */
#define REFUSED_REVOKED "attestation_revoked" /* a certificate of it is on the status list */
#define REFUSED_KEY "attestation_key" /* about another key, or one that hardware did not make */
#define REFUSED_CHALLENGE "attestation_challenge" /* made for another session */
#define REFUSED_APP "attestation_app" /* asked for by another app */
#define REFUSED_SOFTWARE "attestation_software" /* the key lives in software */
#define REFUSED_BOOT "attestation_boot" /* the device runs a system that it did not verify */

/** Return from a check with the refusal of another one. */
#define REFUSE_IF(expression)                                                                      \
    do {                                                                                           \
        const char *refusal_ = (expression);                                                       \
        if (refusal_ != NULL) {                                                                    \
            return refusal_;                                                                       \
        }                                                                                          \
    } while (0)

#endif
