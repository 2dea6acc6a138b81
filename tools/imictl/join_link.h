/**
 * Join links: https://GATEWAY/j#SESSION_ID.SECRET
 */
#ifndef IMI_IMICTL_JOIN_LINK_H
#define IMI_IMICTL_JOIN_LINK_H

#include "imi/bytes.h"
#include "imi/store.h"

#include <stdbool.h>

enum { IMICTL_LINK_SIZE = 512 };

/** Session id and secret of a link; the secret points into it. Errors: IMI_E_INVALID_ARGUMENT. */
IMI_MUST_USE imi_status imictl_join_link_split(const char *link, char session_id_out[IMI_ID_SIZE],
                                               const char **secret_out, imi_error *err);

/** Whether a text is the origin of a gateway: https, host and port, such as
 *  "https://localhost:7480". Pages that ask for the camera get it over nothing less. */
bool imictl_is_gateway(const char *text);

/**
 * The link as it leads to another gateway.
 *
 * gateway: its origin; NULL keeps the link's own.
 * Errors:  IMI_E_INVALID_ARGUMENT (no join link, no origin, or too long).
 */
IMI_MUST_USE imi_status imictl_join_link_at(const char *link, const char *gateway,
                                            char out[IMICTL_LINK_SIZE], imi_error *err);

#endif
