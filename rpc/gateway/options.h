/**
 * Command line of imi-gateway.
 */
#ifndef IMI_GATEWAY_OPTIONS_H
#define IMI_GATEWAY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { IMI_GATEWAY_ORIGINS_MAX = 8 };

/** Texts are those of argv. */
typedef struct imi_gateway_options {
    const char *server; /* imid's HOST:PORT */
    const char *ca_file; /* who signed imid's certificate */
    const char *cert_file, *key_file; /* own TLS identity */
    bool is_plain; /* HTTP on loopback, behind a proxy that ends TLS */
    const char *listen; /* IP address of this machine to serve at */
    unsigned long port;
    const char *public_folder; /* imid's DATA/public; NULL: no files are served */
    const char *page_folder; /* the page's build; NULL: no page is served */
    const char *ready_file;
    const char *origins[IMI_GATEWAY_ORIGINS_MAX]; /* other origins whose pages may call */
    size_t origin_count;
    const char *ancestors[IMI_GATEWAY_ORIGINS_MAX]; /* origins that may frame the page */
    size_t ancestor_count;
    double per_address; /* requests per second */
    double per_session;
    unsigned long connections_per_address;
} imi_gateway_options;

/** False when the command line is wrong, or asks for help. */
bool imi_gateway_options_parse(int argc, char **argv, imi_gateway_options *out);

/** What --help says. */
extern const char imi_gateway_usage[];

#endif
