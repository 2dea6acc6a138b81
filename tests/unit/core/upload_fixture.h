/**
 * Upload queues with a capture, and frames whose bytes tell their number.
 */
#ifndef IMI_TESTS_UPLOAD_FIXTURE_H
#define IMI_TESTS_UPLOAD_FIXTURE_H

#include "imi_core/upload_queue.h"

enum {
    UPLOAD_JPEG_MAX = 20000, /* max_frame_bytes of the capture */
    UPLOAD_ROOM = 100000, /* for JPEGs */
    UPLOAD_WINDOW = 2
};

extern const uint8_t upload_nonce[IMI_CORE_NONCE_SIZE];

uint32_t upload_random(void *user);
/* A queue in storage of its own with so many bytes for JPEGs, or NULL. */
imi_core_queue *upload_new(size_t room, uint32_t window, imi_core_random random);
void upload_begin(imi_core_queue *queue);

/* cmocka's set-up and tear-down: *state is a queue with a capture. */
int upload_set_up(void **state);
int upload_tear_down(void **state);

/* A frame of so many bytes (0: as many as a frame of that number usually has). */
imi_core_frame upload_frame(uint32_t number, uint32_t size);
/* Push frames from a number on. */
void upload_push(imi_core_queue *queue, uint32_t number, uint32_t count);
/* The frame's bytes are those of its number. */
void upload_assert_jpeg(const imi_core_frame *frame);
/* Whether any byte of a JPEG is left in the queue's storage. */
bool upload_holds_image(const imi_core_queue *queue);

#endif
