/*
 * What a server publishes and hands out, as files in a folder: mint FOLDER. A key set and a status
 * list where the issuer would serve them, tokens, receipts and the key of the log.
 */
#include "imi/ledger.h"
#include "imi/status_list.h"
#include "imi/token.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define ISSUER "https://imi.localhost"

enum { ENTRIES = 11, INDEX = 6, PATH_SIZE = 1024 };

static const char *g_folder;
static imi_error g_err;

static void check(imi_status status)
{
    if (status != IMI_OK) {
        fprintf(stderr, "mint: %s\n", g_err.message);
        _Exit(1);
    }
}

static const char *path_of(const char *name)
{
    static char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", g_folder, name);
    return path;
}

static void write_file(const char *name, imi_view contents)
{
    check(imi_file_write(path_of(name), contents, 0644, &g_err));
}

static void write_token(imi_signer *signer, const char *name, uint32_t index)
{
    int64_t now_s = (int64_t)time(NULL);
    imi_token_claims claims = {.issuer = ISSUER,
                               .audience = "https://relying-party.example",
                               .subject = "person",
                               .token_id = "tok_1",
                               .nonce = "nonce-of-the-request",
                               .purpose = "demo",
                               .session_id = "ses_1",
                               .methods = "face liveness",
                               .assurance = "basic",
                               .model_version = "m@1",
                               .policy_version = "p@1",
                               .score_kind = "normalised",
                               .target_fmr = 1e-4,
                               .issued_at_s = now_s,
                               .expires_at_s = now_s + 600,
                               .status_uri = ISSUER "/status/1",
                               .status_index = index};
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    check(imi_token_issue(signer, &claims, &token, &g_err));
    write_file(name, imi_buffer_view(&token));
}

static void write_status_list(imi_signer *signer)
{
    int64_t now_s = (int64_t)time(NULL);
    /* Place 5 is valid, 6 revoked, 7 suspended. */
    uint8_t packed[16] = {0, IMI_TOKEN_INVALID << 4 | IMI_TOKEN_SUSPENDED << 6};
    imi_status_list_terms terms = {ISSUER "/status/1", now_s, now_s + 600, 60};
    IMI_AUTO_BUFFER list = IMI_BUFFER_INIT;
    check(imi_status_list_sign(signer, &terms, (imi_view){packed, sizeof packed}, &list, &g_err));
    write_file("status/1", imi_buffer_view(&list));
}

/* A receipt of the event at index of a log of its own; the log's key beside it. */
static void write_receipt(const char *log_name, const char *name, uint64_t index, const char *token)
{
    static const uint8_t salt[IMI_LEAF_SALT_SIZE] = {9};
    char event[512], log_folder[PATH_SIZE], key_file[PATH_SIZE + 8], key[IMI_NOTE_KEY_TEXT_SIZE];
    snprintf(event, sizeof event,
             "{\"at_ms\":1,\"decision\":\"VERIFIED\",\"kind\":\"decision\",\"purpose\":\"demo\","
             "\"sid\":\"ses_1\",\"tok\":\"%s\"}",
             token);
    snprintf(log_folder, sizeof log_folder, "%s", path_of(log_name));
    snprintf(key_file, sizeof key_file, "%s.pem", log_folder);
    imi_ledger_options options = {
        .folder = log_folder, .origin = "imi.localhost/log", .key_file = key_file};
    IMI_AUTO(imi_ledger) log = NULL;
    check(imi_ledger_open(&options, &log, &g_err));
    imi_ledger_entry entries[ENTRIES] = {0};
    imi_view text = imi_view_of_text(event);
    check(imi_leaf_entry(salt, text, entries[index].bytes, &g_err));
    check(imi_ledger_integrate(log, 0, entries, ENTRIES, &g_err));
    IMI_AUTO_BUFFER receipt = IMI_BUFFER_INIT;
    check(imi_ledger_receipt(log, index, text, salt, &receipt, &g_err));
    write_file(name, imi_buffer_view(&receipt));
    check(imi_note_key_format(imi_ledger_key(log), key, &g_err));
    snprintf(log_folder, sizeof log_folder, "%s.key", name);
    write_file(log_folder, imi_view_of_text(key));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        return 2;
    }
    g_folder = argv[1];
    mkdir(path_of("status"), 0755);
    mkdir(path_of(".well-known"), 0755);
    IMI_AUTO(imi_signer) signer = NULL;
    check(imi_signer_file_new(path_of("key.pem"), &signer, &g_err));
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    check(imi_jwks_render(&signer, 1, &jwks, &g_err));
    write_file(".well-known/jwks.json", imi_buffer_view(&jwks));
    write_status_list(signer);
    write_token(signer, "valid.jwt", 5);
    write_token(signer, "revoked.jwt", 6);
    write_token(signer, "suspended.jwt", 7);
    write_receipt("log", "receipt.json", INDEX, "tok_1");
    write_receipt("last", "last.json", ENTRIES - 1, "tok_1");
    write_receipt("other", "other.json", INDEX, "tok_2");
    return 0;
}
