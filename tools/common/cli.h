/**
 * Options and exit codes, the same in every program of ours.
 */
#ifndef IMI_CLI_H
#define IMI_CLI_H

#include "imi/status.h"

#include <stdbool.h>
#include <stddef.h>

/** What a program tells a script. */
enum {
    IMI_EXIT_SUCCESS = 0,
    IMI_EXIT_NEGATIVE = 1, /* a clear no: non-match, invalid token */
    IMI_EXIT_USAGE = 2,
    IMI_EXIT_UNDECIDED = 3 /* something failed, so there is no answer */
};

/** One option. Exactly one of text and flag is set; both are borrowed. */
typedef struct imi_cli_option {
    const char *name; /* with its dashes, such as "--models" */
    const char **text; /* takes the argument behind it; keeps its default when absent */
    bool *flag; /* becomes true */
    bool required; /* text only */
    const char *argument; /* its name in the usage text, such as "DIR" */
    const char *help;
} imi_cli_option;

/** What a program or subcommand takes. */
typedef struct imi_cli_spec {
    const char *program; /* such as "imi-eval faces" */
    const char *operands; /* their names in the usage text, such as "A.jpg B.jpg", or "" */
    size_t operand_count;
    const imi_cli_option *options;
    size_t option_count;
} imi_cli_spec;

/**
 * Read arguments (without the program's name). Options and operands mix freely; "--" ends
 * options.
 *
 * Shape:  operands_out holds spec->operand_count pointers; may be NULL when that is 0.
 * Errors: a wrong argument prints one line and the usage text to standard error and returns
 *         IMI_EXIT_USAGE; "--help" prints the usage text to standard output and sets *help_out.
 *         Otherwise IMI_EXIT_SUCCESS.
 */
int imi_cli_parse(const imi_cli_spec *spec, int count, char **arguments, const char **operands_out,
                  bool *help_out);

/** Print "program: message" to standard error and return IMI_EXIT_UNDECIDED. */
int imi_cli_fail(const imi_cli_spec *spec, const imi_error *err);
/** Print "program: message" and the usage text, and return IMI_EXIT_USAGE. */
int imi_cli_misuse(const imi_cli_spec *spec, const char *format, ...) IMI_PRINTF(2, 3);

enum { IMI_CLI_NAMES_MAX = 16, IMI_CLI_NAMES_SIZE = 1024 };

/** Names that were given joined by commas; they point into text. */
typedef struct imi_cli_names {
    char text[IMI_CLI_NAMES_SIZE];
    const char *names[IMI_CLI_NAMES_MAX];
    size_t count;
} imi_cli_names;

/** Split "name,birthdate"; NULL gives none. false if there are too many, or one is empty. */
bool imi_cli_split_names(const char *joined, imi_cli_names *out);

/** Read a whole number in [low, high]; false if text is anything else. NULL, of an option that was
 * not given, leaves *out as it is. */
bool imi_cli_number(const char *text, long low, long high, long *out);

#endif
