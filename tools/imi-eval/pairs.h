/**
 * The pairs of an evaluation set: which images they name, who is on them, how they group.
 */
#ifndef IMI_EVAL_PAIRS_H
#define IMI_EVAL_PAIRS_H

#include "csv.h"
#include "table.h"

typedef struct eval_pair {
    size_t image_a, image_b; /* numbers in eval_pairs.images */
    uint32_t subject_a, subject_b; /* numbers in eval_pairs.subjects */
    uint32_t group; /* number in eval_pairs.groups; EVAL_NO_GROUP if in none */
    bool mated;
} eval_pair;

#define EVAL_NO_GROUP UINT32_MAX

typedef struct eval_pairs {
    eval_csv csv; /* set, a, b, same, tag */
    size_t columns[5];
    eval_pair *pairs;
    eval_names images; /* paths below the root */
    eval_names subjects; /* folders of the images: "set/subject" */
    eval_names groups;
    bool *is_east_asian; /* one a group: all of its non-mated pairs are tagged ea_ea */
    eval_names sets;
    uint32_t *set_of; /* one a subject */
    char **owned; /* texts behind subjects and groups */
    size_t owned_count;
} eval_pairs;

enum { EVAL_SET = 0, EVAL_A = 1, EVAL_B = 2, EVAL_SAME = 3, EVAL_TAG = 4 };

/**
 * Read a pairs file.
 *
 * Groups: the set; pairs of a set that are tagged ea or ea_ea form a group "set, East Asian" of
 *         their own where there are mated and non-mated ones and others besides. Pairs of a live
 *         face with a print belong to no group: they measure attack detection.
 * Errors: IMI_E_INVALID_ARGUMENT names the row.
 */
IMI_MUST_USE imi_status eval_pairs_load(const char *path, eval_pairs *out, imi_error *err);
void eval_pairs_clean_up(eval_pairs *pairs);
#define AUTO_EVAL_PAIRS __attribute__((cleanup(eval_pairs_clean_up))) eval_pairs

/** A cell of a pair's row, by the enum above. */
const char *eval_pairs_text(const eval_pairs *pairs, size_t pair, int column);

#endif
