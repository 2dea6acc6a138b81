#include "drawn_film.h"

#include "cmocka_all.h"

enum { PERIOD_MS = 100, BACKGROUND = 40, ACTED = 3 };

static const imi_segment ACTS[ACTED] = {
    {"drawn", IMI_ACTION_NONE, 500, 1500, 0.5F, 0.5F},
    {"drawn", IMI_ACTION_TURN_LEFT, 2000, 3000, 0.5F, 0.5F},
    {"drawn", IMI_ACTION_NEAR_FAR, 3500, 4500, 0.5F, 0.5F},
};
static const uint8_t COLOURS[ACTED + 1][3] = {
    {60, 220, 60}, {220, 60, 60}, {60, 60, 220}, {220, 220, 220}};

static const uint8_t *colour_at(int64_t at_ms)
{
    unsigned i = 0;
    while (i < ACTED && !(at_ms >= ACTS[i].start_ms && at_ms < ACTS[i].end_ms)) {
        i++;
    }
    return COLOURS[i];
}

static bool is_face(uint32_t x, uint32_t y)
{
    return x - (DRAWN_FILM_WIDTH - DRAWN_FILM_FACE) / 2 < DRAWN_FILM_FACE &&
           y - (DRAWN_FILM_HEIGHT - DRAWN_FILM_FACE) / 2 < DRAWN_FILM_FACE;
}

static void draw_frame(int64_t at_ms, imi_buffer *jpeg)
{
    IMI_AUTO(imi_image) image = NULL;
    assert_int_equal(
        IMI_OK, imi_image_new(DRAWN_FILM_WIDTH, DRAWN_FILM_HEIGHT, IMI_PIXEL_RGB8, &image, NULL));
    const uint8_t *colour = colour_at(at_ms);
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride_bytes;
        for (uint32_t i = 0; i < 3 * image->width; i++) {
            row[i] = is_face(i / 3, y) ? colour[i % 3] : BACKGROUND;
        }
    }
    assert_int_equal(IMI_OK, imi_jpeg_encode(image, 95, jpeg, NULL));
}

imi_sim_frames *drawn_frames_new(void)
{
    imi_sim_frames *frames = imi_alloc(sizeof *frames);
    assert_non_null(frames);
    for (int64_t at_ms = 0; at_ms < DRAWN_FILM_MS; at_ms += PERIOD_MS) {
        imi_buffer jpeg = IMI_BUFFER_INIT;
        draw_frame(at_ms, &jpeg);
        assert_int_equal(IMI_OK, imi_sim_frames_add(frames, &jpeg, at_ms, NULL));
    }
    return frames;
}

imi_segments *drawn_segments_new(unsigned left_out)
{
    imi_segments *segments = imi_alloc(sizeof *segments);
    assert_non_null(segments);
    segments->items = imi_alloc_array(ACTED, sizeof *segments->items);
    assert_non_null(segments->items);
    for (unsigned i = left_out; i < ACTED; i++) {
        segments->items[segments->count++] = ACTS[i];
    }
    return segments;
}

imi_gen_film *drawn_film_new(void)
{
    IMI_AUTO(imi_sim_frames) frames = drawn_frames_new();
    IMI_AUTO(imi_segments) segments = drawn_segments_new(0);
    imi_gen_film *film = NULL;
    assert_int_equal(IMI_OK, imi_gen_film_new(&frames, &segments, &film, NULL));
    return film;
}
