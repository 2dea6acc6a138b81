#include "rpc/handle_follow.h"

#include "imi/v1/subject.pb-c.h"
#include "rpc/event_stream.h"

_Static_assert((int)IMI__V1__FOLLOW_STEP__FOLLOW_STEP_WITHDRAWN == IMI_FOLLOW_WITHDRAWN,
               "steps of a followed session differ");

static imi_status listen(imi_event_stream *self, imi_session_listener listener, imi_error *err)
{
    return imi_service_follow(self->service, self->session_id, self->join_secret, listener, self,
                              &self->watch, err);
}

static imi_status send_step(imi_event_stream *self, const imi_followed *followed,
                            imi_buffer *receipt, imi_error *err)
{
    IMI_TRY(imi_buffer_terminate(receipt, err));
    Imi__V1__FollowSessionResponse message = IMI__V1__FOLLOW_SESSION_RESPONSE__INIT;
    message.step = (Imi__V1__FollowStep)followed->step;
    message.expires_at_ms = followed->expires_at_ms;
    message.receipt_json = (char *)receipt->data;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_handler_respond(&message, &bytes, err));
    return imi_rpc_call_send(self->call, imi_buffer_view(&bytes), err);
}

/* News of what is no step of its own is not told. */
static imi_status send_news(imi_event_stream *self, imi_error *err)
{
    imi_followed followed;
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    IMI_TRY(imi_service_followed(self->service, self->session_id, self->join_secret, &followed,
                                 &receipt, err));
    if ((int64_t)followed.step == self->after) {
        return IMI_OK;
    }
    IMI_TRY(send_step(self, &followed, &receipt, err));
    self->after = followed.step;
    if (followed.is_over) {
        imi_rpc_call_finish(self->call);
    }
    return IMI_OK;
}

/* What is too long for either is none; the same is told as of any that is wrong. */
static imi_status take(imi_event_stream *self, const void *message, imi_error *err)
{
    const Imi__V1__FollowSessionRequest *request = message;
    if (!imi_copy_text(self->session_id, sizeof self->session_id, request->session_id) ||
        !imi_copy_text(self->join_secret, sizeof self->join_secret, request->join_secret)) {
        IMI_FAIL(err, IMI_E_UNAUTHENTICATED, "the join secret is not valid");
    }
    return IMI_OK;
}

static imi_rpc_flow on_message(imi_rpc_call *call, imi_view message)
{
    static const imi_event_stream_kind kind = {
        &imi__v1__follow_session_request__descriptor,
        take,
        listen,
        send_news,
    };
    return imi_event_stream_on_message(call, message, &kind);
}

imi_rpc_method imi_handle_follow_session(void)
{
    return imi_event_stream_method("FollowSession", on_message);
}
