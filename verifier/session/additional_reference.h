/**
 * Additional references: after a strong verification the subject may let its template be kept
 * beside the enrolled portrait, which may be decades old. Consent, bounds and revocation:
 * docs/sessions.md, "Additional references".
 */
#ifndef IMI_SESSION_ADDITIONAL_REFERENCE_H
#define IMI_SESSION_ADDITIONAL_REFERENCE_H

#include "decide.h"
#include "imi/service.h"
#include "subject_references.h"

/** A capture that has just verified; all borrowed. */
typedef struct imi_verified_probe {
    const imi_session_record *record;
    const imi_purpose *purpose;
    const imi_evidence *evidence;
    const imi_subject_reference *reference;
    const imi_template *probe; /* of one frame, as enrolled ones are of one photo */
} imi_verified_probe;

/** Hold the template for the subject's answer, if the policy offers that after such a session. */
void imi_additional_reference_consider(imi_service *service, const imi_verified_probe *verified);

/** Whether the policy's conditions hold; pure. */
bool imi_additional_reference_may(const imi_verified_probe *verified, int64_t now_ms);

/** Take back what this session offered or gave; nothing there is no error. */
IMI_MUST_USE imi_status imi_additional_reference_take_back(imi_service *service,
                                                           const imi_session_record *session,
                                                           imi_error *err);

/** What the phone may know of it. */
IMI_MUST_USE imi_status imi_additional_reference_state(imi_service *service,
                                                       const imi_session_record *session,
                                                       imi_keep_reference *out, imi_error *err);

#endif
