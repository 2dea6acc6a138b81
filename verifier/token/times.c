#include "times.h"

/* The year 10000. Bounded so that adding a leeway cannot overflow. */
static const int64_t TIME_MAX_S = 253402300800;

imi_status imi_token_clock_check(imi_token_clock clock, imi_error *err)
{
    if (clock.now_s <= 0 || clock.now_s > TIME_MAX_S) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "now_s is not a time");
    }
    if (clock.leeway_s < 0 || clock.leeway_s > IMI_LEEWAY_MAX_S) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "leeway_s is not in 0 to %d", IMI_LEEWAY_MAX_S);
    }
    return IMI_OK;
}

imi_status imi_token_time_read(const imi_json_node *payload, const char *member, int64_t *out,
                               imi_error *err)
{
    int64_t value = 0;
    if (!imi_json_integer(imi_json_member(payload, member), &value) || value <= 0 ||
        value > TIME_MAX_S) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim %s is missing or not a time", member);
    }
    *out = value;
    return IMI_OK;
}

imi_status imi_token_times_read(const imi_json_node *payload, imi_token_times *out, imi_error *err)
{
    *out = (imi_token_times){0};
    IMI_TRY(imi_token_time_read(payload, "iat", &out->issued_s, err));
    IMI_TRY(imi_token_time_read(payload, "exp", &out->expires_s, err));
    if (out->expires_s <= out->issued_s) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "claim exp is not after iat");
    }
    return imi_json_member(payload, "nbf") == NULL
               ? IMI_OK
               : imi_token_time_read(payload, "nbf", &out->not_before_s, err);
}

imi_status imi_token_times_hold(const imi_token_times *times, imi_token_clock clock, imi_error *err)
{
    int64_t start = times->not_before_s > times->issued_s ? times->not_before_s : times->issued_s;
    if (start > clock.now_s + clock.leeway_s) {
        IMI_FAIL(err, IMI_E_TOKEN_NOT_YET_VALID, "the token is not valid yet: check the clocks");
    }
    if (times->expires_s <= clock.now_s - clock.leeway_s) {
        IMI_FAIL(err, IMI_E_TOKEN_EXPIRED, "the token has expired");
    }
    return IMI_OK;
}
