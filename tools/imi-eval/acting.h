/**
 * Clips that act a script instead of being played: labels say which stretch of a clip shows which
 * action (phone-sim/segments.h), and each answers scripts that it has the actions for.
 */
#ifndef IMI_EVAL_ACTING_H
#define IMI_EVAL_ACTING_H

#include "presentation.h"

#include "phone-sim/segments.h"

/** What is to be acted. Borrowed. */
typedef struct eval_acting {
    const char *segments; /* file of labels */
    const imi_challenge_rules *rules; /* from whose scripts they are drawn */
    size_t scripts; /* for each clip whose line in the list names none */
} eval_acting;

/**
 * The scripts that somebody is given who can do no more than a clip shows and follow ovals, into
 * which any face can be moved (imi_challenge_rules_without). Whom that would send to staff, as
 * nothing tells a solid from a plane, gets what is left of the rules all the same.
 * false: the clip has no labels.
 */
bool eval_acting_rules(const imi_segments *segments, const char *clip,
                       const imi_challenge_rules *from, imi_challenge_rules *out);
/**
 * Mark what is acted: whole clips that have labels. One without a challenge becomes as many
 * presentations as there are scripts, drawn anew each time.
 *
 * Errors: those of imi_segments_load; IMI_E_INVALID_ARGUMENT names the clip that no script is for.
 */
IMI_MUST_USE imi_status eval_acting_prepare(const eval_acting *acting, eval_presentations *all,
                                            imi_error *err);

#endif
