/**
 * Names that claims of a credential cannot have, or not everywhere.
 */
#ifndef IMI_CREDENTIAL_RESERVED_H
#define IMI_CREDENTIAL_RESERVED_H

#include <stdbool.h>

/** Members that carry digests (RFC 9901 sections 4.2.4.1 and 4.2.4.2). */
#define IMI_SD_MEMBER "_sd"
#define IMI_SD_ELEMENT "..."
/** Names the hash function, at the top only. */
#define IMI_SD_ALGORITHM "_sd_alg"
#define IMI_SD_SHA256 "sha-256"

/** Whether no claim at all may have this name. */
bool imi_sd_name_carries_digests(const char *name);

/** Whether a name at the top is the issuer's: said to everybody, or not at all. */
bool imi_sd_name_is_issuers(const char *name);

#endif
