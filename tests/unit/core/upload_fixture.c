#include "upload_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const uint8_t upload_nonce[IMI_CORE_NONCE_SIZE] = {1, 2, 3};

uint32_t upload_random(void *user)
{
    (void)user;
    return 0x80000000U;
}

imi_core_queue *upload_new(size_t room, uint32_t window, imi_core_random random)
{
    size_t size = imi_core_queue_size() + room;
    void *storage = calloc(1, size); /* so that images are told from what was there */
    imi_core_queue_options options = {.window = window, .random = random};
    imi_core_queue *queue = imi_core_queue_init(storage, size, &options);
    if (queue == NULL) {
        free(storage);
    }
    return queue;
}

void upload_begin(imi_core_queue *queue)
{
    imi_core_view id = {(const uint8_t *)"cap_x", 5};
    assert_true(imi_core_queue_begin(queue, id, upload_nonce, UPLOAD_JPEG_MAX));
}

int upload_set_up(void **state)
{
    imi_core_queue *queue = upload_new(UPLOAD_ROOM, UPLOAD_WINDOW, upload_random);
    upload_begin(queue);
    *state = queue;
    return 0;
}

int upload_tear_down(void **state)
{
    free(*state);
    return 0;
}

static uint8_t byte_of(uint64_t number)
{
    return (uint8_t)(0x80 | number % 127);
}

imi_core_frame upload_frame(uint32_t number, uint32_t size)
{
    static uint8_t jpeg[UPLOAD_JPEG_MAX];
    memset(jpeg, byte_of(number), sizeof jpeg);
    imi_core_frame frame = {
        .captured_at_unix_ms = 1700000000000 + number,
        .light_shown_ms = number,
        .jpeg = {jpeg, size == 0 ? 5000 : size},
    };
    memset(frame.signature, (int)(number % 255) + 1, sizeof frame.signature);
    return frame;
}

void upload_push(imi_core_queue *queue, uint32_t number, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        imi_core_frame frame = upload_frame(number + i, 0);
        assert_int_equal(imi_core_queue_push(queue, &frame), IMI_CORE_PUSH_OK);
    }
}

void upload_assert_jpeg(const imi_core_frame *frame)
{
    for (size_t i = 0; i < frame->jpeg.size; i++) {
        if (frame->jpeg.data[i] != byte_of(frame->sequence)) {
            fail_msg("byte %zu of frame %u is another's", i, (unsigned)frame->sequence);
        }
    }
}

bool upload_holds_image(const imi_core_queue *queue)
{
    const uint8_t *ring = (const uint8_t *)queue + imi_core_queue_size();
    for (size_t i = 0; i < UPLOAD_ROOM; i++) {
        if (ring[i] >= 0x80) {
            return true;
        }
    }
    return false;
}
