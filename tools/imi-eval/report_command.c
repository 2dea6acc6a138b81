/*
 * From scores that were made before to pictures, one page and a table: what a threshold does to
 * each group.
 */
#include "commands.h"

#include "cli.h"
#include "outputs.h"

#include <math.h>
#include <stdlib.h>

typedef struct report_options {
    eval_evaluation_options evaluation;
    const char *out, *target_text, *threshold_text, *title, *note;
    bool json, help;
} report_options;

static imi_status run(const report_options *options, imi_error *err)
{
    AUTO_EVAL_EVALUATION made;
    IMI_TRY(eval_evaluate(&options->evaluation, &made, err));
    IMI_TRY(eval_write_page(&made, options->title, options->note, options->out, err));
    if (options->json) {
        return eval_print_groups_json(&made, err);
    }
    eval_print_groups(&made);
    return IMI_OK;
}

/* A number strictly between two others; false for anything else. */
static bool read_number(const char *text, double low, double high, double *out)
{
    char *end = NULL;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && *out > low && *out < high;
}

static int read_options(const imi_cli_spec *spec, int count, char **arguments,
                        report_options *options)
{
    int code = imi_cli_parse(spec, count, arguments, NULL, &options->help);
    if (code != IMI_EXIT_SUCCESS || options->help) {
        return code;
    }
    if (options->target_text != NULL &&
        !read_number(options->target_text, 0, 1, &options->evaluation.target_fmr)) {
        return imi_cli_misuse(spec, "--target-fmr is between 0 and 1, not %s",
                              options->target_text);
    }
    if (options->threshold_text != NULL &&
        !read_number(options->threshold_text, -100, 100, &options->evaluation.threshold)) {
        return imi_cli_misuse(spec, "--threshold is a similarity, not %s", options->threshold_text);
    }
    return IMI_EXIT_SUCCESS;
}

int eval_report_main(int count, char **arguments)
{
    report_options options = {.evaluation = {.target_fmr = 1e-3, .threshold = NAN}};
    const imi_cli_option specs[] = {
        {"--scores", &options.evaluation.scores, NULL, true, "FILE",
         "scores, as imi-eval faces writes them"},
        {"--out", &options.out, NULL, true, "DIR", "pictures and report.html are written here"},
        {"--manifest", &options.evaluation.manifest, NULL, false, "FILE",
         "groups by its columns gender, eth and ea too"},
        {"--target-fmr", &options.target_text, NULL, false, "RATE", "of the threshold [0.001]"},
        {"--anchor", &options.evaluation.anchor, NULL, false, "GROUPS",
         "the target is for their mean FMR, such as a,b [all]"},
        {"--threshold", &options.threshold_text, NULL, false, "S",
         "this similarity instead of one for the target"},
        {"--title", &options.title, NULL, false, "TEXT", "of the page"},
        {"--note", &options.note, NULL, false, "TEXT", "what was measured on, for the page"},
        {"--json", NULL, &options.json, false, NULL, "print the summary as JSON"},
    };
    const imi_cli_spec spec = {"imi-eval report", "", 0, specs, sizeof specs / sizeof *specs};
    int code = read_options(&spec, count, arguments, &options);
    if (code != IMI_EXIT_SUCCESS || options.help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    return run(&options, &error) == IMI_OK ? IMI_EXIT_SUCCESS : imi_cli_fail(&spec, &error);
}
