#include "phone-sim/source.h"

typedef struct clip_player {
    imi_source base;
    const imi_sim_frames *frames;
    int64_t first_ms;
    int64_t length_ms;
} clip_player;

void imi_source_destroy(imi_source **source)
{
    if (source != NULL && *source != NULL) {
        (*source)->destroy(*source);
        *source = NULL;
    }
}

static void player_destroy(imi_source *self)
{
    imi_free(self);
}

static const imi_sim_frame *player_frame_at(imi_source *self, int64_t at_ms, const imi_sim_cue *cue)
{
    (void)cue;
    const clip_player *player = (const clip_player *)self;
    int64_t phase = at_ms % (2 * player->length_ms);
    int64_t within = phase < player->length_ms ? phase : 2 * player->length_ms - 1 - phase;
    return imi_sim_frames_at(player->frames, player->first_ms + within);
}

imi_status imi_clip_player_new(const imi_sim_frames *frames, imi_source **out, imi_error *err)
{
    *out = NULL;
    if (frames == NULL || frames->count == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a clip player needs frames");
    }
    clip_player *player = imi_alloc(sizeof *player);
    if (player == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a clip player");
    }
    player->base.frame_at = player_frame_at;
    player->base.destroy = player_destroy;
    player->frames = frames;
    player->first_ms = frames->items[0].at_ms;
    player->length_ms = imi_sim_frames_end_ms(frames) - player->first_ms;
    *out = &player->base;
    return IMI_OK;
}
