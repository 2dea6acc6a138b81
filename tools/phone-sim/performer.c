#include "phone-sim/source.h"

/*
 * Three states: standing neutral, about to act (told, but not reacting yet), acting. Times
 * are those of the capture's clock, so that a slow server changes nothing.
 */
typedef enum performer_state { NEUTRAL, REACTING, ACTING } performer_state;

typedef struct performer {
    imi_source base;
    imi_performer_options options;
    performer_state state;
    int64_t since_ms; /* when the state began */
    imi_action action; /* REACTING, ACTING */
    const imi_segment *segment; /* ACTING */
    size_t turn[IMI_ACTION_COUNT]; /* how often each action was played */
} performer;

static void performer_destroy(imi_source *self)
{
    imi_free(self);
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
    default:
        return IMI_ACTION_NONE;
    }
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

static void advance(performer *self, int64_t at_ms, imi_action asked)
{
    int64_t passed = at_ms - self->since_ms;
    switch (self->state) {
    case NEUTRAL: {
        /* Straight to the next action, but a pause before the same once more. */
        bool again = asked == self->action;
        if (asked != IMI_ACTION_NONE && (!again || passed >= self->options.pause_ms)) {
            self->action = asked;
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
        if (passed >= self->segment->end_ms - self->segment->start_ms) {
            enter(self, NEUTRAL, at_ms);
        }
        break;
    }
}

/* Back and forth within the neutral segment, so that nothing jumps. */
static int64_t neutral_ms(const performer *self, int64_t at_ms)
{
    const imi_segment *segment = segment_of(self, IMI_ACTION_NONE, 0);
    int64_t length = segment->end_ms - segment->start_ms;
    int64_t phase = at_ms % (2 * length);
    return segment->start_ms + (phase < length ? phase : 2 * length - 1 - phase);
}

static const imi_sim_frame *performer_frame_at(imi_source *source, int64_t at_ms,
                                               const imi_sim_cue *cue)
{
    performer *self = (performer *)source;
    if (at_ms == 0) {
        self->action = IMI_ACTION_NONE;
        enter(self, NEUTRAL, 0);
    }
    advance(self, at_ms, action_asked(cue->guidance));
    int64_t clip_ms = self->state == ACTING ? self->segment->start_ms + at_ms - self->since_ms
                                            : neutral_ms(self, at_ms);
    return imi_sim_frames_at(self->options.frames, clip_ms);
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
    *out = IMI_STEAL(&owned);
    return IMI_OK;
}
