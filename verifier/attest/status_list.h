/** Certificates that the maker of the platform has called back. */
#ifndef IMI_ATTEST_STATUS_LIST_H
#define IMI_ATTEST_STATUS_LIST_H

#include "openssl.h"
#include "roots.h"

/** Read Google's status list, a JSON file, into roots->revoked. */
IMI_MUST_USE imi_status imi_status_list_read(const char *path, imi_attest_roots *roots,
                                             imi_error *err);
/** Refusal if a certificate of the chain is on the list. */
const char *imi_status_list_check(const imi_attest_roots *roots, STACK_OF(X509) * chain);

#endif
