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
    record->score_kind = 2;
    make_id("opp", record->operating_point);
    SET(record->evidence, "challenge:+2.0 passive:-0.4(reduced) sum:+1.6");
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
    imi_reference_record record = {
        .quality = 0.75,
        .created_ms = 1700000000002,
        .kind = IMI_REFERENCE_PRIMARY,
        .birth_decade = 1950,
        .sex = IMI_SEX_FEMALE,
        .document_checked = true,
        .delete_after_ms = 1900000000000,
    };
    make_id("ref", record.reference_id);
    SET(record.relying_party, "relying-party");
    SET(record.subject_id, "subject-1");
    SET(record.model_version, "one@0123456789ab");
    return record;
}

imi_reference_record sample_additional(const imi_reference_record *primary)
{
    imi_reference_record record = *primary;
    make_id("ref", record.reference_id);
    make_id("ses", record.session_id);
    SET(record.parent_id, primary->reference_id);
    record.kind = IMI_REFERENCE_ADDITIONAL;
    record.document_checked = false;
    return record;
}

imi_score_record sample_score(void)
{
    imi_score_record record = {
        .at_ms = 1700000200000,
        .raw_similarity = 0.5625,
        .normalised_similarity = 6.75,
        .decisive = true,
        .decision = IMI_DECISION_VERIFIED,
        .shadow_decision = IMI_DECISION_REJECTED,
    };
    SET(record.purpose, "demo");
    SET(record.model_version, "one@0123456789ab");
    SET(record.cohort_id, "cohort-0123456789abcdef");
    make_id("opp", record.operating_point);
    make_id("opp", record.shadow_point);
    return record;
}

imi_cohort_record sample_cohort(void)
{
    imi_cohort_record record = {.created_ms = 1700000300000, .population = 1200};
    make_id("coh", record.cohort_id);
    SET(record.model_version, "one@0123456789ab");
    return record;
}

imi_calibration_record sample_calibration(void)
{
    imi_calibration_record record = {
        .made_ms = 1700000400000, .references = 1000, .comparisons = 499500};
    make_id("cal", record.calibration_id);
    SET(record.made_by, "first-admin");
    SET(record.model_version, "one@0123456789ab");
    SET(record.cohort_id, "cohort-0123456789abcdef");
    return record;
}

imi_point_record sample_point(void)
{
    imi_point_record record = {
        .target_fmr = 1e-4,
        .score_kind = 2,
        .threshold = 5.5,
        .fmr = 8e-5,
        .fmr_low = 6e-5,
        .fmr_high = 1e-4,
        .fnmr = 0.05,
        .fnmr_low = 0.04,
        .fnmr_high = (double)NAN,
        .comparisons = 499500,
        .mated = 400,
        .state = IMI_POINT_PROPOSED,
        .proposed_ms = 1700000500000,
    };
    make_id("opp", record.point_id);
    make_id("cal", record.calibration_id);
    SET(record.purpose, "demo");
    SET(record.proposed_by, "first-admin");
    return record;
}

imi_audit_record sample_audit(const char *action)
{
    imi_audit_record line = {.at_ms = 1700000600000};
    SET(line.actor, "first-admin");
    SET(line.action, action);
    SET(line.object, "object");
    SET(line.detail, "detail");
    return line;
}

imi_leaf_draft sample_leaf(const imi_session_record *session, const char *kind, const char *event)
{
    imi_leaf_draft leaf = {.at_ms = 1700000700000, .event = imi_view_of_text(event)};
    SET(leaf.kind, kind);
    SET(leaf.session_id, session->session_id);
    SET(leaf.relying_party, session->relying_party);
    SET(leaf.subject_id, session->subject_id);
    return leaf;
}

imi_consent_record sample_consent(const imi_session_record *session)
{
    imi_consent_record record = {.state = IMI_CONSENT_GIVEN, .at_ms = 1700000050000};
    imi_error err = IMI_ERROR_INIT;
    make_id("con", record.consent_id);
    SET(record.session_id, session->session_id);
    SET(record.relying_party, session->relying_party);
    SET(record.subject_id, session->subject_id);
    assert_ok(imi_random(record.text_digest, sizeof record.text_digest, &err), &err);
    return record;
}

imi_redemption_record sample_redemption(const char *request_id)
{
    imi_redemption_record record = {.at_ms = 1700000800000};
    make_id("tok", record.token_id);
    SET(record.relying_party, "relying-party");
    SET(record.request_id, request_id);
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
    assert_int_equal(a->score_kind, b->score_kind);
    assert_string_equal(a->operating_point, b->operating_point);
    assert_string_equal(a->evidence, b->evidence);
}

void assert_references_equal(const imi_reference_record *a, const imi_reference_record *b)
{
    assert_string_equal(a->reference_id, b->reference_id);
    assert_string_equal(a->relying_party, b->relying_party);
    assert_string_equal(a->subject_id, b->subject_id);
    assert_string_equal(a->model_version, b->model_version);
    assert_same_number(a->quality, b->quality);
    assert_int_equal(a->created_ms, b->created_ms);
    assert_int_equal(a->kind, b->kind);
    assert_string_equal(a->parent_id, b->parent_id);
    assert_string_equal(a->session_id, b->session_id);
    assert_int_equal(a->birth_decade, b->birth_decade);
    assert_int_equal(a->sex, b->sex);
    assert_int_equal(a->document_checked, b->document_checked);
    assert_int_equal(a->delete_after_ms, b->delete_after_ms);
}

void assert_points_equal(const imi_point_record *a, const imi_point_record *b)
{
    assert_string_equal(a->point_id, b->point_id);
    assert_int_equal(a->version, b->version);
    assert_string_equal(a->purpose, b->purpose);
    assert_same_number(a->target_fmr, b->target_fmr);
    assert_string_equal(a->calibration_id, b->calibration_id);
    assert_int_equal(a->score_kind, b->score_kind);
    assert_same_number(a->threshold, b->threshold);
    assert_same_number(a->fmr, b->fmr);
    assert_same_number(a->fmr_low, b->fmr_low);
    assert_same_number(a->fmr_high, b->fmr_high);
    assert_same_number(a->fnmr, b->fnmr);
    assert_same_number(a->fnmr_low, b->fnmr_low);
    assert_same_number(a->fnmr_high, b->fnmr_high);
    assert_int_equal(a->comparisons, b->comparisons);
    assert_int_equal(a->mated, b->mated);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->shadow, b->shadow);
    assert_string_equal(a->proposed_by, b->proposed_by);
    assert_string_equal(a->approved_by, b->approved_by);
    assert_int_equal(a->proposed_ms, b->proposed_ms);
    assert_int_equal(a->approved_ms, b->approved_ms);
    assert_int_equal(a->activated_ms, b->activated_ms);
    assert_int_equal(a->retired_ms, b->retired_ms);
}

void scratch_make(char *out)
{
    const char *base = getenv("TMPDIR");
    snprintf(out, 256, "%s/imi-store-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(out));
}

imi_status scratch_vault_open(const char *folder, imi_vault **out, imi_error *err)
{
    static const uint8_t secret[IMI_SECRET_SIZE] = "what wraps the test's data keys";
    char path[300];
    snprintf(path, sizeof path, "%s/vault.db", folder);
    return imi_vault_open(path, secret, out, err);
}

static imi_vault *g_scratch_vault;
static pid_t g_scratch_owner;

imi_vault *scratch_vault(const char *folder)
{
    imi_error err = IMI_ERROR_INIT;
    /* An open database is never carried over a fork. */
    if (g_scratch_vault == NULL || g_scratch_owner != getpid()) {
        assert_ok(scratch_vault_open(folder, &g_scratch_vault, &err), &err);
        g_scratch_owner = getpid();
    }
    return g_scratch_vault;
}

void scratch_remove(const char *folder)
{
    imi_vault_close(&g_scratch_vault);
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
