/**
 * Makes credentials and presentations, good and bad, with keys of the test's own.
 */
#ifndef IMI_TEST_CREDENTIAL_MINT_H
#define IMI_TEST_CREDENTIAL_MINT_H

#include "imi/credential.h"

#define MINT_NOW_S 1700000000
#define MINT_ISSUER "https://imi.example"
#define MINT_TYPE "https://imi.example/credentials/graduate"
#define MINT_AUDIENCE "https://employer.example"
#define MINT_NONCE "n-0S6_WzA2Mj"

/** What a graduate's credential says; see also the paths in the tests. */
#define MINT_CLAIMS                                                                                \
    "{\"name\":\"Li Hua\",\"degree\":{\"subject\":\"Physics\",\"year\":2024},"                     \
    "\"languages\":[\"zh\",\"en\"]}"

/** Fresh keys in a fresh folder. cmocka set-up and tear-down. */
int mint_set_up(void **state);
int mint_tear_down(void **state);
extern imi_signer *g_issuer, *g_holder, *g_stranger;
extern imi_key_set *g_keys; /* of the issuer */
extern imi_buffer g_holder_jwk;

/** Fail the test with the message unless status is OK. */
void assert_ok(imi_status status, const imi_error *err);
void assert_text(const imi_buffer *got, const char *wanted);
/** Equal as JSON, whatever the order of members. */
void assert_json(const imi_buffer *got, const char *wanted);

imi_credential_terms mint_terms(void);
imi_credential_expectation mint_expectation(void);
/** MINT_CLAIMS under mint_terms. */
void mint_credential(imi_buffer *out);
/** Present with key binding for MINT_AUDIENCE and MINT_NONCE. paths: separated by spaces. */
void mint_presentation(imi_view credential, const char *paths, imi_buffer *out);

/** A disclosure of some JSON text, encoded; its digest. Static storage, eight of them at once. */
const char *mint_disclosure(const char *json);
const char *mint_digest(const char *disclosure);
/** iss, vct, iat, exp, cnf, and some members more. Static storage. */
const char *mint_payload(const char *more);
/** mint_payload with a text in it replaced. */
const char *mint_payload_with(const char *old_text, const char *new_text);
/** Signed by g_issuer with any typ, '~' and disclosures behind it (each ends in '~'). */
void mint_raw(const char *type, const char *payload, const char *disclosures, imi_buffer *out);
/** Append a key binding; in payload $ stands for the right sd_hash. */
void mint_bind(imi_signer *signer, const char *type, const char *payload, imi_buffer *shown);
/** The payload of a right key binding. */
extern const char mint_binding[];

/** Verify under an expectation; claims_out may be NULL. */
imi_status mint_verify_as(imi_view presentation, const imi_credential_expectation *expectation,
                          imi_buffer *claims_out);
/** Refused with this status, nothing said of it, and no part of it in the message. */
void assert_refused(const imi_buffer *presentation, imi_status wanted);
/** The same for what is not bound, when that is expected. */
void assert_unbound_refused(const imi_buffer *presentation, imi_status wanted);
/** mint_raw of mint_payload(more) with disclosures: what is disclosed, or the refusal. */
void assert_discloses(const char *more, const char *disclosures, const char *claims);
void assert_undisclosed(const char *more, const char *disclosures);

#endif
