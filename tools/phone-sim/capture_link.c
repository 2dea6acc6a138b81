#include "phone-sim/capture_link.h"

#include "client/call.h"
#include "imi/v1/subject.pb-c.h"

typedef struct stream_link {
    imi_capture_link base;
    imi_capture_route route;
    imi_rpc_stream *stream;
    imi_buffer message;
} stream_link;

typedef struct unary_link {
    imi_capture_link base;
    imi_capture_route route;
    imi_frame_feedback feedback;
    bool answered;
} unary_link;

void imi_capture_link_destroy(imi_capture_link **link)
{
    if (link != NULL && *link != NULL) {
        (*link)->destroy(*link);
        *link = NULL;
    }
}

/* The message points into the frame; nothing is copied. */
static Imi__V1__Frame frame_message(const imi_signed_frame *frame)
{
    Imi__V1__Frame message = IMI__V1__FRAME__INIT;
    message.sequence = frame->sequence;
    message.captured_at_ms = frame->captured_at_ms;
    message.light_shown_ms = frame->light_shown_ms;
    message.jpeg = (ProtobufCBinaryData){frame->image->jpeg.size, frame->image->jpeg.data};
    message.signature = (ProtobufCBinaryData){sizeof frame->signature, (uint8_t *)frame->signature};
    return message;
}

static imi_status take_feedback(const Imi__V1__FrameFeedback *message, imi_frame_feedback *out,
                                imi_error *err)
{
    if (message == NULL) {
        IMI_FAIL(err, IMI_E_RPC_MESSAGE, "the server answered a frame without feedback");
    }
    *out = (imi_frame_feedback){
        .sequence = message->sequence,
        .guidance = (imi_guidance)message->guidance,
        .actions_done = message->actions_done,
        .actions_total = message->actions_total,
        .outcome = (imi_subject_outcome)message->outcome,
        .has_target = message->target != NULL,
        .skipped = message->skipped,
    };
    if (message->target != NULL) {
        out->target = (imi_oval){message->target->centre_x, message->target->centre_y,
                                 message->target->height};
    }
    return IMI_OK;
}

static imi_status stream_send(imi_capture_link *self, const imi_signed_frame *frame, imi_error *err)
{
    stream_link *link = (stream_link *)self;
    Imi__V1__Frame inner = frame_message(frame);
    Imi__V1__StreamFramesRequest request = IMI__V1__STREAM_FRAMES_REQUEST__INIT;
    request.capture_id = (char *)link->route.capture_id;
    request.frame = &inner;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    IMI_TRY(imi_message_pack(&request.base, &bytes, err));
    imi_status status = imi_rpc_stream_send(link->stream, imi_buffer_view(&bytes), err);
    /* A call that has ended still holds answers, and behind them the reason. */
    return status == IMI_E_CANCELLED ? IMI_OK : status;
}

static imi_status stream_receive(imi_capture_link *self, int64_t timeout_ms,
                                 imi_frame_feedback *out, bool *got_out, imi_error *err)
{
    stream_link *link = (stream_link *)self;
    imi_rpc_received received = IMI_RPC_RECEIVED_NOTHING;
    *got_out = false;
    IMI_TRY(imi_rpc_stream_receive(link->stream, timeout_ms, &link->message, &received, err));
    if (received == IMI_RPC_RECEIVED_NOTHING) {
        return IMI_OK;
    }
    if (received == IMI_RPC_RECEIVED_END) {
        IMI_FAIL(err, IMI_E_RPC_UNAVAILABLE, "the server ended the stream before the capture");
    }
    ProtobufCMessage *response = NULL;
    IMI_TRY(imi_message_unpack(&imi__v1__stream_frames_response__descriptor,
                               imi_buffer_view(&link->message), &response, err));
    imi_status status =
        take_feedback(((Imi__V1__StreamFramesResponse *)response)->feedback, out, err);
    protobuf_c_message_free_unpacked(response, NULL);
    *got_out = status == IMI_OK;
    return status;
}

static void stream_destroy(imi_capture_link *self)
{
    stream_link *link = (stream_link *)self;
    imi_rpc_stream_destroy(&link->stream);
    imi_buffer_clean_up(&link->message);
    imi_free(link);
}

imi_status imi_capture_link_stream(const imi_capture_route *route, imi_capture_link **out,
                                   imi_error *err)
{
    *out = NULL;
    stream_link *link = imi_alloc(sizeof *link);
    if (link == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a stream");
    }
    link->base = (imi_capture_link){
        .send = stream_send, .receive = stream_receive, .destroy = stream_destroy};
    link->route = *route;
    IMI_AUTO(imi_capture_link) owned = &link->base;
    imi_rpc_metadata authorization = {"authorization", route->authorization};
    imi_rpc_request rpc = {.path = "/imi.v1.SubjectService/StreamFrames",
                           .metadata = &authorization,
                           .metadata_count = 1};
    IMI_TRY(imi_rpc_stream_open(route->channel, &rpc, &link->stream, err));
    *out = IMI_STEAL(&owned);
    return IMI_OK;
}

static imi_status unary_send(imi_capture_link *self, const imi_signed_frame *frame, imi_error *err)
{
    unary_link *link = (unary_link *)self;
    Imi__V1__Frame inner = frame_message(frame);
    Imi__V1__SubmitFrameRequest request = IMI__V1__SUBMIT_FRAME_REQUEST__INIT;
    request.capture_id = (char *)link->route.capture_id;
    request.frame = &inner;
    imi_unary_call call = {
        .channel = link->route.channel,
        .path = "/imi.v1.SubjectService/SubmitFrame",
        .authorization = link->route.authorization,
        .request = &request.base,
        .response_type = &imi__v1__submit_frame_response__descriptor,
    };
    ProtobufCMessage *response = NULL;
    IMI_TRY(imi_unary_call_run(&call, &response, err));
    imi_status status =
        take_feedback(((Imi__V1__SubmitFrameResponse *)response)->feedback, &link->feedback, err);
    protobuf_c_message_free_unpacked(response, NULL);
    link->answered = status == IMI_OK;
    return status;
}

static imi_status unary_receive(imi_capture_link *self, int64_t timeout_ms, imi_frame_feedback *out,
                                bool *got_out, imi_error *err)
{
    (void)timeout_ms;
    (void)err;
    unary_link *link = (unary_link *)self;
    *got_out = link->answered;
    *out = link->feedback;
    link->answered = false;
    return IMI_OK;
}

static void unary_destroy(imi_capture_link *self)
{
    imi_free(self);
}

imi_status imi_capture_link_unary(const imi_capture_route *route, imi_capture_link **out,
                                  imi_error *err)
{
    *out = NULL;
    unary_link *link = imi_alloc(sizeof *link);
    if (link == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a link");
    }
    link->base =
        (imi_capture_link){.send = unary_send, .receive = unary_receive, .destroy = unary_destroy};
    link->route = *route;
    *out = &link->base;
    return IMI_OK;
}
