/**
 * A room with somebody moving in it, drawn: what a camera would show at any moment. Motion never
 * repeats itself; noise is laid over as asked.
 */
#ifndef IMI_TEST_STREAM_SCENE_H
#define IMI_TEST_STREAM_SCENE_H

#include "imi/image.h"

enum { SCENE_WIDTH = 320, SCENE_HEIGHT = 240 };

typedef struct scene {
    int64_t at_ms;
    uint32_t room; /* which room and person */
    float noise; /* levels, standard deviation */
    uint64_t noise_seed; /* equal seeds: equal noise */
    float exposure; /* 0: as it is; natural logarithm */
    float bands; /* depth of the dark bands of a flickering lamp */
} scene;

/** Draw; fails the test without memory. The image is the caller's. */
imi_image *scene_draw(const scene *what);
/** Draw and encode. */
void scene_encode(const scene *what, int quality, imi_buffer *out);

#endif
