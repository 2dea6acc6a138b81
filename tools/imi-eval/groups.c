#include "groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of an attribute: fewer people say nothing about the rest who share it. */
enum { SUBJECTS_MIN = 10 };

void eval_selections_clean_up(eval_selections *selections)
{
    for (size_t i = 0; i < selections->count; i++) {
        eval_selection_clean_up(&selections->items[i]);
        imi_free(selections->names[i]);
    }
    imi_free(selections->items);
    imi_free(selections->names);
    *selections = (eval_selections)EVAL_SELECTIONS_INIT;
}

static imi_status grow(eval_selections *list, imi_error *err)
{
    size_t capacity = 2 * list->capacity + 16;
    eval_selection *items = imi_realloc(list->items, capacity * sizeof *items);
    list->items = items == NULL ? list->items : items;
    char **names = imi_realloc(list->names, capacity * sizeof *names);
    list->names = names == NULL ? list->names : names;
    if (items == NULL || names == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu groups", capacity);
    }
    list->capacity = capacity;
    return IMI_OK;
}

/* Different people of a selection's pairs, as far as a limit. */
static size_t count_subjects(const eval_scored *scored, const eval_selection *selection,
                             size_t limit)
{
    uint32_t seen[SUBJECTS_MIN];
    size_t count = 0;
    for (size_t i = 0; i < 2 * selection->count && count < limit; i++) {
        const eval_pair *pair = &scored->pairs.pairs[selection->pairs[i / 2]];
        uint32_t subject = i % 2 == 0 ? pair->subject_a : pair->subject_b;
        size_t k = 0;
        while (k < count && seen[k] != subject) {
            k++;
        }
        if (k == count) {
            seen[count++] = subject;
        }
    }
    return count;
}

/* Add what a filter selects, if it is of enough people. */
static imi_status add(const eval_scored *scored, const char *name, eval_pair_filter filter,
                      const void *context, size_t subjects_min, eval_selections *list,
                      imi_error *err)
{
    if (list->count == list->capacity) {
        IMI_TRY(grow(list, err));
    }
    char *copy = imi_strdup(name);
    if (copy == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a group");
    }
    eval_selection selection;
    imi_status status = eval_select(scored, copy, filter, context, &selection, err);
    if (status != IMI_OK || count_subjects(scored, &selection, subjects_min) < subjects_min) {
        eval_selection_clean_up(&selection);
        imi_free(copy);
        return status;
    }
    list->names[list->count] = copy;
    list->items[list->count++] = selection;
    return IMI_OK;
}

static bool is_any(const eval_scored *scored, size_t pair, const void *context)
{
    (void)scored;
    (void)pair;
    (void)context;
    return true;
}

static bool is_of_group(const eval_scored *scored, size_t pair, const void *context)
{
    return scored->pairs.pairs[pair].group == *(const uint32_t *)context;
}

imi_status eval_select_sets(const eval_scored *scored, eval_selections *out, imi_error *err)
{
    IMI_TRY(add(scored, "all", is_any, NULL, 1, out, err));
    for (uint32_t g = 0; g < scored->pairs.groups.count; g++) {
        IMI_TRY(add(scored, scored->pairs.groups.names[g], is_of_group, &g, 1, out, err));
    }
    return IMI_OK;
}

/* ---- Attributes ---- */

/* The value of each image of the pairs in one column of the manifest; "" for none. */
typedef struct attribute {
    const char **values; /* by number of image */
    const char *wanted;
} attribute;

static bool has_attribute(const eval_scored *scored, size_t pair, const void *context)
{
    const attribute *self = context;
    const eval_pair *p = &scored->pairs.pairs[pair];
    return strcmp(self->values[p->image_a], self->wanted) == 0 &&
           strcmp(self->values[p->image_b], self->wanted) == 0;
}

static void read_values(const eval_scored *scored, const eval_csv *manifest, size_t file,
                        size_t column, attribute *out)
{
    const eval_names *images = &scored->pairs.images;
    for (size_t i = 0; i < images->count; i++) {
        out->values[i] = "";
    }
    for (size_t row = 0; row < manifest->rows; row++) {
        size_t image = eval_names_index(images, eval_csv_cell(manifest, row, file));
        if (image < images->count) {
            out->values[image] = eval_csv_cell(manifest, row, column);
        }
    }
}

static imi_status add_values(const eval_scored *scored, const char *column, attribute *self,
                             eval_selections *out, imi_error *err)
{
    eval_names values = {NULL, 0};
    IMI_TRY(eval_names_init(&values, self->values, scored->pairs.images.count, err));
    imi_status status = IMI_OK;
    for (size_t i = 0; i < values.count && status == IMI_OK; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s %s", column, values.names[i]);
        self->wanted = values.names[i];
        if (self->wanted[0] != '\0') {
            status = add(scored, name, has_attribute, self, SUBJECTS_MIN, out, err);
        }
    }
    eval_names_clean_up(&values);
    return status;
}

imi_status eval_select_attributes(const eval_scored *scored, const eval_csv *manifest,
                                  eval_selections *out, imi_error *err)
{
    static const char *const columns[] = {"gender", "eth", "ea"};
    size_t file = 0;
    IMI_TRY(eval_csv_column(manifest, "file", &file, err));
    attribute self = {imi_alloc_array(scored->pairs.images.count, sizeof *self.values), NULL};
    if (self.values == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the attributes");
    }
    imi_status status = IMI_OK;
    for (size_t i = 0; i < sizeof columns / sizeof *columns && status == IMI_OK; i++) {
        size_t column = 0;
        if (eval_csv_column(manifest, columns[i], &column, NULL) == IMI_OK) {
            read_values(scored, manifest, file, column, &self);
            status = add_values(scored, columns[i], &self, out, err);
        }
    }
    imi_free(self.values);
    return status;
}

/* ---- Years between photos ---- */

typedef struct gap {
    long from, to; /* both included */
    const char *name;
} gap;

/* Years of a tag gapN, or -1. */
static long years_of(const char *tag)
{
    char *end = NULL;
    if (strncmp(tag, "gap", 3) != 0 || tag[3] < '0' || tag[3] > '9') {
        return -1;
    }
    long years = strtol(tag + 3, &end, 10);
    return *end == '\0' ? years : -1;
}

static bool is_in_gap(const eval_scored *scored, size_t pair, const void *context)
{
    const gap *self = context;
    long years = years_of(eval_pairs_text(&scored->pairs, pair, EVAL_TAG));
    return scored->pairs.pairs[pair].mated && years >= self->from && years <= self->to;
}

imi_status eval_select_gaps(const eval_scored *scored, eval_selections *out, imi_error *err)
{
    static const gap gaps[] = {{0, 4, "0 to 4 years"},     {5, 9, "5 to 9 years"},
                               {10, 14, "10 to 14 years"}, {15, 19, "15 to 19 years"},
                               {20, 29, "20 to 29 years"}, {30, 200, "30 years and more"}};
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        IMI_TRY(add(scored, gaps[i].name, is_in_gap, &gaps[i], 1, out, err));
    }
    return IMI_OK;
}

const eval_selection *eval_selections_find(const eval_selections *selections, const char *name)
{
    for (size_t i = 0; i < selections->count; i++) {
        if (strcmp(selections->items[i].name, name) == 0) {
            return &selections->items[i];
        }
    }
    return NULL;
}
