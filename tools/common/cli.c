#include "cli.h"

#include "imi/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_usage(const imi_cli_spec *spec, FILE *to)
{
    fprintf(to, "usage: %s %s%s[options]\n", spec->program, spec->operands,
            spec->operands[0] == '\0' ? "" : " ");
    for (size_t i = 0; i < spec->option_count; i++) {
        const imi_cli_option *option = &spec->options[i];
        char left[64];
        snprintf(left, sizeof left, "%s %s", option->name,
                 option->argument == NULL ? "" : option->argument);
        fprintf(to, "  %-24s %s%s\n", left, option->help, option->required ? " (required)" : "");
    }
}

int imi_cli_misuse(const imi_cli_spec *spec, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", spec->program);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    print_usage(spec, stderr);
    return IMI_EXIT_USAGE;
}

int imi_cli_fail(const imi_cli_spec *spec, const imi_error *err)
{
    fprintf(stderr, "%s: %s\n", spec->program,
            err->message[0] == '\0' ? imi_status_name(err->status) : err->message);
    return IMI_EXIT_UNDECIDED;
}

static const imi_cli_option *find_option(const imi_cli_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->option_count; i++) {
        if (strcmp(spec->options[i].name, name) == 0) {
            return &spec->options[i];
        }
    }
    return NULL;
}

static int check_required(const imi_cli_spec *spec, size_t operands)
{
    for (size_t i = 0; i < spec->option_count; i++) {
        const imi_cli_option *option = &spec->options[i];
        if (option->required && *option->text == NULL) {
            return imi_cli_misuse(spec, "%s %s is missing", option->name, option->argument);
        }
    }
    if (operands < spec->operand_count) {
        return imi_cli_misuse(spec, "%s: %zu given", spec->operands, operands);
    }
    return IMI_EXIT_SUCCESS;
}

int imi_cli_parse(const imi_cli_spec *spec, int count, char **arguments, const char **operands_out,
                  bool *help_out)
{
    size_t operands = 0;
    bool options_end = false;
    *help_out = false;
    for (int i = 0; i < count; i++) {
        const char *argument = arguments[i];
        if (options_end || argument[0] != '-' || argument[1] == '\0') {
            if (operands == spec->operand_count) {
                return imi_cli_misuse(spec, "unexpected argument %s", argument);
            }
            operands_out[operands++] = argument;
            continue;
        }
        if (strcmp(argument, "--help") == 0) {
            print_usage(spec, stdout);
            *help_out = true;
            return IMI_EXIT_SUCCESS;
        }
        const imi_cli_option *option = find_option(spec, argument);
        if (strcmp(argument, "--") == 0) {
            options_end = true;
        } else if (option == NULL) {
            return imi_cli_misuse(spec, "unknown option %s", argument);
        } else if (option->flag != NULL) {
            *option->flag = true;
        } else if (i + 1 == count) {
            return imi_cli_misuse(spec, "%s needs %s", option->name, option->argument);
        } else {
            *option->text = arguments[++i];
        }
    }
    return check_required(spec, operands);
}

bool imi_cli_number(const char *text, long low, long high, long *out)
{
    if (text == NULL) {
        return true;
    }
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < low || value > high) {
        return false;
    }
    *out = value;
    return true;
}

bool imi_cli_split_names(const char *joined, imi_cli_names *out)
{
    out->count = 0;
    if (joined == NULL) {
        return true;
    }
    if (!imi_copy_text(out->text, sizeof out->text, joined)) {
        return false;
    }
    char *rest = out->text;
    for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ",")) {
        if (name[0] == '\0' || out->count == IMI_CLI_NAMES_MAX) {
            return false;
        }
        out->names[out->count++] = name;
    }
    return true;
}
