/**
 * Status of a token, as status lists number it and stores keep it.
 */
#ifndef IMI_TOKEN_STATUS_H
#define IMI_TOKEN_STATUS_H

/** Source: draft-ietf-oauth-status-list-21 section 7.1. Stored: stable. */
typedef enum imi_token_status {
    IMI_TOKEN_VALID = 0,
    IMI_TOKEN_INVALID = 1, /* revoked for good */
    IMI_TOKEN_SUSPENDED = 2
} imi_token_status;

enum {
    IMI_STATUS_LIST_SIZE = 1 << 17, /* tokens a list has room for: a herd to hide in */
    IMI_STATUS_LIST_BITS = 2, /* each token takes */
    IMI_STATUS_LIST_BYTES = IMI_STATUS_LIST_SIZE * IMI_STATUS_LIST_BITS / 8
};

#endif
