/**
 * One HTTP request to a receiver, as libcurl's multi interface runs it.
 */
#ifndef IMI_WEBHOOK_REQUEST_H
#define IMI_WEBHOOK_REQUEST_H

#include "delivery.h"

#include <curl/curl.h>

enum { IMI_WEBHOOK_TOTAL_MS = 10000 };

/** Zeros = none under way. */
typedef struct imi_webhook_request {
    CURL *curl;
    struct curl_slist *headers;
    imi_buffer body;
    size_t received; /* bytes of the answer, which are not kept */
} imi_webhook_request;

/** Where it goes; borrowed. */
typedef struct imi_webhook_target {
    const char *url, *ca_file;
} imi_webhook_target;

/**
 * Make it ready to be added to a multi handle. body is filled in before; headers are texts, the
 * last one NULL.
 */
IMI_MUST_USE imi_status imi_webhook_request_prepare(imi_webhook_request *self,
                                                    const imi_webhook_target *target,
                                                    const char *const *headers, imi_error *err);
/** How it ended. */
imi_webhook_outcome imi_webhook_request_outcome(const imi_webhook_request *self, CURLcode result);
/** Free everything; it must not be in a multi handle any more. */
void imi_webhook_request_clean_up(imi_webhook_request *self);

#endif
