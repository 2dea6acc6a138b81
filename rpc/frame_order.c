#include "rpc/frame_order.h"

#include <pthread.h>
#include <string.h>

struct imi_frame_order {
    imi_clock *clock;
    pthread_mutex_t mutex; /* guards everything below */
    uint64_t taken;
    bool closed;
    size_t bytes;
    size_t count;
    imi_early_frame waiting[IMI_FRAMES_WAITING_MAX];
};

void imi_early_frame_clean_up(imi_early_frame *frame)
{
    imi_rpc_message_destroy(&frame->message);
    if (frame->call != NULL) {
        imi_rpc_call_release(&frame->call);
    }
}

imi_status imi_frame_order_new(imi_clock *clock, imi_frame_order **out, imi_error *err)
{
    *out = imi_alloc(sizeof **out);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for frames that wait");
    }
    (*out)->clock = clock;
    pthread_mutex_init(&(*out)->mutex, NULL);
    return IMI_OK;
}

void imi_frame_order_destroy(imi_frame_order **order_pointer)
{
    imi_frame_order *order = order_pointer == NULL ? NULL : IMI_STEAL(order_pointer);
    if (order != NULL) {
        pthread_mutex_destroy(&order->mutex);
        imi_free(order);
    }
}

static int64_t now_ms(const imi_frame_order *order)
{
    return order->clock->monotonic_ms(order->clock);
}

int64_t imi_frame_order_until_ms(const imi_frame_order *order)
{
    return now_ms(order) + IMI_FRAME_WAITS_MS;
}

uint64_t imi_frame_order_count(imi_frame_order *order)
{
    pthread_mutex_lock(&order->mutex);
    uint64_t taken = order->taken;
    pthread_mutex_unlock(&order->mutex);
    return taken;
}

static size_t size_of(const imi_early_frame *frame)
{
    return imi_rpc_message_view(frame->message).size;
}

/* Mutex held. */
static bool has_room(const imi_frame_order *order, const imi_early_frame *frame)
{
    size_t of_capture = 0;
    for (size_t i = 0; i < order->count; i++) {
        of_capture += strcmp(order->waiting[i].capture_id, frame->capture_id) == 0;
    }
    return !order->closed && order->count < IMI_FRAMES_WAITING_MAX &&
           of_capture < IMI_FRAMES_WAITING_OF_CAPTURE_MAX &&
           order->bytes + size_of(frame) <= IMI_FRAMES_WAITING_BYTES_MAX &&
           frame->until_ms > now_ms(order) && !imi_rpc_call_is_over(frame->call);
}

imi_frame_wait imi_frame_order_wait(imi_frame_order *order, imi_early_frame *take_frame,
                                    uint64_t count)
{
    imi_frame_wait how = IMI_FRAME_NO_ROOM;
    pthread_mutex_lock(&order->mutex);
    if (has_room(order, take_frame)) {
        how = order->taken == count ? IMI_FRAME_WAITS : IMI_FRAME_ASK_AGAIN;
    }
    if (how == IMI_FRAME_WAITS) {
        order->bytes += size_of(take_frame);
        order->waiting[order->count++] = *take_frame;
        *take_frame = (imi_early_frame){.call = NULL};
    }
    pthread_mutex_unlock(&order->mutex);
    return how;
}

/* Mutex held. */
static void take_out(imi_frame_order *order, size_t index, imi_early_frame *out)
{
    *out = order->waiting[index];
    order->waiting[index] = order->waiting[--order->count];
    order->bytes -= size_of(out);
}

bool imi_frame_order_taken(imi_frame_order *order, const char *capture_id, uint64_t sequence,
                           imi_early_frame *out)
{
    size_t first = SIZE_MAX; /* index of the lowest sequence */
    pthread_mutex_lock(&order->mutex);
    order->taken++;
    for (size_t i = 0; i < order->count; i++) {
        const imi_early_frame *frame = &order->waiting[i];
        bool is_due = frame->sequence - 1 <= sequence && strcmp(frame->capture_id, capture_id) == 0;
        if (is_due && (first == SIZE_MAX || frame->sequence < order->waiting[first].sequence)) {
            first = i;
        }
    }
    if (first != SIZE_MAX) {
        take_out(order, first, out);
    }
    pthread_mutex_unlock(&order->mutex);
    return first != SIZE_MAX;
}

bool imi_frame_order_late(imi_frame_order *order, imi_early_frame *out)
{
    bool found = false;
    pthread_mutex_lock(&order->mutex);
    for (size_t i = 0; i < order->count && !found; i++) {
        found = order->closed || order->waiting[i].until_ms <= now_ms(order);
        if (found) {
            take_out(order, i, out);
        }
    }
    pthread_mutex_unlock(&order->mutex);
    return found;
}

void imi_frame_order_forget(imi_frame_order *order, const imi_rpc_call *call)
{
    imi_early_frame frame = {.call = NULL};
    pthread_mutex_lock(&order->mutex);
    for (size_t i = 0; i < order->count && frame.call == NULL; i++) {
        if (order->waiting[i].call == call) {
            take_out(order, i, &frame);
        }
    }
    pthread_mutex_unlock(&order->mutex);
    imi_early_frame_clean_up(&frame);
}

void imi_frame_order_close(imi_frame_order *order)
{
    pthread_mutex_lock(&order->mutex);
    order->closed = true;
    pthread_mutex_unlock(&order->mutex);
}
