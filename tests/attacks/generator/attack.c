#include "attack.h"

#include "camera.h"
#include "imi/token.h"
#include "injection.h"
#include "player.h"
#include "random.h"
#include "recording.h"

/* Frames before the first cue of a spliced clip: so long the person in it rests. */
enum { FREEZE_FROM_MS = 2500, FREEZE_TO_MS = 6000 };
/* By so much a recording was encoded worse than the program that injects it encodes. */
enum { EARLIER_QUALITY = 4 };

typedef struct attack {
    imi_source base;
    imi_gen_stage_options options;
    const imi_gen_species_traits *traits;
    imi_gen_stage *stage;
    imi_gen_camera *camera;
    imi_gen_player *player; /* of species that show a film, else NULL */
    imi_gen_director director;
    imi_gen_recording recording;
    imi_sim_frame frame;
    uint64_t captures; /* begun */
    int64_t shown_ms; /* moment of the recording in the frame before */
    int64_t freeze_ms;
    int quality; /* of a program that encodes once more */
} attack;

static void attack_destroy(imi_source *source)
{
    attack *self = (attack *)source;
    imi_gen_stage_destroy(&self->stage);
    imi_gen_camera_destroy(&self->camera);
    imi_gen_player_destroy(&self->player);
    imi_buffer_clean_up(&self->frame.jpeg);
    imi_free(self);
}

/* A recording is the same in every capture; who is there themselves never moves twice alike. */
static uint64_t take_seed(const attack *self, uint64_t take)
{
    bool recorded = self->traits->stream != IMI_GEN_STREAM_LIVE;
    return self->options.seed * 1000003 + (recorded ? 0 : 4096 * self->captures) + take;
}

static void start_take(attack *self, uint64_t take)
{
    imi_gen_build build = imi_gen_stage_build(self->stage);
    imi_gen_director_start(&self->director, take_seed(self, take), &build);
}

/* The moment that is shown and what the person in the picture hears then. */
static int64_t follow_stream(attack *self, int64_t at_ms, const imi_sim_cue *cue,
                             imi_sim_cue *heard_out)
{
    imi_gen_moment moment = imi_gen_recording_at(&self->recording, at_ms, cue);
    if (self->traits->stream == IMI_GEN_STREAM_FROZEN) {
        moment.at_ms = moment.at_ms < self->freeze_ms ? moment.at_ms : self->freeze_ms;
    }
    if (moment.starts) {
        start_take(self, moment.take);
    }
    *heard_out = moment.cue;
    return moment.at_ms;
}

/* Whether the phone's screen shines on what its frames show: not on a recording that is put in
 * their place, made without it, nor on pixels that a program moves. */
static bool is_lit(const attack *self, const imi_sim_cue *cue)
{
    bool injected_earlier =
        self->traits->injected && (self->traits->stream != IMI_GEN_STREAM_LIVE ||
                                   self->traits->carrier == IMI_GEN_CARRIER_BITMAP);
    return cue->light.count > 0 && !injected_earlier;
}

/* By what a frame's noise is drawn: of a recording, what it was taken with; of what is held
 * before the camera, the camera's own, now. */
static uint64_t moment_of(const attack *self, int64_t shown_ms, int64_t at_ms)
{
    if (self->traits->injected) {
        return take_seed(self, self->recording.take) * 1000000 + (uint64_t)shown_ms;
    }
    return (self->options.seed * 1000003 + 4096 * self->captures) * 1000000 + (uint64_t)at_ms;
}

/* Put a frame of the film on the screen, and hold that as its player wants it. */
static imi_status play_film(attack *self, int64_t at_ms, const imi_sim_cue *cue,
                            imi_gen_pose *held_out, imi_error *err)
{
    imi_gen_played played;
    IMI_TRY(imi_gen_player_show(self->player, at_ms, cue, &played, err));
    imi_gen_stage_show(self->stage, played.picture);
    *held_out = imi_gen_stage_hold(self->stage, &played.view);
    return IMI_OK;
}

static imi_status make_jpeg(attack *self, int64_t at_ms, const imi_sim_cue *cue, imi_buffer *out,
                            imi_error *err)
{
    imi_sim_cue heard;
    int64_t shown_ms = follow_stream(self, at_ms, cue, &heard);
    imi_gen_pose pose =
        imi_gen_director_act(&self->director, shown_ms, &heard, imi_gen_stage_lens(self->stage));
    if (self->player != NULL) {
        IMI_TRY(play_film(self, at_ms, cue, &pose, err));
    }
    int64_t scene_ms = self->traits->injected ? shown_ms : at_ms;
    uint64_t moment = moment_of(self, shown_ms, at_ms);
    imi_gen_picture picture;
    IMI_TRY(imi_gen_stage_draw(self->stage, &pose, scene_ms, &picture, err));
    if (is_lit(self, cue)) {
        imi_gen_stage_light(self->stage, &cue->light, cue->light_shown_ms);
    }
    if (!self->traits->injected) {
        return imi_gen_camera_take(self->camera, picture.scene, moment, out, err);
    }
    return imi_gen_inject(self->camera, &picture, moment, self->quality, out, err);
}

static imi_status take_frame(attack *self, int64_t at_ms, const imi_sim_cue *cue, imi_error *err)
{
    IMI_AUTO_BUFFER jpeg = IMI_BUFFER_INIT;
    IMI_TRY(make_jpeg(self, at_ms, cue, &jpeg, err));
    IMI_TRY(imi_sha256(imi_buffer_view(&jpeg), self->frame.digest, err));
    imi_buffer before = self->frame.jpeg;
    self->frame.jpeg = jpeg;
    jpeg = before;
    self->frame.at_ms = at_ms;
    return IMI_OK;
}

static const imi_sim_frame *attack_frame_at(imi_source *source, int64_t at_ms,
                                            const imi_sim_cue *cue)
{
    attack *self = (attack *)source;
    if (at_ms == 0) {
        self->captures++;
        start_take(self, 0);
        imi_gen_recording_rewind(&self->recording);
    }
    imi_status status = take_frame(self, at_ms, cue, NULL);
    (void)status; /* the frame before is sent once more: an attack that fails */
    return &self->frame;
}

static imi_gen_camera_traits camera_of(const attack *self)
{
    imi_gen_camera_traits traits = imi_gen_camera_traits_of(self->options.seed);
    if (self->traits->injected) {
        traits.jpeg_quality -= EARLIER_QUALITY;
    }
    if (self->traits->carrier == IMI_GEN_CARRIER_BITMAP) {
        traits.read_noise = 0;
        traits.shot_noise = 0;
    }
    return traits;
}

imi_status imi_gen_attack_new(const imi_gen_stage_options *options, imi_source **out,
                              imi_error *err)
{
    *out = NULL;
    attack *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an attack");
    }
    self->base = (imi_source){.frame_at = attack_frame_at, .destroy = attack_destroy};
    IMI_AUTO(imi_source) owned = &self->base;
    self->options = *options;
    IMI_TRY(imi_gen_stage_new(options, &self->stage, err));
    self->traits = imi_gen_species_traits_of(options->species);
    if (self->traits->film) {
        IMI_TRY(imi_gen_player_new(options->film, self->traits->stream, options->seed,
                                   &self->player, err));
    }
    imi_gen_camera_traits camera = camera_of(self);
    self->quality = camera.jpeg_quality + EARLIER_QUALITY;
    IMI_TRY(imi_gen_camera_new(&camera, &self->camera, err));
    imi_gen_random random = imi_gen_random_of(options->seed, "freeze");
    self->freeze_ms = (int64_t)imi_gen_random_between(&random, FREEZE_FROM_MS, FREEZE_TO_MS);
    imi_gen_recording_init(&self->recording, self->traits->stream, options->seed);
    *out = IMI_STEAL(&owned);
    return IMI_OK;
}
