#include "rpc/handle_submit_frame.h"

#include "rpc/arena.h"
#include "rpc/frame_message.h"
#include "rpc/frame_order.h"
#include "rpc/message.h"

static void submit_done(void *user, imi_status status, const imi_error *error,
                        const imi_frame_feedback *feedback)
{
    imi_rpc_call *call = user;
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, error);
    } else {
        Imi__V1__TargetOval target;
        Imi__V1__FrameFeedback message = imi_frame_message_feedback(feedback, &target);
        Imi__V1__SubmitFrameResponse answer = IMI__V1__SUBMIT_FRAME_RESPONSE__INIT;
        answer.feedback = &message;
        imi_handler_reply(call, &answer);
    }
    imi_rpc_call_release(&call);
}

/* Also notes which frame it is. */
static imi_status submit(imi_early_frame *frame, imi_error *err)
{
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *decoded = NULL;
    IMI_TRY(imi_message_decode(&imi__v1__submit_frame_request__descriptor,
                               imi_rpc_message_view(frame->message), &arena, &decoded, err));
    const Imi__V1__SubmitFrameRequest *request = (const void *)decoded;
    imi_rpc_call *held = imi_rpc_call_acquire(frame->call);
    imi_status status =
        imi_frame_message_submit(held, request->capture_id, request->frame, submit_done, held, err);
    if (status != IMI_OK) {
        imi_rpc_call_release(&held);
    }
    if (status == IMI_OK || status == IMI_E_FRAME_EARLY) {
        /* It is that of a capture: it fits, and there is a frame. */
        imi_copy_text(frame->capture_id, sizeof frame->capture_id, request->capture_id);
        frame->sequence = request->frame->sequence;
    }
    return status;
}

/* True if the frame was taken. Otherwise it waits, or its call has failed. */
static bool take_or_wait(imi_frame_order *order, imi_early_frame *frame)
{
    imi_error error = IMI_ERROR_INIT;
    imi_status status = IMI_OK;
    imi_frame_wait wait = IMI_FRAME_NO_ROOM;
    do {
        uint64_t count = imi_frame_order_count(order);
        status = submit(frame, &error);
        wait = status == IMI_E_FRAME_EARLY ? imi_frame_order_wait(order, frame, count)
                                           : IMI_FRAME_NO_ROOM;
    } while (wait == IMI_FRAME_ASK_AGAIN);
    if (wait != IMI_FRAME_WAITS && status != IMI_OK) {
        imi_rpc_call_fail(frame->call, status, &error);
    }
    imi_early_frame_clean_up(frame);
    return status == IMI_OK;
}

void imi_frames_wake(const imi_handlers *handlers, const char *capture_id, uint64_t sequence)
{
    imi_early_frame next = {.call = NULL};
    while (imi_frame_order_taken(handlers->frames, capture_id, sequence, &next)) {
        uint64_t due = next.sequence;
        if (!take_or_wait(handlers->frames, &next)) {
            return;
        }
        sequence = due > sequence ? due : sequence;
    }
}

/* Take the frame, and those that waited for it. */
static void take(const imi_handlers *handlers, imi_early_frame *frame)
{
    if (take_or_wait(handlers->frames, frame)) {
        imi_frames_wake(handlers, frame->capture_id, frame->sequence);
    }
}

void imi_frames_tick(const imi_handlers *handlers)
{
    imi_early_frame frame;
    while (imi_frame_order_late(handlers->frames, &frame)) {
        take(handlers, &frame); /* which says by what they fail, if they do */
    }
}

void imi_frames_drain(const imi_handlers *handlers)
{
    imi_frame_order_close(handlers->frames);
    imi_frames_tick(handlers);
}

static imi_rpc_flow on_message(imi_rpc_call *call, imi_view bytes)
{
    (void)bytes; /* kept, not copied */
    const imi_handlers *handlers = imi_rpc_call_user(call);
    imi_early_frame frame = {.until_ms = imi_frame_order_until_ms(handlers->frames)};
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_rpc_call_keep(call, &frame.message, &error);
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, &error);
    } else {
        frame.call = imi_rpc_call_acquire(call);
        take(handlers, &frame);
    }
    return IMI_RPC_PAUSE;
}

static void on_closed(imi_rpc_call *call, bool cancelled)
{
    (void)cancelled;
    const imi_handlers *handlers = imi_rpc_call_user(call);
    imi_frame_order_forget(handlers->frames, call);
}

imi_rpc_method imi_handle_submit_frame(void)
{
    return (imi_rpc_method){.name = "SubmitFrame", .message = on_message, .closed = on_closed};
}
