/**
 * Times of signed tokens: bounds, reading, comparison with a clock.
 */
#ifndef IMI_TOKEN_TIMES_H
#define IMI_TOKEN_TIMES_H

#include "imi/status.h"
#include "verifier/json/reader.h"

enum { IMI_LEEWAY_MAX_S = 300 };

/** A clock that may be off by leeway_s. */
typedef struct imi_token_clock {
    int64_t now_s, leeway_s;
} imi_token_clock;

/** When a token holds: from issued_s and not_before_s (0 = none), until expires_s. */
typedef struct imi_token_times {
    int64_t issued_s, not_before_s, expires_s;
} imi_token_times;

/** Errors: IMI_E_INVALID_ARGUMENT unless now_s is a time and leeway_s in 0 to IMI_LEEWAY_MAX_S. */
IMI_MUST_USE imi_status imi_token_clock_check(imi_token_clock clock, imi_error *err);

/** Integer member in 1 to the year 10000. Errors: IMI_E_TOKEN_CLAIM. */
IMI_MUST_USE imi_status imi_token_time_read(const imi_json_node *payload, const char *member,
                                            int64_t *out, imi_error *err);

/** Read iat, exp and nbf, which may be missing. Errors: IMI_E_TOKEN_CLAIM unless iat < exp. */
IMI_MUST_USE imi_status imi_token_times_read(const imi_json_node *payload, imi_token_times *out,
                                             imi_error *err);

/** Errors: IMI_E_TOKEN_EXPIRED, IMI_E_TOKEN_NOT_YET_VALID. */
IMI_MUST_USE imi_status imi_token_times_hold(const imi_token_times *times, imi_token_clock clock,
                                             imi_error *err);

#endif
