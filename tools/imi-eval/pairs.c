#include "pairs.h"

#include <stdio.h>
#include <string.h>

void eval_pairs_clean_up(eval_pairs *pairs)
{
    for (size_t i = 0; i < pairs->owned_count; i++) {
        imi_free(pairs->owned[i]);
    }
    imi_free(pairs->owned);
    imi_free(pairs->pairs);
    imi_free(pairs->is_east_asian);
    imi_free(pairs->set_of);
    eval_names_clean_up(&pairs->sets);
    eval_names_clean_up(&pairs->images);
    eval_names_clean_up(&pairs->subjects);
    eval_names_clean_up(&pairs->groups);
    eval_csv_clean_up(&pairs->csv);
    *pairs = (eval_pairs){.csv = EVAL_CSV_INIT};
}

const char *eval_pairs_text(const eval_pairs *pairs, size_t pair, int column)
{
    return eval_csv_cell(&pairs->csv, pair, pairs->columns[column]);
}

/* The set's name, or the set's with a suffix; NULL without memory. */
static char *own_text(eval_pairs *pairs, const char *text, size_t length, const char *suffix)
{
    char *copy = imi_alloc(length + strlen(suffix) + 1);
    if (copy != NULL) {
        snprintf(copy, length + strlen(suffix) + 1, "%.*s%s", (int)length, text, suffix);
        pairs->owned[pairs->owned_count++] = copy;
    }
    return copy;
}

static size_t folder_length(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash == NULL ? 0 : (size_t)(slash - file);
}

static bool is_east_asian(const char *tag)
{
    return strcmp(tag, "ea") == 0 || strcmp(tag, "ea_ea") == 0;
}

/* Whether a set's East Asian pairs can stand as a group beside its other pairs. */
static bool splits(const eval_pairs *pairs, const char *set)
{
    bool mated = false;
    bool non_mated = false;
    bool others = false;
    for (size_t i = 0; i < pairs->csv.rows; i++) {
        if (strcmp(eval_pairs_text(pairs, i, EVAL_SET), set) != 0) {
            continue;
        }
        bool tagged = is_east_asian(eval_pairs_text(pairs, i, EVAL_TAG));
        others = others || !tagged;
        mated = mated || (tagged && pairs->pairs[i].mated);
        non_mated = non_mated || (tagged && !pairs->pairs[i].mated);
    }
    return mated && non_mated && others;
}

static imi_status read_same(eval_pairs *pairs, size_t row, imi_error *err)
{
    const char *same = eval_pairs_text(pairs, row, EVAL_SAME);
    if (strcmp(same, "0") != 0 && strcmp(same, "1") != 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "pair %zu: \"same\" is neither 0 nor 1", row + 1);
    }
    pairs->pairs[row].mated = same[0] == '1';
    return IMI_OK;
}

/* Names of all images; first of a's, then of b's. */
static imi_status number_images(eval_pairs *pairs, const char **names, imi_error *err)
{
    size_t rows = pairs->csv.rows;
    for (size_t i = 0; i < rows; i++) {
        names[i] = eval_pairs_text(pairs, i, EVAL_A);
        names[rows + i] = eval_pairs_text(pairs, i, EVAL_B);
    }
    IMI_TRY(eval_names_init(&pairs->images, names, 2 * rows, err));
    for (size_t i = 0; i < rows; i++) {
        pairs->pairs[i].image_a = eval_names_index(&pairs->images, names[i]);
        pairs->pairs[i].image_b = eval_names_index(&pairs->images, names[rows + i]);
    }
    return IMI_OK;
}

static imi_status number_subjects(eval_pairs *pairs, const char **names, imi_error *err)
{
    const eval_names *images = &pairs->images;
    for (size_t i = 0; i < images->count; i++) {
        const char *file = images->names[i];
        names[i] = own_text(pairs, file, folder_length(file), "");
        if (names[i] == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu images", images->count);
        }
    }
    IMI_TRY(eval_names_init(&pairs->subjects, names, images->count, err));
    for (size_t i = 0; i < pairs->csv.rows; i++) {
        eval_pair *pair = &pairs->pairs[i];
        pair->subject_a = (uint32_t)eval_names_index(&pairs->subjects, names[pair->image_a]);
        pair->subject_b = (uint32_t)eval_names_index(&pairs->subjects, names[pair->image_b]);
    }
    return IMI_OK;
}

static imi_status number_sets(eval_pairs *pairs, const char **names, imi_error *err)
{
    size_t rows = pairs->csv.rows;
    for (size_t i = 0; i < rows; i++) {
        names[i] = eval_pairs_text(pairs, i, EVAL_SET);
    }
    IMI_TRY(eval_names_init(&pairs->sets, names, rows, err));
    pairs->set_of = imi_alloc_array(pairs->subjects.count, sizeof *pairs->set_of);
    if (pairs->set_of == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu subjects", pairs->subjects.count);
    }
    for (size_t i = 0; i < rows; i++) {
        uint32_t set = (uint32_t)eval_names_index(&pairs->sets, names[i]);
        pairs->set_of[pairs->pairs[i].subject_a] = set;
        pairs->set_of[pairs->pairs[i].subject_b] = set;
    }
    return IMI_OK;
}

/* names: of the sets on entry, of the groups on return. */
static imi_status name_groups(eval_pairs *pairs, const char **names, imi_error *err)
{
    size_t rows = pairs->csv.rows;
    for (size_t s = 0; s < pairs->sets.count; s++) {
        const char *set = pairs->sets.names[s];
        if (!splits(pairs, set)) {
            continue;
        }
        const char *apart = own_text(pairs, set, strlen(set), " (EA)");
        if (apart == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu pairs", rows);
        }
        for (size_t i = 0; i < rows; i++) {
            if (strcmp(eval_pairs_text(pairs, i, EVAL_SET), set) == 0 &&
                is_east_asian(eval_pairs_text(pairs, i, EVAL_TAG))) {
                names[i] = apart;
            }
        }
    }
    return IMI_OK;
}

static imi_status mark_east_asian(eval_pairs *pairs, imi_error *err)
{
    size_t groups = pairs->groups.count;
    pairs->is_east_asian = imi_alloc_array(groups, sizeof *pairs->is_east_asian);
    if (pairs->is_east_asian == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu groups", groups);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < pairs->csv.rows; i++) {
            const eval_pair *pair = &pairs->pairs[i];
            bool tagged = is_east_asian(eval_pairs_text(pairs, i, EVAL_TAG));
            if (pair->group != EVAL_NO_GROUP && !pair->mated && tagged == (pass == 0)) {
                pairs->is_east_asian[pair->group] = tagged;
            }
        }
    }
    return IMI_OK;
}

static imi_status number_groups(eval_pairs *pairs, const char **names, imi_error *err)
{
    size_t rows = pairs->csv.rows;
    IMI_TRY(name_groups(pairs, names, err));
    IMI_TRY(eval_names_init(&pairs->groups, names, rows, err));
    for (size_t i = 0; i < rows; i++) {
        bool attack = strcmp(eval_pairs_text(pairs, i, EVAL_TAG), "live_vs_print") == 0;
        pairs->pairs[i].group =
            attack ? EVAL_NO_GROUP : (uint32_t)eval_names_index(&pairs->groups, names[i]);
    }
    return mark_east_asian(pairs, err);
}

static imi_status number_all(eval_pairs *pairs, imi_error *err)
{
    size_t rows = pairs->csv.rows;
    pairs->pairs = imi_alloc_array(rows, sizeof *pairs->pairs);
    pairs->owned = imi_alloc_array(4 * rows, sizeof *pairs->owned);
    const char **names = imi_alloc_array(2 * rows, sizeof *names);
    imi_status status = IMI_OK;
    if (pairs->pairs == NULL || pairs->owned == NULL || names == NULL) {
        status = imi_error_set(err, IMI_E_NO_MEMORY, 0, __FILE__, __LINE__,
                               "no memory for %zu pairs", rows);
    }
    for (size_t i = 0; i < rows && status == IMI_OK; i++) {
        status = read_same(pairs, i, err);
    }
    if (status == IMI_OK) {
        status = number_images(pairs, names, err);
    }
    if (status == IMI_OK) {
        status = number_subjects(pairs, names, err);
    }
    if (status == IMI_OK) {
        status = number_sets(pairs, names, err);
    }
    if (status == IMI_OK) {
        status = number_groups(pairs, names, err);
    }
    imi_free(names);
    return status;
}

static imi_status load(const char *path, eval_pairs *out, imi_error *err)
{
    static const char *const columns[] = {"set", "a", "b", "same", "tag"};
    IMI_TRY(eval_csv_load(path, &out->csv, err));
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        IMI_TRY(eval_csv_column(&out->csv, columns[i], &out->columns[i], err));
    }
    if (out->csv.rows == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s holds no pairs", path);
    }
    return number_all(out, err);
}

imi_status eval_pairs_load(const char *path, eval_pairs *out, imi_error *err)
{
    *out = (eval_pairs){.csv = EVAL_CSV_INIT};
    imi_status status = load(path, out, err);
    if (status != IMI_OK) {
        eval_pairs_clean_up(out);
    }
    return status;
}
