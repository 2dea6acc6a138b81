#include "random.h"
#include "sheet.h"

#include <math.h>

enum { ROOM_WIDTH = 320, ROOM_HEIGHT = 240, BLOBS = 14 };

/* A soft patch of light or furniture. */
typedef struct blob {
    double x, y, width, height, rgb[3];
} blob;

static blob draw_blob(imi_gen_random *random)
{
    blob b = {
        .x = imi_gen_random_between(random, 0, ROOM_WIDTH),
        .y = imi_gen_random_between(random, 0, ROOM_HEIGHT),
        .width = imi_gen_random_between(random, 12, 70),
        .height = imi_gen_random_between(random, 12, 90),
    };
    double grey = imi_gen_random_between(random, -45, 45);
    for (int c = 0; c < 3; c++) {
        b.rgb[c] = grey + imi_gen_random_between(random, -15, 15);
    }
    return b;
}

imi_status imi_gen_room_new(uint64_t seed, imi_image **out, imi_error *err)
{
    IMI_TRY(imi_image_new(ROOM_WIDTH, ROOM_HEIGHT, IMI_PIXEL_RGB8, out, err));
    imi_gen_random random = imi_gen_random_of(seed, "room");
    blob blobs[BLOBS];
    double wall[3];
    double light = imi_gen_random_between(&random, 95, 190);
    for (int c = 0; c < 3; c++) {
        wall[c] = light + imi_gen_random_between(&random, -18, 18);
    }
    for (int i = 0; i < BLOBS; i++) {
        blobs[i] = draw_blob(&random);
    }
    for (uint32_t y = 0; y < ROOM_HEIGHT; y++) {
        uint8_t *row = (*out)->pixels + (size_t)y * (*out)->stride_bytes;
        for (uint32_t x = 0; x < ROOM_WIDTH; x++) {
            double rgb[3] = {wall[0], wall[1], wall[2]};
            for (int i = 0; i < BLOBS; i++) {
                /* Nearly rectangles, with edges as soft as a background out of focus. */
                double dx = fabs(x - blobs[i].x) - blobs[i].width / 2;
                double dy = fabs(y - blobs[i].y) - blobs[i].height / 2;
                double share = 1 - imi_gen_ramp(fmax(dx, dy), -3, 3);
                for (int c = 0; c < 3; c++) {
                    rgb[c] += share * blobs[i].rgb[c];
                }
            }
            for (uint32_t c = 0; c < 3; c++) {
                row[3 * x + c] = (uint8_t)fmin(fmax(rgb[c], 0), 255);
            }
        }
    }
    return IMI_OK;
}

void imi_gen_room_draw(const imi_image *room, double distance_cm, const imi_gen_lens *lens,
                       imi_gen_canvas *canvas)
{
    static const imi_gen_triangle TRIANGLES[2] = {{{0, 1, 2}}, {{1, 3, 2}}};
    const imi_point texture_at[4] = {
        {0, 0}, {ROOM_WIDTH - 2, 0}, {0, ROOM_HEIGHT - 2}, {ROOM_WIDTH - 2, ROOM_HEIGHT - 2}};
    /* Wider than any view of it from the distances that people hold phones at. */
    const imi_gen_point corners[4] = {{-180, -135, distance_cm},
                                      {180, -135, distance_cm},
                                      {-180, 135, distance_cm},
                                      {180, 135, distance_cm}};
    imi_gen_surface surface = {
        .points = corners,
        .texture_at = texture_at,
        .triangles = TRIANGLES,
        .triangle_count = 2,
        .texture = room,
    };
    imi_gen_canvas_draw(canvas, lens, &surface);
}
