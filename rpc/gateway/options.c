#include "rpc/gateway/options.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_MAX = 65535, CONNECTIONS_PER_ADDRESS_MAX = 512, RATE_MAX = 100000 };

const char imi_gateway_usage[] =
    "imi-gateway: the page, its calls, and the public documents of a running imid over HTTPS\n"
    "\n"
    "  --server HOST:PORT  imid [localhost:7443]\n"
    "  --ca FILE           who signed imid's certificate, PEM (required)\n"
    "  --cert FILE --key FILE  this gateway's own TLS certificate and key, PEM\n"
    "  --plain             instead: HTTP on loopback, behind a proxy that ends TLS and sets\n"
    "                      X-Forwarded-For\n"
    "  --listen ADDRESS    IP address to serve at; 0.0.0.0 or :: for all [127.0.0.1]\n"
    "  --port N            port; 0 picks one [7480]\n"
    "  --public DIR        imid's DATA/public: also serve the log and the status of tokens\n"
    "  --page DIR          also serve the page from here\n"
    "  --origin ORIGIN     another origin whose pages may call, such as https://app.example;\n"
    "                      may be repeated\n"
    "  --frame-ancestor ORIGIN  who may show the page in a frame; may be repeated\n"
    "  --address-rate N    requests per second of one address, four seconds' worth at once [100]\n"
    "  --session-rate N    requests per second of one session, likewise [20]\n"
    "  --address-connections N  connections of one address at a time [32]\n"
    "  --ready-file FILE   write the port there once serving\n"
    "\n"
    "GET / and /j (the page), /.well-known/jwks.json, /healthz, /log/..., /status/...\n"
    "POST /imi.v1.SubjectService/..., /imi.v1.HolderService/... (gRPC-Web)\n"
    "One line of JSON about each request goes to standard output.\n";

static bool parse_count(const char *text, unsigned long limit, unsigned long *out)
{
    char *end = NULL;
    *out = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *out <= limit;
}

static bool parse_rate(const char *text, double *out)
{
    char *end = NULL;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && *out >= 1 && *out <= RATE_MAX;
}

/* scheme://host[:port], and nothing that could end a header's word. */
static bool add_origin(const char *text, const char **list, size_t *count)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-[]";
    const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : "";
    if (*count == IMI_GATEWAY_ORIGINS_MAX || host[0] == '\0' ||
        host[strspn(host, allowed)] != '\0') {
        return false;
    }
    list[(*count)++] = text;
    return true;
}

/* Options that are a text as it is; NULL for the others. */
static const char **text_option(int option, imi_gateway_options *out)
{
    switch (option) {
    case 's':
        return &out->server;
    case 'a':
        return &out->ca_file;
    case 'c':
        return &out->cert_file;
    case 'k':
        return &out->key_file;
    case 'l':
        return &out->listen;
    case 'u':
        return &out->public_folder;
    case 'g':
        return &out->page_folder;
    case 'r':
        return &out->ready_file;
    default:
        return NULL;
    }
}

static bool take(int option, const char *value, imi_gateway_options *out)
{
    const char **text = text_option(option, out);
    if (text != NULL) {
        *text = value;
        return true;
    }
    switch (option) {
    case 'n':
        out->is_plain = true;
        return true;
    case 'p':
        return parse_count(value, PORT_MAX, &out->port);
    case 'o':
        return add_origin(value, out->origins, &out->origin_count);
    case 'f':
        return add_origin(value, out->ancestors, &out->ancestor_count);
    case 'A':
        return parse_rate(value, &out->per_address);
    case 'S':
        return parse_rate(value, &out->per_session);
    case 'C':
        return parse_count(value, CONNECTIONS_PER_ADDRESS_MAX, &out->connections_per_address) &&
               out->connections_per_address > 0;
    default:
        return false;
    }
}

static bool is_complete(const imi_gateway_options *options)
{
    bool has_pair = options->cert_file != NULL && options->key_file != NULL;
    bool has_part = options->cert_file != NULL || options->key_file != NULL;
    return options->ca_file != NULL && (options->is_plain ? !has_part : has_pair);
}

bool imi_gateway_options_parse(int argc, char **argv, imi_gateway_options *out)
{
    static const struct option known[] = {
        {"server", required_argument, NULL, 's'},
        {"ca", required_argument, NULL, 'a'},
        {"cert", required_argument, NULL, 'c'},
        {"key", required_argument, NULL, 'k'},
        {"plain", no_argument, NULL, 'n'},
        {"listen", required_argument, NULL, 'l'},
        {"port", required_argument, NULL, 'p'},
        {"public", required_argument, NULL, 'u'},
        {"page", required_argument, NULL, 'g'},
        {"origin", required_argument, NULL, 'o'},
        {"frame-ancestor", required_argument, NULL, 'f'},
        {"address-rate", required_argument, NULL, 'A'},
        {"session-rate", required_argument, NULL, 'S'},
        {"address-connections", required_argument, NULL, 'C'},
        {"ready-file", required_argument, NULL, 'r'},
        {NULL, 0, NULL, 0},
    };
    *out = (imi_gateway_options){.server = "localhost:7443",
                                 .listen = "127.0.0.1",
                                 .port = 7480,
                                 .per_address = 100,
                                 .per_session = 20,
                                 .connections_per_address = 32};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (!take(option, optarg, out)) {
            return false;
        }
    }
    return optind == argc && is_complete(out);
}
