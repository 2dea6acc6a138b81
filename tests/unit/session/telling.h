/**
 * Sessions in which something is told of the subject.
 */
#ifndef IMI_TESTS_TELLING_H
#define IMI_TESTS_TELLING_H

#include "phone.h"

/* Of "citizen-1", whom the fixture enrols. */
#define TELLING_SUBJECT "citizen-1"
#define TELLING_CLAIMS                                                                             \
    "{\"name\":\"Wang Xiaoming\",\"birthdate\":\"1961-02-03\",\"adult\":true,"                     \
    "\"degree\":{\"subject\":\"geology\",\"year\":1983}}"

/** Enrol TELLING_CLAIMS; must succeed. */
static inline void telling_enrol(fixture *f)
{
    assert_int_equal(
        imi_service_set_claims(f->service, FIXTURE_PARTY, TELLING_SUBJECT, TELLING_CLAIMS, NULL),
        IMI_OK);
}

/** Ask for claims in a session of PURPOSE_TELLING. */
static inline imi_status telling_create(fixture *f, const char *const *claims, size_t count,
                                        imi_created_session *out, imi_error *err)
{
    const imi_create_session request = {.purpose = PURPOSE_TELLING,
                                        .reference_id = f->reference_id,
                                        .nonce = "nonce-of-the-bureau",
                                        .request_id = "",
                                        .claims = claims,
                                        .claim_count = count};
    return imi_service_create_session(f->service, FIXTURE_PARTY, &request, out, err);
}

/** Enrol claims, ask for name, birthdate and adult, join; must succeed. */
static inline phone *telling_join(fixture *f)
{
    const char *const asked[] = {"adult", "name", "birthdate"};
    imi_created_session created;
    telling_enrol(f);
    assert_int_equal(telling_create(f, asked, 3, &created, NULL), IMI_OK);
    phone *p = phone_new(f, FIXTURE_PERSON);
    assert_int_equal(phone_join(p, &created), IMI_OK);
    return p;
}

/** Answer yes to these claims. */
static inline imi_status telling_agree(phone *p, const char *const *claims, size_t count,
                                       imi_error *err)
{
    imi_session_state state = IMI_SESSION_NONE;
    const imi_consent_answer answer = {.accepted = true, .claims = claims, .claim_count = count};
    return imi_service_consent(p->f->service, p->credential, &answer, &state, err);
}

/** A phone whose session ended VERIFIED, with name and adult agreed to; must succeed. */
static inline phone *telling_verified(fixture *f)
{
    const char *const agreed[] = {"name", "adult"};
    imi_frame_feedback end;
    phone *p = telling_join(f);
    assert_int_equal(telling_agree(p, agreed, 2, NULL), IMI_OK);
    assert_int_equal(phone_begin(p), IMI_OK);
    assert_int_equal(phone_play(p, 400, &end), IMI_OK);
    assert_int_equal(fixture_session(f, p->session_id).decision, IMI_DECISION_VERIFIED);
    return p;
}

#endif
