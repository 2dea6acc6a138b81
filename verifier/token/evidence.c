#include "evidence.h"

#include <string.h>
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

imi_status imi_time_text_read(const char *text, int64_t *out, imi_error *err)
{
    *out = 0;
    struct tm parts = {0};
    char again[IMI_TIME_TEXT_SIZE];
    const char *end = text == NULL ? NULL : strptime(text, format, &parts);
    int64_t time_s = end == NULL || *end != '\0' ? 0 : (int64_t)timegm(&parts);
    /* strptime takes white space and days that no month has. */
    if (imi_time_text_render(time_s, again, NULL) != IMI_OK || strcmp(again, text) != 0) {
        IMI_FAIL(err, IMI_E_TOKEN_CLAIM, "a time of verified_claims is missing or malformed");
    }
    *out = time_s;
    return IMI_OK;
}
