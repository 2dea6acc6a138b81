/* imictl log: the public log, checked without trusting who serves it. */
#include "log_monitor.h"
#include "log_view.h"

#include <stdio.h>

#define ROW_COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* What a command found out. */
typedef struct finding {
    imi_status status;
    imi_error error;
    imi_checkpoint checkpoint;
    size_t cosigned;
} finding;

static imi_status read_newest(log_view *view, finding *found, imi_error *err)
{
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT;
    return log_view_checkpoint(view, &note, &found->checkpoint, &found->cosigned, err);
}

/* ---- verify ---- */

static imi_status verify(const log_options *options, finding *found, imi_error *err)
{
    log_view view;
    IMI_TRY(log_view_init(&view, options, err));
    IMI_TRY(read_newest(&view, found, err));
    return imi_ledger_check(&view.source, &found->checkpoint, err);
}

static int log_verify(int argc, char **argv)
{
    log_options options = {.json = false};
    const imi_cli_option rows[] = {IMICTL_LOG_PLACE_ROWS(options), IMICTL_LOG_TRUST_ROWS(options)};
    const imi_cli_spec spec = {"imictl log verify", "", 0, rows, ROW_COUNT(rows)};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    finding found = {.error = IMI_ERROR_INIT};
    found.status = verify(&options, &found, &found.error);
    return log_report(&spec, options.json, found.status, &found.error, &found.checkpoint,
                      found.cosigned, "every entry and every tile lead to the checkpoint");
}

/* ---- prove ---- */

typedef struct prove_options {
    log_options log;
    const char *receipt, *index;
} prove_options;

static imi_status prove_index(log_view *view, const char *text, finding *found, imi_error *err)
{
    long index = 0;
    imi_ledger_entry entry;
    imi_ledger_hash leaf;
    imi_ledger_proof proof;
    IMI_TRY(read_newest(view, found, err));
    uint64_t size = found->checkpoint.size;
    if (!imi_cli_number(text, 0, INT64_MAX, &index) || (uint64_t)index >= size) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the log has no entry %s", text);
    }
    IMI_TRY(imi_ledger_read_entry(&view->source, size, (uint64_t)index, &entry, err));
    IMI_TRY(imi_ledger_leaf_hash(&entry, &leaf, err));
    IMI_TRY(imi_ledger_prove_inclusion(&view->source, (uint64_t)index, size, &proof, err));
    return imi_ledger_verify_inclusion((uint64_t)index, size, &leaf, &proof,
                                       &found->checkpoint.root, err);
}

/* The tree that a receipt proves its event in must still be the beginning of the log. */
static imi_status compare_with_log(log_view *view, const imi_checkpoint *old, finding *found,
                                   imi_error *err)
{
    IMI_TRY(read_newest(view, found, err));
    return log_view_check_growth(view, old, &found->checkpoint, err);
}

static imi_status prove_receipt(log_view *view, const char *path, finding *found, imi_error *err)
{
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    IMI_AUTO_RECEIPT_FACTS facts = {.event = IMI_BUFFER_INIT};
    IMI_TRY(imi_file_read(path, IMI_RECEIPT_BYTES_MAX, &json, err));
    IMI_TRY(imi_receipt_verify(imi_buffer_view(&json), &view->trust, &facts, err));
    found->checkpoint = facts.checkpoint;
    found->cosigned = facts.cosigned;
    return view->place == NULL ? IMI_OK : compare_with_log(view, &facts.checkpoint, found, err);
}

static imi_status prove(const prove_options *options, finding *found, imi_error *err)
{
    log_view view;
    IMI_TRY(log_view_init(&view, &options->log, err));
    return options->receipt != NULL ? prove_receipt(&view, options->receipt, found, err)
                                    : prove_index(&view, options->index, found, err);
}

static int log_prove(int argc, char **argv)
{
    prove_options options = {.receipt = NULL};
    const imi_cli_option rows[] = {
        {"--receipt", &options.receipt, NULL, false, "FILE", "a receipt, checked offline"},
        {"--index", &options.index, NULL, false, "N", "or an entry of the log"},
        {"--log", &options.log.log, NULL, false, "DIR|URL",
         "where its files are; with a receipt: whether the log still continues it"},
        {"--ca", &options.log.ca, NULL, false, "FILE", "for a URL: who signed its certificate"},
        IMICTL_LOG_TRUST_ROWS(options.log),
    };
    const imi_cli_spec spec = {"imictl log prove", "", 0, rows, ROW_COUNT(rows)};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if ((options.receipt == NULL) == (options.index == NULL) ||
        (options.index != NULL && options.log.log == NULL)) {
        return imi_cli_misuse(&spec, "give a --receipt, or an --index and its --log");
    }
    finding found = {.error = IMI_ERROR_INIT};
    found.status = prove(&options, &found, &found.error);
    return log_report(&spec, options.log.json, found.status, &found.error, &found.checkpoint,
                      found.cosigned, "it is in the log");
}

/* ---- consistency ---- */

static imi_status consistency(const log_options *options, const char *path, finding *found,
                              imi_error *err)
{
    log_view view;
    imi_checkpoint old;
    IMI_AUTO_BUFFER note = IMI_BUFFER_INIT;
    IMI_TRY(log_view_init(&view, options, err));
    IMI_TRY(imi_file_read(path, IMI_NOTE_BYTES_MAX, &note, err));
    imi_ledger_trust log_alone = {.log = &view.key};
    IMI_TRY(imi_checkpoint_open(imi_buffer_view(&note), &log_alone, &old, NULL, err));
    return compare_with_log(&view, &old, found, err);
}

static int log_consistency(int argc, char **argv)
{
    log_options options = {.json = false};
    const char *since = NULL;
    const imi_cli_option rows[] = {
        {"--since", &since, NULL, true, "FILE", "a checkpoint that was saved before"},
        IMICTL_LOG_PLACE_ROWS(options),
        IMICTL_LOG_TRUST_ROWS(options),
    };
    const imi_cli_spec spec = {"imictl log consistency", "", 0, rows, ROW_COUNT(rows)};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    finding found = {.error = IMI_ERROR_INIT};
    found.status = consistency(&options, since, &found, &found.error);
    return log_report(&spec, options.json, found.status, &found.error, &found.checkpoint,
                      found.cosigned, "the log has only grown since");
}

/* ---- monitor ---- */

static imi_status monitor(const log_options *options, const log_monitor_plan *plan, finding *found,
                          imi_error *err)
{
    log_view view;
    IMI_TRY(log_view_init(&view, options, err));
    return log_monitor_run(&view, plan, &found->checkpoint, &found->cosigned, err);
}

static int log_monitor(int argc, char **argv)
{
    log_options options = {.json = false};
    log_monitor_plan plan = {.state = NULL};
    const char *every = "10", *grace = "60", *rounds = "0";
    const imi_cli_option rows[] = {
        {"--state", &plan.state, NULL, true, "FILE", "remembers the newest good checkpoint"},
        {"--every", &every, NULL, false, "S", "seconds between looks [10]"},
        {"--grace", &grace, NULL, false, "S", "how long witnesses may be too few [60]"},
        {"--rounds", &rounds, NULL, false, "N", "looks; 0 for ever [0]"},
        IMICTL_LOG_PLACE_ROWS(options),
        IMICTL_LOG_TRUST_ROWS(options),
    };
    const imi_cli_spec spec = {"imictl log monitor", "", 0, rows, ROW_COUNT(rows)};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (!imi_cli_number(every, 1, 86400, &plan.every_s) ||
        !imi_cli_number(grace, 0, 86400, &plan.grace_s) ||
        !imi_cli_number(rounds, 0, 1000000000, &plan.rounds)) {
        return imi_cli_misuse(&spec, "a number is out of range");
    }
    finding found = {.error = IMI_ERROR_INIT};
    found.status = monitor(&options, &plan, &found, &found.error);
    return log_report(&spec, options.json, found.status, &found.error, &found.checkpoint,
                      found.cosigned, "the log has only grown");
}

int imictl_log(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"verify", log_verify, "every entry and tile against the checkpoint"},
        {"prove", log_prove, "that a receipt's event, or an entry, is in the log"},
        {"consistency", log_consistency, "that the log continues a saved checkpoint"},
        {"monitor", log_monitor, "follow the log; ends with 1 if history is rewritten"},
    };
    return imictl_dispatch("imictl log", commands, ROW_COUNT(commands), argc, argv);
}
