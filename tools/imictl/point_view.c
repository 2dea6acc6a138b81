#include "point_view.h"

#include "administrator.h"
#include "plain_words.h"

#include <math.h>
#include <stdio.h>

/* How far two calibrations may be apart before somebody should look into it. */
static const double CAUTION_FACTOR = 5;

const char *imictl_point_state(const Imi__V1__OperatingPoint *point)
{
    static const char *const names[] = {"unknown", "proposed", "approved",
                                        "active",  "retired",  "withdrawn"};
    size_t number = (size_t)point->state;
    return number < sizeof names / sizeof names[0] ? names[number] : names[0];
}

static void print_fmr(const Imi__V1__OperatingPoint *point)
{
    const Imi__V1__Rate *fmr = point->fmr;
    if (fmr == NULL || isnan(fmr->rate)) {
        printf("  strangers   unknown\n");
        return;
    }
    printf("  strangers   about %s would pass; 95 %% sure that not more than %s\n",
           plain_one_in(fmr->rate).text, plain_one_in_at_most(fmr->high).text);
    printf("              measured on %s comparisons of different people\n",
           plain_count((uint64_t)point->comparisons).text);
}

static void print_fnmr(const Imi__V1__OperatingPoint *point)
{
    const Imi__V1__Rate *fnmr = point->fnmr;
    if (fnmr == NULL || isnan(fnmr->high)) {
        printf("  own people  nobody knows yet how many would be refused: no stored scores\n");
        return;
    }
    printf("  own people  %s to %s would be refused (95 %% limits; %s comparisons were certainly\n"
           "              of the right person; among the others nobody knows)\n",
           plain_percent(fnmr->low).text, plain_percent(fnmr->high).text,
           plain_count((uint64_t)point->mated).text);
}

/* A registry of one family, or of made-up people, has fewer look-alikes than the world has. */
static void print_caution(const Imi__V1__OperatingPoint *point)
{
    if (point->shipped_fmr > CAUTION_FACTOR * point->target_fmr) {
        printf("  CAUTION     the shipped calibration, which takes the worst of its groups of "
               "people, says "
               "that\n              %s strangers would pass: make sure that the references here "
               "are real "
               "people,\n              and as varied as those who will come\n",
               plain_one_in(point->shipped_fmr).text);
    }
}

static void print_life(const Imi__V1__OperatingPoint *point)
{
    printf("  proposed    by %s, %s\n", point->proposed_by, plain_time(point->proposed_at_ms).text);
    if (point->approved_at_ms != 0) {
        printf("  approved    by %s, %s\n", point->approved_by,
               plain_time(point->approved_at_ms).text);
    }
    if (point->activated_at_ms != 0) {
        printf("  activated   %s\n", plain_time(point->activated_at_ms).text);
    }
    if (point->retired_at_ms != 0) {
        printf("  ended       %s\n", plain_time(point->retired_at_ms).text);
    }
}

void imictl_point_print(const Imi__V1__OperatingPoint *point)
{
    printf("point %s of %s: %s%s\n", point->point_id, point->purpose, imictl_point_state(point),
           point->shadow ? ", runs as shadow" : "");
    printf("  target      %s strangers may pass\n", plain_one_in(point->target_fmr).text);
    printf("  threshold   %s score of %.4f or more is a match\n",
           imictl_kind_name(point->score_kind), point->threshold);
    print_fmr(point);
    print_caution(point);
    print_fnmr(point);
    printf("  calibration %s\n", point->calibration_id);
    print_life(point);
}

void imictl_point_print_line(const Imi__V1__OperatingPoint *point)
{
    printf("  %-26s  %-9s %-6s  %-14s  %s %.4f  by %s\n", point->point_id,
           imictl_point_state(point), point->shadow ? "shadow" : "",
           plain_one_in(point->target_fmr).text, imictl_kind_name(point->score_kind),
           point->threshold, point->proposed_by);
}

void imictl_groups_print(Imi__V1__GroupRate *const *groups, size_t count)
{
    if (count < 2) {
        printf("  groups      no birth decade or sex is known of anybody\n");
        return;
    }
    printf("  groups      strangers of the same group who would pass:\n");
    for (size_t i = 0; i < count; i++) {
        const Imi__V1__GroupRate *group = groups[i];
        printf("    %-20s about %s, at most %s  (%s people's photos, %s comparisons)\n",
               group->name, plain_one_in(group->fmr->rate).text,
               plain_one_in_at_most(group->fmr->high).text, plain_count(group->references).text,
               plain_count(group->comparisons).text);
    }
}

void imictl_replay_print(const Imi__V1__ReplayCounts *scores)
{
    printf("  scores      %s on record: %s judged, %s decided by another check, %s without such a "
           "score, %s of other models\n",
           plain_count(scores->seen).text, plain_count(scores->judged).text,
           plain_count(scores->not_decisive).text, plain_count(scores->without_score).text,
           plain_count(scores->other_models).text);
    if (scores->judged == 0) {
        return;
    }
    printf("  refused     at least %s of the right people (of %s comparisons in sessions that "
           "ended well),\n",
           plain_percent(scores->fnmr_least->rate).text, plain_count(scores->verified).text);
    printf("              at most %s (if no comparison at all was of a stranger)\n",
           plain_percent(scores->fnmr_most->rate).text);
}
