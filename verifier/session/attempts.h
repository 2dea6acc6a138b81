/**
 * How often one may try, beyond one session: for each subject and for each device key, with a
 * delay that grows. Durable; forgotten after a day.
 */
#ifndef IMI_SESSION_ATTEMPTS_H
#define IMI_SESSION_ATTEMPTS_H

#include "service_internal.h"

/** Longer than any session lives: not today any more. */
#define IMI_ATTEMPT_NEVER_MS INT64_MAX

/** How long to wait before an attempt, 0 if it may begin; pure. */
int64_t imi_attempt_wait_ms(const imi_attempt_limits *limits, const imi_attempt_tally *tally,
                            int64_t now_ms);

/**
 * Note the session's next attempt, unless the subject or the device has to wait. One that was
 * noted before may begin again.
 */
IMI_MUST_USE imi_status imi_attempt_begin(imi_service *service, const imi_session_record *record,
                                          const imi_purpose *purpose, int64_t *wait_ms_out,
                                          imi_error *err);

#endif
