#include "issue_token.h"

#include "claims.h"
#include "status_place.h"

/* Under whose rules claims were verified; no published framework's, so it has IMI's own name. */
#define TRUST_FRAMEWORK "imi"

static imi_status name_parties(imi_service *service, const imi_session_record *record,
                               const imi_relying_party *party, imi_token_claims *out,
                               imi_error *err)
{
    char subject[IMI_PAIRWISE_SIZE];
    const char *issuer = imi_policy_issuer(service->options.policy);
    if (!imi_copy_text(out->issuer, sizeof out->issuer, issuer) ||
        !imi_copy_text(out->audience, sizeof out->audience, party->audience)) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "issuer or audience is too long for a token");
    }
    IMI_TRY(imi_token_pairwise_subject(service->subject_secret, party->audience, record->subject_id,
                                       subject, err));
    imi_copy_text(out->subject, sizeof out->subject, subject);
    return IMI_OK;
}

static void describe_session(const imi_session_record *record, imi_token_claims *out)
{
    imi_copy_text(out->token_id, sizeof out->token_id, record->token_id);
    imi_copy_text(out->nonce, sizeof out->nonce, record->nonce);
    imi_copy_text(out->purpose, sizeof out->purpose, record->purpose);
    imi_copy_text(out->session_id, sizeof out->session_id, record->session_id);
    imi_copy_text(out->model_version, sizeof out->model_version, record->model_version);
    imi_copy_text(out->policy_version, sizeof out->policy_version, record->policy_version);
    imi_copy_text(out->operating_point, sizeof out->operating_point, record->operating_point);
}

/* Whoever gets the token by way of the phone can ask for proof that it is this phone's. The key is
 * the session's own, so its thumbprint joins no two tokens. */
static imi_status name_holder(const imi_session_record *record, imi_token_claims *out,
                              imi_error *err)
{
    if (record->device_key_size == 0) {
        return IMI_OK;
    }
    IMI_AUTO_BUFFER jwk = IMI_BUFFER_INIT;
    IMI_TRY(
        imi_es256_jwk_of_spki((imi_view){record->device_key, record->device_key_size}, &jwk, err));
    return imi_jwk_thumbprint(imi_buffer_view(&jwk), out->confirmation, err);
}

static void add_evidence(imi_verification *verification, imi_token_evidence_kind kind)
{
    verification->evidence[verification->evidence_count++] =
        (imi_token_evidence){kind, verification->verified_at_s};
}

/* The same twice: short for who reads amr and acr, and as OpenID Identity Assurance puts it. */
static void describe_evidence(const imi_evidence *evidence, int64_t decided_s,
                              imi_token_claims *out)
{
    const char *level = imi_evidence_has_networks(evidence) ? "substantial" : "basic";
    imi_copy_text(out->methods, sizeof out->methods,
                  evidence->document_checked ? "face liveness document" : "face liveness");
    imi_copy_text(out->assurance, sizeof out->assurance, level);
    imi_copy_text(out->score_kind, sizeof out->score_kind,
                  imi_score_kind_name(evidence->score_kind));
    out->target_fmr = evidence->target_fmr;
    imi_verification *verification = &out->verification;
    imi_copy_text(verification->trust_framework, sizeof verification->trust_framework,
                  TRUST_FRAMEWORK);
    imi_copy_text(verification->assurance_level, sizeof verification->assurance_level, level);
    verification->verified_at_s = decided_s;
    add_evidence(verification, IMI_TOKEN_EVIDENCE_FACE);
    add_evidence(verification, IMI_TOKEN_EVIDENCE_LIVENESS);
    if (evidence->document_checked) {
        add_evidence(verification, IMI_TOKEN_EVIDENCE_DOCUMENT);
    }
}

static imi_status place_status(imi_service *service, imi_token_claims *out, imi_error *err)
{
    imi_status_record place;
    imi_store *store = service->options.store;
    IMI_TRY(store->allocate_status(store, out->token_id, &place, err));
    out->status_index = place.index;
    return imi_status_uri(service->options.policy, place.list, out->status_uri, err);
}

imi_status imi_session_issue_token(imi_service *service, const imi_session_record *record,
                                   const imi_purpose *purpose, const imi_evidence *evidence,
                                   imi_buffer *out, imi_error *err)
{
    const imi_relying_party *party = NULL;
    imi_signer *signer = NULL;
    imi_token_claims claims = {.issued_at_s = record->decided_ms / 1000};
    claims.expires_at_s = claims.issued_at_s + (int64_t)purpose->token_lifetime_s;
    IMI_TRY(imi_service_party(service, record->relying_party, &party, err));
    IMI_TRY(name_parties(service, record, party, &claims, err));
    IMI_TRY(name_holder(record, &claims, err));
    describe_session(record, &claims);
    describe_evidence(evidence, claims.issued_at_s, &claims);
    IMI_TRY(imi_claims_tell(service, record, &claims.verification, err));
    IMI_TRY(place_status(service, &claims, err));
    IMI_TRY(imi_keyring_signer(service->options.keyring, party->token_algorithm, claims.issued_at_s,
                               &signer, err));
    return imi_token_issue(signer, &claims, out, err);
}
