#include "director.h"

#include "random.h"

#include <math.h>

static const double TURN = 6.283185307179586;
imi_gen_habits imi_gen_habits_of(uint64_t seed)
{
    imi_gen_random random = imi_gen_random_of(seed, "habits");
    double sign = imi_gen_random_between(&random, 0, 1) < 0.5 ? -1 : 1;
    return (imi_gen_habits){
        .start_cm = imi_gen_random_between(&random, 42, 54),
        .growth = imi_gen_random_between(&random, 1.5, 1.9),
        .turn_deg = imi_gen_random_between(&random, 24, 34),
        .nod_deg = imi_gen_random_between(&random, 16, 24),
        .speed = imi_gen_random_between(&random, 0.7, 1.3),
        .tremor_cm = imi_gen_random_between(&random, 0.05, 0.2),
        .tremor_deg = imi_gen_random_between(&random, 0.3, 0.9),
        .low_deg = imi_gen_random_between(&random, -3, 8),
        /* Arms swing and heads lean: 9 degrees were measured on people (docs/liveness.md). */
        .lean_deg = imi_gen_random_between(&random, 3, 8) * sign,
        .aside_deg = imi_gen_random_between(&random, -4, 4),
        .reaction_ms = (int64_t)imi_gen_random_between(&random, 350, 900),
        .blink_every_ms = (int64_t)imi_gen_random_between(&random, 2500, 6000),
        .shut_ms = (int64_t)imi_gen_random_between(&random, 110, 400),
    };
}

void imi_gen_director_start(imi_gen_director *director, uint64_t seed, const imi_gen_build *build)
{
    imi_gen_random random = imi_gen_random_of(seed, "phase");
    *director = (imi_gen_director){
        .habits = imi_gen_habits_of(seed),
        .build = *build,
        .phase = imi_gen_random_between(&random, 0, TURN),
        .retreat = 1,
    };
    director->pose.distance_cm = director->habits.start_cm;
    director->pose.turn.pitch_deg = director->habits.low_deg;
}

/* A lid's movement: shut within 80 ms, for a while, open again. */
static double blink_at(int64_t since_ms, int64_t shut_ms)
{
    double t = (double)since_ms;
    double opens = 80 + (double)shut_ms;
    return imi_gen_ramp(t, 0, 80) * (1 - imi_gen_ramp(t, opens, opens + 110));
}

/* Down and up once, then a pause. */
static double head_nod(int64_t since_ms, double depth_deg)
{
    enum { NOD_MS = 2200, AGAIN_MS = 5000 };
    int64_t phase = since_ms % AGAIN_MS;
    return phase < NOD_MS ? -depth_deg * 0.5 * (1 - cos(TURN * (double)phase / NOD_MS)) : 0;
}

/* The face as it is turned, still seen from where the eyes are at rest. */
static imi_gen_build turned(const imi_gen_build *build, imi_gen_turn turn)
{
    turn.yaw_deg *= build->tilt;
    turn.pitch_deg *= build->tilt;
    imi_gen_matrix matrix = imi_gen_matrix_of(turn);
    imi_gen_build out = *build;
    imi_gen_point *points[2] = {&out.forehead, &out.chin};
    for (int i = 0; i < 2; i++) {
        imi_gen_point from_pivot = imi_gen_subtract(*points[i], build->pivot);
        *points[i] = imi_gen_add(build->pivot, imi_gen_rotate(&matrix, from_pivot));
    }
    return out;
}

/* Where the face has to be, for its middle to be seen at a place of the picture. */
static void aim_at(const imi_gen_build *build, const imi_gen_lens *lens, double x_px, double y_px,
                   imi_gen_pose *goal)
{
    imi_gen_point middle = imi_gen_blend(build->forehead, build->chin, 0.5);
    double cm_per_px = (goal->distance_cm + middle.z) / lens->focal_px;
    goal->x_cm = (x_px - lens->centre_x) * cm_per_px - middle.x;
    goal->y_cm = (y_px - lens->centre_y) * cm_per_px - middle.y;
}

static double face_height_px(const imi_gen_build *build, const imi_gen_lens *lens,
                             const imi_gen_pose *pose)
{
    imi_gen_point at = {pose->x_cm, pose->y_cm, pose->distance_cm};
    imi_gen_seen top = imi_gen_project(lens, imi_gen_add(build->forehead, at));
    imi_gen_seen bottom = imi_gen_project(lens, imi_gen_add(build->chin, at));
    return hypot(bottom.x - top.x, bottom.y - top.y);
}

/* The place at which the face fills the oval: what trying it out would find.
 * growth: of the face over the oval, as the person believes it has to be. */
static void fit_oval(const imi_gen_build *build, const imi_oval *oval, const imi_gen_lens *lens,
                     double growth, imi_gen_pose *goal)
{
    enum { TRIES = 6 };
    double width_px = 2 * lens->centre_x;
    double height_px = 2 * lens->centre_y;
    double wanted_px = growth * fmax(oval->height * fmin(width_px, height_px), 40);
    for (int i = 0; i < TRIES; i++) {
        aim_at(build, lens, oval->centre_x * width_px, oval->centre_y * height_px, goal);
        double scale = face_height_px(build, lens, goal) / wanted_px;
        goal->distance_cm = fmin(fmax(goal->distance_cm * scale, 14), 120);
    }
    aim_at(build, lens, oval->centre_x * width_px, oval->centre_y * height_px, goal);
}

/* How far the phone is away, and where the face is in its picture. */
static void hold_phone(const imi_gen_director *director, const imi_sim_cue *cue,
                       const imi_gen_lens *lens, imi_gen_pose *goal)
{
    const imi_gen_habits *habits = &director->habits;
    imi_gen_build build = turned(&director->build, goal->turn);
    if (cue->has_target) {
        fit_oval(&build, &cue->target, lens, exp(director->nearer), goal);
        return;
    }
    bool closer = director->doing == IMI_GUIDANCE_MOVE_CLOSER;
    goal->distance_cm =
        closer ? habits->start_cm / habits->growth : habits->start_cm * director->retreat;
    aim_at(&build, lens, lens->centre_x, lens->centre_y, goal);
}

/* Coming nearer tilts what is seen; then the phone is held a little differently. */
static void lean(const imi_gen_director *director, const imi_sim_cue *cue, const imi_gen_lens *lens,
                 imi_gen_pose *goal)
{
    const imi_gen_habits *habits = &director->habits;
    double nearer = fmin(2 * fmax(habits->start_cm / goal->distance_cm - 1, 0), 1);
    goal->turn.pitch_deg += nearer * habits->lean_deg;
    goal->turn.yaw_deg += nearer * habits->aside_deg;
    hold_phone(director, cue, lens, goal);
}

static imi_gen_pose goal_of(const imi_gen_director *director, int64_t at_ms, const imi_sim_cue *cue,
                            const imi_gen_lens *lens)
{
    const imi_gen_habits *habits = &director->habits;
    int64_t since_ms = at_ms - director->doing_ms;
    imi_gen_pose goal = {.distance_cm = habits->start_cm, .turn.pitch_deg = habits->low_deg};
    hold_phone(director, cue, lens, &goal);
    lean(director, cue, lens, &goal);
    switch (director->doing) {
    case IMI_GUIDANCE_TURN_LEFT:
        goal.turn.yaw_deg += habits->turn_deg;
        break;
    case IMI_GUIDANCE_TURN_RIGHT:
        goal.turn.yaw_deg -= habits->turn_deg;
        break;
    case IMI_GUIDANCE_NOD:
        goal.turn.pitch_deg += head_nod(since_ms, habits->nod_deg);
        break;
    case IMI_GUIDANCE_OPEN_MOUTH:
        goal.mouth = 0.85;
        break;
    default:
        break;
    }
    return goal;
}

/* Told, but nothing is done before the words are understood. */
static void listen(imi_gen_director *director, int64_t at_ms, imi_guidance guidance)
{
    if (guidance != director->heard) {
        director->heard = guidance;
        director->heard_ms = at_ms;
    }
    if (director->doing != director->heard &&
        at_ms - director->heard_ms >= director->habits.reaction_ms) {
        director->doing = director->heard;
        director->doing_ms = at_ms;
        if (director->doing == IMI_GUIDANCE_MOVE_AWAY && director->retreat < 1.6) {
            director->retreat *= 1.25;
        }
    }
}

/* A critically damped spring: starts and stops softly. */
static void approach(double *value, double *speed, double goal, double rate, double dt)
{
    double pull = rate * rate * (goal - *value) - 2 * rate * *speed;
    *speed += pull * dt;
    *value += *speed * dt;
}

/* Who fills the oval by their own eyes and is still told to come nearer, or to go back, does. */
static void correct(imi_gen_director *director, const imi_sim_cue *cue, double dt)
{
    const double rate = 0.05; /* of the face's size in a second */
    double wanted = director->doing == IMI_GUIDANCE_MOVE_CLOSER ? rate
                    : director->doing == IMI_GUIDANCE_MOVE_AWAY ? -rate
                                                                : 0;
    double sum = director->nearer + wanted * dt;
    director->nearer = cue->has_target ? fmin(fmax(sum, -0.3), 0.3) : 0;
}

static void move(imi_gen_director *director, const imi_gen_pose *goal, double dt)
{
    enum { STEPS = 8 };
    double hands = 2.8 * director->habits.speed;
    double head = 6 * director->habits.speed;
    imi_gen_pose *now = &director->pose;
    imi_gen_pose *speed = &director->speed;
    for (int i = 0; i < STEPS; i++) {
        double step = dt / STEPS;
        approach(&now->x_cm, &speed->x_cm, goal->x_cm, hands, step);
        approach(&now->y_cm, &speed->y_cm, goal->y_cm, hands, step);
        approach(&now->distance_cm, &speed->distance_cm, goal->distance_cm, hands, step);
        approach(&now->turn.yaw_deg, &speed->turn.yaw_deg, goal->turn.yaw_deg, head, step);
        approach(&now->turn.pitch_deg, &speed->turn.pitch_deg, goal->turn.pitch_deg, head, step);
        approach(&now->mouth, &speed->mouth, goal->mouth, head * 1.5, step);
    }
}

static double blinks(const imi_gen_director *director, int64_t at_ms)
{
    enum { UNASKED_SHUT_MS = 110, AGAIN_MS = 1300 };
    const imi_gen_habits *habits = &director->habits;
    double now = blink_at((at_ms + 1000) % habits->blink_every_ms, UNASKED_SHUT_MS);
    if (director->doing == IMI_GUIDANCE_BLINK) {
        now = fmax(now, blink_at((at_ms - director->doing_ms) % AGAIN_MS, habits->shut_ms));
    }
    return now;
}

static double sway(double t, double frequency_hz, double phase)
{
    return sin(TURN * frequency_hz * t + phase);
}

/* Arms sway at one hertz, hands tremble at nine; both drift. No two of the frequencies have a
 * common period, so that nothing repeats. */
static void tremble(const imi_gen_director *director, int64_t at_ms, imi_gen_pose *pose)
{
    double t = (double)at_ms / 1000;
    double cm = director->habits.tremor_cm;
    double deg = director->habits.tremor_deg;
    double p = director->phase;
    pose->x_cm += cm * (sway(t, 1.3177, p) + 0.15 * sway(t, 8.7243, p) + 3 * sway(t, 0.0371, p));
    pose->y_cm +=
        cm * (sway(t, 1.1137, 3 * p) + 0.15 * sway(t, 9.4119, p) + 3 * sway(t, 0.0293, p));
    pose->distance_cm += 2 * cm * (sway(t, 0.4731, 5 * p) + 2 * sway(t, 0.0417, 2 * p));
    pose->turn.yaw_deg += deg * (sway(t, 0.2719, p) + 0.3 * sway(t, 1.7173, 2 * p));
    pose->turn.pitch_deg += deg * (sway(t, 0.2131, 4 * p) + 0.3 * sway(t, 1.4213, p));
    pose->turn.roll_deg += deg * (sway(t, 0.1373, 2 * p) + 0.2 * sway(t, 1.9079, p));
}

imi_gen_pose imi_gen_director_act(imi_gen_director *director, int64_t at_ms, const imi_sim_cue *cue,
                                  const imi_gen_lens *lens)
{
    listen(director, at_ms, cue->guidance);
    imi_gen_pose goal = goal_of(director, at_ms, cue, lens);
    if (at_ms <= 0) {
        director->pose = goal;
        director->at_ms = 0;
    }
    double dt = fmin((double)(at_ms - director->at_ms) / 1000, 0.5);
    director->at_ms = at_ms;
    correct(director, cue, dt);
    move(director, &goal, dt);
    imi_gen_pose pose = director->pose;
    pose.mouth = fmin(fmax(pose.mouth, 0), 1);
    pose.blink = blinks(director, at_ms);
    tremble(director, at_ms, &pose);
    return pose;
}
