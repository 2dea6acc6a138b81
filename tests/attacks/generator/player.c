#include "player.h"

#include "random.h"

struct imi_gen_player {
    const imi_gen_film *film;
    imi_source *performer; /* NULL: hears nothing */
    imi_sim_view view;
    int64_t begin_ms; /* without a performer: moment of the film at which it begins */
    imi_image *picture;
};

static imi_status hire_performer(imi_gen_player *player, imi_error *err)
{
    imi_performer_options options = {
        .frames = player->film->frames,
        .segments = player->film->segments->items,
        .segment_count = player->film->segments->count,
        .view_out = &player->view,
    };
    return imi_performer_new(&options, &player->performer, err);
}

imi_status imi_gen_player_new(const imi_gen_film *film, imi_gen_stream stream, uint64_t seed,
                              imi_gen_player **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_gen_player) player = imi_alloc(sizeof *player);
    if (player == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a player");
    }
    const imi_segment *calm = &film->calm;
    player->film = film;
    player->view = (imi_sim_view){.zoom = 1, .about_x = calm->face_x, .about_y = calm->face_y};
    imi_gen_random random = imi_gen_random_of(seed, "player");
    player->begin_ms =
        (int64_t)imi_gen_random_between(&random, (double)calm->start_ms, (double)calm->end_ms);
    if (stream == IMI_GEN_STREAM_SPLICED) {
        IMI_TRY(hire_performer(player, err));
    }
    *out = IMI_STEAL(&player);
    return IMI_OK;
}

void imi_gen_player_destroy(imi_gen_player **player)
{
    if (player != NULL && *player != NULL) {
        imi_source_destroy(&(*player)->performer);
        imi_image_destroy(&(*player)->picture);
        imi_free(*player);
        *player = NULL;
    }
}

static const imi_sim_frame *frame_at(imi_gen_player *player, int64_t at_ms, const imi_sim_cue *cue)
{
    if (player->performer != NULL) {
        return player->performer->frame_at(player->performer, at_ms, cue);
    }
    const imi_gen_film *film = player->film;
    int64_t length_ms = film->replay_end_ms - film->calm.start_ms;
    int64_t since_ms = player->begin_ms - film->calm.start_ms + at_ms;
    return imi_sim_frames_at(film->frames, film->calm.start_ms + since_ms % length_ms);
}

imi_status imi_gen_player_show(imi_gen_player *player, int64_t at_ms, const imi_sim_cue *cue,
                               imi_gen_played *out, imi_error *err)
{
    const imi_jpeg_limits limits = IMI_JPEG_LIMITS_FRAME;
    *out = (imi_gen_played){.picture = NULL};
    const imi_sim_frame *frame = frame_at(player, at_ms, cue);
    imi_image_destroy(&player->picture);
    IMI_TRY(imi_jpeg_decode(imi_buffer_view(&frame->jpeg), &limits, &player->picture, err));
    *out = (imi_gen_played){player->picture, frame->at_ms, player->view};
    return IMI_OK;
}
