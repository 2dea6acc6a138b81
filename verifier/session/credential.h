/**
 * Secrets that the service hands out: join secrets and phones' credentials. Only their
 * hashes are stored.
 */
#ifndef IMI_SESSION_CREDENTIAL_H
#define IMI_SESSION_CREDENTIAL_H

#include "imi/service.h"

enum { IMI_SECRET_BYTES = 32 };

/** Draw a secret: its text form and the hash to store. The caller wipes the text. */
IMI_MUST_USE imi_status imi_credential_draw(char secret_out[IMI_SECRET_TEXT_SIZE],
                                            uint8_t hash_out[IMI_STORE_HASH_SIZE], imi_error *err);

/**
 * Whether a secret has this hash, in time that does not depend on either. A hash of zeros,
 * which stands for "none given out", matches nothing.
 */
bool imi_credential_matches(const char *secret, const uint8_t hash[IMI_STORE_HASH_SIZE]);

/** The SESSION_ID and SECRET of "SESSION_ID.SECRET"; false if it has another form. */
bool imi_credential_split(const char *credential, char session_id_out[IMI_ID_SIZE],
                          const char **secret_out);

#endif
