#include "records.h"

#include "imi/memory.h"

#include <dirent.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define SET(array, text) assert_true(imi_copy_text((array), sizeof(array), (text)))

void assert_ok(imi_status status, const imi_error *err)
{
    if (status != IMI_OK) {
        fail_msg("%s: %s", imi_status_name(status), err->message);
    }
}

/* Without allocating, so that tests of failing allocations can use it. */
static void make_id(const char *prefix, char out[IMI_ID_SIZE])
{
    imi_error err = IMI_ERROR_INIT;
    uint8_t raw[11];
    char hex[2 * sizeof raw + 1];
    assert_ok(imi_random(raw, sizeof raw, &err), &err);
    imi_hex_encode((imi_view){raw, sizeof raw}, hex);
    snprintf(out, IMI_ID_SIZE, "%s_%s", prefix, hex);
}

imi_session_record sample_session(void)
{
    imi_session_record record = {0};
    imi_error err = IMI_ERROR_INIT;
    make_id("ses", record.session_id);
    SET(record.relying_party, "relying-party");
    SET(record.request_id, "");
    SET(record.subject_id, "subject-\xE6\x9D\x8E");
    SET(record.reference_id, "ref_AAAAAAAAAAAAAAAAAAAAAA");
    SET(record.purpose, "demo");
    SET(record.nonce, "n-0S6_WzA2Mj");
    record.state = IMI_SESSION_CREATED;
    assert_ok(imi_random(record.join_secret_hash, sizeof record.join_secret_hash, &err), &err);
    record.created_ms = 1700000000000;
    record.expires_ms = 1700000900000;
    record.similarity = (double)NAN;
    record.fmr = (double)NAN;
    SET(record.policy_version, "2026-11-22@0123456789ab");
    SET(record.model_version, "one@0123456789ab");
    return record;
}

void decide_sample(imi_session_record *record)
{
    imi_error err = IMI_ERROR_INIT;
    record->state = IMI_SESSION_DECIDED;
    assert_ok(imi_random(record->credential_hash, sizeof record->credential_hash, &err), &err);
    assert_ok(imi_random(record->device_key, 91, &err), &err);
    record->device_key_size = 91;
    record->consented_ms = 1700000100000;
    record->attempts = 2;
    record->decision = IMI_DECISION_VERIFIED;
    SET(record->reason, "ok");
    record->similarity = 0.5625;
    record->fmr = 3.25e-5;
    make_id("tok", record->token_id);
    record->decided_ms = 1700000200000;
}

imi_event_record sample_event(const char *kind)
{
    imi_event_record event = {.at_ms = 1700000000001};
    SET(event.kind, kind);
    SET(event.detail, "detail");
    return event;
}

imi_reference_record sample_reference(void)
{
    imi_reference_record record = {.quality = 0.75, .created_ms = 1700000000002};
    make_id("ref", record.reference_id);
    SET(record.relying_party, "relying-party");
    SET(record.subject_id, "subject-1");
    SET(record.model_version, "one@0123456789ab");
    return record;
}

static void assert_same_number(double a, double b)
{
    assert_true(isnan(a) ? isnan(b) : a == b);
}

void assert_sessions_equal(const imi_session_record *a, const imi_session_record *b)
{
    assert_string_equal(a->session_id, b->session_id);
    assert_int_equal(a->version, b->version);
    assert_string_equal(a->relying_party, b->relying_party);
    assert_string_equal(a->request_id, b->request_id);
    assert_string_equal(a->subject_id, b->subject_id);
    assert_string_equal(a->reference_id, b->reference_id);
    assert_string_equal(a->purpose, b->purpose);
    assert_string_equal(a->nonce, b->nonce);
    assert_int_equal(a->state, b->state);
    assert_memory_equal(a->join_secret_hash, b->join_secret_hash, IMI_STORE_HASH_SIZE);
    assert_memory_equal(a->credential_hash, b->credential_hash, IMI_STORE_HASH_SIZE);
    assert_int_equal(a->device_key_size, b->device_key_size);
    assert_memory_equal(a->device_key, b->device_key, IMI_STORE_KEY_SIZE);
    assert_int_equal(a->created_ms, b->created_ms);
    assert_int_equal(a->expires_ms, b->expires_ms);
    assert_int_equal(a->consented_ms, b->consented_ms);
    assert_int_equal(a->attempts, b->attempts);
    assert_int_equal(a->decision, b->decision);
    assert_string_equal(a->reason, b->reason);
    assert_same_number(a->similarity, b->similarity);
    assert_same_number(a->fmr, b->fmr);
    assert_string_equal(a->policy_version, b->policy_version);
    assert_string_equal(a->model_version, b->model_version);
    assert_string_equal(a->token_id, b->token_id);
    assert_int_equal(a->decided_ms, b->decided_ms);
}

void scratch_make(char *out)
{
    const char *base = getenv("TMPDIR");
    snprintf(out, 256, "%s/imi-store-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(out));
}

void scratch_remove(const char *folder)
{
    DIR *listing = opendir(folder);
    for (struct dirent *entry = NULL; listing != NULL && (entry = readdir(listing)) != NULL;) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    if (listing != NULL) {
        closedir(listing);
    }
    rmdir(folder);
}
