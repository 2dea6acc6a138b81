/** A session record as the message imi.v1.Session. */
#ifndef IMI_RPC_SESSION_MESSAGE_H
#define IMI_RPC_SESSION_MESSAGE_H

#include "imi/service.h"

#include "imi/v1/relying_party.pb-c.h"

/** The message and the storage that it points into: do not move after loading. */
typedef struct imi_session_message {
    Imi__V1__Session message;
    imi_session_record record;
    imi_buffer token;
} imi_session_message;

void imi_session_message_init(imi_session_message *session);
/** Wipes. */
void imi_session_message_clean_up(imi_session_message *session);
/** Read a session of party and fill in the message. Errors: those of imi_service_get_session. */
IMI_MUST_USE imi_status imi_session_message_load(imi_session_message *session, imi_service *service,
                                                 const char *party, const char *session_id,
                                                 imi_error *err);

#endif
