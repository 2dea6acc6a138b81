#include "nonmated.h"

#include <math.h>

/* A cosine lies in [-1, 1]; normalised scores of strangers around -3 to 0, those of one person
 * mostly below 20 (docs/accuracy.md). Powers of two, so that edges are exact. */
static const nonmated_scale scales[IMI_SCORE_KINDS] = {{-1.0, 2.0 / NONMATED_BINS},
                                                       {-32.0, 64.0 / NONMATED_BINS}};

static bool is_kind(imi_score_kind kind)
{
    return kind == IMI_SCORE_RAW || kind == IMI_SCORE_NORMALISED;
}

nonmated_scale nonmated_scale_of(imi_score_kind kind)
{
    return scales[kind == IMI_SCORE_NORMALISED ? 1 : 0];
}

size_t nonmated_bin_of(imi_score_kind kind, double score)
{
    nonmated_scale scale = nonmated_scale_of(kind);
    double bin = floor((score - scale.low) / scale.width);
    return bin >= NONMATED_BINS ? NONMATED_BINS - 1 : bin > 0 ? (size_t)bin : 0;
}

double nonmated_edge(imi_score_kind kind, size_t bin)
{
    nonmated_scale scale = nonmated_scale_of(kind);
    return scale.low + (double)bin * scale.width;
}

imi_nonmated *nonmated_new(void)
{
    return imi_alloc(sizeof(imi_nonmated));
}

void imi_nonmated_destroy(imi_nonmated **pointer)
{
    imi_nonmated *nonmated = pointer == NULL ? NULL : IMI_STEAL(pointer);
    if (nonmated == NULL) {
        return;
    }
    for (size_t g = 0; g < NONMATED_GROUPS_MAX; g++) {
        for (size_t k = 0; k < IMI_SCORE_KINDS; k++) {
            imi_free(nonmated->tables[g][k]);
        }
    }
    if (nonmated->duplicates != NULL) {
        imi_wipe(nonmated->duplicates, nonmated->duplicate_count * sizeof *nonmated->duplicates);
    }
    imi_free(nonmated->duplicates);
    imi_free(nonmated);
}

imi_status nonmated_add_group(imi_nonmated *nonmated, const char *name, bool normalised,
                              imi_error *err)
{
    if (nonmated->group_count == NONMATED_GROUPS_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "more than %d groups", NONMATED_GROUPS_MAX);
    }
    size_t number = nonmated->group_count;
    for (size_t k = 0; k < (normalised ? IMI_SCORE_KINDS : 1); k++) {
        nonmated->tables[number][k] = imi_alloc(sizeof(nonmated_table));
        if (nonmated->tables[number][k] == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the scores of a group");
        }
        nonmated->tables[number][k]->suspects_from = NONMATED_BINS;
    }
    imi_nonmated_group *group = &nonmated->groups[number];
    imi_copy_text(group->name, sizeof group->name, name);
    nonmated->group_count++;
    return IMI_OK;
}

const nonmated_table *nonmated_table_of(const imi_nonmated *nonmated, imi_score_kind kind,
                                        size_t group)
{
    return is_kind(kind) && group < nonmated->group_count ? nonmated->tables[group][kind - 1]
                                                          : NULL;
}

const imi_likely_duplicate *imi_nonmated_duplicates(const imi_nonmated *nonmated, size_t *count)
{
    *count = nonmated->duplicate_count;
    return nonmated->duplicates;
}

const imi_nonmated_group *imi_nonmated_group_at(const imi_nonmated *nonmated, size_t number)
{
    return number < nonmated->group_count ? &nonmated->groups[number] : NULL;
}
