#include "session_view.h"

#include "cli.h"

#include <stdio.h>

json_t *imictl_session_json(const imi_backend_session *session, bool with_token)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:f, s:f, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, "
        "s:i}",
        "session_id", session->session_id, "purpose", session->purpose, "subject_id",
        session->subject_id, "state", imi_backend_state_name(session->state), "decision",
        imi_backend_decision_name(session->decision), "reason", session->reason, "compared",
        session->compared, "similarity", session->similarity, "fmr", session->fmr, "policy_version",
        session->policy_version, "model_version", session->model_version, "score_kind",
        session->score_kind, "operating_point", session->operating_point, "evidence",
        session->evidence, "created_at_ms", (json_int_t)session->created_at_ms, "expires_at_ms",
        (json_int_t)session->expires_at_ms, "decided_at_ms", (json_int_t)session->decided_at_ms,
        "attempts", (int)session->attempts);
    if (with_token && session->token[0] != '\0') {
        json_object_set_new(object, "token", json_string(session->token));
    }
    return object;
}

void imictl_session_print(const imi_backend_session *session)
{
    printf("session   %s (%s, %s)\n", session->session_id, session->purpose,
           imi_backend_state_name(session->state));
    printf("decision  %s%s%s\n", imi_backend_decision_name(session->decision),
           session->reason[0] == '\0' ? "" : ", ", session->reason);
    if (session->compared) {
        printf("score     %s similarity %.4f, calibrated false match rate %.2e\n",
               session->score_kind, session->similarity, session->fmr);
    }
    if (session->evidence[0] != '\0') {
        printf("layers    %s\n", session->evidence);
    }
    printf("made by   policy %s, models %s\n", session->policy_version, session->model_version);
    if (session->decided_at_ms != 0) {
        printf("point     %s\n",
               session->operating_point[0] == '\0' ? "shipped" : session->operating_point);
    }
    printf("attempts  %u\n", session->attempts);
}

int imictl_session_exit(const imi_backend_session *session)
{
    switch (session->decision) {
    case IMI_DECISION_VERIFIED:
        return IMI_EXIT_SUCCESS;
    case IMI_DECISION_REJECTED:
        return IMI_EXIT_NEGATIVE;
    default:
        return IMI_EXIT_UNDECIDED;
    }
}
