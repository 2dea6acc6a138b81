#include "fetch.h"

#include <curl/curl.h>
#include <string.h>

/*
 * libcurl, because an HTTPS client of our own would have to get redirects, proxies, chunked
 * bodies and certificate names right, for one request that is not the product's business.
 */
enum { DOCUMENT_MAX = 65536, TIMEOUT_S = 10 };

bool imictl_is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

typedef struct body {
    imi_buffer *out;
    bool too_large;
} body;

static size_t take_part(char *data, size_t size, size_t count, void *user)
{
    body *self = user;
    size_t bytes = size * count;
    if (self->out->size + bytes > DOCUMENT_MAX) {
        self->too_large = true;
        return 0;
    }
    imi_view part = {(const uint8_t *)data, bytes};
    return imi_buffer_append(self->out, part, NULL) == IMI_OK ? bytes : 0;
}

static void set_up(CURL *curl, const char *url, const char *ca, body *into)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_part);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, into);
    if (ca != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
    }
}

/* Without TLS whoever is on the path supplies the keys, so only this machine may be asked. */
static bool is_safe(const char *url)
{
    static const char *const own[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        size_t size = strlen(own[i]);
        if (strncmp(url, own[i], size) == 0 && (url[size] == ':' || url[size] == '/')) {
            /* "http://localhost:x@elsewhere/" names elsewhere. */
            return strchr(url, '@') == NULL;
        }
    }
    return strncmp(url, "https://", 8) == 0;
}

static imi_status get(const char *url, const char *ca, imi_buffer *out, imi_error *err)
{
    if (!is_safe(url)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "keys must come over https: %s would let anyone on the way replace them", url);
    }
    CURL *curl = curl_easy_init();
    if (curl == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an HTTP request");
    }
    body into = {.out = out};
    set_up(curl, url, ca, &into);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    if (into.too_large) {
        IMI_FAIL(err, IMI_E_OVERFLOW, "%s is larger than %d bytes", url, DOCUMENT_MAX);
    }
    if (code != CURLE_OK) {
        IMI_FAIL_FOREIGN(err, IMI_E_RPC_UNAVAILABLE, code, "cannot fetch %s: %s", url,
                         curl_easy_strerror(code));
    }
    return IMI_OK;
}

imi_status imictl_fetch(const char *file_or_url, const char *ca, imi_buffer *out, imi_error *err)
{
    if (imictl_is_url(file_or_url)) {
        return get(file_or_url, ca, out, err);
    }
    return imi_file_read(file_or_url, DOCUMENT_MAX, out, err);
}
