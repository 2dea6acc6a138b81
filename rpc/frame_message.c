#include "rpc/frame_message.h"

#include "rpc/handler.h"

_Static_assert((int)IMI__V1__GUIDANCE__GUIDANCE_NOD == IMI_GUIDANCE_NOD, "guidance differs");
_Static_assert((int)IMI__V1__CHALLENGE_ACTION__CHALLENGE_ACTION_NOD == IMI_ACTION_NOD,
               "actions differ");
_Static_assert((int)IMI__V1__SUBJECT_OUTCOME__SUBJECT_OUTCOME_STAFF_REVIEW ==
                   IMI_OUTCOME_STAFF_REVIEW,
               "outcomes differ");

imi_status imi_frame_message_submit(imi_rpc_call *call, const char *capture_id,
                                    const Imi__V1__Frame *message, imi_frame_reply reply,
                                    void *user, imi_error *err)
{
    if (message == NULL) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "field 'frame' is missing");
    }
    char credential[IMI_CREDENTIAL_TEXT_SIZE];
    IMI_TRY(imi_handler_credential(call, credential, err));
    imi_frame frame = {
        .capture_id = capture_id,
        .sequence = message->sequence,
        .captured_at_ms = message->captured_at_ms,
        .jpeg = imi_handler_bytes(message->jpeg),
        .signature = imi_handler_bytes(message->signature),
        .light_shown_ms = message->light_shown_ms,
    };
    const imi_handlers *handlers = imi_rpc_call_user(call);
    imi_status status =
        imi_service_submit_frame(handlers->service, credential, &frame, reply, user, err);
    imi_wipe(credential, sizeof credential);
    return status;
}

Imi__V1__FrameFeedback imi_frame_message_feedback(const imi_frame_feedback *feedback,
                                                  Imi__V1__TargetOval *target)
{
    Imi__V1__FrameFeedback message = IMI__V1__FRAME_FEEDBACK__INIT;
    *target = (Imi__V1__TargetOval)IMI__V1__TARGET_OVAL__INIT;
    if (feedback->has_target) {
        target->centre_x = feedback->target.centre_x;
        target->centre_y = feedback->target.centre_y;
        target->height = feedback->target.height;
        message.target = target;
    }
    message.sequence = feedback->sequence;
    message.guidance = (Imi__V1__Guidance)feedback->guidance;
    message.actions_done = feedback->actions_done;
    message.actions_total = feedback->actions_total;
    message.skipped = feedback->skipped;
    message.outcome = (Imi__V1__SubjectOutcome)feedback->outcome;
    return message;
}
