#include "gate_report.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { CARD_BYTES_MAX = 1 << 20 };

static imi_status write_rate(double rate, eval_interval interval, int digits, imi_buffer *out,
                             imi_error *err)
{
    if (isnan(rate)) {
        return imi_buffer_append_text(out, " - |", err);
    }
    return imi_buffer_printf(out, err, " %.*f (%.*f to %.*f) |", digits, 100 * rate, digits,
                             100 * interval.low, digits, 100 * interval.high);
}

static double fta_of(const eval_gate_group *group, int side)
{
    return group->images == 0 ? NAN : (double)group->failed_images[side] / (double)group->images;
}

static imi_status write_side(const eval_gate_group *group, int side, imi_buffer *out,
                             imi_error *err)
{
    const eval_shared_rates *rates = &group->rates[side];
    IMI_TRY(imi_buffer_printf(out, err, " %.2f |", 100 * fta_of(group, side)));
    IMI_TRY(write_rate(rates->fmr, rates->fmr_interval, 3, out, err));
    return write_rate(rates->fnmr, rates->fnmr_interval, 1, out, err);
}

static imi_status write_change(const eval_gate_change *change, int digits, imi_buffer *out,
                               imi_error *err)
{
    return imi_buffer_printf(out, err, " %+.*f (%+.*f to %+.*f) |", digits, 100 * change->by,
                             digits, 100 * change->interval.low, digits,
                             100 * change->interval.high);
}

static imi_status write_group(const eval_gate_report *report, const eval_gate_group *group,
                              imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "| %s%s | %zu | %zu | %zu | %zu |", group->name,
                              group->is_anchor ? " *" : "", group->subjects, group->images,
                              group->mated, group->non_mated));
    IMI_TRY(write_side(group, EVAL_BASELINE, out, err));
    if (report->compares) {
        IMI_TRY(write_side(group, EVAL_CANDIDATE, out, err));
        IMI_TRY(write_change(&group->fnmr, 1, out, err));
        IMI_TRY(write_change(&group->fmr, 3, out, err));
        IMI_TRY(imi_buffer_printf(out, err, " %s |", eval_gate_finding_name(group->finding)));
    }
    return imi_buffer_append_text(out, "\n", err);
}

static imi_status write_table(const eval_gate_report *report, imi_buffer *out, imi_error *err)
{
    static const char one[] =
        "| group | subjects | images | mated | non-mated | FTA % | FMR % | FNMR % |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|\n";
    static const char both[] =
        "| group | subjects | images | mated | non-mated | baseline FTA % | FMR % | FNMR % | "
        "candidate FTA % | FMR % | FNMR % | change of FNMR | change of FMR | finding |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n";
    IMI_TRY(imi_buffer_append_text(out, report->compares ? both : one, err));
    for (size_t g = 0; g < report->group_count; g++) {
        IMI_TRY(write_group(report, &report->groups[g], out, err));
    }
    return IMI_OK;
}

static imi_status write_head(const eval_gate_report *report, imi_buffer *out, imi_error *err)
{
    if (report->compares) {
        IMI_TRY(imi_buffer_printf(out, err, "Candidate: %s. Baseline: %s.\n",
                                  report->models[EVAL_CANDIDATE], report->models[EVAL_BASELINE]));
    } else {
        IMI_TRY(imi_buffer_printf(out, err, "Measured: %s.\n", report->models[EVAL_BASELINE]));
    }
    return imi_buffer_printf(
        out, err,
        "Date: %s. Data: %s. Scores: %s. One threshold for all groups, at which the mean FMR over "
        "the groups marked * is %g. 95 %% intervals by bootstrap over subjects.\n\n",
        report->date, report->data, report->score, report->rule.fmr);
}

/* How many more are needed, so that somebody can go and find them. */
static imi_status write_too_few(const eval_gate_report *report, const eval_gate_group *group,
                                imi_buffer *out, imi_error *err)
{
    const eval_gate_rule *rule = &report->rule;
    size_t non_mated = group->is_anchor ? eval_gate_non_mated_min(rule) : 1;
    return imi_buffer_printf(out, err,
                             "- %s: %zu subjects, %zu mated and %zu non-mated comparisons; a "
                             "judgement needs %zu, %zu and %zu\n",
                             group->name, group->subjects, group->mated, group->non_mated,
                             rule->subjects_min, rule->mated_min, non_mated);
}

static imi_status write_reason(const eval_gate_report *report, const eval_gate_group *group,
                               imi_buffer *out, imi_error *err)
{
    switch (group->finding) {
    case EVAL_GATE_TOO_FEW:
        return write_too_few(report, group, out, err);
    case EVAL_GATE_WORSE:
        return imi_buffer_printf(out, err,
                                 "- %s: worse; FNMR changes by %+.1f points (tolerance %.1f), FMR "
                                 "by %+.3f (tolerance %.3f)\n",
                                 group->name, 100 * group->fnmr.by,
                                 100 * report->rule.fnmr_tolerance, 100 * group->fmr.by,
                                 100 * report->rule.fmr_tolerance);
    case EVAL_GATE_UNSURE:
        return imi_buffer_printf(out, err,
                                 "- %s: unsure; FNMR may be worse by up to %+.1f points, FMR by up "
                                 "to %+.3f\n",
                                 group->name, 100 * group->fnmr.interval.high,
                                 100 * group->fmr.interval.high);
    case EVAL_GATE_NONE:
    case EVAL_GATE_NOT_WORSE:
        break;
    }
    return IMI_OK;
}

static imi_status write_verdict(const eval_gate_report *report, imi_buffer *out, imi_error *err)
{
    IMI_TRY(imi_buffer_printf(out, err, "\nVerdict: **%s**.\n",
                              eval_gate_verdict_name(report->verdict)));
    for (size_t g = 0; g < report->group_count; g++) {
        IMI_TRY(write_reason(report, &report->groups[g], out, err));
    }
    return IMI_OK;
}

imi_status eval_gate_report_write(const eval_gate_report *report, imi_buffer *out, imi_error *err)
{
    IMI_TRY(write_head(report, out, err));
    IMI_TRY(write_table(report, out, err));
    return report->compares ? write_verdict(report, out, err) : IMI_OK;
}

/* JSON has no NaN. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *rate_json(double value, eval_interval interval)
{
    return json_pack("{s:o, s:o, s:o}", "rate", number(value), "low", number(interval.low), "high",
                     number(interval.high));
}

static json_t *side_json(const eval_gate_group *group, int side)
{
    const eval_shared_rates *rates = &group->rates[side];
    return json_pack("{s:I, s:o, s:o}", "failed_images", (json_int_t)group->failed_images[side],
                     "fmr", rate_json(rates->fmr, rates->fmr_interval), "fnmr",
                     rate_json(rates->fnmr, rates->fnmr_interval));
}

static json_t *group_json(const eval_gate_report *report, const eval_gate_group *group)
{
    json_t *json =
        json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:o}", "group", group->name, "anchor",
                  group->is_anchor, "subjects", (json_int_t)group->subjects, "images",
                  (json_int_t)group->images, "mated", (json_int_t)group->mated, "non_mated",
                  (json_int_t)group->non_mated, "baseline", side_json(group, EVAL_BASELINE));
    if (report->compares) {
        json_object_set_new(json, "candidate", side_json(group, EVAL_CANDIDATE));
        json_object_set_new(json, "fnmr_change", rate_json(group->fnmr.by, group->fnmr.interval));
        json_object_set_new(json, "fmr_change", rate_json(group->fmr.by, group->fmr.interval));
        json_object_set_new(json, "finding", json_string(eval_gate_finding_name(group->finding)));
    }
    return json;
}

static json_t *report_json(const eval_gate_report *report)
{
    json_t *groups = json_array();
    for (size_t g = 0; g < report->group_count; g++) {
        json_array_append_new(groups, group_json(report, &report->groups[g]));
    }
    json_t *json = json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:s, s:o}", "date", report->date,
                             "data", report->data, "score", report->score, "fmr", report->rule.fmr,
                             "fnmr_tolerance", report->rule.fnmr_tolerance, "fmr_tolerance",
                             report->rule.fmr_tolerance, "baseline", report->models[EVAL_BASELINE],
                             "baseline_threshold", number(report->thresholds[EVAL_BASELINE]));
    if (report->compares) {
        json_object_set_new(json, "candidate", json_string(report->models[EVAL_CANDIDATE]));
        json_object_set_new(json, "candidate_threshold",
                            number(report->thresholds[EVAL_CANDIDATE]));
        json_object_set_new(json, "verdict", json_string(eval_gate_verdict_name(report->verdict)));
    }
    json_object_set_new(json, "groups", groups);
    return json;
}

static int append_json(const char *text, size_t size, void *user)
{
    return imi_buffer_append(user, (imi_view){(const uint8_t *)text, size}, NULL) == IMI_OK ? 0
                                                                                            : -1;
}

imi_status eval_gate_report_write_json(const eval_gate_report *report, imi_buffer *out,
                                       imi_error *err)
{
    json_t *json = report_json(report);
    int failed = json_dump_callback(json, append_json, out, JSON_INDENT(2));
    json_decref(json);
    if (failed != 0) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a report");
    }
    return imi_buffer_append_text(out, "\n", err);
}

/* The only place of a mark; NULL if it is absent or there twice. */
static const char *find_once(const char *text, const char *mark)
{
    const char *at = strstr(text, mark);
    return at == NULL || strstr(at + 1, mark) != NULL ? NULL : at;
}

imi_status eval_gate_report_fill_card(const eval_gate_report *report, const char *path,
                                      imi_error *err)
{
    IMI_AUTO_BUFFER card = IMI_BUFFER_INIT;
    IMI_TRY(imi_file_read(path, CARD_BYTES_MAX, &card, err));
    IMI_TRY(imi_buffer_terminate(&card, err));
    const char *text = (const char *)card.data;
    const char *begin = find_once(text, EVAL_CARD_BEGIN);
    const char *end = find_once(text, EVAL_CARD_END);
    if (begin == NULL || end == NULL || end < begin) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "card %s needs the lines %s and %s, once each", path,
                 EVAL_CARD_BEGIN, EVAL_CARD_END);
    }
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    IMI_TRY(imi_buffer_append(&out, (imi_view){card.data, (size_t)(begin - text)}, err));
    IMI_TRY(imi_buffer_append_text(&out, EVAL_CARD_BEGIN "\n\n", err));
    IMI_TRY(eval_gate_report_write(report, &out, err));
    IMI_TRY(imi_buffer_append_text(&out, "\n", err));
    IMI_TRY(imi_buffer_append_text(&out, end, err));
    return imi_file_write(path, imi_buffer_view(&out), 0644, err);
}
