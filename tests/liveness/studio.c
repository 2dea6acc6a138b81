#include "studio.h"

/* Every so many pictures the whole is looked at, as the server does at 12 a second. */
enum { LOOK_EVERY = 6 };

static imi_status set_up(const imi_gen_stage_options *options, studio *out, imi_error *err)
{
    imi_gen_camera_traits camera = imi_gen_camera_traits_of(options->seed);
    IMI_TRY(imi_gen_stage_new(options, &out->stage, err));
    if (imi_gen_species_traits_of(options->species)->film) {
        IMI_TRY(imi_gen_player_new(options->film, IMI_GEN_STREAM_REPLAYED, options->seed,
                                   &out->player, err));
    }
    return imi_gen_camera_new(&camera, &out->camera, err);
}

imi_status studio_open(const imi_gen_casting *casting, imi_gen_species species, uint64_t seed,
                       imi_engine *engine, studio *out, imi_error *err)
{
    imi_gen_stage_options options = imi_gen_casting_options(casting, species, seed);
    *out = (studio){.engine = engine, .last.reason = IMI_CAPTURE_NO_FACE};
    return set_up(&options, out, err);
}

void studio_close(studio *self)
{
    imi_gen_stage_destroy(&self->stage);
    imi_gen_player_destroy(&self->player);
    imi_gen_camera_destroy(&self->camera);
}

/* A replay hears nothing of what is asked. */
static imi_status play_film(studio *self, int64_t at_ms, imi_error *err)
{
    const imi_sim_cue unheard = {.guidance = IMI_GUIDANCE_HOLD_STILL};
    imi_gen_played played;
    IMI_TRY(imi_gen_player_show(self->player, at_ms, &unheard, &played, err));
    imi_gen_stage_show(self->stage, played.picture);
    return IMI_OK;
}

imi_status studio_look(studio *self, const imi_gen_pose *pose, int64_t at_ms, imi_face *out,
                       imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_AUTO(imi_image) image = NULL;
    imi_gen_picture picture;
    bool around = self->moment % LOOK_EVERY == 0;
    if (self->player != NULL) {
        IMI_TRY(play_film(self, at_ms, err));
    }
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
