#include "rpc/gateway/headers.h"

#include <string.h>
#include <strings.h>

/* WebAssembly needs its own word; nothing inline, nothing from elsewhere. */
static const char policy_start[] =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors";

imi_status imi_headers_init(const imi_gateway_options *options, imi_headers *out, imi_error *err)
{
    *out = (imi_headers){.options = options};
    imi_status status = imi_buffer_append_text(&out->policy, policy_start, err);
    if (status == IMI_OK && options->ancestor_count == 0) {
        status = imi_buffer_append_text(&out->policy, " 'none'", err);
    }
    for (size_t i = 0; status == IMI_OK && i < options->ancestor_count; i++) {
        status = imi_buffer_printf(&out->policy, err, " %s", options->ancestors[i]);
    }
    return status == IMI_OK ? imi_buffer_terminate(&out->policy, err) : status;
}

void imi_headers_clean_up(imi_headers *headers)
{
    imi_buffer_clean_up(&headers->policy);
}

imi_origin imi_headers_judge_origin(const imi_headers *headers, const char *origin,
                                    const char *host)
{
    if (origin == NULL) {
        return IMI_ORIGIN_SAME;
    }
    const char *rest = strstr(origin, "://");
    if (rest != NULL && host != NULL && strcasecmp(rest + 3, host) == 0) {
        return IMI_ORIGIN_SAME;
    }
    for (size_t i = 0; i < headers->options->origin_count; i++) {
        if (strcmp(origin, headers->options->origins[i]) == 0) {
            return IMI_ORIGIN_ALLOWED;
        }
    }
    return IMI_ORIGIN_FOREIGN;
}

void imi_headers_add(const imi_headers *headers, struct MHD_Response *response)
{
    static const struct {
        const char *name, *value;
    } fixed[] = {
        {"X-Content-Type-Options", "nosniff"},
        {"Strict-Transport-Security", "max-age=31536000"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        MHD_add_response_header(response, fixed[i].name, fixed[i].value);
    }
    MHD_add_response_header(response, "Content-Security-Policy",
                            (const char *)headers->policy.data);
}

void imi_headers_add_cors(struct MHD_Response *response, const char *origin, bool is_preflight)
{
    MHD_add_response_header(response, "Access-Control-Allow-Origin", origin);
    MHD_add_response_header(response, "Vary", "Origin");
    if (is_preflight) {
        MHD_add_response_header(response, "Access-Control-Allow-Methods", "POST");
        MHD_add_response_header(response, "Access-Control-Allow-Headers",
                                "authorization, content-type, grpc-timeout, x-grpc-web, "
                                "x-user-agent");
        MHD_add_response_header(response, "Access-Control-Max-Age", "600");
    } else {
        MHD_add_response_header(response, "Access-Control-Expose-Headers", "date, x-request-id");
    }
}
