#include "outputs.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

static const char *pair_cell(const eval_evaluation *self, uint32_t pair, int column)
{
    return eval_pairs_text(&self->scored.pairs, pair, column);
}

/* JSON has no NaN. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *rate_json(const imi_report_rate *rate)
{
    return json_pack("{s:o, s:o, s:o, s:I, s:I}", "rate", number(rate->value), "low",
                     number(rate->low), "high", number(rate->high), "events",
                     (json_int_t)rate->events, "trials", (json_int_t)rate->trials);
}

static json_t *results_json(const eval_group_result *results, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_pack("{s:s, s:I, s:o, s:o}", "group", results[i].name,
                                              "subjects", (json_int_t)results[i].subjects, "fmr",
                                              rate_json(&results[i].fmr), "fnmr",
                                              rate_json(&results[i].fnmr)));
    }
    return list;
}

static json_t *pairs_json(const eval_evaluation *self, const eval_pair_list *list)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < list->count; i++) {
        uint32_t pair = list->pairs[i];
        json_array_append_new(
            pairs, json_pack("{s:s, s:s, s:s, s:o}", "a", pair_cell(self, pair, EVAL_A), "b",
                             pair_cell(self, pair, EVAL_B), "set", pair_cell(self, pair, EVAL_SET),
                             "similarity", number((double)self->scored.similarities[pair])));
    }
    return pairs;
}

imi_status eval_print_groups_json(const eval_evaluation *self, imi_error *err)
{
    json_t *summary = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "threshold", number(self->threshold),
        "target_fmr", number(isnan(self->options.threshold) ? self->options.target_fmr : NAN),
        "groups", results_json(self->sets_at, self->sets.count), "attributes",
        results_json(self->attributes_at, self->attributes.count), "age_gaps",
        results_json(self->gaps_at, self->gaps.count), "worst_group_fmr_ratio",
        number(eval_worst_ratio(self)), "worst_mated", pairs_json(self, &self->worst_mated),
        "highest_non_mated", pairs_json(self, &self->highest_non_mated));
    int failed = summary == NULL ? -1 : json_dumpf(summary, stdout, JSON_INDENT(2));
    json_decref(summary);
    putchar('\n');
    if (failed != 0) {
        IMI_FAIL(err, IMI_E_IO, "cannot print the summary");
    }
    return IMI_OK;
}

static void print_rate(const imi_report_rate *rate, int digits)
{
    if (isnan(rate->value)) {
        printf(" - |");
    } else {
        printf(" %.*f (%.*f-%.*f) |", digits, 100 * rate->value, digits, 100 * rate->low, digits,
               100 * rate->high);
    }
}

static void print_rows(const eval_group_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const eval_group_result *r = &results[i];
        printf("| %s | %zu |", r->name, r->subjects);
        print_rate(&r->fmr, 3);
        print_rate(&r->fnmr, 2);
        putchar('\n');
    }
}

void eval_print_groups(const eval_evaluation *self)
{
    printf("Threshold %.4f\n\n| group | subjects | FMR %% | FNMR %% |\n|---|---:|---:|---:|\n",
           self->threshold);
    print_rows(self->sets_at, self->sets.count);
    print_rows(self->attributes_at, self->attributes.count);
    print_rows(self->gaps_at, self->gaps.count);
    printf("\nHighest FMR of a set: %.1f times that of all\n", eval_worst_ratio(self));
}
