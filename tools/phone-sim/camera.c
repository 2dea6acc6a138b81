#include "phone-sim/camera.h"

#include "imi/image.h"
#include "imi/crypto.h"

enum {
    KEPT = 8, /* frames that a phone may hold: more than its window */
    NEIGHBOURS_MS = 150, /* apart in the clip */
    HOLD_MS = 400, /* of the last picture where the scene jumps */
    GRID = 16 /* cells a side by which a jump is seen */
};

static const float JUMP = 0.15F; /* share of the picture's structure that changes at once */

typedef struct grid {
    float cell[GRID * GRID]; /* luma less its mean */
} grid;

typedef struct camera {
    imi_source base;
    imi_source *scene;
    imi_camera_hand *hand;
    imi_sim_frame kept[KEPT]; /* ring */
    size_t count; /* frames shot */
    const imi_sim_frame *seen; /* of the scene, last */
    int64_t hold_until_ms;
    int64_t waited_ms; /* how far the scene is behind */
} camera;

static void camera_destroy(imi_source *self)
{
    camera *cam = (camera *)self;
    for (size_t i = 0; i < KEPT; i++) {
        imi_buffer_clean_up(&cam->kept[i].jpeg);
    }
    imi_camera_hand_destroy(&cam->hand);
    imi_source_destroy(&cam->scene);
    imi_free(cam);
}

static imi_status make_grid(const imi_sim_frame *frame, grid *out, imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) image = NULL;
    IMI_AUTO(imi_image) grey = NULL;
    IMI_AUTO(imi_image) small = NULL;
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &limits, &image, err));
    IMI_TRY(imi_image_to_grey(image, &grey, err));
    IMI_TRY(imi_image_resize(grey, GRID, GRID, &small, err));
    float mean = 0;
    for (uint32_t i = 0; i < GRID * GRID; i++) {
        out->cell[i] = imi_image_row(small, i / GRID)[i % GRID];
        mean += out->cell[i] / (GRID * GRID);
    }
    for (uint32_t i = 0; i < GRID * GRID; i++) {
        out->cell[i] -= mean;
    }
    return IMI_OK;
}

static bool is_jump(const grid *from, const grid *to)
{
    float change = 0;
    float energy = 1;
    for (size_t i = 0; i < GRID * GRID; i++) {
        float step = to->cell[i] - from->cell[i];
        change += step * step;
        energy += from->cell[i] * from->cell[i] + to->cell[i] * to->cell[i];
    }
    return change > JUMP * energy;
}

/* Neighbours in the clip do not jump, and need no look. */
static bool jumps(const camera *cam, const imi_sim_frame *next)
{
    if (cam->count == 0 || cam->seen == NULL) {
        return false;
    }
    int64_t apart_ms = next->at_ms - cam->seen->at_ms;
    bool neighbours = apart_ms <= NEIGHBOURS_MS && apart_ms >= -NEIGHBOURS_MS;
    grid before, now;
    return !neighbours && make_grid(cam->seen, &before, NULL) == IMI_OK &&
           make_grid(next, &now, NULL) == IMI_OK && is_jump(&before, &now);
}

/* A frame that cannot be shot is shown as it is in the scene. */
static const imi_sim_frame *shoot(camera *cam, int64_t at_ms, const imi_sim_frame *scene)
{
    imi_sim_frame *frame = &cam->kept[cam->count % KEPT];
    frame->jpeg.size = 0;
    frame->at_ms = scene->at_ms;
    if (imi_camera_hand_shoot(cam->hand, at_ms, imi_buffer_view(&scene->jpeg), &frame->jpeg,
                              NULL) != IMI_OK ||
        imi_sha256(imi_buffer_view(&frame->jpeg), frame->digest, NULL) != IMI_OK) {
        return scene;
    }
    cam->count++;
    return frame;
}

static const imi_sim_frame *camera_frame_at(imi_source *self, int64_t at_ms, const imi_sim_cue *cue)
{
    camera *cam = (camera *)self;
    if (at_ms == 0) {
        cam->waited_ms = 0;
        cam->hold_until_ms = 0;
        cam->seen = NULL;
    }
    const imi_sim_frame *last = &cam->kept[(cam->count + KEPT - 1) % KEPT];
    if (at_ms < cam->hold_until_ms) {
        return last;
    }
    const imi_sim_frame *scene = cam->scene->frame_at(cam->scene, at_ms - cam->waited_ms, cue);
    if (jumps(cam, scene)) {
        cam->hold_until_ms = at_ms + HOLD_MS;
        cam->waited_ms += HOLD_MS;
        cam->seen = scene; /* which is no jump any more when the hold is over */
        return last;
    }
    cam->seen = scene;
    return shoot(cam, at_ms, scene);
}

imi_status imi_camera_new(uint64_t seed, imi_source **take_scene, imi_source **out, imi_error *err)
{
    *out = NULL;
    camera *cam = imi_alloc(sizeof *cam);
    if (cam == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a camera");
    }
    cam->base.frame_at = camera_frame_at;
    cam->base.destroy = camera_destroy;
    IMI_AUTO(imi_source) owned = &cam->base;
    IMI_TRY(imi_camera_hand_new(seed, &cam->hand, err));
    cam->scene = IMI_STEAL(take_scene);
    *out = IMI_STEAL(&owned);
    return IMI_OK;
}
