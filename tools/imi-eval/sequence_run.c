#include "sequence_run.h"

#include "imi/memory.h"

#include <math.h>

const char *eval_reference_rule_name(eval_reference_rule rule)
{
    static const char *const names[EVAL_RULE_COUNT] = {
        "portrait alone", "with further references, mean of scores",
        "with further references, highest score", "with further references, portrait counts half"};
    return rule >= 0 && rule < EVAL_RULE_COUNT ? names[rule] : "";
}

/* What one subject is compared with: photos by number, the portrait first. */
typedef struct references {
    size_t photos[EVAL_ADDITIONAL_MAX + 1];
    size_t count;
} references;

static float compare(const eval_photos *all, eval_reference_rule rule, const references *with,
                     size_t probe)
{
    if (!all->photos[probe].usable) {
        return -INFINITY;
    }
    float sum = 0;
    float highest = -INFINITY;
    for (size_t i = 0; i < with->count; i++) {
        float similarity = all->similarities[probe * all->count + with->photos[i]];
        sum += similarity;
        highest = fmaxf(highest, similarity);
    }
    float mean = sum / (float)with->count;
    if (rule == EVAL_RULE_HALF && with->count > 1) {
        float portrait = all->similarities[probe * all->count + with->photos[0]];
        return (portrait + (sum - portrait) / (float)(with->count - 1)) / 2;
    }
    return rule == EVAL_RULE_HIGHEST ? highest : mean;
}

static void keep(references *with, size_t probe, size_t additional_max)
{
    if (with->count == additional_max + 1) {
        for (size_t i = 2; i < with->count; i++) {
            with->photos[i - 1] = with->photos[i];
        }
        with->count--;
    }
    with->photos[with->count++] = probe;
}

static void compare_strangers(const eval_photos *all, eval_reference_rule rule,
                              const references *with, eval_visits *out)
{
    uint32_t subject = all->photos[with->photos[0]].subject;
    for (size_t i = 0; i < all->count; i++) {
        if (all->photos[i].subject != subject && all->photos[i].usable) {
            out->strangers[out->stranger_count++] =
                (eval_score){compare(all, rule, with, i), false, subject, all->photos[i].subject};
        }
    }
}

/* One subject's photos, from first up to end. */
static void run_one(const eval_photos *all, const eval_sequence_policy *policy, size_t first,
                    size_t end, eval_visits *out)
{
    while (first < end && !all->photos[first].usable) {
        first++;
    }
    references with = {{first}, 1};
    for (size_t i = first + 1; i < end; i++) {
        float similarity = compare(all, policy->rule, &with, i);
        out->visits[out->count++] =
            (eval_visit){all->photos[i].subject, all->photos[i].age - all->photos[first].age,
                         similarity, with.count};
        compare_strangers(all, policy->rule, &with, out);
        if (policy->rule != EVAL_RULE_PORTRAIT && (double)similarity >= policy->add_threshold) {
            keep(&with, i, policy->additional_max);
            out->kept++;
        }
    }
}

static imi_status check(const eval_photos *photos, const eval_sequence_policy *policy,
                        imi_error *err)
{
    if (policy->additional_max < 1 || policy->additional_max > EVAL_ADDITIONAL_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "1 to %d further references can be kept, not %zu",
                 EVAL_ADDITIONAL_MAX, policy->additional_max);
    }
    for (size_t i = 0; i < photos->count; i++) {
        const eval_photo *at = &photos->photos[i];
        bool in_order = i == 0 || at[-1].subject < at->subject ||
                        (at[-1].subject == at->subject && at[-1].age <= at->age);
        if (at->subject >= photos->subjects || !in_order) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "photo %zu is out of order", i);
        }
    }
    return IMI_OK;
}

imi_status eval_sequences_run(const eval_photos *photos, const eval_sequence_policy *policy,
                              eval_visits *out, imi_error *err)
{
    *out = (eval_visits){0};
    IMI_TRY(check(photos, policy, err));
    out->visits = imi_alloc_array(photos->count, sizeof *out->visits);
    out->strangers = imi_alloc_array(photos->count, photos->count * sizeof *out->strangers);
    if (out->visits == NULL || out->strangers == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu photos", photos->count);
    }
    for (size_t first = 0, end; first < photos->count; first = end) {
        end = first;
        while (end < photos->count &&
               photos->photos[end].subject == photos->photos[first].subject) {
            end++;
        }
        run_one(photos, policy, first, end, out);
    }
    return IMI_OK;
}

void eval_visits_clean_up(eval_visits *visits)
{
    imi_free(visits->visits);
    imi_free(visits->strangers);
    *visits = (eval_visits){0};
}
