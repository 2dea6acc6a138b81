#include "rpc/session_message.h"

#include <math.h>

/* The numbers of the protocol are those of the store; a change on one side must not compile. */
_Static_assert((int)IMI__V1__SESSION_STATE__SESSION_STATE_WITHDRAWN == IMI_SESSION_WITHDRAWN,
               "session states differ");
_Static_assert((int)IMI__V1__DECISION__DECISION_REVIEW == IMI_DECISION_REVIEW, "decisions differ");

void imi_session_message_init(imi_session_message *session)
{
    *session = (imi_session_message){.token = IMI_BUFFER_INIT};
    imi__v1__session__init(&session->message);
}

void imi_session_message_clean_up(imi_session_message *session)
{
    imi_buffer_clean_up(&session->token);
    imi_wipe(&session->record, sizeof session->record);
}

static void fill(imi_session_message *session)
{
    Imi__V1__Session *message = &session->message;
    imi_session_record *record = &session->record;
    message->session_id = record->session_id;
    message->purpose = record->purpose;
    message->subject_id = record->subject_id;
    message->state = (Imi__V1__SessionState)record->state;
    message->decision = (Imi__V1__Decision)record->decision;
    message->reason = record->reason;
    message->compared = !isnan(record->similarity) && !isnan(record->fmr);
    message->similarity = message->compared ? record->similarity : 0;
    message->fmr = message->compared ? record->fmr : 1;
    message->token = session->token.size > 0 ? (char *)session->token.data : message->token;
    message->policy_version = record->policy_version;
    message->model_version = record->model_version;
    message->created_at_ms = record->created_ms;
    message->expires_at_ms = record->expires_ms;
    message->decided_at_ms = record->decided_ms;
    message->attempts = record->attempts;
    if (message->compared) {
        message->score_kind = (char *)imi_score_kind_name((imi_score_kind)record->score_kind);
    }
    message->operating_point = record->operating_point;
    message->evidence = record->evidence;
}

imi_status imi_session_message_load(imi_session_message *session, imi_service *service,
                                    const char *party, const char *session_id, imi_error *err)
{
    IMI_TRY(imi_service_get_session(service, party, session_id, &session->record, &session->token,
                                    err));
    IMI_TRY(imi_buffer_terminate(&session->token, err));
    fill(session);
    return IMI_OK;
}
