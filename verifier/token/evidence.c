#include "evidence.h"

#include <time.h>

/* bvr and vri are method names of OpenID Identity Assurance (remote biometric verification, visual
 * inspection of a remote image); what begins with imi_ is ours. */
const imi_evidence_form imi_evidence_forms[IMI_EVIDENCE_FORMS] = {
    {IMI_TOKEN_EVIDENCE_FACE, "electronic_record", "record", "imi_enrolled_reference", "bvr"},
    {IMI_TOKEN_EVIDENCE_LIVENESS, "electronic_record", "record", "imi_capture", "imi_liveness"},
    {IMI_TOKEN_EVIDENCE_DOCUMENT, "document", "document_details", "imi_checked_document", "vri"},
};

static const char format[] = "%Y-%m-%dT%H:%M:%SZ";

imi_status imi_time_text_render(int64_t time_s, char out[IMI_TIME_TEXT_SIZE], imi_error *err)
{
    static const int64_t last_s = 253402300799; /* of the year 9999 */
    time_t time = (time_t)time_s;
    struct tm parts;
    out[0] = '\0';
    if (time_s <= 0 || time_s > last_s || gmtime_r(&time, &parts) == NULL ||
        strftime(out, IMI_TIME_TEXT_SIZE, format, &parts) == 0) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "not a time");
    }
    return IMI_OK;
}

static bool has_shape(const char *text)
{
    static const char shape[] = "0000-00-00T00:00:00Z";
    for (size_t i = 0; i < sizeof shape; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !is_digit : text[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

static int number_at(const char *digits, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        number = number * 10 + (digits[i] - '0');
    }
    return number;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970 to a date of the Gregorian calendar; -1 for days that there never were. */
static int64_t days_until(int year, int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    if (year < 1970 || month < 1 || month > 12) {
        return -1;
    }
    bool has_29 = is_leap(year);
    if (day < 1 || day > before[month] - before[month - 1] + (has_29 && month == 2)) {
        return -1;
    }
    int past = year - 1; /* leap days of whole years; 477 of them were before 1970 */
    int leap_days = past / 4 - past / 100 + past / 400 - 477 + (has_29 && month > 2);
    return (int64_t)365 * (year - 1970) + leap_days + before[month - 1] + day - 1;
}

/* Without strptime, which takes more than is meant, and a microsecond a token with timegm. */
imi_status imi_time_text_read(const char *text, int64_t *out, imi_error *err)
{
    *out = 0;
    int64_t days = -1, second = 0;
    bool is_time = has_shape(text);
    if (is_time) {
        int hour = number_at(text + 11, 2), minute = number_at(text + 14, 2);
        days = days_until(number_at(text, 4), number_at(text + 5, 2), number_at(text + 8, 2));
        second = number_at(text + 17, 2) + 60 * (minute + 60 * hour);
        is_time = hour < 24 && minute < 60 && number_at(text + 17, 2) < 60;
    }
    if (!is_time || days < 0 || days * 86400 + second == 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "a time of verified_claims is missing or malformed");
    }
    *out = days * 86400 + second;
    return IMI_OK;
}
