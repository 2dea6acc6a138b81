#include "rpc/handle_stream_frames.h"

#include "rpc/arena.h"
#include "rpc/frame_message.h"
#include "rpc/handle_submit_frame.h"
#include "rpc/message.h"

#include <pthread.h>
#include <stdatomic.h>

/*
 * A stream has at most IN_FLIGHT_MAX frames unanswered, so that one phone on a fast network
 * cannot fill the queue that all share; the rest waits in the phone by flow control.
 */
enum { IN_FLIGHT_MAX = 4 };

/* One frame of a stream, from when it is taken until its answer has left. */
typedef struct frame_turn {
    struct frame_stream *stream;
    bool answered;
    imi_status status;
    imi_error error; /* unless status is IMI_OK */
    imi_frame_feedback feedback;
} frame_turn;

/*
 * State of a stream, shared by the call's thread and compute workers. References: one for the
 * call, given back in closed, and one for each frame that is not answered yet.
 *
 * Frames that are passed over are answered at once, those that are looked at when that is done;
 * turns put the answers back in order.
 */
typedef struct frame_stream {
    imi_rpc_call *call; /* held */
    atomic_int references;
    atomic_bool half_closed;

    pthread_mutex_t mutex; /* guards everything below */
    frame_turn turns[IN_FLIGHT_MAX]; /* of the unanswered frames, by number */
    uint64_t taken, told; /* numbers of the next frame taken and the next answer told */
    bool telling; /* some thread tells answers: others leave theirs to it */
} frame_stream;

static frame_turn *turn_of(frame_stream *stream, uint64_t number)
{
    return &stream->turns[number % IN_FLIGHT_MAX];
}

static uint64_t in_flight(frame_stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    uint64_t count = stream->taken - stream->told;
    pthread_mutex_unlock(&stream->mutex);
    return count;
}

static void stream_release(frame_stream *stream)
{
    if (stream != NULL && atomic_fetch_sub(&stream->references, 1) == 1) {
        imi_rpc_call_release(&stream->call);
        pthread_mutex_destroy(&stream->mutex);
        imi_free(stream);
    }
}

static void send_feedback(imi_rpc_call *call, const imi_frame_feedback *feedback)
{
    Imi__V1__TargetOval target;
    Imi__V1__FrameFeedback message = imi_frame_message_feedback(feedback, &target);
    Imi__V1__StreamFramesResponse answer = IMI__V1__STREAM_FRAMES_RESPONSE__INIT;
    answer.feedback = &message;
    imi_error error = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER bytes = IMI_BUFFER_INIT;
    imi_status status = imi_handler_respond(&answer, &bytes, &error);
    if (status == IMI_OK) {
        status = imi_rpc_call_send(call, imi_buffer_view(&bytes), &error);
    }
    if (status != IMI_OK && status != IMI_E_CANCELLED) {
        imi_rpc_call_fail(call, status, &error);
    } else if (feedback->outcome != IMI_OUTCOME_IN_PROGRESS) {
        imi_rpc_call_finish(call);
    }
}

static void tell(frame_stream *stream, const frame_turn *turn)
{
    if (turn->status != IMI_OK) {
        imi_rpc_call_fail(stream->call, turn->status, &turn->error);
    } else {
        send_feedback(stream->call, &turn->feedback);
    }
}

/* The next answer in order, if it is there; ends the telling otherwise. */
static bool next_answer(frame_stream *stream, frame_turn *out)
{
    pthread_mutex_lock(&stream->mutex);
    frame_turn *turn = turn_of(stream, stream->told);
    bool ready = stream->told < stream->taken && turn->answered;
    if (ready) {
        *out = *turn;
        turn->answered = false;
    }
    stream->telling = ready;
    pthread_mutex_unlock(&stream->mutex);
    return ready;
}

/* One answer is out: its place is free. */
static void count_told(frame_stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    bool was_full = stream->taken - stream->told == IN_FLIGHT_MAX;
    stream->told++;
    bool empty = stream->told == stream->taken;
    pthread_mutex_unlock(&stream->mutex);
    if (was_full) {
        imi_rpc_call_resume(stream->call);
    }
    if (empty && atomic_load(&stream->half_closed)) {
        imi_rpc_call_finish(stream->call);
    }
}

static void stream_done(void *user, imi_status status, const imi_error *error,
                        const imi_frame_feedback *feedback)
{
    frame_turn *turn = user;
    frame_stream *stream = turn->stream;
    pthread_mutex_lock(&stream->mutex);
    turn->answered = true;
    turn->status = status;
    turn->error = status == IMI_OK ? (imi_error)IMI_ERROR_INIT : *error;
    turn->feedback = *feedback;
    bool mine = !stream->telling;
    stream->telling = true;
    pthread_mutex_unlock(&stream->mutex);
    frame_turn next;
    while (mine && next_answer(stream, &next)) {
        tell(stream, &next);
        count_told(stream);
    }
    stream_release(stream);
}

static void on_open(imi_rpc_call *call)
{
    frame_stream *stream = imi_alloc(sizeof *stream);
    if (stream == NULL) {
        imi_rpc_call_fail(call, IMI_E_NO_MEMORY, NULL);
        return;
    }
    pthread_mutex_init(&stream->mutex, NULL);
    stream->call = imi_rpc_call_acquire(call);
    atomic_init(&stream->references, 1);
    imi_rpc_call_set_state(call, stream);
}

static imi_status stream_one(imi_rpc_call *call, frame_stream *stream, imi_view bytes,
                             imi_error *err)
{
    IMI_AUTO_ARENA arena = IMI_ARENA_INIT;
    ProtobufCMessage *decoded = NULL;
    IMI_TRY(imi_message_decode(&imi__v1__stream_frames_request__descriptor, bytes, &arena, &decoded,
                               err));
    const Imi__V1__StreamFramesRequest *request = (const void *)decoded;
    atomic_fetch_add(&stream->references, 1);
    pthread_mutex_lock(&stream->mutex);
    frame_turn *turn = turn_of(stream, stream->taken++);
    *turn = (frame_turn){.stream = stream};
    pthread_mutex_unlock(&stream->mutex);
    imi_status status =
        imi_frame_message_submit(call, request->capture_id, request->frame, stream_done, turn, err);
    if (status != IMI_OK) {
        stream_release(stream); /* the call fails: its turn never comes */
        return status;
    }
    imi_frames_wake(imi_rpc_call_user(call), request->capture_id, request->frame->sequence);
    return IMI_OK;
}

static imi_rpc_flow on_frame(imi_rpc_call *call, imi_view bytes)
{
    frame_stream *stream = imi_rpc_call_state(call);
    if (stream == NULL) {
        return IMI_RPC_PAUSE; /* open has failed the call */
    }
    imi_error error = IMI_ERROR_INIT;
    imi_status status = stream_one(call, stream, bytes, &error);
    if (status != IMI_OK) {
        imi_rpc_call_fail(call, status, &error);
        return IMI_RPC_PAUSE;
    }
    /* A reply that lands between the two lines resumes by itself; resuming twice is harmless. */
    return in_flight(stream) >= IN_FLIGHT_MAX ? IMI_RPC_PAUSE : IMI_RPC_CONTINUE;
}

static void on_half_close(imi_rpc_call *call)
{
    frame_stream *stream = imi_rpc_call_state(call);
    if (stream == NULL) {
        return;
    }
    atomic_store(&stream->half_closed, true);
    if (in_flight(stream) == 0) {
        imi_rpc_call_finish(call);
    }
}

static void on_closed(imi_rpc_call *call, bool cancelled)
{
    (void)cancelled;
    frame_stream *stream = imi_rpc_call_state(call);
    imi_rpc_call_set_state(call, NULL);
    stream_release(stream);
}

imi_rpc_method imi_handle_stream_frames(void)
{
    return (imi_rpc_method){
        .name = "StreamFrames",
        .client_streams = true,
        .server_streams = true,
        .open = on_open,
        .message = on_frame,
        .half_close = on_half_close,
        .closed = on_closed,
    };
}
