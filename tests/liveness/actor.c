#include "actor.h"

#include <math.h>

enum {
    SHOW_MS = 120000,
    TREMOR_MS = 180,
    PAN_MS = 700,
    PAN_HOLD_MS = 900,
    NEAR_HOLD_MS = 1400, /* in a near oval */
    NEAR_REPEAT_MS = 500, /* end of the segment that is repeated meanwhile */
    NEAR_BACK_MS = 700
};

static const float PAN_SIDES = 0.2F; /* of the picture's smaller side */
/* Growth at the end of both clips' near_far segments, and what the near ovals ask for. */
static const float CLIP_GROWTH = 1.46F;
static const float GROWTHS[IMI_NEAR_TARGETS] = {1.45F, 1.71F, 2.02F};

typedef struct actor {
    imi_actor_options options;
    const imi_segment *playing; /* NULL: neutral, or panning */
    unsigned pan, near; /* oval that the face is moved or brought nearer to, 0: none */
    int64_t since_ms; /* when that began */
    imi_point rest; /* where the neutral face is, pixels */
    uint32_t next; /* action of the script, when not answering */
    uint32_t turn; /* which segment of an action */
    imi_guidance guidance;
    uint32_t step;
    uint64_t random;
} actor;

static const imi_segment *find_segment(const imi_segments *segments, imi_action action,
                                       uint32_t turn)
{
    uint32_t count = 0;
    for (size_t i = 0; i < segments->count; i++) {
        count += segments->items[i].action == action ? 1 : 0;
    }
    uint32_t wanted = count == 0 ? 0 : turn % count;
    for (size_t i = 0; i < segments->count; i++) {
        if (segments->items[i].action == action && wanted-- == 0) {
            return &segments->items[i];
        }
    }
    return NULL;
}

static bool is_asked(imi_guidance guidance)
{
    return guidance == IMI_GUIDANCE_MOVE_CLOSER || guidance == IMI_GUIDANCE_MOVE_AWAY ||
           guidance == IMI_GUIDANCE_TURN_LEFT || guidance == IMI_GUIDANCE_TURN_RIGHT ||
           guidance == IMI_GUIDANCE_OPEN_MOUTH || guidance == IMI_GUIDANCE_BLINK ||
           guidance == IMI_GUIDANCE_FIT_OVAL || guidance == IMI_GUIDANCE_NOD;
}

/* Which step of the take to act next, its count for none. */
static uint32_t choose(const actor *self)
{
    const imi_take *take = &self->options.take;
    switch (self->options.acting) {
    case IMI_ACTING_ANSWER:
        return is_asked(self->guidance) && self->step < take->count ? self->step : take->count;
    case IMI_ACTING_ONCE:
        return self->next;
    default:
        return self->next % take->count;
    }
}

static int64_t segment_ms(const actor *self)
{
    return self->playing->end_ms - self->playing->start_ms;
}

static int64_t length_of(const actor *self)
{
    if (self->playing == NULL) {
        return 2 * PAN_MS + PAN_HOLD_MS;
    }
    return segment_ms(self) + (self->near != 0 ? NEAR_HOLD_MS + NEAR_BACK_MS : 0);
}

static void begin(actor *self, imi_action action, unsigned target)
{
    bool follow = action == IMI_ACTION_FOLLOW;
    self->pan = follow ? target : 0;
    self->near = action == IMI_ACTION_NEAR_FAR ? target : 0;
    self->playing = follow ? NULL : find_segment(self->options.segments, action, self->turn++);
    self->next++;
}

static void advance(actor *self, int64_t at_ms)
{
    const imi_take *take = &self->options.take;
    int64_t passed = at_ms - self->since_ms;
    if (self->playing != NULL || self->pan != 0) {
        if (passed >= length_of(self)) {
            self->playing = NULL;
            self->pan = self->near = 0;
            self->since_ms = at_ms;
        }
        return;
    }
    uint32_t step = choose(self);
    if (step < take->count && passed >= self->options.reaction_ms) {
        self->since_ms = at_ms;
        begin(self, take->actions[step], take->targets[step]);
    }
}

/* Up to 1 and down again, within an action that takes so long. */
static float rise_and_fall(int64_t passed_ms, int64_t up_ms, int64_t left_ms, int64_t down_ms)
{
    float up = (float)passed_ms / (float)up_ms;
    float down = (float)left_ms / (float)down_ms;
    return fmaxf(fminf(fminf(up, down), 1), 0);
}

/* How far the picture is panned now: the face's rest in the middle, or on the way to an oval. */
static imi_point pan_at(const actor *self, const imi_seen_frame *frame, int64_t at_ms)
{
    imi_point pan = {(float)frame->width / 2 - self->rest.x,
                     (float)frame->height / 2 - self->rest.y};
    if (self->pan != 0) {
        int64_t passed = at_ms - self->since_ms;
        float share = rise_and_fall(passed, PAN_MS, length_of(self) - passed, PAN_MS);
        float side = (float)(frame->width < frame->height ? frame->width : frame->height);
        float clockwise = (float)(self->pan - 1) * 0.78539816F;
        pan.x -= PAN_SIDES * side * share * sinf(clockwise); /* as in a mirror */
        pan.y -= PAN_SIDES * side * share * cosf(clockwise);
    }
    return pan;
}

/* How much the face is enlarged beyond what the clip shows. */
static float zoom_at(const actor *self, int64_t at_ms)
{
    if (self->near == 0 || self->playing == NULL) {
        return 1;
    }
    int64_t passed = at_ms - self->since_ms;
    int64_t late_ms = passed - (segment_ms(self) - NEAR_BACK_MS); /* the clip comes nearer first */
    float share = rise_and_fall(late_ms, NEAR_BACK_MS, length_of(self) - passed, NEAR_BACK_MS);
    return powf(GROWTHS[self->near - 1] / CLIP_GROWTH, share);
}

static int64_t to_and_fro(int64_t start_ms, int64_t end_ms, int64_t at_ms)
{
    int64_t length = end_ms - start_ms;
    int64_t phase = at_ms % (2 * length);
    return start_ms + (phase < length ? phase : 2 * length - 1 - phase);
}

static int64_t clip_time(const actor *self, int64_t at_ms)
{
    if (self->playing == NULL) {
        const imi_segment *neutral = find_segment(self->options.segments, IMI_ACTION_NONE, 0);
        return to_and_fro(neutral->start_ms, neutral->end_ms, at_ms);
    }
    int64_t passed = at_ms - self->since_ms;
    int64_t beyond = passed - segment_ms(self);
    return beyond < 0 ? self->playing->start_ms + passed
                      : to_and_fro(self->playing->end_ms - NEAR_REPEAT_MS, self->playing->end_ms,
                                   NEAR_REPEAT_MS + beyond);
}

static float random_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (float)(*state >> 40) / 8388608.F - 1;
}

static imi_point face_centre(const imi_seen_frame *frame)
{
    imi_point3 top = frame->landmarks.points[IMI_MESH_FOREHEAD_TOP];
    imi_point3 chin = frame->landmarks.points[IMI_MESH_CHIN];
    return (imi_point){(top.x + chin.x) / 2, (top.y + chin.y) / 2};
}

/* Hands that shake and pan move the whole picture; poor light moves each point. */
static void disturb(actor *self, imi_seen_frame *frame, int64_t at_ms)
{
    float phase = (float)at_ms / TREMOR_MS * 6.2831853F;
    imi_point pan = pan_at(self, frame, at_ms);
    float dx = pan.x + self->options.tremor_px * sinf(phase);
    float dy = pan.y + self->options.tremor_px * sinf(phase * 1.37F);
    float zoom = zoom_at(self, at_ms);
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        imi_point3 *p = &frame->landmarks.points[i];
        p->x = self->rest.x + zoom * (p->x - self->rest.x);
        p->y = self->rest.y + zoom * (p->y - self->rest.y);
        p->z *= zoom;
        p->x += dx + self->options.noise_px * random_unit(&self->random);
        p->y += dy + self->options.noise_px * random_unit(&self->random);
        p->z += self->options.noise_px * random_unit(&self->random);
    }
}

imi_take imi_take_of(const imi_challenge *script)
{
    imi_take take = {.count = script->count};
    for (uint32_t i = 0; i < script->count; i++) {
        take.actions[i] = script->actions[i];
        take.targets[i] = script->targets[i];
    }
    return take;
}

imi_status imi_actor_perform(const imi_actor_options *options, const imi_challenge *challenge,
                             imi_performance *out, imi_error *err)
{
    *out = (imi_performance){0};
    IMI_AUTO(imi_liveness_judge) judge = NULL;
    IMI_TRY(imi_liveness_judge_new(challenge, NULL, &judge, err));
    actor self = {.options = *options, .random = options->seed + 1U};
    const imi_segment *neutral = find_segment(options->segments, IMI_ACTION_NONE, 0);
    self.rest =
        face_centre(imi_seen_track_at(options->track, (neutral->start_ms + neutral->end_ms) / 2));
    /* A recording that plays by itself starts after a calm second and a half. */
    self.since_ms = options->acting == IMI_ACTING_ANSWER ? 0 : 1500;
    for (int64_t at_ms = 0; at_ms < SHOW_MS && !out->verdict.complete;
         at_ms += options->period_ms) {
        if (at_ms >= self.since_ms) {
            advance(&self, at_ms);
        }
        imi_seen_frame frame = *imi_seen_track_at(options->track, clip_time(&self, at_ms));
        disturb(&self, &frame, at_ms);
        IMI_TRY(imi_seen_frame_feed(&frame, at_ms, judge, &self.guidance, err));
        imi_liveness_judge_verdict(judge, &out->verdict);
        self.step = out->verdict.actions_done;
        out->took_ms = at_ms;
    }
    return IMI_OK;
}

imi_status imi_actor_show(const imi_seen_track *track, bool again, const imi_challenge *challenge,
                          imi_performance *out, imi_error *err)
{
    *out = (imi_performance){0};
    IMI_AUTO(imi_liveness_judge) judge = NULL;
    IMI_TRY(imi_liveness_judge_new(challenge, NULL, &judge, err));
    int64_t period_ms = track->frames[1].at_ms - track->frames[0].at_ms;
    int64_t frames = again ? SHOW_MS / period_ms : (int64_t)track->count;
    for (int64_t i = 0; i < frames && !out->verdict.complete; i++) {
        int64_t phase = i % (2 * (int64_t)track->count);
        int64_t mirrored = 2 * (int64_t)track->count - 1 - phase;
        const imi_seen_frame *frame =
            &track->frames[phase < (int64_t)track->count ? phase : mirrored];
        imi_guidance guidance = IMI_GUIDANCE_NONE;
        IMI_TRY(imi_seen_frame_feed(frame, i * period_ms, judge, &guidance, err));
        imi_liveness_judge_verdict(judge, &out->verdict);
        out->took_ms = i * period_ms;
    }
    return IMI_OK;
}
