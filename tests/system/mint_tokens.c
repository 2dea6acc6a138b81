/*
 * Verified sessions with their tokens, made without any face: written into the store as a server
 * would, and signed with its keys. Prints a line SESSION_ID TOKEN for each.
 *
 * usage: mint_tokens DATA ISSUER AUDIENCE PARTY COUNT
 */
#include "imi/keyring.h"
#include "imi/service.h"
#include "imi/token.h"
#include "verifier/session/log_events.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PATH_SIZE = 4096, LIFE_S = 24 * 3600 };

typedef struct mint {
    const char *issuer, *audience, *party;
    imi_vault *vault;
    imi_store *store;
    imi_keyring *keyring;
} mint;

/* As the server lays it out. */
static imi_status open_data(const char *folder, mint *out, imi_error *err)
{
    char path[PATH_SIZE];
    uint8_t secret[IMI_SECRET_SIZE];
    snprintf(path, sizeof path, "%s/wrapping-secret", folder);
    IMI_TRY(imi_secret_file_load(path, secret, err));
    snprintf(path, sizeof path, "%s/vault.db", folder);
    IMI_TRY(imi_vault_open(path, secret, &out->vault, err));
    snprintf(path, sizeof path, "%s/imi.db", folder);
    IMI_TRY(imi_store_sqlite_open(path, out->vault, &out->store, err));
    snprintf(path, sizeof path, "%s/keys", folder);
    imi_keyring_options keys = {.folder = path};
    return imi_keyring_open(&keys, (int64_t)time(NULL), &out->keyring, err);
}

static imi_status sign(const mint *self, const imi_session_record *session, imi_buffer *out,
                       imi_error *err)
{
    imi_status_record place;
    imi_signer *signer = NULL;
    int64_t now_s = session->decided_ms / 1000;
    imi_token_claims claims = {.issued_at_s = now_s, .expires_at_s = now_s + LIFE_S};
    imi_copy_text(claims.issuer, sizeof claims.issuer, self->issuer);
    imi_copy_text(claims.audience, sizeof claims.audience, self->audience);
    imi_copy_text(claims.subject, sizeof claims.subject, "nobody");
    imi_copy_text(claims.token_id, sizeof claims.token_id, session->token_id);
    imi_copy_text(claims.nonce, sizeof claims.nonce, session->nonce);
    imi_copy_text(claims.purpose, sizeof claims.purpose, session->purpose);
    imi_copy_text(claims.session_id, sizeof claims.session_id, session->session_id);
    imi_copy_text(claims.methods, sizeof claims.methods, "face liveness");
    imi_copy_text(claims.assurance, sizeof claims.assurance, "basic");
    imi_copy_text(claims.model_version, sizeof claims.model_version, "none");
    imi_copy_text(claims.policy_version, sizeof claims.policy_version, "none");
    imi_copy_text(claims.score_kind, sizeof claims.score_kind, "raw");
    claims.target_fmr = 1e-4;
    IMI_TRY(self->store->allocate_status(self->store, session->token_id, &place, err));
    snprintf(claims.status_uri, sizeof claims.status_uri, "%.200s/status/%lld", self->issuer,
             (long long)place.list);
    claims.status_index = place.index;
    IMI_TRY(imi_keyring_signer(self->keyring, "ES256", now_s, &signer, err));
    return imi_token_issue(signer, &claims, out, err);
}

static imi_status put_verified(const mint *self, imi_session_record *session, imi_error *err)
{
    imi_event_record event = {.at_ms = session->created_ms};
    IMI_AUTO_BUFFER token = IMI_BUFFER_INIT;
    IMI_AUTO_LOG_EVENT logged = IMI_LOG_EVENT_INIT;
    imi_copy_text(event.kind, sizeof event.kind, "created");
    IMI_TRY(self->store->create_session(self->store, session, &event, err));
    session->state = IMI_SESSION_DECIDED;
    session->decision = IMI_DECISION_VERIFIED;
    session->decided_ms = event.at_ms;
    IMI_TRY(imi_id_new("tok", session->token_id, err));
    IMI_TRY(sign(self, session, &token, err));
    IMI_TRY(imi_log_event_decision(session, event.at_ms, &logged, err));
    imi_session_extras extras = {.token = imi_buffer_view(&token), .leaf = &logged.draft};
    imi_copy_text(event.kind, sizeof event.kind, "decided");
    IMI_TRY(self->store->update_session(self->store, session, &event, &extras, err));
    printf("%s %.*s\n", session->session_id, (int)token.size, (const char *)token.data);
    return IMI_OK;
}

static imi_status mint_one(const mint *self, imi_error *err)
{
    int64_t now_ms = 1000 * (int64_t)time(NULL);
    imi_session_record session = {
        .state = IMI_SESSION_CREATED,
        .created_ms = now_ms,
        .expires_ms = now_ms + 60000,
        .similarity = (double)NAN,
        .fmr = (double)NAN,
    };
    IMI_TRY(imi_id_new("ses", session.session_id, err));
    imi_copy_text(session.relying_party, sizeof session.relying_party, self->party);
    imi_copy_text(session.subject_id, sizeof session.subject_id, "nobody");
    imi_copy_text(session.purpose, sizeof session.purpose, "demo");
    imi_copy_text(session.nonce, sizeof session.nonce, "12345678");
    return put_verified(self, &session, err);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: mint_tokens DATA ISSUER AUDIENCE PARTY COUNT\n");
        return 2;
    }
    imi_error error = IMI_ERROR_INIT;
    mint self = {.issuer = argv[2], .audience = argv[3], .party = argv[4]};
    imi_status status = open_data(argv[1], &self, &error);
    unsigned long count = strtoul(argv[5], NULL, 10);
    for (unsigned long i = 0; i < count && status == IMI_OK; i++) {
        status = mint_one(&self, &error);
    }
    if (status != IMI_OK) {
        fprintf(stderr, "mint_tokens: %s: %s\n", imi_status_name(status), error.message);
    }
    imi_keyring_destroy(&self.keyring);
    imi_store_destroy(&self.store);
    imi_vault_close(&self.vault);
    return status == IMI_OK ? 0 : 3;
}
