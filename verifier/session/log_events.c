#include "log_events.h"

#include "verifier/json/json.h"

#include <string.h>

void imi_log_event_clean_up(imi_log_event *event)
{
    imi_buffer_clean_up(&event->text);
    event->draft = (imi_leaf_draft){.at_ms = 0};
}

/* Jansson keeps the order in which members were packed: each call packs them sorted. */
static imi_status finish(json_t *object, const char *kind, int64_t at_ms, imi_log_event *out,
                         imi_error *err)
{
    IMI_AUTO_JSON owned = object;
    if (owned == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an event of the public log");
    }
    IMI_TRY(imi_json_render(owned, &out->text, err));
    if (out->text.size > IMI_STORE_LEAF_MAX) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "an event of the public log has more than %d bytes",
                 IMI_STORE_LEAF_MAX);
    }
    out->draft.at_ms = at_ms;
    imi_copy_text(out->draft.kind, sizeof out->draft.kind, kind);
    out->draft.event = imi_buffer_view(&out->text);
    return IMI_OK;
}

/* Sealed under the data key of the session's subject, so that it can be forgotten. */
static void belong_to(const imi_session_record *session, imi_leaf_draft *draft)
{
    imi_copy_text(draft->session_id, sizeof draft->session_id, session->session_id);
    imi_copy_text(draft->relying_party, sizeof draft->relying_party, session->relying_party);
    imi_copy_text(draft->subject_id, sizeof draft->subject_id, session->subject_id);
}

static const char *decision_text(imi_decision decision)
{
    static const char *const texts[] = {"NONE", "VERIFIED", "REJECTED", "RETRY", "REVIEW"};
    return (size_t)decision < sizeof texts / sizeof texts[0] ? texts[decision] : "NONE";
}

imi_status imi_log_event_decision(const imi_session_record *record, int64_t at_ms,
                                  imi_log_event *out, imi_error *err)
{
    json_t *event =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "at_ms", (json_int_t)at_ms,
                  "decision", decision_text(record->decision), "kind", "decision", "model",
                  record->model_version, "point", record->operating_point, "policy",
                  record->policy_version, "purpose", record->purpose, "reason", record->reason,
                  "sid", record->session_id, "tok", record->token_id);
    belong_to(record, &out->draft);
    return finish(event, IMI_LEAF_DECISION, at_ms, out, err);
}

static const char *consent_text(imi_consent_state state)
{
    switch (state) {
    case IMI_CONSENT_GIVEN:
        return "given";
    case IMI_CONSENT_REFUSED:
        return "refused";
    case IMI_CONSENT_WITHDRAWN:
        return "withdrawn";
    default:
        return "none";
    }
}

imi_status imi_log_event_consent(const imi_logged_consent *consent, imi_log_event *out,
                                 imi_error *err)
{
    const imi_session_record *session = consent->session;
    char digest[2 * IMI_STORE_HASH_SIZE + 1];
    imi_hex_encode((imi_view){consent->text_digest, IMI_STORE_HASH_SIZE}, digest);
    json_t *claims = json_array();
    for (size_t i = 0; i < consent->claim_count; i++) {
        if (json_array_append_new(claims, json_string(consent->claims[i])) != 0) {
            json_decref(claims);
            claims = NULL; /* json_pack refuses it */
        }
    }
    json_t *event = json_pack(
        "{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:s}", "at_ms", (json_int_t)consent->at_ms, "claims",
        claims, "kind", "consent", "party", session->relying_party, "purpose", session->purpose,
        "sid", session->session_id, "state", consent_text(consent->state), "text_sha256", digest);
    belong_to(session, &out->draft);
    return finish(event, IMI_LEAF_CONSENT, consent->at_ms, out, err);
}

static json_t *policy_event(const imi_audit_record *line)
{
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s}", "action", line->action, "at_ms",
                     (json_int_t)line->at_ms, "actor", line->actor, "detail", line->detail, "kind",
                     "policy", "object", line->object);
}

imi_status imi_log_event_threshold(const imi_audit_record *line, imi_log_event *out, imi_error *err)
{
    return finish(policy_event(line), IMI_LEAF_THRESHOLD, line->at_ms, out, err);
}

/* What leaves about the policy file are found by, in place of a session. */
static const char policy_file_name[] = "policy";

imi_status imi_log_event_policy_file(const char *version, int64_t at_ms, imi_log_event *out,
                                     imi_error *err)
{
    imi_audit_record line = {.at_ms = at_ms, .actor = "service", .action = "policy.load"};
    imi_copy_text(line.detail, sizeof line.detail, version);
    imi_copy_text(out->draft.session_id, sizeof out->draft.session_id, policy_file_name);
    return finish(policy_event(&line), IMI_LEAF_POLICY_FILE, at_ms, out, err);
}

static imi_status newest_policy_file(imi_store *store, const char *version, bool *same_out,
                                     imi_error *err)
{
    *same_out = false;
    imi_leaf_record leaf;
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT;
    IMI_AUTO_JSON event = NULL;
    imi_status status =
        store->find_leaf(store, policy_file_name, IMI_LEAF_POLICY_FILE, &leaf, &text, err);
    if (status == IMI_E_NOT_FOUND) {
        return IMI_OK;
    }
    IMI_TRY(status);
    IMI_TRY(imi_json_parse_object(imi_buffer_view(&text), IMI_STORE_LEAF_MAX, "the event of a leaf",
                                  IMI_E_STORE_CORRUPT, &event, err));
    const char *named = imi_json_text(event, "detail");
    *same_out = named != NULL && strcmp(named, version) == 0;
    return IMI_OK;
}

imi_status imi_log_policy_file(imi_store *store, const char *version, int64_t at_ms, imi_error *err)
{
    bool known = false;
    IMI_TRY(newest_policy_file(store, version, &known, err));
    if (known) {
        return IMI_OK;
    }
    IMI_AUTO_LOG_EVENT event = IMI_LOG_EVENT_INIT;
    IMI_TRY(imi_log_event_policy_file(version, at_ms, &event, err));
    return store->append_leaf(store, &event.draft, NULL, err);
}

void imi_log_key_name(const imi_keyring_entry *key, char out[IMI_ID_SIZE])
{
    imi_copy_text(out, IMI_ID_SIZE, key->key_id);
}

imi_status imi_log_event_key(const imi_keyring_entry *key, bool added, int64_t at_ms,
                             imi_log_event *out, imi_error *err)
{
    json_t *event =
        json_pack("{s:s, s:s, s:I, s:s, s:s}", "action", added ? "added" : "retired", "alg",
                  key->algorithm, "at_ms", (json_int_t)at_ms, "kid", key->key_id, "kind", "key");
    imi_log_key_name(key, out->draft.session_id);
    return finish(event, added ? IMI_LEAF_KEY_ADDED : IMI_LEAF_KEY_RETIRED, at_ms, out, err);
}

static const char *status_text(imi_token_status status)
{
    static const char *const texts[] = {"valid", "invalid", "suspended"};
    return (size_t)status < sizeof texts / sizeof texts[0] ? texts[status] : "unknown";
}

imi_status imi_log_event_status(const imi_session_record *record, imi_token_status status,
                                const char *reason, int64_t at_ms, imi_log_event *out,
                                imi_error *err)
{
    json_t *event = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s}", "at_ms", (json_int_t)at_ms, "kind",
                              "status", "reason", reason, "sid", record->session_id, "status",
                              status_text(status), "tok", record->token_id);
    belong_to(record, &out->draft);
    return finish(event, IMI_LEAF_STATUS, at_ms, out, err);
}

imi_status imi_log_event_redemption(const imi_session_record *record, int64_t at_ms,
                                    imi_log_event *out, imi_error *err)
{
    json_t *event = json_pack("{s:I, s:s, s:s, s:s}", "at_ms", (json_int_t)at_ms, "kind",
                              "redemption", "sid", record->session_id, "tok", record->token_id);
    belong_to(record, &out->draft);
    return finish(event, IMI_LEAF_REDEMPTION, at_ms, out, err);
}

imi_status imi_log_event_deletion(const imi_logged_deletion *deletion, imi_log_event *out,
                                  imi_error *err)
{
    json_t *event =
        json_pack("{s:I, s:s, s:s, s:s, s:I, s:I}", "at_ms", (json_int_t)deletion->at_ms, "del",
                  deletion->deletion_id, "kind", "deletion", "party", deletion->party, "references",
                  (json_int_t)deletion->references, "sessions", (json_int_t)deletion->sessions);
    imi_copy_text(out->draft.session_id, sizeof out->draft.session_id, deletion->deletion_id);
    return finish(event, IMI_LEAF_DELETION, deletion->at_ms, out, err);
}
