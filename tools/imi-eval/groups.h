/**
 * How the pairs of an evaluation set divide: by set, by attribute, by years between photos.
 */
#ifndef IMI_EVAL_GROUPS_H
#define IMI_EVAL_GROUPS_H

#include "scored.h"

/** A list of selections with the texts behind their names. */
typedef struct eval_selections {
    eval_selection *items;
    size_t count, capacity;
    char **names; /* owned; one an item */
} eval_selections;

#define EVAL_SELECTIONS_INIT                                                                       \
    {                                                                                              \
        NULL, 0, 0, NULL                                                                           \
    }
#define AUTO_EVAL_SELECTIONS __attribute__((cleanup(eval_selections_clean_up))) eval_selections

void eval_selections_clean_up(eval_selections *selections);

/** "all", and each group of eval_pairs. */
IMI_MUST_USE imi_status eval_select_sets(const eval_scored *scored, eval_selections *out,
                                         imi_error *err);

/**
 * A manifest's attributes: pairs whose photos have the same value in the column gender, eth or ea
 * form a group such as "gender female" or "ea 1", if they are of at least ten people. Photos are
 * found by the column file; those without a value belong to no group.
 */
IMI_MUST_USE imi_status eval_select_attributes(const eval_scored *scored, const eval_csv *manifest,
                                               eval_selections *out, imi_error *err);

/** Mated pairs by the years between their photos, from tags gapN; none without such tags. */
IMI_MUST_USE imi_status eval_select_gaps(const eval_scored *scored, eval_selections *out,
                                         imi_error *err);

/** The selection of a name, or NULL. */
const eval_selection *eval_selections_find(const eval_selections *selections, const char *name);

#endif
