/*
 * A log writer for tests: brings made-up events into a log, asks witnesses, writes receipts.
 * Entry number n is that of the event {"n":n} (from the fork on {"other":n}) under a salt that
 * follows from n.
 */
#include "imi/ledger.h"

#include "imi/crypto.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_MAX = 4096, EVENT_SIZE = 64 };

typedef struct plan {
    const char *folder, *key_file, *receipt_file;
    uint64_t size, step, fork_at, receipt_index;
    int timeout_ms;
    imi_witness_address witnesses[IMI_LEDGER_WITNESSES_MAX];
    size_t witness_count, needed;
} plan;

static imi_status event_of(const plan *self, uint64_t n, char event[EVENT_SIZE],
                           uint8_t salt[IMI_LEAF_SALT_SIZE], imi_error *err)
{
    snprintf(event, EVENT_SIZE, "{\"%s\":%llu}", n < self->fork_at ? "n" : "other",
             (unsigned long long)n);
    return imi_sha256((imi_view){(const uint8_t *)&n, sizeof n}, salt, err);
}

static imi_status grow(const plan *self, imi_ledger *ledger, imi_error *err)
{
    static imi_ledger_entry entries[STEP_MAX];
    while (imi_ledger_size(ledger) < self->size) {
        uint64_t first = imi_ledger_size(ledger);
        uint64_t left = self->size - first;
        size_t count = (size_t)(left < self->step ? left : self->step);
        for (size_t i = 0; i < count; i++) {
            char event[EVENT_SIZE];
            uint8_t salt[IMI_LEAF_SALT_SIZE];
            IMI_TRY(event_of(self, first + i, event, salt, err));
            IMI_TRY(imi_leaf_entry(salt, imi_view_of_text(event), entries[i].bytes, err));
        }
        IMI_TRY(imi_ledger_integrate(ledger, first, entries, count, err));
    }
    return IMI_OK;
}

static imi_status ask_witnesses(const plan *self, imi_ledger *ledger, imi_error *err)
{
    IMI_AUTO(imi_witness_client) client = NULL;
    size_t cosigned = 0;
    if (self->witness_count == 0) {
        return IMI_OK;
    }
    IMI_TRY(imi_witness_client_new(self->witnesses, self->witness_count, &client, err));
    IMI_TRY(imi_witness_client_collect(client, ledger, self->timeout_ms, &cosigned, err));
    printf("cosigned %zu\n", cosigned);
    return IMI_OK;
}

static imi_status write_receipt(const plan *self, imi_ledger *ledger, imi_error *err)
{
    char event[EVENT_SIZE];
    uint8_t salt[IMI_LEAF_SALT_SIZE];
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    if (self->receipt_file == NULL) {
        return IMI_OK;
    }
    IMI_TRY(event_of(self, self->receipt_index, event, salt, err));
    IMI_TRY(imi_ledger_receipt(ledger, self->receipt_index, imi_view_of_text(event), salt, &receipt,
                               err));
    return imi_file_write(self->receipt_file, imi_buffer_view(&receipt), 0644, err);
}

static imi_status run(const plan *self, imi_error *err)
{
    IMI_AUTO(imi_ledger) ledger = NULL;
    imi_note_key keys[IMI_LEDGER_WITNESSES_MAX];
    for (size_t i = 0; i < self->witness_count; i++) {
        keys[i] = self->witnesses[i].key;
    }
    imi_ledger_options options = {.folder = self->folder,
                                  .key_file = self->key_file,
                                  .origin = "imi.example/log",
                                  .witnesses = keys,
                                  .witness_count = self->witness_count,
                                  .witnesses_needed = self->needed};
    char key[IMI_NOTE_KEY_TEXT_SIZE];
    IMI_TRY(imi_ledger_open(&options, &ledger, err));
    IMI_TRY(imi_note_key_format(imi_ledger_key(ledger), key, err));
    printf("key %s\n", key);
    fflush(stdout);
    IMI_TRY(grow(self, ledger, err));
    printf("size %llu\n", (unsigned long long)imi_ledger_size(ledger));
    IMI_TRY(ask_witnesses(self, ledger, err));
    return write_receipt(self, ledger, err);
}

/* "URL KEY" */
static void add_witness(plan *self, char *text)
{
    char *space = strchr(text, ' ');
    imi_witness_address *added = &self->witnesses[self->witness_count++];
    if (space == NULL ||
        imi_note_key_parse(imi_view_of_text(space + 1), &added->key, NULL) != IMI_OK) {
        fprintf(stderr, "no witness: %s\n", text);
        exit(2);
    }
    *space = '\0';
    added->url = text;
}

static void take_option(plan *self, int option)
{
    uint64_t number = optarg == NULL ? 0 : strtoull(optarg, NULL, 10);
    switch (option) {
    case 's':
        self->size = number;
        return;
    case 't':
        self->step = number < 1 ? 1 : number > STEP_MAX ? STEP_MAX : number;
        return;
    case 'f':
        self->fork_at = number;
        return;
    case 'n':
        self->needed = (size_t)number;
        return;
    case 'm':
        self->timeout_ms = (int)number;
        return;
    case 'i':
        self->receipt_index = number;
        return;
    case 'r':
        self->receipt_file = optarg;
        return;
    case 'w':
        add_witness(self, optarg);
        return;
    default:
        exit(2);
    }
}

int main(int argc, char **argv)
{
    static plan self = {.step = 100, .fork_at = UINT64_MAX, .timeout_ms = 5000};
    static const struct option options[] = {
        {"size", required_argument, NULL, 's'},
        {"step", required_argument, NULL, 't'},
        {"fork-at", required_argument, NULL, 'f'},
        {"need", required_argument, NULL, 'n'},
        {"timeout", required_argument, NULL, 'm'},
        {"index", required_argument, NULL, 'i'},
        {"receipt", required_argument, NULL, 'r'},
        {"witness", required_argument, NULL, 'w'},
        {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        take_option(&self, option);
    }
    if (argc - optind != 2) {
        fprintf(stderr, "usage: ledger_writer [options] FOLDER KEY\n");
        return 2;
    }
    self.folder = argv[optind];
    self.key_file = argv[optind + 1];
    imi_error error = IMI_ERROR_INIT;
    imi_status status = run(&self, &error);
    if (status != IMI_OK) {
        fprintf(stderr, "%s: %s\n", imi_status_name(status), error.message);
        return 1;
    }
    return 0;
}
