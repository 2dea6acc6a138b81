#include "delivery.h"

#include "verifier/json/json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TIME_TEXT_SIZE = 32, TYPE_SIZE = 8 + IMI_STORE_KIND_SIZE };

/* RFC 3339 in UTC with milliseconds. */
static bool format_time(int64_t unix_ms, char out[TIME_TEXT_SIZE])
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm utc;
    char text[24];
    if (unix_ms < 0 || gmtime_r(&seconds, &utc) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc) == 0) {
        return false;
    }
    snprintf(out, TIME_TEXT_SIZE, "%s.%03dZ", text, (int)(unix_ms % 1000));
    return true;
}

static const char *decision_text(const char *kind, imi_decision decision)
{
    static const char *const texts[] = {"", "VERIFIED", "REJECTED", "RETRY", "REVIEW"};
    bool known = (size_t)decision < sizeof texts / sizeof texts[0];
    return known && strcmp(kind, "decided") == 0 ? texts[decision] : "";
}

imi_status imi_webhook_body(const imi_feed_record *item, imi_decision decision, imi_buffer *out,
                            imi_error *err)
{
    const imi_event_record *event = &item->event;
    char at[TIME_TEXT_SIZE], type[TYPE_SIZE];
    if (!format_time(event->at_ms, at)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "an event has no time that can be written");
    }
    snprintf(type, sizeof type, "session.%s", event->kind);
    IMI_AUTO_JSON body =
        json_pack("{s:s, s:s, s:{s:s, s:I, s:I, s:s, s:s, s:s}}", "type", type, "timestamp", at,
                  "data", "session_id", event->session_id, "sequence", (json_int_t)event->sequence,
                  "cursor", (json_int_t)item->cursor, "kind", event->kind, "detail", event->detail,
                  "decision", decision_text(event->kind, decision));
    if (body == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a webhook call");
    }
    return imi_json_render(body, out, err);
}
