#include "request.h"

#include <string.h>

enum {
    CONNECT_MS = 5000,
    ANSWER_MOST = 64 << 10 /* bytes that a receiver may say; none of them is kept */
};

/* Beyond the limit the transfer ends, which is no failure: the code has been read by then. */
static size_t skip_answer(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    imi_webhook_request *self = user;
    self->received += size * count;
    return self->received <= ANSWER_MOST ? size * count : 0;
}

/* Straight to that address and nowhere else: no redirect, no proxy, no other protocol. */
static void restrict_to(CURL *curl, const imi_webhook_target *target)
{
    bool plain = strncmp(target->url, "http://", 7) == 0; /* to this machine: imi_policy_load */
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (target->ca_file != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, target->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)IMI_WEBHOOK_TOTAL_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

static imi_status add_headers(imi_webhook_request *self, const char *const *headers, imi_error *err)
{
    for (; *headers != NULL; headers++) {
        struct curl_slist *longer = curl_slist_append(self->headers, *headers);
        if (longer == NULL) {
            IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a webhook call");
        }
        self->headers = longer;
    }
    return IMI_OK;
}

imi_status imi_webhook_request_prepare(imi_webhook_request *self, const imi_webhook_target *target,
                                       const char *const *headers, imi_error *err)
{
    self->curl = curl_easy_init();
    if (self->curl == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a webhook call");
    }
    IMI_TRY(add_headers(self, headers, err));
    restrict_to(self->curl, target);
    curl_easy_setopt(self->curl, CURLOPT_URL, target->url);
    curl_easy_setopt(self->curl, CURLOPT_HTTPHEADER, self->headers);
    curl_easy_setopt(self->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)self->body.size);
    curl_easy_setopt(self->curl, CURLOPT_POSTFIELDS, self->body.data);
    curl_easy_setopt(self->curl, CURLOPT_WRITEFUNCTION, skip_answer);
    curl_easy_setopt(self->curl, CURLOPT_WRITEDATA, self);
    curl_easy_setopt(self->curl, CURLOPT_PRIVATE, self);
    return IMI_OK;
}

static const char *failure_of(CURLcode result)
{
    switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "unknown_host";
    case CURLE_COULDNT_CONNECT:
        return "unreachable";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        return "tls";
    default:
        return "connection_lost";
    }
}

imi_webhook_outcome imi_webhook_request_outcome(const imi_webhook_request *self, CURLcode result)
{
    imi_webhook_outcome outcome = {.failure = failure_of(result)};
    bool too_long = result == CURLE_WRITE_ERROR && self->received > ANSWER_MOST;
    if (result == CURLE_OK || too_long) {
        curl_off_t seconds = 0;
        curl_easy_getinfo(self->curl, CURLINFO_RESPONSE_CODE, &outcome.http_code);
        curl_easy_getinfo(self->curl, CURLINFO_RETRY_AFTER, &seconds);
        outcome.retry_after_s = seconds;
    }
    return outcome;
}

void imi_webhook_request_clean_up(imi_webhook_request *self)
{
    curl_easy_cleanup(self->curl);
    curl_slist_free_all(self->headers);
    imi_buffer_clean_up(&self->body);
    *self = (imi_webhook_request){.curl = NULL};
}
