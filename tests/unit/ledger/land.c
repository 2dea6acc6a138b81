#include "land.h"

#include "imi/crypto.h"
#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char g_folder[64];

static void run(const char *format, const char *a, const char *b)
{
    char command[512];
    snprintf(command, sizeof command, "%s '%s' '%s'", format, a, b);
    assert_int_equal(system(command), 0); /* paths of our own making */
}

int land_set_up(void **state)
{
    (void)state;
    snprintf(g_folder, sizeof g_folder, "/tmp/imi-ledger.XXXXXX");
    return mkdtemp(g_folder) == NULL ? -1 : 0;
}

int land_tear_down(void **state)
{
    (void)state;
    run("rm -rf", g_folder, g_folder);
    return 0;
}

const char *land_path(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", g_folder, name);
    return path;
}

void land_write(const char *name, imi_view contents)
{
    assert_int_equal(imi_file_write(land_path(name), contents, 0644, NULL), IMI_OK);
}

void land_read(const char *name, imi_buffer *out)
{
    out->size = 0;
    assert_int_equal(imi_file_read(land_path(name), 1 << 20, out, NULL), IMI_OK);
}

bool land_exists(const char *name)
{
    struct stat info;
    return stat(land_path(name), &info) == 0;
}

void land_copy(const char *from, const char *to)
{
    run("cp -r", land_path(from), land_path(to));
}

imi_view land_text(const char *text)
{
    return imi_view_of_text(text);
}

imi_ledger_entry land_entry(land_history history, uint64_t index)
{
    char text[64];
    imi_ledger_entry entry;
    snprintf(text, sizeof text, "%s %llu", index < history.fork_at ? "entry" : "other",
             (unsigned long long)index);
    assert_int_equal(imi_sha256(land_text(text), entry.bytes, NULL), IMI_OK);
    return entry;
}

imi_ledger_hash land_root(land_history history, uint64_t start, uint64_t end)
{
    imi_ledger_hash out;
    if (end == start) {
        assert_int_equal(imi_ledger_empty_root(&out, NULL), IMI_OK);
    } else if (end - start == 1) {
        imi_ledger_entry entry = land_entry(history, start);
        assert_int_equal(imi_ledger_leaf_hash(&entry, &out, NULL), IMI_OK);
    } else {
        uint64_t half = 1;
        while (half * 2 < end - start) {
            half *= 2;
        }
        imi_ledger_hash left = land_root(history, start, start + half);
        imi_ledger_hash right = land_root(history, start + half, end);
        assert_int_equal(imi_ledger_node_hash(&left, &right, &out, NULL), IMI_OK);
    }
    return out;
}

imi_ledger_options land_options(const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "%s.key", name);
    return (imi_ledger_options){
        .folder = land_path(name), .key_file = land_path(key), .origin = LAND_ORIGIN};
}

imi_ledger *land_open(const char *name)
{
    imi_ledger_options options = land_options(name);
    imi_ledger *ledger = NULL;
    imi_error error = IMI_ERROR_INIT;
    if (imi_ledger_open(&options, &ledger, &error) != IMI_OK) {
        fail_msg("%s: %s", name, error.message);
    }
    return ledger;
}

void land_grow(imi_ledger *ledger, land_history history, uint64_t size, size_t step)
{
    static imi_ledger_entry entries[1024];
    while (imi_ledger_size(ledger) < size) {
        uint64_t first = imi_ledger_size(ledger);
        size_t count = size - first < step ? (size_t)(size - first) : step;
        for (size_t i = 0; i < count; i++) {
            entries[i] = land_entry(history, first + i);
        }
        imi_error error = IMI_ERROR_INIT;
        if (imi_ledger_integrate(ledger, first, entries, count, &error) != IMI_OK) {
            fail_msg("at %llu: %s", (unsigned long long)first, error.message);
        }
    }
}

void land_checkpoint(imi_ledger *ledger, imi_buffer *note_out, imi_checkpoint *out)
{
    imi_ledger_trust trust = {.log = imi_ledger_key(ledger)};
    note_out->size = 0;
    assert_int_equal(imi_ledger_checkpoint(ledger, note_out, NULL), IMI_OK);
    assert_int_equal(imi_checkpoint_open(imi_buffer_view(note_out), &trust, out, NULL, NULL),
                     IMI_OK);
}

imi_ledger_source *land_source(const char *name)
{
    static imi_ledger_folder folder;
    assert_int_equal(imi_ledger_folder_init(&folder, land_path(name), NULL), IMI_OK);
    return &folder.base;
}

imi_note_key land_key(const char *name, imi_note_algorithm algorithm)
{
    char key_file[64];
    snprintf(key_file, sizeof key_file, "%s.key", name);
    IMI_AUTO(imi_note_signer) signer = NULL;
    const char *own = algorithm == IMI_NOTE_ED25519 ? LAND_ORIGIN : name;
    assert_int_equal(imi_note_signer_load(land_path(key_file), own, algorithm, &signer, NULL),
                     IMI_OK);
    return *imi_note_signer_key(signer);
}

imi_witness *land_witness(const char *name, const imi_note_key *logs, size_t count,
                          imi_clock *clock)
{
    char key[64];
    snprintf(key, sizeof key, "%s.key", name);
    imi_witness_options options = {.data_folder = land_path(name),
                                   .key_file = land_path(key),
                                   .name = name,
                                   .logs = logs,
                                   .log_count = count,
                                   .clock = clock};
    imi_witness *witness = NULL;
    imi_error error = IMI_ERROR_INIT;
    if (imi_witness_open(&options, &witness, &error) != IMI_OK) {
        fail_msg("%s: %s", name, error.message);
    }
    return witness;
}

unsigned land_ask(imi_witness *witness, imi_ledger_source *source, uint64_t old_size, imi_view note,
                  imi_buffer *body_out)
{
    imi_note parsed;
    imi_checkpoint checkpoint;
    imi_witness_request request = {.old_size = old_size, .checkpoint = note};
    assert_int_equal(imi_note_parse(note, &parsed, NULL), IMI_OK);
    assert_int_equal(imi_checkpoint_parse(parsed.text, &checkpoint, NULL), IMI_OK);
    if (old_size <= checkpoint.size) {
        assert_int_equal(
            imi_ledger_prove_consistency(source, old_size, checkpoint.size, &request.proof, NULL),
            IMI_OK);
    }
    IMI_AUTO_BUFFER body = IMI_BUFFER_INIT;
    assert_int_equal(imi_witness_request_format(&request, &body, NULL), IMI_OK);
    imi_witness_answer answer;
    assert_int_equal(imi_witness_add_checkpoint(witness, imi_buffer_view(&body), &answer, NULL),
                     IMI_OK);
    body_out->size = 0;
    assert_int_equal(imi_buffer_append(body_out, imi_buffer_view(&answer.body), NULL), IMI_OK);
    imi_buffer_clean_up(&answer.body);
    return answer.code;
}
