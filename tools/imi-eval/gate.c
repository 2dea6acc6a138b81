/*
 * imi-eval gate: may a folder of models take the place of another? It may if no group of people
 * is served worse.
 */
#include "commands.h"

#include "arguments.h"
#include "gate_side.h"
#include "gather.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SUBJECTS_MIN = 5, MATED_MIN = 50 };

typedef struct gate_options {
    bool json, quiet, help;
    const char *root, *pairs, *baseline, *candidate, *jobs_text;
    const char *baseline_weights, *candidate_weights;
    const char *cohort, *cohort_root;
    const char *fmr, *tolerance, *data, *card, *report;
    size_t jobs;
} gate_options;

typedef struct gate {
    const gate_options *options;
    eval_pairs pairs;
    bool *is_anchor; /* one a group */
    eval_gate_side sides[EVAL_SIDES];
    eval_gate_report report;
    char date[16], score[64];
} gate;

/* The East Asian groups hold the threshold; without one, all do. */
static imi_status choose_anchors(gate *self, imi_error *err)
{
    size_t groups = self->pairs.groups.count;
    self->is_anchor = imi_alloc_array(groups, sizeof *self->is_anchor);
    if (self->is_anchor == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu groups", groups);
    }
    bool any = false;
    for (size_t g = 0; g < groups; g++) {
        self->is_anchor[g] = self->pairs.is_east_asian[g];
        any = any || self->is_anchor[g];
    }
    for (size_t g = 0; g < groups && !any; g++) {
        self->is_anchor[g] = true;
    }
    return IMI_OK;
}

static imi_status measure_side(gate *self, int side, imi_error *err)
{
    const gate_options *options = self->options;
    bool first = side == EVAL_BASELINE;
    eval_gate_side_options of_side = {
        .root = options->root,
        .models = first ? options->baseline : options->candidate,
        .weights = first ? options->baseline_weights : options->candidate_weights,
        .cohort = options->cohort,
        .cohort_root = options->cohort_root == NULL ? options->root : options->cohort_root,
        .jobs = options->jobs,
        .quiet = options->quiet,
    };
    IMI_TRY(
        eval_gate_side_measure(&of_side, &self->pairs, self->is_anchor, &self->sides[side], err));
    imi_copy_text(self->report.models[side], EVAL_GATE_MODELS_SIZE, self->sides[side].models);
    return IMI_OK;
}

static void count_comparisons(gate *self)
{
    eval_gate_group *groups = self->report.groups;
    for (size_t i = 0; i < self->pairs.csv.rows; i++) {
        const eval_pair *pair = &self->pairs.pairs[i];
        if (pair->group != EVAL_NO_GROUP) {
            *(pair->mated ? &groups[pair->group].mated : &groups[pair->group].non_mated) += 1;
        }
    }
}

static void count_image(gate *self, eval_gate_group *group, size_t image, bool *seen)
{
    if (!seen[image]) {
        seen[image] = true;
        group->images++;
        for (int side = 0; side < EVAL_SIDES; side++) {
            const bool *failed = self->sides[side].failed;
            group->failed_images[side] += failed != NULL && failed[image] ? 1 : 0;
        }
    }
}

static void count_subject(eval_gate_group *group, size_t subject, bool *seen)
{
    group->subjects += seen[subject] ? 0 : 1;
    seen[subject] = true;
}

/* seen: room for as many as there are images, and subjects behind them. */
static void count_members(gate *self, size_t g, bool *seen)
{
    eval_gate_group *group = &self->report.groups[g];
    bool *seen_subjects = seen + self->pairs.images.count;
    for (size_t i = 0; i < self->pairs.images.count + self->pairs.subjects.count; i++) {
        seen[i] = false;
    }
    for (size_t i = 0; i < self->pairs.csv.rows; i++) {
        const eval_pair *pair = &self->pairs.pairs[i];
        if (pair->group == g) {
            count_image(self, group, pair->image_a, seen);
            count_image(self, group, pair->image_b, seen);
            count_subject(group, pair->subject_a, seen_subjects);
            count_subject(group, pair->subject_b, seen_subjects);
        }
    }
}

static imi_status describe_groups(gate *self, imi_error *err)
{
    size_t groups = self->pairs.groups.count;
    self->report.groups = imi_alloc_array(groups, sizeof *self->report.groups);
    bool *seen =
        imi_alloc_array(self->pairs.images.count + self->pairs.subjects.count, sizeof *seen);
    if (self->report.groups == NULL || seen == NULL) {
        imi_free(seen);
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for %zu groups", groups);
    }
    self->report.group_count = groups;
    for (size_t g = 0; g < groups; g++) {
        self->report.groups[g].name = self->pairs.groups.names[g];
        self->report.groups[g].is_anchor = self->is_anchor[g];
        count_members(self, g, seen);
    }
    count_comparisons(self);
    imi_free(seen);
    return IMI_OK;
}

static void describe_run(gate *self)
{
    const gate_options *options = self->options;
    eval_gate_report *report = &self->report;
    const char *slash = strrchr(options->pairs, '/');
    const char *file = slash == NULL ? options->pairs : slash + 1;
    report->data = options->data == NULL ? file : options->data;
    time_t now = time(NULL);
    struct tm parts;
    strftime(self->date, sizeof self->date, "%Y-%m-%d", gmtime_r(&now, &parts));
    report->date = self->date;
    snprintf(self->score, sizeof self->score, "raw");
    if (options->cohort != NULL) {
        snprintf(self->score, sizeof self->score, "normalised by a cohort of %zu",
                 self->sides[EVAL_BASELINE].cohort_size);
    }
    report->score = self->score;
}

static imi_status judge(gate *self, imi_error *err)
{
    eval_gate_report *report = &self->report;
    if (!report->compares) {
        return eval_gate_measure(&report->rule, &self->sides[EVAL_BASELINE].scores, EVAL_BASELINE,
                                 report->groups, &report->thresholds[EVAL_BASELINE], err);
    }
    const eval_grouped_scores sides[EVAL_SIDES] = {self->sides[EVAL_BASELINE].scores,
                                                   self->sides[EVAL_CANDIDATE].scores};
    return eval_gate_compare(&report->rule, sides, report->groups, report->thresholds,
                             &report->verdict, err);
}

static imi_status publish(const gate *self, imi_error *err)
{
    const gate_options *options = self->options;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_TRY(eval_gate_report_write(&self->report, &text, err));
    IMI_TRY(eval_gate_report_write_json(&self->report, &json, err));
    const imi_buffer *shown = options->json ? &json : &text;
    fwrite(shown->data, 1, shown->size, stdout);
    if (options->report != NULL) {
        IMI_TRY(imi_file_write(options->report, imi_buffer_view(&json), 0644, err));
    }
    return options->card == NULL ? IMI_OK
                                 : eval_gate_report_fill_card(&self->report, options->card, err);
}

static imi_status run(gate *self, imi_error *err)
{
    IMI_TRY(eval_pairs_load(self->options->pairs, &self->pairs, err));
    IMI_TRY(choose_anchors(self, err));
    IMI_TRY(measure_side(self, EVAL_BASELINE, err));
    if (self->report.compares) {
        IMI_TRY(measure_side(self, EVAL_CANDIDATE, err));
    }
    describe_run(self);
    IMI_TRY(describe_groups(self, err));
    IMI_TRY(judge(self, err));
    return publish(self, err);
}

static void clean_up(gate *self)
{
    for (int side = 0; side < EVAL_SIDES; side++) {
        eval_gate_side_clean_up(&self->sides[side]);
    }
    imi_free(self->report.groups);
    imi_free(self->is_anchor);
    eval_pairs_clean_up(&self->pairs);
}

static bool parse_share(const char *text, double low, double high, double *out)
{
    char *end = NULL;
    double value = strtod(text, &end);
    *out = value;
    return end != text && *end == '\0' && value >= low && value <= high;
}

/* Options beyond the command line's form; false after saying what is wrong. */
static bool read_rule(const imi_cli_spec *spec, const gate_options *options, eval_gate_rule *out)
{
    *out = (eval_gate_rule){.subjects_min = SUBJECTS_MIN, .mated_min = MATED_MIN};
    if (!parse_share(options->fmr, 1e-6, 0.1, &out->fmr)) {
        imi_cli_misuse(spec, "--fmr is 1e-6 to 0.1, not %s", options->fmr);
        return false;
    }
    if (!parse_share(options->tolerance, 0, 0.5, &out->fnmr_tolerance)) {
        imi_cli_misuse(spec, "--tolerance is a share from 0 to 0.5, not %s", options->tolerance);
        return false;
    }
    out->fmr_tolerance = out->fmr;
    return true;
}

static int exit_code(const gate *self)
{
    if (!self->report.compares || self->report.verdict == EVAL_GATE_ACCEPTED) {
        return IMI_EXIT_SUCCESS;
    }
    return self->report.verdict == EVAL_GATE_REFUSED ? IMI_EXIT_NEGATIVE : IMI_EXIT_UNDECIDED;
}

static int run_gate(const imi_cli_spec *spec, const gate_options *options)
{
    gate self = {.options = options, .pairs = {.csv = EVAL_CSV_INIT}};
    if (!read_rule(spec, options, &self.report.rule)) {
        return IMI_EXIT_USAGE;
    }
    self.report.compares = options->candidate != NULL;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = run(&self, &error);
    int code = status == IMI_OK ? exit_code(&self) : imi_cli_fail(spec, &error);
    clean_up(&self);
    return code;
}

int eval_gate_main(int count, char **arguments)
{
    gate_options o = {.fmr = "1e-3", .tolerance = "0.02"};
    const imi_cli_option specs[] = {
        {"--root", &o.root, NULL, true, "DIR", "folder that the images' paths start from"},
        {"--pairs", &o.pairs, NULL, true, "FILE", "pairs: set,a,b,same,tag"},
        {"--baseline", &o.baseline, NULL, true, "DIR", "models in use, and their manifest"},
        {"--candidate", &o.candidate, NULL, false, "DIR",
         "models that may take their place; without it, the baseline is measured"},
        {"--baseline-weights", &o.baseline_weights, NULL, false, "W,...",
         "one a model [the shipped table's, or equal]"},
        {"--candidate-weights", &o.candidate_weights, NULL, false, "W,...", "likewise"},
        {"--cohort", &o.cohort, NULL, false, "FILE", "manifest of a cohort to normalise by"},
        {"--cohort-root", &o.cohort_root, NULL, false, "DIR", "folder of its files [--root]"},
        {"--fmr", &o.fmr, NULL, false, "RATE", "mean over the East Asian groups [1e-3]"},
        {"--tolerance", &o.tolerance, NULL, false, "SHARE", "by which FNMR may rise [0.02]"},
        {"--data", &o.data, NULL, false, "TEXT", "what the data are, for the card [file name]"},
        {"--card", &o.card, NULL, false, "FILE", "model card whose measured figures to replace"},
        {"--report", &o.report, NULL, false, "FILE", "write the figures as JSON there"},
        {"--jobs", &o.jobs_text, NULL, false, "N", "worker threads; all cores if not given"},
        {"--quiet", NULL, &o.quiet, false, NULL, "no progress"},
        {"--json", NULL, &o.json, false, NULL, "print JSON"},
    };
    const imi_cli_spec spec = {"imi-eval gate", "", 0, specs, sizeof specs / sizeof specs[0]};
    int code = imi_cli_parse(&spec, count, arguments, NULL, &o.help);
    if (code != IMI_EXIT_SUCCESS || o.help) {
        return code;
    }
    long jobs = (long)eval_cores();
    if (!imi_cli_number(o.jobs_text, 1, 256, &jobs)) {
        return imi_cli_misuse(&spec, "--jobs is 1 to 256, not %s", o.jobs_text);
    }
    o.jobs = (size_t)jobs;
    return run_gate(&spec, &o);
}
