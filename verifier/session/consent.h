/**
 * Consent to a session: what was asked and answered, as it is recorded. docs/consent.md.
 */
#ifndef IMI_SESSION_CONSENT_H
#define IMI_SESSION_CONSENT_H

#include "claims.h"

/**
 * Id of what a session has one of, such as its consent: the session's own with another prefix, so
 * that it need not be kept and is the same whenever a call is repeated.
 */
void imi_session_own_id(const imi_session_record *session, const char prefix[3],
                        char out[IMI_ID_SIZE]);

/** Whether a session's consent was taken back; one of before consents were recorded was not. */
IMI_MUST_USE imi_status imi_consent_is_withdrawn(imi_service *service,
                                                 const imi_session_record *session, bool *out,
                                                 imi_error *err);

/** Put the consent, now in this state, and its leaf into a change of its session. */
IMI_MUST_USE imi_status imi_consent_record_answer(imi_service *service, imi_session_change *change,
                                                  imi_consent_state state,
                                                  const imi_claim_names *asked,
                                                  const imi_claim_names *agreed, imi_error *err);

/** The same for taking back what was given; a session of before has nothing to record. */
IMI_MUST_USE imi_status imi_consent_record_withdrawal(imi_service *service,
                                                      imi_session_change *change, imi_error *err);

#endif
