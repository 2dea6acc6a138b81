/**
 * Who holds the phone: hears the guidance, reacts late, moves smoothly and trembles. An honest
 * person and an attacker move alike; what they move differs.
 */
#ifndef IMI_GENERATOR_DIRECTOR_H
#define IMI_GENERATOR_DIRECTOR_H

#include "head.h"
#include "phone-sim/source.h"

/** A person's habits; drawn by seed. */
typedef struct imi_gen_habits {
    double start_cm; /* distance at which the phone is held at first */
    double growth; /* how much nearer when told to come closer, 1.35 to 1.9 */
    double turn_deg; /* how far the head turns */
    double nod_deg;
    double speed; /* of movements, by an ordinary person's */
    double tremor_cm, tremor_deg; /* amplitude */
    double low_deg; /* phone held low: pitch of the head at rest */
    double lean_deg, aside_deg; /* pitch and yaw that coming nearer by half brings along */
    int64_t reaction_ms;
    int64_t blink_every_ms;
    int64_t shut_ms; /* how long lids stay down when asked to blink */
} imi_gen_habits;

imi_gen_habits imi_gen_habits_of(uint64_t seed);

/** What a person sees of the own face in the phone's picture, to bring it into an oval: top and
 * bottom of the face and what it turns about, all seen from the middle of the eyes. */
typedef struct imi_gen_build {
    imi_gen_point forehead, chin, pivot;
    double tilt; /* by which turns are multiplied: of a head 1 */
} imi_gen_build;

/** State of one capture; plain data. */
typedef struct imi_gen_director {
    imi_gen_habits habits;
    imi_gen_build build;
    imi_gen_pose pose; /* now */
    imi_gen_pose speed; /* change a second */
    imi_guidance doing; /* what is being done */
    imi_guidance heard; /* what was said last */
    int64_t heard_ms, doing_ms, at_ms;
    double phase; /* of the tremor, by seed */
    double nearer; /* than by their own eyes, as they were told: logarithm of the face's size */
    double retreat; /* share by which "move away" has lengthened the arm */
} imi_gen_director;

void imi_gen_director_start(imi_gen_director *director, uint64_t seed, const imi_gen_build *build);
/** How the person is at a moment, having been told so much. Moments never step back; a moment of
 * 0 begins anew. */
imi_gen_pose imi_gen_director_act(imi_gen_director *director, int64_t at_ms, const imi_sim_cue *cue,
                                  const imi_gen_lens *lens);

#endif
