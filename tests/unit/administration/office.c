#include "office.h"

#include "imi/calibrate.h"
#include "imi/log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIM = 64 };

static const int64_t START_MS = 1790000000000;

/* Shipped: supports 1e-4, but not 1e-6. */
static const char shipped[] =
    "{\"version\": \"shipped.1\", \"measured_on\": \"made up\", \"made_at\": \"2026-01-01\","
    " \"models\": [{\"id\": \"" OFFICE_MODELS "\", "
    "\"weights\": {\"raw\": 1, \"normalised\": 1}}],"
    " \"tables\": {\"raw\": {\"comparisons\": 1000000, \"fmr_floor\": 1e-5,"
    " \"groups\": {\"all\": {\"comparisons\": 1000000}},"
    " \"knots\": [[-1, 1], [0, 0.5], [0.3, 1e-2], [0.6, 1e-4], [0.9, 1e-5]]}}}";

void office_ok(imi_status status, const imi_error *err)
{
    if (status != IMI_OK) {
        fail_msg("%s: %s", imi_status_name(status), err->message);
    }
}

static void path_in(const office *o, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", o->folder, name);
}

static void add_purpose(imi_buffer *text, const char *name, double target_fmr)
{
    assert_int_equal(
        imi_buffer_printf(text, NULL,
                          "  - name: %s\n"
                          "    title: Title\n"
                          "    consent_text: This is the text that people consent to, at length\n"
                          "    target_fmr: %g\n"
                          "    challenge: {actions: [near_far, blink], count: 2, count_max: 2,\n"
                          "                near_far_required: true, near_targets: false}\n"
                          "    pad: off\n"
                          "    light: off\n"
                          "    attestation: off\n"
                          "    attempts: 3\n"
                          "    attempt_limits: {free: 3, first_delay_s: 30, max_delay_s: 60,\n"
                          "                     per_day: 20}\n"
                          "    session_lifetime_s: 900\n"
                          "    token_lifetime_s: 300\n"
                          "    evidence: [face, liveness]\n",
                          name, target_fmr),
        IMI_OK);
}

static void load_policy(office *o, double loose_target_fmr)
{
    char path[128];
    imi_error err = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    path_in(o, "policy.yaml", path);
    office_ok(imi_buffer_append_text(&text,
                                     "version: t\nissuer: https://imi.test\n"
                                     "presentation_attack:\n"
                                     "  accept: 0\n"
                                     "  reject: 0\n"
                                     "  challenge: {required: true}\n"
                                     "  geometry: {required: false}\n"
                                     "  parallax: {required: false}\n"
                                     "  passive: {required: false}\n"
                                     "  continuity: {required: false}\n"
                                     "  camera: {required: false}\n"
                                     "  light: {required: false}\n"
                                     "  attestation: {required: false}\n"
                                     "purposes:\n",
                                     &err),
              &err);
    add_purpose(&text, OFFICE_STRICT, 1e-4);
    add_purpose(&text, OFFICE_LOOSE, loose_target_fmr);
    office_ok(imi_buffer_append_text(&text,
                                     "relying_parties:\n"
                                     "  - {name: " STRANGER ", audience: https://b.test,\n"
                                     "     purposes: [" OFFICE_LOOSE "], may_enrol: true}\n"
                                     "administrators: [" FIRST ", " SECOND "]\n",
                                     &err),
              &err);
    office_ok(imi_file_write(path, imi_buffer_view(&text), 0600, &err), &err);
    imi_policy_destroy(&o->policy);
    office_ok(imi_policy_load(path, &o->policy, &err), &err);
}

void office_restart_with(office *o, double loose_target_fmr, const char *model_version)
{
    imi_error err = IMI_ERROR_INIT;
    imi_administration_destroy(&o->administration);
    imi_operating_points_destroy(&o->points);
    load_policy(o, loose_target_fmr);
    imi_operating_points_options points = {
        .policy = o->policy,
        .scorer = o->scorer,
        .model_version = model_version,
        .store = o->store,
    };
    office_ok(imi_operating_points_new(&points, &o->points, &err), &err);
    imi_administration_options administration = {
        .store = o->store,
        .clock = &o->clock.base,
        .policy = o->policy,
        .points = o->points,
        .model_version = model_version,
    };
    office_ok(imi_administration_new(&administration, &o->administration, &err), &err);
}

void office_restart(office *o)
{
    office_restart_with(o, 1e-2, OFFICE_MODELS);
}

int office_set_up(void **state)
{
    imi_error err = IMI_ERROR_INIT;
    int64_t blocks = imi_alloc_live_blocks();
    office *o = imi_alloc(sizeof *o);
    assert_non_null(o);
    o->blocks = blocks;
    imi_log_set_level(IMI_LOG_OFF);
    imi_copy_text(o->folder, sizeof o->folder, "/tmp/imi-office-XXXXXX");
    assert_non_null(mkdtemp(o->folder));
    imi_clock_manual_init(&o->clock, START_MS);
    char path[128];
    path_in(o, "vault.db", path);
    office_ok(imi_vault_open(path, (const uint8_t[IMI_SECRET_SIZE]){1}, &o->vault, &err), &err);
    path_in(o, "imi.db", path);
    office_ok(imi_store_sqlite_open(path, o->vault, &o->store, &err), &err);
    office_ok(imi_scorer_parse(imi_view_of_text(shipped), &o->scorer, &err), &err);
    office_restart(o);
    *state = o;
    return 0;
}

int office_tear_down(void **state)
{
    static const char *const files[] = {"imi.db", "imi.db-wal", "imi.db-shm", "vault.db",
                                        "policy.yaml"};
    office *o = *state;
    imi_administration_destroy(&o->administration);
    imi_operating_points_destroy(&o->points);
    imi_scorer_destroy(&o->scorer);
    imi_policy_destroy(&o->policy);
    imi_store_destroy(&o->store);
    imi_vault_close(&o->vault);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[128];
        path_in(o, files[i], path);
        unlink(path);
    }
    rmdir(o->folder);
    int64_t blocks = o->blocks;
    imi_free(o);
    assert_int_equal(imi_alloc_live_blocks(), blocks);
    return 0;
}

static void made_up_face(uint32_t seed, imi_template *out)
{
    uint32_t state = seed * 2654435761U + 1;
    double square = 0;
    *out = (imi_template){.count = 1};
    imi_template_vector *vector = &out->vectors[0];
    imi_copy_text(vector->model_id, sizeof vector->model_id, OFFICE_MODELS);
    vector->dim = DIM;
    for (size_t i = 0; i < DIM; i++) {
        state = state * 1664525U + 1013904223U;
        vector->values[i] = (float)(state >> 8) / (1 << 23) - 1;
        square += (double)vector->values[i] * (double)vector->values[i];
    }
    for (size_t i = 0; i < DIM; i++) {
        vector->values[i] = (float)((double)vector->values[i] / sqrt(square));
    }
}

static void add_people(imi_population *population, size_t people)
{
    imi_error err = IMI_ERROR_INIT;
    for (size_t i = 0; i < people; i++) {
        imi_template face;
        char id[IMI_ID_SIZE], subject[32];
        made_up_face((uint32_t)i, &face);
        snprintf(id, sizeof id, "ref_%zu", i);
        snprintf(subject, sizeof subject, "person-%zu", i);
        imi_population_member member = {
            .reference_id = id,
            .subject = imi_subject_key_of("realm", subject),
            .face_template = &face,
            .attributes = {.birth_decade = 1950, .sex = i % 2 == 0 ? IMI_SEX_MALE : IMI_SEX_FEMALE},
        };
        office_ok(imi_population_add(population, &member, &err), &err);
    }
}

void office_calibrate(office *o, size_t people)
{
    imi_error err = IMI_ERROR_INIT;
    imi_population_options options = {.scorer = o->scorer, .capacity = people, .seed = 1};
    IMI_AUTO(imi_population) population = NULL;
    IMI_AUTO(imi_nonmated) nonmated = NULL;
    IMI_AUTO_BUFFER json = IMI_BUFFER_INIT;
    office_ok(imi_population_new(&options, &population, &err), &err);
    add_people(population, people);
    imi_nonmated_options measure = {.duplicate_fmr = 1e-9};
    office_ok(imi_nonmated_measure(population, &measure, &nonmated, &err), &err);
    office_ok(imi_id_new("cal", o->calibration_id, &err), &err);
    int64_t now = o->clock.now_ms;
    office_ok(imi_nonmated_write(nonmated, o->calibration_id, now, &json, &err), &err);
    imi_calibration_record record = {
        .made_ms = now,
        .references = (int64_t)people,
        .comparisons = (int64_t)(people * (people - 1) / 2),
    };
    imi_copy_text(record.calibration_id, sizeof record.calibration_id, o->calibration_id);
    imi_copy_text(record.made_by, sizeof record.made_by, FIRST);
    imi_copy_text(record.model_version, sizeof record.model_version, OFFICE_MODELS);
    imi_audit_record audit = {.at_ms = now};
    imi_copy_text(audit.actor, sizeof audit.actor, FIRST);
    imi_copy_text(audit.action, sizeof audit.action, "calibration.make");
    imi_copy_text(audit.object, sizeof audit.object, o->calibration_id);
    office_ok(o->store->put_calibration(o->store, &record, imi_buffer_view(&json), &audit, &err),
              &err);
}

static imi_session_record begin_session(office *o, const char *purpose)
{
    imi_error err = IMI_ERROR_INIT;
    imi_session_record session = {
        .state = IMI_SESSION_CREATED,
        .created_ms = o->clock.now_ms,
        .expires_ms = o->clock.now_ms + 1000,
        .similarity = (double)NAN,
        .fmr = (double)NAN,
    };
    office_ok(imi_id_new("ses", session.session_id, &err), &err);
    imi_copy_text(session.relying_party, sizeof session.relying_party, STRANGER);
    imi_copy_text(session.subject_id, sizeof session.subject_id, "person");
    imi_copy_text(session.purpose, sizeof session.purpose, purpose);
    imi_copy_text(session.nonce, sizeof session.nonce, "12345678");
    imi_event_record event = {.at_ms = o->clock.now_ms};
    imi_copy_text(event.kind, sizeof event.kind, "created");
    office_ok(o->store->create_session(o->store, &session, &event, &err), &err);
    return session;
}

void office_add_shadowed(office *o, const char *purpose, double raw, imi_decision decision,
                         const char *shadow, imi_decision shadow_decision)
{
    imi_error err = IMI_ERROR_INIT;
    imi_session_record session = begin_session(o, purpose);
    session.state = IMI_SESSION_DECIDED;
    session.decision = decision;
    session.decided_ms = o->clock.now_ms;
    imi_score_record score = {
        .at_ms = o->clock.now_ms,
        .raw_similarity = raw,
        .normalised_similarity = (double)NAN,
        .decisive = true,
        .decision = decision,
        .shadow_decision = shadow_decision,
    };
    imi_copy_text(score.purpose, sizeof score.purpose, purpose);
    imi_copy_text(score.model_version, sizeof score.model_version, OFFICE_MODELS);
    imi_copy_text(score.shadow_point, sizeof score.shadow_point, shadow);
    imi_event_record event = {.at_ms = o->clock.now_ms};
    imi_copy_text(event.kind, sizeof event.kind, "decided");
    imi_session_extras extras = {.score = &score};
    office_ok(o->store->update_session(o->store, &session, &event, &extras, &err), &err);
}

void office_add_score(office *o, const char *purpose, double raw, imi_decision decision)
{
    office_add_shadowed(o, purpose, raw, decision, "", IMI_DECISION_NONE);
}

imi_point_record office_propose(office *o, const char *purpose, double target_fmr)
{
    imi_error err = IMI_ERROR_INIT;
    imi_propose_request request = {
        .purpose = purpose, .target_fmr = target_fmr, .calibration_id = ""};
    imi_proposed proposed;
    office_ok(imi_administration_propose(o->administration, FIRST, &request, &proposed, &err),
              &err);
    if (!proposed.accepted) {
        fail_msg("refused: %s", proposed.refusal);
    }
    imi_read_calibration_clean_up(&proposed.calibration);
    imi_clock_manual_advance(&o->clock, 1000);
    return proposed.point;
}

imi_point_record office_install(office *o, const char *purpose, double target_fmr)
{
    imi_error err = IMI_ERROR_INIT;
    imi_point_record point = office_propose(o, purpose, target_fmr), retired;
    office_ok(imi_administration_approve(o->administration, SECOND, point.point_id, &point, &err),
              &err);
    imi_clock_manual_advance(&o->clock, 1000);
    office_ok(imi_administration_activate(o->administration, FIRST, point.point_id, &point,
                                          &retired, &err),
              &err);
    imi_clock_manual_advance(&o->clock, 1000);
    return point;
}

size_t office_audit(office *o, imi_audit_record *out, size_t capacity)
{
    imi_error err = IMI_ERROR_INIT;
    imi_audit_head head;
    size_t count = 0;
    office_ok(imi_store_verify_audit(o->store, &head, &err), &err);
    office_ok(
        imi_administration_list_audit(o->administration, FIRST, 0, out, capacity, &count, &err),
        &err);
    return count;
}
