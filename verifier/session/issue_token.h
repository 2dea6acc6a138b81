/**
 * The token of a session that ended VERIFIED.
 */
#ifndef IMI_SESSION_ISSUE_TOKEN_H
#define IMI_SESSION_ISSUE_TOKEN_H

#include "decide.h"
#include "service_internal.h"

/**
 * Sign it with the key of the relying party's algorithm and give it a place in a status list.
 * The record carries its token_id and is decided; running it again takes the same place.
 */
IMI_MUST_USE imi_status imi_session_issue_token(imi_service *service,
                                                const imi_session_record *record,
                                                const imi_purpose *purpose,
                                                const imi_evidence *evidence, imi_buffer *out,
                                                imi_error *err);

#endif
