/**
 * Status of what a session gave out: its token, and the credential that its subject holds.
 */
#ifndef IMI_SESSION_TOKEN_STATUS_H
#define IMI_SESSION_TOKEN_STATUS_H

#include "service_internal.h"

/** Name by which the credential of a session has a status. */
void imi_session_credential_id(const imi_session_record *session, char out[IMI_ID_SIZE]);

/**
 * Set the status of the session's token, and of its credential if one was issued, with a leaf each.
 *
 * Errors: of the store, for the token: IMI_E_NOT_FOUND, IMI_E_CONFLICT. May be called again.
 */
IMI_MUST_USE imi_status imi_session_set_status(imi_service *service,
                                               const imi_session_record *session,
                                               imi_token_status status, const char *reason,
                                               imi_error *err);

/** Revoke whatever there is; sessions without a token have nothing. */
IMI_MUST_USE imi_status imi_session_revoke(imi_service *service, const imi_session_record *session,
                                           const char *reason, imi_error *err);

/** Place of the session's credential, the same each time. Errors: IMI_E_SESSION_STATE unless it and
 *  the token stand. */
IMI_MUST_USE imi_status imi_session_place_credential(imi_service *service,
                                                     const imi_session_record *session,
                                                     imi_status_record *out, imi_error *err);

#endif
