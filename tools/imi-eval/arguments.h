/**
 * What the subcommands' command lines have in common.
 */
#ifndef IMI_EVAL_ARGUMENTS_H
#define IMI_EVAL_ARGUMENTS_H

#include "cli.h"

/** Where the common options end up. */
typedef struct eval_arguments {
    const char *root, *models, *jobs_text;
    bool json;
    bool help; /* help was asked for and given */
    size_t jobs; /* 1 to 256; all cores unless --jobs says otherwise */
} eval_arguments;

/** --root, --models, --jobs and --json, to stand in a subcommand's list of options. */
#define EVAL_COMMON_OPTIONS(arguments)                                                             \
    {"--root", &(arguments)->root, NULL, true, "DIR", "folder that the images' paths start from"}, \
        {"--models", &(arguments)->models,                                                         \
         NULL,       false,                                                                        \
         "DIR",      "models and their manifest [shipped]"},                                       \
        {"--jobs", &(arguments)->jobs_text,                                                        \
         NULL,     false,                                                                          \
         "N",      "worker threads; all cores if not given"},                                      \
    {                                                                                              \
        "--json", NULL, &(arguments)->json, false, NULL, "print the summary as JSON"               \
    }

/** Read them; returns IMI_EXIT_SUCCESS, or IMI_EXIT_USAGE after saying what is wrong. */
int eval_arguments_read(const imi_cli_spec *spec, int count, char **texts,
                        eval_arguments *arguments);

#endif
