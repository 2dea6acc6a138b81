#include "knots.h"

#include <math.h>
#include <stdlib.h>

static int by_falling_similarity(const void *a, const void *b)
{
    float left = ((const eval_non_mated *)a)->similarity;
    float right = ((const eval_non_mated *)b)->similarity;
    return (left < right) - (left > right);
}

void eval_group_sort(eval_group *group)
{
    qsort(group->comparisons, group->count, sizeof *group->comparisons, by_falling_similarity);
}

double eval_fmr_floor(const eval_group *groups, size_t count)
{
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        if (!groups[i].is_part && groups[i].count < smallest) {
            smallest = groups[i].count;
        }
    }
    return 3.0 / (double)smallest;
}

static bool is_among(uint32_t people, const uint32_t *pairs, size_t count)
{
    size_t i = 0;
    while (i < count && pairs[i] != people) {
        i++;
    }
    return i < count;
}

/* Whether enough different pairs of people are among the highest comparisons. */
static bool speaks(const eval_group *group, size_t matches)
{
    uint32_t pairs[EVAL_PAIRS_MIN_MAX];
    size_t found = 0;
    for (size_t i = 0; i < matches && found < group->pairs_min; i++) {
        uint32_t people = group->comparisons[i].people;
        if (!is_among(people, pairs, found)) {
            pairs[found++] = people;
        }
    }
    return found >= group->pairs_min;
}

/* Just above the highest similarity that would be one match too many; -INFINITY if there is none.
 */
static double threshold_of(const eval_group *group, double fmr)
{
    /* The addend absorbs rounding, so that 1e-3 of 5000 is 5 and not 4. */
    double allowed = floor(fmr * (double)group->count + 1e-9);
    if (allowed >= (double)group->count) {
        return -INFINITY;
    }
    if (group->is_part && !speaks(group, (size_t)allowed)) {
        return -INFINITY;
    }
    return nextafterf(group->comparisons[(size_t)allowed].similarity, INFINITY);
}

double eval_knot_threshold(const eval_group *groups, size_t count, double fmr)
{
    double highest = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        highest = fmax(highest, threshold_of(&groups[i], fmr));
    }
    return highest;
}

static imi_status check_groups(const eval_group *groups, size_t count, imi_error *err)
{
    bool whole = false;
    for (size_t i = 0; i < count; i++) {
        if (groups[i].count == 0) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "group %zu holds no comparisons", i);
        }
        if (groups[i].is_part && groups[i].pairs_min > EVAL_PAIRS_MIN_MAX) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "group %zu asks for more than %d pairs", i,
                     EVAL_PAIRS_MIN_MAX);
        }
        whole = whole || !groups[i].is_part;
    }
    if (!whole) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "there is no group to calibrate on");
    }
    return IMI_OK;
}

imi_status eval_make_knots(const eval_group *groups, size_t count, double lowest, eval_knot *out,
                           size_t capacity, size_t *count_out, imi_error *err)
{
    *count_out = 0;
    IMI_TRY(check_groups(groups, count, err));
    double floor_rate = eval_fmr_floor(groups, count);
    size_t made = 0;
    double fmr = 1;
    for (int step = 0; made == 0 || fmr > floor_rate; step++) {
        fmr = fmax(pow(10, -(double)step / EVAL_KNOTS_PER_DECADE), floor_rate);
        double similarity =
            step == 0 ? lowest : fmax(lowest, eval_knot_threshold(groups, count, fmr));
        if (made > 1 && similarity == out[made - 1].similarity) {
            out[made - 1].fmr = fmr; /* the same comparisons hold for the lower rate too */
            continue;
        }
        if (made > 0 && similarity <= out[made - 1].similarity) {
            continue; /* parts fell silent: what they said at a higher rate still holds */
        }
        if (made == capacity) {
            IMI_FAIL(err, IMI_E_OVERFLOW, "more than %zu knots", capacity);
        }
        out[made++] = (eval_knot){similarity, fmr};
    }
    *count_out = made;
    return IMI_OK;
}
