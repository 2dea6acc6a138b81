#include "studio.h"

#include "attack.h"

/* Every so many pictures the whole is looked at, as the server does at 12 a second. */
enum { LOOK_EVERY = 6 };

imi_status studio_open(const imi_gen_casting *casting, imi_gen_species species, uint64_t seed,
                       imi_engine *engine, studio *out, imi_error *err)
{
    imi_gen_stage_options options = {
        .species = species,
        .seed = seed,
        .victim = casting->victim->portrait,
        .other = casting->other->portrait,
        .width = IMI_GEN_WIDTH,
        .height = IMI_GEN_HEIGHT,
    };
    imi_gen_camera_traits camera = imi_gen_camera_traits_of(seed);
    *out = (studio){.engine = engine, .last.reason = IMI_CAPTURE_NO_FACE};
    IMI_TRY(imi_gen_stage_new(&options, &out->stage, err));
    return imi_gen_camera_new(&camera, &out->camera, err);
}

void studio_close(studio *self)
{
    imi_gen_stage_destroy(&self->stage);
    imi_gen_camera_destroy(&self->camera);
}

imi_status studio_look(studio *self, const imi_gen_pose *pose, int64_t at_ms, imi_face *out,
                       imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_AUTO(imi_image) image = NULL;
    imi_gen_picture picture;
    bool around = self->moment % LOOK_EVERY == 0;
    IMI_TRY(imi_gen_stage_draw(self->stage, pose, at_ms, &picture, err));
    IMI_TRY(imi_gen_camera_take(self->camera, picture.scene, self->moment++, &jpeg, err));
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&jpeg), &limits, &image, err));
    imi_face face = {.reason = IMI_CAPTURE_NO_FACE};
    IMI_TRY(imi_engine_follow(self->engine, image, &self->last, around, IMI_CAPTURE_MOTION, &face,
                              err));
    self->last = face;
    *out = face;
    return IMI_OK;
}
