#include "imictl.h"

#include "client/call.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PHOTO_FILE_MAX = 16 << 20, WHITE_SPACE_MAX = 64 };

static int print_commands(const char *program, const imictl_subcommand *commands, size_t count,
                          FILE *to)
{
    fprintf(to, "usage: %s COMMAND [options]\n", program);
    for (size_t i = 0; i < count; i++) {
        fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].summary);
    }
    fprintf(to,
            "'%s COMMAND --help' tells the options of a command.\n"
            "Exit codes: 0 success, 1 a clear no, 2 wrong usage, 3 no answer.\n",
            program);
    return to == stdout ? IMI_EXIT_SUCCESS : IMI_EXIT_USAGE;
}

int imictl_dispatch(const char *program, const imictl_subcommand *commands, size_t count, int argc,
                    char **argv)
{
    const char *word = argc >= 2 ? argv[1] : "";
    if (strcmp(word, "--help") == 0) {
        return print_commands(program, commands, count, stdout);
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    if (word[0] != '\0') {
        fprintf(stderr, "%s: there is no command '%s'\n", program, word);
    }
    return print_commands(program, commands, count, stderr);
}

void imictl_print_json(json_t *take_object)
{
    json_dumpf(take_object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(take_object);
}

int imictl_fail(const imi_cli_spec *spec, bool json, const imi_error *err)
{
    if (json) {
        imictl_print_json(json_pack("{s:{s:s, s:s}}", "error", "status",
                                    imi_status_name(err->status), "message", err->message));
    }
    return imi_cli_fail(spec, err);
}

imi_status imictl_connect(const imi_connection_options *options, imi_rpc_channel **out,
                          imi_error *err)
{
    *out = NULL;
    imi_connection connection;
    IMI_TRY(imi_connection_resolve(options, &connection, err));
    return imi_connection_as_party(&connection, out, err);
}

imi_status imictl_ask(const imi_connection_options *options, const char *path,
                      const ProtobufCMessage *request,
                      const ProtobufCMessageDescriptor *response_type, ProtobufCMessage **out,
                      imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(options, &channel, err));
    imi_unary_call call = {
        .channel = channel, .path = path, .request = request, .response_type = response_type};
    return imi_unary_call_run(&call, out, err);
}

imi_status imictl_read_operand(const char *given, size_t limit, imi_buffer *out, imi_error *err)
{
    if (strcmp(given, "-") != 0) {
        return imi_buffer_append_text(out, given, err);
    }
    IMI_TRY(imi_file_read("/dev/stdin", limit + WHITE_SPACE_MAX, out, err));
    while (out->size > 0 && isspace(out->data[out->size - 1])) {
        out->size--;
    }
    return IMI_OK;
}

imi_status imictl_read_photo(const char *path, imi_buffer *out, imi_error *err)
{
    return imi_file_read(path, PHOTO_FILE_MAX, out, err);
}
