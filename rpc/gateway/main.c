/*
 * imi-gateway: what phones and the public reach of a running imid, over HTTPS. A process of its
 * own that holds no signing key and no state: it asks imid over gRPC.
 */
#include "imi/daemon.h"
#include "imi/log.h"
#include "rpc/gateway/http.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_USAGE = 2, EXIT_CANNOT_START = 3 };

static imi_status announce(const imi_http *http, const imi_gateway_options *options, imi_error *err)
{
    unsigned port = imi_http_port(http);
    imi_log(IMI_LOG_INFO, "gateway", "serving %s at %s, port %u, for imid at %s",
            options->is_plain ? "HTTP" : "HTTPS", options->listen, port, options->server);
    return imi_daemon_write_ready_file(options->ready_file, port, err);
}

static imi_status serve(imi_gateway *gateway, imi_error *err)
{
    imi_http *http = NULL;
    IMI_TRY(imi_http_start(gateway, &http, err));
    imi_status status = announce(http, gateway->options, err);
    if (status == IMI_OK) {
        int signal = imi_daemon_wait_for_stop(IMI_DAEMON_FOREVER);
        imi_log(IMI_LOG_INFO, "gateway", "signal %d: stopping", signal);
    }
    atomic_store(&gateway->is_stopping, true);
    imi_http_stop(&http);
    return status;
}

static imi_status run(const imi_gateway_options *options, imi_error *err)
{
    IMI_AUTO(imi_upstream) upstream = NULL;
    IMI_AUTO(imi_limits) limits = NULL;
    IMI_AUTO(imi_connections) connections = NULL;
    IMI_TRY(imi_upstream_new(options->server, options->ca_file, &upstream, err));
    IMI_TRY(imi_limits_new(options->per_address, options->per_session, &limits, err));
    IMI_TRY(imi_connections_new(&connections, err));
    imi_gateway gateway = {
        .options = options, .upstream = upstream, .limits = limits, .connections = connections};
    imi_status status = imi_headers_init(options, &gateway.headers, err);
    if (status == IMI_OK) {
        status = serve(&gateway, err);
    }
    imi_headers_clean_up(&gateway.headers);
    return status;
}

int main(int argc, char **argv)
{
    imi_gateway_options options;
    if (!imi_gateway_options_parse(argc, argv, &options)) {
        bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
        fputs(imi_gateway_usage, asked ? stdout : stderr);
        return asked ? 0 : EXIT_USAGE;
    }
    imi_daemon_hold_stop_signals();

    imi_error error = IMI_ERROR_INIT;
    if (run(&options, &error) != IMI_OK) {
        imi_log(IMI_LOG_ERROR, "gateway", "cannot start: %s", error.message);
        return EXIT_CANNOT_START;
    }
    return 0;
}
