#include "reserved.h"

#include <stddef.h>
#include <string.h>

/* draft-ietf-oauth-sd-jwt-vc-19 section 2.2.2.2, and iat: who hides when he signed hides for how
 * long it holds. */
static const char *const issuers_names[] = {
    "iss", "iat", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", IMI_SD_ALGORITHM};

bool imi_sd_name_carries_digests(const char *name)
{
    return strcmp(name, IMI_SD_MEMBER) == 0 || strcmp(name, IMI_SD_ELEMENT) == 0;
}

bool imi_sd_name_is_issuers(const char *name)
{
    for (size_t i = 0; i < sizeof issuers_names / sizeof issuers_names[0]; i++) {
        if (strcmp(name, issuers_names[i]) == 0) {
            return true;
        }
    }
    return false;
}
