#include "phone-sim/source.h"

#include "imi/crypto.h"

#include <math.h>

/*
 * Three states: standing neutral, about to act (told, but not reacting yet), acting. Times
 * are those of the capture's clock, so that a slow server changes nothing.
 *
 * Ovals are reached by the view: the recorded frame is shifted, and enlarged where the clip does
 * not come near enough by itself.
 */
typedef enum performer_state { NEUTRAL, REACTING, ACTING } performer_state;

enum {
    FRAMES_KEPT = 16, /* drawn frames that a phone may still be sending */
    KEEP_NEAR_MS = 500, /* end of a near_far segment that is repeated until the oval is filled */
    STEP_MAX_MS = 200 /* longest step of the view at once */
};

static const float PAN_PER_MS = 0.0004F; /* shares of the picture */
static const float ZOOM_PER_MS = 0.0003F; /* natural logarithm */
static const float ZOOM_MAX = 1.8F;

typedef struct performer {
    imi_source base;
    imi_performer_options options;
    imi_point face; /* centre of the neutral face, shares of the picture */
    performer_state state;
    int64_t since_ms; /* when the state began */
    imi_action action; /* REACTING, ACTING */
    uint32_t step; /* of the script, that is acted */
    const imi_segment *segment; /* ACTING; NULL: only the view moves */
    size_t turn[IMI_ACTION_COUNT]; /* how often each action was played */
    int64_t last_ms; /* of the view */
    imi_sim_view view;
    imi_sim_frame drawn[FRAMES_KEPT]; /* a ring */
    size_t drawn_next;
} performer;

static void performer_destroy(imi_source *self)
{
    performer *owned = (performer *)self;
    for (size_t i = 0; i < FRAMES_KEPT; i++) {
        imi_buffer_clean_up(&owned->drawn[i].jpeg);
    }
    imi_free(owned);
}

/* The turn-th segment of an action, beginning again after the last; NULL if it has none. */
static const imi_segment *segment_of(const performer *self, imi_action action, size_t turn)
{
    const imi_performer_options *options = &self->options;
    size_t count = 0;
    for (size_t i = 0; i < options->segment_count; i++) {
        count += options->segments[i].action == action;
    }
    size_t wanted = count == 0 ? 0 : turn % count;
    for (size_t i = 0; i < options->segment_count; i++) {
        if (options->segments[i].action == action && wanted-- == 0) {
            return &options->segments[i];
        }
    }
    return NULL;
}

static imi_action action_asked(imi_guidance guidance)
{
    switch (guidance) {
    case IMI_GUIDANCE_MOVE_CLOSER:
        return IMI_ACTION_NEAR_FAR;
    case IMI_GUIDANCE_TURN_LEFT:
        return IMI_ACTION_TURN_LEFT;
    case IMI_GUIDANCE_TURN_RIGHT:
        return IMI_ACTION_TURN_RIGHT;
    case IMI_GUIDANCE_OPEN_MOUTH:
        return IMI_ACTION_OPEN_MOUTH;
    case IMI_GUIDANCE_BLINK:
        return IMI_ACTION_BLINK;
    case IMI_GUIDANCE_NOD:
        return IMI_ACTION_NOD;
    default:
        return IMI_ACTION_NONE;
    }
}

/* What the oval that is shown is for. */
static imi_action action_of_target(const imi_sim_cue *cue)
{
    bool known = cue->has_target && cue->actions_done < cue->challenge.count;
    return known ? cue->challenge.actions[cue->actions_done] : IMI_ACTION_NONE;
}

static void enter(performer *self, performer_state state, int64_t at_ms)
{
    self->state = state;
    self->since_ms = at_ms;
}

static void start_acting(performer *self, int64_t at_ms)
{
    self->segment = segment_of(self, self->action, self->turn[self->action]++);
    enter(self, self->segment != NULL ? ACTING : NEUTRAL, at_ms);
}

static bool keeps_near(const performer *self, const imi_sim_cue *cue)
{
    return self->state == ACTING && self->action == IMI_ACTION_NEAR_FAR &&
           cue->actions_done == self->step && action_of_target(cue) == IMI_ACTION_NEAR_FAR;
}

static void advance(performer *self, int64_t at_ms, const imi_sim_cue *cue)
{
    bool follows = action_of_target(cue) == IMI_ACTION_FOLLOW;
    imi_action asked = follows ? IMI_ACTION_NONE : action_asked(cue->guidance);
    int64_t passed = at_ms - self->since_ms;
    switch (self->state) {
    case NEUTRAL: {
        /* Straight to the next action, but a pause before the same once more. */
        bool again = asked == self->action;
        if (asked != IMI_ACTION_NONE && (!again || passed >= self->options.pause_ms)) {
            self->action = asked;
            self->step = cue->actions_done;
            enter(self, REACTING, at_ms);
        }
        break;
    }
    case REACTING:
        if (passed >= self->options.reaction_ms) {
            start_acting(self, at_ms);
        }
        break;
    case ACTING:
        if (passed >= self->segment->end_ms - self->segment->start_ms && !keeps_near(self, cue)) {
            enter(self, NEUTRAL, at_ms);
        }
        break;
    }
}

/* Back and forth within a stretch, so that nothing jumps. */
static int64_t to_and_fro(int64_t start_ms, int64_t end_ms, int64_t at_ms)
{
    int64_t length = end_ms - start_ms;
    int64_t phase = at_ms % (2 * length);
    return start_ms + (phase < length ? phase : 2 * length - 1 - phase);
}

static int64_t clip_ms(const performer *self, int64_t at_ms)
{
    if (self->state != ACTING) {
        const imi_segment *neutral = segment_of(self, IMI_ACTION_NONE, 0);
        return to_and_fro(neutral->start_ms, neutral->end_ms, at_ms);
    }
    const imi_segment *segment = self->segment;
    int64_t length = segment->end_ms - segment->start_ms;
    int64_t passed = at_ms - self->since_ms;
    int64_t keep_ms = length < KEEP_NEAR_MS ? length : KEEP_NEAR_MS;
    return passed < length
               ? segment->start_ms + passed
               : to_and_fro(segment->end_ms - keep_ms, segment->end_ms, keep_ms + passed - length);
}

static float towards(float from, float to, float step)
{
    return from + fmaxf(fminf(to - from, step), -step);
}

/* Move the view on: to the oval that is shown, or back to how the clip was taken. */
static void move_view(performer *self, int64_t at_ms, const imi_sim_cue *cue)
{
    int64_t passed = at_ms - self->last_ms;
    float step_ms = (float)(passed < STEP_MAX_MS ? passed : STEP_MAX_MS);
    self->last_ms = at_ms;
    imi_point goal = {0, 0};
    if (cue->guidance == IMI_GUIDANCE_CENTRE_FACE) {
        goal = (imi_point){0.5F - self->face.x, 0.5F - self->face.y};
    } else if (action_of_target(cue) == IMI_ACTION_FOLLOW) {
        goal =
            (imi_point){cue->target.centre_x - self->face.x, cue->target.centre_y - self->face.y};
    }
    self->view.shift_x = towards(self->view.shift_x, goal.x, PAN_PER_MS * step_ms);
    self->view.shift_y = towards(self->view.shift_y, goal.y, PAN_PER_MS * step_ms);
    float zoom = logf(self->view.zoom);
    float to = 0;
    if (keeps_near(self, cue)) {
        bool closer = cue->guidance == IMI_GUIDANCE_MOVE_CLOSER &&
                      at_ms - self->since_ms >= self->segment->end_ms - self->segment->start_ms;
        to = closer ? logf(ZOOM_MAX) : cue->guidance == IMI_GUIDANCE_MOVE_AWAY ? 0 : zoom;
    }
    self->view.zoom = expf(towards(zoom, to, ZOOM_PER_MS * step_ms));
}

/* The frame as the view shows it; as it is where it cannot be drawn. */
static const imi_sim_frame *draw(performer *self, const imi_sim_frame *frame)
{
    if (self->options.view_out != NULL) {
        *self->options.view_out = self->view;
        return frame;
    }
    imi_sim_frame *drawn = &self->drawn[self->drawn_next];
    imi_buffer_clean_up(&drawn->jpeg);
    drawn->jpeg = (imi_buffer)IMI_BUFFER_INIT;
    drawn->at_ms = frame->at_ms;
    imi_view jpeg = imi_buffer_view(&frame->jpeg);
    if (imi_sim_view_is_plain(&self->view) ||
        imi_sim_view_render(jpeg, &self->view, &drawn->jpeg, NULL) != IMI_OK ||
        imi_sha256(imi_buffer_view(&drawn->jpeg), drawn->digest, NULL) != IMI_OK) {
        return frame;
    }
    self->drawn_next = (self->drawn_next + 1) % FRAMES_KEPT;
    return drawn;
}

static const imi_sim_frame *performer_frame_at(imi_source *source, int64_t at_ms,
                                               const imi_sim_cue *cue)
{
    performer *self = (performer *)source;
    if (at_ms == 0) {
        self->action = IMI_ACTION_NONE;
        self->last_ms = 0;
        self->view = (imi_sim_view){.zoom = 1, .about_x = self->face.x, .about_y = self->face.y};
        enter(self, NEUTRAL, 0);
    }
    advance(self, at_ms, cue);
    move_view(self, at_ms, cue);
    return draw(self, imi_sim_frames_at(self->options.frames, clip_ms(self, at_ms)));
}

imi_status imi_performer_new(const imi_performer_options *options, imi_source **out, imi_error *err)
{
    *out = NULL;
    performer *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a performer");
    }
    self->base.frame_at = performer_frame_at;
    self->base.destroy = performer_destroy;
    self->options = *options;
    if (self->options.reaction_ms <= 0) {
        self->options.reaction_ms = 400;
    }
    if (self->options.pause_ms <= 0) {
        self->options.pause_ms = 1200;
    }
    IMI_AUTO(imi_source) owned = &self->base;
    const imi_segment *neutral = segment_of(self, IMI_ACTION_NONE, 0);
    if (options->frames == NULL || options->frames->count == 0 || neutral == NULL ||
        neutral->end_ms <= neutral->start_ms) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "a performer needs frames and a neutral segment of their clip");
    }
    self->face = (imi_point){neutral->face_x, neutral->face_y};
    self->view.zoom = 1;
    *out = IMI_STEAL(&owned);
    return IMI_OK;
}
