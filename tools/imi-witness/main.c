/*
 * imi-witness: cosigns checkpoints of public logs that have only grown (C2SP tlog-witness).
 * A process of its own, run by somebody else than the log.
 */
#include "cli.h"
#include "imi/daemon.h"
#include "imi/log.h"
#include "serve.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

typedef struct witness_arguments {
    const char *listen, *name, *key_file, *data, *ready_file;
    imi_note_key logs[IMI_WITNESS_LOGS_MAX];
    size_t log_count;
} witness_arguments;

static const char usage[] =
    "imi-witness: cosigns checkpoints of public logs that have only grown\n"
    "\n"
    "  --name NAME         this witness's name, such as witness.example/w1 (required)\n"
    "  --key FILE          its private key, PEM; made if missing (required)\n"
    "  --data DIR          what it has seen of each log; made if missing (required)\n"
    "  --log VKEY          key of a log to watch, name+hash+base64; repeat for more\n"
    "  --listen HOST:PORT  where to serve HTTP; port 0 picks one [127.0.0.1:7490]\n"
    "  --ready-file FILE   write the port there once serving\n"
    "\n"
    "POST /add-checkpoint. The key that readers need is printed at start.\n"
    "Exit codes: 0 stopped, 2 wrong usage, 3 cannot start.\n";

static bool add_log(witness_arguments *out, const char *text)
{
    imi_error error = IMI_ERROR_INIT;
    if (out->log_count == IMI_WITNESS_LOGS_MAX) {
        fprintf(stderr, "imi-witness: more than %d logs\n", IMI_WITNESS_LOGS_MAX);
        return false;
    }
    if (imi_note_key_parse(imi_view_of_text(text), &out->logs[out->log_count], &error) != IMI_OK) {
        fprintf(stderr, "imi-witness: --log: %s\n", error.message);
        return false;
    }
    out->log_count++;
    return true;
}

static bool take_option(witness_arguments *out, int option)
{
    switch (option) {
    case 'n':
        out->name = optarg;
        return true;
    case 'k':
        out->key_file = optarg;
        return true;
    case 'd':
        out->data = optarg;
        return true;
    case 'g':
        return add_log(out, optarg);
    case 'l':
        out->listen = optarg;
        return true;
    case 'r':
        out->ready_file = optarg;
        return true;
    default:
        return false;
    }
}

static bool parse(int argc, char **argv, witness_arguments *out)
{
    static const struct option long_options[] = {
        {"name", required_argument, NULL, 'n'},
        {"key", required_argument, NULL, 'k'},
        {"data", required_argument, NULL, 'd'},
        {"log", required_argument, NULL, 'g'},
        {"listen", required_argument, NULL, 'l'},
        {"ready-file", required_argument, NULL, 'r'},
        {NULL, 0, NULL, 0},
    };
    out->listen = "127.0.0.1:7490";
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (!take_option(out, option)) {
            return false;
        }
    }
    return optind == argc && out->name != NULL && out->key_file != NULL && out->data != NULL;
}

static imi_status announce(const imi_witness *witness, const witness_arguments *options,
                           unsigned port, imi_error *err)
{
    char key[IMI_NOTE_KEY_TEXT_SIZE];
    IMI_TRY(imi_note_key_format(imi_witness_key(witness), key, err));
    printf("%s\n", key);
    fflush(stdout);
    imi_log(IMI_LOG_INFO, "witness", "watching %zu logs on port %u", options->log_count, port);
    return imi_daemon_write_ready_file(options->ready_file, port, err);
}

static imi_status run(const witness_arguments *options, imi_error *err)
{
    IMI_AUTO(imi_witness) witness = NULL;
    imi_witness_options made = {
        .data_folder = options->data,
        .key_file = options->key_file,
        .name = options->name,
        .logs = options->logs,
        .log_count = options->log_count,
        .clock = imi_clock_system(),
    };
    IMI_TRY(imi_witness_open(&made, &witness, err));
    witness_server *server = NULL;
    unsigned port = 0;
    IMI_TRY(witness_server_start(witness, options->listen, &server, &port, err));
    imi_status status = announce(witness, options, port, err);
    if (status == IMI_OK) {
        int signal = imi_daemon_wait_for_stop(IMI_DAEMON_FOREVER);
        imi_log(IMI_LOG_INFO, "witness", "signal %d: stopping", signal);
    }
    witness_server_stop(&server);
    return status;
}

int main(int argc, char **argv)
{
    static witness_arguments options;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return IMI_EXIT_SUCCESS;
    }
    if (!parse(argc, argv, &options)) {
        fputs(usage, stderr);
        return IMI_EXIT_USAGE;
    }
    imi_daemon_hold_stop_signals();
    imi_error error = IMI_ERROR_INIT;
    if (run(&options, &error) != IMI_OK) {
        imi_log(IMI_LOG_ERROR, "witness", "cannot start: %s", error.message);
        return IMI_EXIT_UNDECIDED;
    }
    return IMI_EXIT_SUCCESS;
}
