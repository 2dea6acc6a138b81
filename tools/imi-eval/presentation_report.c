#include "presentation.h"

#include "rates.h"

#include <jansson.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *eval_decision_name(imi_pad_decision decision)
{
    switch (decision) {
    case IMI_PAD_BONA_FIDE:
        return "bona_fide";
    case IMI_PAD_ATTACK:
        return "attack";
    case IMI_PAD_UNDECIDED:
    default:
        return "undecided";
    }
}

/* ---- Rows ---- */

static imi_status append_reason(imi_buffer *row, const char *reason, size_t *count, imi_error *err)
{
    if (reason == NULL) {
        return IMI_OK;
    }
    return imi_buffer_printf(row, err, "%s%s", (*count)++ == 0 ? "" : ";", reason);
}

/* Why it was not simply taken: what kept it from being seen, the challenge, the layers' codes. */
static imi_status append_reasons(imi_buffer *row, const eval_presentation *item, imi_error *err)
{
    size_t count = 0;
    bool failed = item->verdict.reason != IMI_LIVENESS_OK;
    IMI_TRY(append_reason(row, item->trouble, &count, err));
    IMI_TRY(append_reason(row, item->trouble == NULL && item->faces == 0 ? "no_face" : NULL, &count,
                          err));
    IMI_TRY(append_reason(
        row,
        item->challenge.count > 0 && failed ? imi_liveness_reason_name(item->verdict.reason) : NULL,
        &count, err));
    for (size_t i = 0; i < IMI_LAYER_COUNT; i++) {
        IMI_TRY(append_reason(row, item->findings.layer[i].code, &count, err));
    }
    return IMI_OK;
}

imi_status eval_presentations_write(const eval_presentations *all, const char *path, imi_error *err)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(&out, "file,label,decision,score,reasons\n", err));
    for (size_t i = 0; i < all->count; i++) {
        const eval_presentation *item = &all->items[i];
        IMI_TRY(imi_buffer_printf(&out, err, "%s,%s,%s,%.4f,", item->name, item->label,
                                  eval_decision_name(item->weighed.decision),
                                  (double)item->weighed.log_ratio));
        IMI_TRY(append_reasons(&out, item, err));
        IMI_TRY(imi_buffer_append_text(&out, "\n", err));
    }
    return imi_file_write(path, imi_buffer_view(&out), 0644, err);
}

static imi_status append_finding(imi_buffer *row, const imi_finding *finding, imi_error *err)
{
    if (finding->measured) {
        IMI_TRY(imi_buffer_printf(row, err, ",%.5f,%.5f", (double)finding->score,
                                  (double)finding->uncertainty));
    } else {
        IMI_TRY(imi_buffer_append_text(row, ",,", err));
    }
    const char *code = finding->code == NULL ? "" : finding->code;
    return imi_buffer_printf(row, err, ",%s%s", finding->veto ? "veto:" : "", code);
}

/* As the list has it, but in one cell. */
static void format_script(const imi_challenge *challenge, char out[IMI_CHALLENGE_TEXT_SIZE])
{
    imi_challenge_format(challenge, out);
    for (char *at = out; *at != '\0'; at++) {
        *at = *at == ',' ? ';' : *at;
    }
}

static imi_status append_findings(imi_buffer *row, const eval_presentation *item, bool images,
                                  imi_error *err)
{
    char script[IMI_CHALLENGE_TEXT_SIZE];
    format_script(&item->challenge, script);
    IMI_TRY(imi_buffer_printf(row, err, "%s,%s,%s,%s,%.1f,%u,%u", item->name, item->label,
                              eval_decision_name(item->weighed.decision), script,
                              (double)item->took_ms / 1000, item->frames, item->faces));
    for (size_t i = 0; i < IMI_LAYER_COUNT; i++) {
        IMI_TRY(append_finding(row, &item->findings.layer[i], err));
    }
    for (size_t i = 0; images && i < IMI_CUE_COUNT; i++) {
        IMI_TRY(imi_buffer_printf(row, err, ",%.5f", (double)item->cues.value[i]));
    }
    return imi_buffer_append_text(row, "\n", err);
}

imi_status eval_findings_write(const eval_presentations *all, bool images, const char *path,
                               imi_error *err)
{
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append_text(&out, "file,label,decision,script,seconds,frames,faces", err));
    for (size_t i = 0; i < IMI_LAYER_COUNT; i++) {
        const char *name = imi_layer_name((imi_layer)i);
        IMI_TRY(imi_buffer_printf(&out, err, ",%s,%s_uncertainty,%s_code", name, name, name));
    }
    for (size_t i = 0; images && i < IMI_CUE_COUNT; i++) {
        IMI_TRY(imi_buffer_printf(&out, err, ",cue_%s", imi_cue_name((imi_cue)i)));
    }
    IMI_TRY(imi_buffer_append_text(&out, "\n", err));
    for (size_t i = 0; i < all->count; i++) {
        IMI_TRY(append_findings(&out, &all->items[i], images, err));
    }
    return imi_file_write(path, imi_buffer_view(&out), 0644, err);
}

/* ---- Rates ---- */

static bool is_bona_fide(const char *label)
{
    return strcmp(label, EVAL_BONA_FIDE) == 0;
}

/* Bona fide first, species by name. */
static int by_label(const void *a, const void *b)
{
    const char *one = ((const eval_label_counts *)a)->label;
    const char *other = ((const eval_label_counts *)b)->label;
    int first = (int)is_bona_fide(other) - (int)is_bona_fide(one);
    return first != 0 ? first : strcmp(one, other);
}

static eval_label_counts *counts_of(eval_presentation_rates *rates, const char *label)
{
    for (size_t i = 0; i < rates->count; i++) {
        if (strcmp(rates->labels[i].label, label) == 0) {
            return &rates->labels[i];
        }
    }
    if (rates->count == EVAL_LABELS_MAX) {
        return NULL;
    }
    rates->labels[rates->count].label = label;
    return &rates->labels[rates->count++];
}

/* Mann and Whitney's statistic; what has no score is left out. */
static double auc_of(const eval_presentations *all)
{
    double above = 0;
    double pairs = 0;
    for (size_t i = 0; i < all->count; i++) {
        float score = all->items[i].weighed.log_ratio;
        for (size_t j = 0; is_bona_fide(all->items[i].label) && j < all->count; j++) {
            float other = all->items[j].weighed.log_ratio;
            if (!is_bona_fide(all->items[j].label) && !isnan(score) && !isnan(other)) {
                above += score > other ? 1 : score == other ? 0.5 : 0;
                pairs++;
            }
        }
    }
    return pairs > 0 ? above / pairs : NAN;
}

static void count_answer(const eval_presentation *item, eval_presentation_rates *rates)
{
    bool acted = item->acted && is_bona_fide(item->label);
    bool answered = acted && item->verdict.live;
    rates->acted += acted;
    rates->answered += answered;
    if (answered && item->took_ms > rates->longest_ms) {
        rates->longest_ms = item->took_ms;
    }
}

imi_status eval_presentations_rate(const eval_presentations *all, eval_presentation_rates *out,
                                   imi_error *err)
{
    *out = (eval_presentation_rates){.auc = NAN};
    for (size_t i = 0; i < all->count; i++) {
        eval_label_counts *counts = counts_of(out, all->items[i].label);
        if (counts == NULL) {
            IMI_FAIL(err, IMI_E_OVERFLOW, "more than %d labels", EVAL_LABELS_MAX);
        }
        imi_pad_decision decision = all->items[i].weighed.decision;
        counts->count++;
        counts->bona_fide += decision == IMI_PAD_BONA_FIDE;
        counts->attack += decision == IMI_PAD_ATTACK;
        counts->undecided += decision == IMI_PAD_UNDECIDED;
        count_answer(&all->items[i], out);
    }
    qsort(out->labels, out->count, sizeof out->labels[0], by_label);
    out->auc = auc_of(all);
    return IMI_OK;
}

/* Attacks taken for bona fide, or bona fide presentations taken for attacks. */
static size_t errors_of(const eval_label_counts *counts)
{
    return is_bona_fide(counts->label) ? counts->attack : counts->bona_fide;
}

static void print_table(const eval_presentation_rates *rates)
{
    printf("%-24s %6s %9s %7s %9s  %-6s %7s %-17s %10s\n", "label", "count", "bona fide", "attack",
           "undecided", "rate", "", "95 % interval", "undecided");
    for (size_t i = 0; i < rates->count; i++) {
        const eval_label_counts *counts = &rates->labels[i];
        double n = (double)counts->count;
        size_t errors = errors_of(counts);
        eval_interval interval = eval_share_interval(errors, counts->count);
        printf("%-24s %6zu %9zu %7zu %9zu  %-6s %6.2f%% %6.2f%% to %6.2f%% %9.2f%%\n",
               counts->label, counts->count, counts->bona_fide, counts->attack, counts->undecided,
               is_bona_fide(counts->label) ? "BPCER" : "APCER", 100 * (double)errors / n,
               100 * interval.low, 100 * interval.high, 100 * (double)counts->undecided / n);
    }
    if (!isnan(rates->auc)) {
        printf("AUC of the score: %.4f\n", rates->auc);
    }
    if (rates->acted > 0) {
        printf("bona fide scripts answered: %zu of %zu, the longest in %.1f s\n", rates->answered,
               rates->acted, (double)rates->longest_ms / 1000);
    }
}

static json_t *json_of(const eval_label_counts *counts)
{
    bool bona_fide = is_bona_fide(counts->label);
    size_t errors = errors_of(counts);
    eval_interval interval = eval_share_interval(errors, counts->count);
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:f, s:[f, f], s:f}", "label", counts->label,
                     "count", (json_int_t)counts->count, "bona_fide", (json_int_t)counts->bona_fide,
                     "attack", (json_int_t)counts->attack, "undecided",
                     (json_int_t)counts->undecided, bona_fide ? "bpcer" : "apcer",
                     (double)errors / (double)counts->count, "interval", interval.low,
                     interval.high, bona_fide ? "bpnrr" : "apnrr",
                     (double)counts->undecided / (double)counts->count);
}

static imi_status print_json(const eval_presentation_rates *rates, imi_error *err)
{
    json_t *labels = json_array();
    for (size_t i = 0; i < rates->count; i++) {
        json_array_append_new(labels, json_of(&rates->labels[i]));
    }
    json_t *whole = json_pack("{s:o}", "labels", labels);
    if (!isnan(rates->auc)) {
        json_object_set_new(whole, "auc", json_real(rates->auc));
    }
    if (rates->acted > 0) {
        json_object_set_new(whole, "scripts",
                            json_pack("{s:I, s:I, s:f}", "acted", (json_int_t)rates->acted,
                                      "answered", (json_int_t)rates->answered, "longest_s",
                                      (double)rates->longest_ms / 1000));
    }
    int failed = json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    json_decref(whole);
    if (failed != 0 || putchar('\n') == EOF) {
        IMI_FAIL(err, IMI_E_IO, "cannot write the summary");
    }
    return IMI_OK;
}

imi_status eval_presentation_rates_print(const eval_presentation_rates *rates, bool json,
                                         imi_error *err)
{
    if (json) {
        return print_json(rates, err);
    }
    print_table(rates);
    return IMI_OK;
}
