#include "scenes.h"

#include "imi/crypto.h"
#include "imi/image.h"
#include "phone-sim/camera.h"

enum { WIDTH = 640, HEIGHT = 480, WALL_DARK = 90, WALL_BRIGHT = 190 };

/* A picture that stands still; the camera before it does not. */
typedef struct still_scene {
    imi_sim_frames *frames;
    imi_source *source;
} still_scene;

struct imi_live_scenes {
    imi_source *person;
    still_scene stills[IMI_LIVE_SCENE_COUNT]; /* of all scenes but the person's */
    int64_t from_ms[IMI_LIVE_SCENE_COUNT]; /* when each was first looked at; -1: not yet */
};

void imi_live_scenes_destroy(imi_live_scenes **scenes)
{
    if (scenes == NULL || *scenes == NULL) {
        return;
    }
    for (size_t i = 0; i < IMI_LIVE_SCENE_COUNT; i++) {
        imi_source_destroy(&(*scenes)->stills[i].source);
        imi_sim_frames_destroy(&(*scenes)->stills[i].frames);
    }
    imi_source_destroy(&(*scenes)->person);
    imi_free(*scenes);
    *scenes = NULL;
}

static imi_status make_still(const imi_image *picture, still_scene *out, imi_error *err)
{
    out->frames = imi_alloc(sizeof *out->frames);
    if (out->frames == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a still");
    }
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(imi_jpeg_encode(picture, IMI_SIM_JPEG_QUALITY, &jpeg, err));
    IMI_TRY(imi_sim_frames_add(out->frames, &jpeg, 0, err));
    IMI_AUTO(imi_source) player = NULL;
    IMI_TRY(imi_clip_player_new(out->frames, &player, err));
    uint64_t seed = 0;
    IMI_TRY(imi_random((uint8_t *)&seed, sizeof seed, err));
    return imi_camera_new(seed, &player, &out->source, err);
}

/* A wall, lighter to the right. */
static imi_status draw_wall(imi_image **out, imi_error *err)
{
    IMI_TRY(imi_image_new(WIDTH, HEIGHT, IMI_PIXEL_RGB8, out, err));
    for (uint32_t y = 0; y < HEIGHT; y++) {
        uint8_t *row = (*out)->pixels + (size_t)y * (*out)->stride_bytes;
        for (uint32_t i = 0; i < WIDTH * IMI_PIXEL_RGB8; i++) {
            row[i] =
                (uint8_t)(WALL_DARK + (WALL_BRIGHT - WALL_DARK) * (i / IMI_PIXEL_RGB8) / WIDTH);
        }
    }
    return IMI_OK;
}

/* The middle of a picture over one half of another, from its top to its bottom. */
static imi_status draw_half(const imi_image *person, uint32_t half, imi_image *room, imi_error *err)
{
    IMI_AUTO(imi_image) side = NULL;
    IMI_TRY(imi_image_new(room->width / 2, room->height, IMI_PIXEL_RGB8, &side, err));
    float scale = (float)side->height / (float)person->height;
    float shift = ((float)side->width - scale * (float)person->width) / 2;
    imi_affine map = {scale, 0, shift, 0, scale, 0};
    IMI_TRY(imi_image_warp(person, &map, side, err));
    size_t row_bytes = (size_t)side->width * IMI_PIXEL_RGB8;
    for (uint32_t y = 0; y < side->height; y++) {
        imi_copy(room->pixels + y * room->stride_bytes + half * row_bytes, imi_image_row(side, y),
                 row_bytes);
    }
    return IMI_OK;
}

static imi_status draw_two(const imi_image *person, imi_view beside, imi_image **out,
                           imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    IMI_AUTO(imi_image) other = NULL;
    IMI_TRY(imi_jpeg_decode(beside, &limits, &other, err));
    IMI_TRY(imi_image_new(WIDTH, HEIGHT, IMI_PIXEL_RGB8, out, err));
    IMI_TRY(draw_half(person, 0, *out, err));
    return draw_half(other, 1, *out, err);
}

static imi_status make_stills(imi_view still, imi_view beside, imi_live_scenes *scenes,
                              imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO(imi_image) photo = NULL;
    IMI_AUTO(imi_image) wall = NULL;
    IMI_AUTO(imi_image) two = NULL;
    IMI_TRY(imi_jpeg_decode(still, &limits, &photo, err));
    IMI_TRY(make_still(photo, &scenes->stills[IMI_LIVE_PHOTO], err));
    IMI_TRY(draw_wall(&wall, err));
    IMI_TRY(make_still(wall, &scenes->stills[IMI_LIVE_NOBODY], err));
    IMI_TRY(draw_two(photo, beside, &two, err));
    return make_still(two, &scenes->stills[IMI_LIVE_TWO], err);
}

imi_status imi_live_scenes_new(imi_source **take_person, imi_view still, imi_view beside,
                               imi_live_scenes **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_live_scenes) scenes = imi_alloc(sizeof *scenes);
    if (scenes == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for scenes");
    }
    for (size_t i = 0; i < IMI_LIVE_SCENE_COUNT; i++) {
        scenes->from_ms[i] = -1;
    }
    IMI_TRY(make_stills(still, beside, scenes, err));
    scenes->person = IMI_STEAL(take_person);
    *out = IMI_STEAL(&scenes);
    return IMI_OK;
}

imi_view imi_live_scenes_look(imi_live_scenes *scenes, int64_t at_ms,
                              const imi_live_instructions *instructions)
{
    imi_live_scene scene = instructions->scene;
    imi_source *source = scene == IMI_LIVE_PERSON ? scenes->person : scenes->stills[scene].source;
    /* Each source begins at a moment of 0. */
    if (scenes->from_ms[scene] < 0) {
        scenes->from_ms[scene] = at_ms;
    }
    int64_t since_ms = at_ms - scenes->from_ms[scene];
    return imi_buffer_view(&source->frame_at(source, since_ms, &instructions->cue)->jpeg);
}
