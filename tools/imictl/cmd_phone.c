#include "join_link.h"
#include "play.h"

#include <stdio.h>

typedef struct phone_command {
    imi_connection_options connection;
    imictl_play play;
    bool json;
    const char *link;
} phone_command;

static imi_status play(const phone_command *command, imi_phone_result *out, imi_error *err)
{
    char session_id[IMI_ID_SIZE];
    const char *secret = NULL;
    IMI_AUTO(imi_media) media = NULL;
    imi_connection connection;
    IMI_TRY(imictl_join_link_split(command->link, session_id, &secret, err));
    IMI_TRY(imi_connection_resolve(&command->connection, &connection, err));
    IMI_TRY(imi_media_open(&command->play.media, &media, err));
    return imictl_play_run(&command->play, &connection, media, session_id, secret, out, err);
}

static void print_result(const phone_command *command, const imi_phone_result *result)
{
    static const char *const names[] = {"none", "in_progress", "done", "try_again", "staff_review"};
    size_t count = sizeof names / sizeof names[0];
    const char *outcome = (size_t)result->outcome < count ? names[result->outcome] : "unknown";
    if (command->json) {
        imictl_print_json(json_pack("{s:s, s:I, s:s, s:I}", "outcome", outcome, "frames_accepted",
                                    (json_int_t)result->frames_answered, "keep_reference",
                                    imictl_keep_name(result->keep_reference), "retry_after_ms",
                                    (json_int_t)result->retry_after_ms));
    } else {
        printf("outcome   %s\nframes    %llu accepted\nreference %s\n", outcome,
               (unsigned long long)result->frames_answered,
               imictl_keep_name(result->keep_reference));
        if (result->retry_after_ms > 0) {
            printf("again     in %u seconds, not before\n", result->retry_after_ms / 1000 + 1);
        }
    }
}

int imictl_phone(int argc, char **argv)
{
    phone_command command = {.play = IMICTL_PLAY_INIT};
    const imi_cli_option rows[] = {
        IMICTL_PLAY_ROWS(command.play),
        IMICTL_JSON_ROW(command.json),
        IMICTL_CONNECTION_ROWS(command.connection),
    };
    const imi_cli_spec spec = {"imictl phone", "JOIN_LINK", 1, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &command.link, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    code = imictl_play_check(&spec, &command.play);
    if (code != IMI_EXIT_SUCCESS) {
        return code;
    }
    command.play.quiet = command.json;
    imi_phone_result result;
    imi_error error = IMI_ERROR_INIT;
    if (play(&command, &result, &error) != IMI_OK) {
        return imictl_fail(&spec, command.json, &error);
    }
    print_result(&command, &result);
    /* What came of it is for the relying party to know; the phone knows whether it is over. */
    return result.outcome == IMI_OUTCOME_DONE ? IMI_EXIT_SUCCESS : IMI_EXIT_UNDECIDED;
}
