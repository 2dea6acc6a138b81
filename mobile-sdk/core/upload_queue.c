#include "imi_core/upload_queue.h"

#include "bytes.h"
#include "upload_queue_parts.h"

_Static_assert((IMI_CORE_QUEUE_FRAMES_MAX & (IMI_CORE_QUEUE_FRAMES_MAX - 1)) == 0,
               "places in the ring of frames are found by a mask");

enum { RING_MAX = 1 << 30 };

size_t imi_core_queue_size(void)
{
    return sizeof(imi_core_queue);
}

imi_core_queue *imi_core_queue_init(void *storage, size_t size,
                                    const imi_core_queue_options *options)
{
    imi_core_queue *queue = storage_for(storage, size, sizeof *queue + IMI_CORE_JPEG_MAX_BYTES);
    if (queue == NULL || options->random == NULL || options->window == 0 ||
        options->window > IMI_CORE_QUEUE_WINDOW_MAX) {
        return NULL;
    }
    wipe_bytes(queue, sizeof *queue);
    size_t ring_size = size - sizeof *queue;
    queue->options = *options;
    queue->ring_size = ring_size < RING_MAX ? (uint32_t)ring_size : RING_MAX;
    return queue;
}

void imi_core_queue_drop(imi_core_queue *queue)
{
    imi_core_queue_options options = queue->options;
    uint32_t rate = queue->rate_bytes_per_s, ring_size = queue->ring_size;
    for (uint32_t i = 0; i < queue->count; i++) {
        wipe_bytes(queue->ring + queued(queue, i)->offset, queued(queue, i)->size);
    }
    wipe_bytes(queue, sizeof *queue);
    queue->options = options;
    queue->rate_bytes_per_s = rate;
    queue->ring_size = ring_size;
}

bool imi_core_queue_begin(imi_core_queue *queue, imi_core_view capture_id,
                          const uint8_t nonce[IMI_CORE_NONCE_SIZE], uint32_t max_frame_bytes)
{
    imi_core_queue_drop(queue);
    if (capture_id.data == NULL || capture_id.size == 0 ||
        capture_id.size > IMI_CORE_CAPTURE_ID_MAX || max_frame_bytes == 0) {
        return false;
    }
    copy_bytes(queue->capture_id, capture_id.data, capture_id.size);
    queue->capture_id_size = (uint32_t)capture_id.size;
    copy_bytes(queue->nonce, nonce, IMI_CORE_NONCE_SIZE);
    queue->max_frame_bytes = max_frame_bytes;
    queue->first_sequence = 1;
    return true;
}

static uint64_t next_sequence(const imi_core_queue *queue)
{
    return queue->first_sequence + queue->count;
}

bool imi_core_queue_message(const imi_core_queue *queue, int64_t captured_at_unix_ms,
                            const uint8_t digest[IMI_CORE_DIGEST_SIZE],
                            uint8_t out[IMI_CORE_FRAME_MESSAGE_SIZE])
{
    if (queue->capture_id_size == 0) {
        wipe_bytes(out, IMI_CORE_FRAME_MESSAGE_SIZE);
        return false;
    }
    imi_core_frame_link link = {
        .nonce = queue->nonce,
        .sequence = next_sequence(queue),
        .captured_at_ms = captured_at_unix_ms,
        .image_digest = digest,
        .previous_signature = queue->previous_signature,
    };
    imi_core_frame_message(&link, out);
    return true;
}

/* Room for a JPEG in one piece: behind the newest, or at the start before the oldest. */
static bool find_room(const imi_core_queue *queue, uint32_t size, uint32_t *offset)
{
    uint32_t tail = queue->ring_tail;
    *offset = 0;
    if (queue->count == 0) {
        return size <= queue->ring_size;
    }
    uint32_t oldest = queued(queue, 0)->offset;
    if (tail > oldest) {
        if (size <= queue->ring_size - tail) {
            *offset = tail;
            return true;
        }
        return size <= oldest;
    }
    *offset = tail;
    return size <= oldest - tail;
}

static imi_core_push judge_push(const imi_core_queue *queue, const imi_core_frame *frame,
                                uint32_t *offset)
{
    if (queue->capture_id_size == 0) {
        return IMI_CORE_PUSH_NO_CAPTURE;
    }
    if (frame->jpeg.data == NULL || frame->jpeg.size == 0 ||
        frame->jpeg.size > queue->max_frame_bytes || frame->jpeg.size > queue->ring_size) {
        return IMI_CORE_PUSH_TOO_LARGE;
    }
    if (next_sequence(queue) > 1 && frame->captured_at_unix_ms <= queue->last_captured_unix_ms) {
        return IMI_CORE_PUSH_OUT_OF_TIME;
    }
    bool has_room = queue->count < IMI_CORE_QUEUE_FRAMES_MAX &&
                    find_room(queue, (uint32_t)frame->jpeg.size, offset);
    return has_room ? IMI_CORE_PUSH_OK : IMI_CORE_PUSH_FULL;
}

imi_core_push imi_core_queue_push(imi_core_queue *queue, const imi_core_frame *frame)
{
    uint32_t offset = 0;
    imi_core_push verdict = judge_push(queue, frame, &offset);
    if (verdict != IMI_CORE_PUSH_OK) {
        return verdict;
    }
    queued_frame *kept = queued_in(queue, queue->count);
    kept->captured_at_unix_ms = frame->captured_at_unix_ms;
    kept->light_shown_ms = frame->light_shown_ms;
    kept->offset = offset;
    kept->size = (uint32_t)frame->jpeg.size;
    copy_bytes(kept->signature, frame->signature, IMI_CORE_SIGNATURE_SIZE);
    copy_bytes(queue->ring + offset, frame->jpeg.data, frame->jpeg.size);
    copy_bytes(queue->previous_signature, frame->signature, IMI_CORE_SIGNATURE_SIZE);
    queue->ring_tail = offset + kept->size;
    queue->last_captured_unix_ms = frame->captured_at_unix_ms;
    queue->count++;
    return IMI_CORE_PUSH_OK;
}

bool imi_core_queue_next(imi_core_queue *queue, int64_t now_ms, imi_core_frame *out)
{
    *out = (imi_core_frame){0};
    uint32_t index = 0, end = min_u32(queue->count, queue->options.window);
    while (index < end && queued(queue, index)->under_way) {
        index++;
    }
    if (index == end || now_ms < queue->not_before_ms) {
        return false;
    }
    queued_frame *frame = queued_in(queue, index);
    frame->under_way = true;
    frame->sent_ms = now_ms;
    frame->delivered_before = queue->delivered_bytes;
    out->sequence = queue->first_sequence + index;
    out->captured_at_unix_ms = frame->captured_at_unix_ms;
    out->light_shown_ms = frame->light_shown_ms;
    out->jpeg = (imi_core_view){queue->ring + frame->offset, frame->size};
    copy_bytes(out->signature, frame->signature, IMI_CORE_SIGNATURE_SIZE);
    if (out->sequence > queue->highest_sent) {
        queue->highest_sent = out->sequence;
    }
    return true;
}

/* What was answered between sending a frame and its answer, over that time: also right while
 * several are under way. A quarter of each sample counts. */
static void measure_rate(imi_core_queue *queue, const queued_frame *answered, int64_t now_ms)
{
    int64_t took_ms = now_ms - answered->sent_ms;
    uint32_t ms = took_ms < 1 ? 1 : took_ms > 600000 ? 600000 : (uint32_t)took_ms;
    uint32_t sample = divide_u64((queue->delivered_bytes - answered->delivered_before) * 1000, ms);
    uint32_t rate = queue->rate_bytes_per_s;
    queue->rate_bytes_per_s =
        clamp_u32(rate == 0 ? sample : rate - rate / 4 + sample / 4, 1, UINT32_MAX);
}

static void drop_oldest(imi_core_queue *queue)
{
    queued_frame *frame = &queue->frames[queue->first];
    wipe_bytes(queue->ring + frame->offset, frame->size);
    wipe_bytes(frame, sizeof *frame);
    queue->first = (queue->first + 1) & (IMI_CORE_QUEUE_FRAMES_MAX - 1);
    queue->first_sequence++;
    queue->count--;
}

bool imi_core_queue_answered(imi_core_queue *queue, uint64_t sequence, int64_t now_ms)
{
    if (sequence < queue->first_sequence || sequence > queue->highest_sent) {
        return false;
    }
    uint32_t answered = (uint32_t)(sequence - queue->first_sequence) + 1;
    for (uint32_t i = 0; i < answered; i++) {
        queue->delivered_bytes += queued(queue, i)->size;
    }
    /* Of a frame that is to be sent again it is not known when the answer's copy was sent. */
    if (queued(queue, answered - 1)->under_way) {
        measure_rate(queue, queued(queue, answered - 1), now_ms);
    }
    for (uint32_t i = 0; i < answered; i++) {
        drop_oldest(queue);
    }
    queue->failures = 0;
    queue->not_before_ms = now_ms;
    return true;
}

uint32_t imi_core_queue_failed(imi_core_queue *queue, uint64_t sequence, int64_t now_ms)
{
    if (sequence < queue->first_sequence || sequence - queue->first_sequence >= queue->count) {
        return 0;
    }
    queued_frame *frame = queued_in(queue, (uint32_t)(sequence - queue->first_sequence));
    if (!frame->under_way) {
        return 0;
    }
    frame->under_way = false;
    /* Several calls that fail by one gap in the network are one failure. */
    if (queue->failures == 0 || now_ms >= queue->not_before_ms) {
        queue->failures += queue->failures < UINT32_MAX;
        queue->not_before_ms =
            now_ms +
            imi_core_backoff_ms(queue->failures, queue->options.random(queue->options.user));
    }
    return (uint32_t)(queue->not_before_ms - now_ms);
}

void imi_core_queue_reconnected(imi_core_queue *queue)
{
    for (uint32_t i = 0; i < queue->count; i++) {
        queued_in(queue, i)->under_way = false;
    }
    queue->failures = 0;
    queue->not_before_ms = INT64_MIN;
}

uint32_t imi_core_queue_waiting(const imi_core_queue *queue)
{
    return queue->count;
}

imi_core_view imi_core_queue_capture_id(const imi_core_queue *queue)
{
    return (imi_core_view){queue->capture_id, queue->capture_id_size};
}
