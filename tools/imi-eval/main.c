/*
 * imi-eval: accuracy, measured through the same code as the server's.
 */
#include "commands.h"

#include "cli.h"

#include <stdio.h>
#include <string.h>

typedef struct command {
    const char *name;
    int (*run)(int count, char **arguments);
    const char *help;
} command;

static const command commands[] = {
    {"faces", eval_faces_main, "error rates on pairs of photos"},
    {"portraits", eval_portraits_main, "what it costs that one photo is a small grey portrait"},
    {"frames", eval_frames_main, "what several frames of a clip gain over one"},
    {"sequences", eval_sequences_main, "what further references save over the years"},
    {"gate", eval_gate_main, "whether other models may replace those in use"},
    {"population", eval_population_main, "rates, tail and duplicates among enrolled people"},
    {"quality", eval_quality_main, "quality measures of photos"},
    {"clips", eval_clips_main, "error rates of attack detection on clips"},
    {"pad", eval_pad_main, "the same on single images, passive detection alone"},
    {"report", eval_report_main, "pictures and a page from scores"},
    {"calibrate", eval_calibrate_main, "table from similarity to false match rate"},
};

static int print_usage(FILE *to, int code)
{
    fprintf(to, "usage: imi-eval COMMAND [options]\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].help);
    }
    fprintf(to, "imi-eval COMMAND --help shows the options\n");
    return code;
}

int main(int count, char **arguments)
{
    if (count < 2) {
        return print_usage(stderr, IMI_EXIT_USAGE);
    }
    if (strcmp(arguments[1], "--help") == 0) {
        return print_usage(stdout, IMI_EXIT_SUCCESS);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(arguments[1], commands[i].name) == 0) {
            return commands[i].run(count - 2, arguments + 2);
        }
    }
    fprintf(stderr, "imi-eval: unknown command %s\n", arguments[1]);
    return print_usage(stderr, IMI_EXIT_USAGE);
}
