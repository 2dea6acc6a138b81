#include "imid_options.h"

#include "imi/memory.h"
#include "imi/place.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPTION_DATA = 1,
    OPTION_LISTEN,
    OPTION_MODELS,
    OPTION_POLICY,
    OPTION_CALIBRATION,
    OPTION_READY_FILE,
    OPTION_WORKERS,
    OPTION_CAPTURES_AT_ONCE,
    OPTION_NAME,
    OPTION_KEY_PASS_PHRASE,
    OPTION_PKCS11_MODULE,
    OPTION_PKCS11_TOKEN,
    OPTION_PKCS11_PIN,
    OPTION_WEBHOOK_CA,
    OPTION_SHARED,
    OPTION_LOG_LEVEL,
    OPTION_HELP
};

static const struct option long_options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"models", required_argument, NULL, OPTION_MODELS},
    {"policy", required_argument, NULL, OPTION_POLICY},
    {"calibration", required_argument, NULL, OPTION_CALIBRATION},
    {"ready-file", required_argument, NULL, OPTION_READY_FILE},
    {"workers", required_argument, NULL, OPTION_WORKERS},
    {"captures-at-once", required_argument, NULL, OPTION_CAPTURES_AT_ONCE},
    {"name", required_argument, NULL, OPTION_NAME},
    {"key-pass-phrase", required_argument, NULL, OPTION_KEY_PASS_PHRASE},
    {"pkcs11-module", required_argument, NULL, OPTION_PKCS11_MODULE},
    {"pkcs11-token", required_argument, NULL, OPTION_PKCS11_TOKEN},
    {"pkcs11-pin", required_argument, NULL, OPTION_PKCS11_PIN},
    {"webhook-ca", required_argument, NULL, OPTION_WEBHOOK_CA},
    {"shared", no_argument, NULL, OPTION_SHARED},
    {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "imid: the identity verification server\n"
    "\n"
    "  --data DIR          database, keys and certificates, made at first start [./var]\n"
    "  --listen ADDR:PORT  where to serve gRPC over TLS; port 0 picks one [127.0.0.1:7443]\n"
    "  --models DIR        folder of manifest.json and the networks [beside the build]\n"
    "  --policy FILE       purposes and relying parties, YAML [shipped default]\n"
    "  --calibration FILE  score to false match rate, JSON [shipped default]\n"
    "  --workers N         compute threads, each with its own networks [one a core]\n"
    "  --captures-at-once N  captures that may run, others wait their turn [as many as\n"
    "                      the workers judge often enough, which is measured]\n"
    "  --name NAME         further DNS name or address for the development certificate;\n"
    "                      may be repeated\n"
    "  --ready-file FILE   write the port there once serving\n"
    "  --shared            serve data that other imid --shared serve too (docs/sessions.md)\n"
    "  --key-pass-phrase FILE  encrypts the files of token keys [not encrypted]\n"
    "  --pkcs11-module FILE, --pkcs11-token LABEL, --pkcs11-pin FILE\n"
    "                      where token keys may lie instead: all three or none\n"
    "  --webhook-ca FILE   authorities of webhook receivers, PEM [the system's]\n"
    "  --log-level LEVEL   debug, info, warning or error [info]\n"
    "  --help\n"
    "\n"
    "The log goes to standard error, one JSON object a line. SIGTERM and SIGINT drain running\n"
    "calls for up to 5 seconds, then stop. Exit codes: 0 stopped as told, 2 wrong usage,\n"
    "3 cannot start.\n";

static bool parse_count(const char *text, size_t most, size_t *out)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    *out = value;
    return *text >= '0' && *text <= '9' && *end == '\0' && value >= 1 && value <= most;
}

static bool parse_level(const char *text, imi_log_level *out)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (imi_log_level)i;
            return true;
        }
    }
    return false;
}

static bool add_name(imid_options *out, const char *name)
{
    if (out->name_count == IMID_NAMES_MAX) {
        return false;
    }
    out->names[out->name_count++] = name;
    return true;
}

/* True if the value is acceptable. */
static bool apply(imid_options *out, int option, const char *value)
{
    switch (option) {
    case OPTION_DATA:
        return imi_copy_text(out->data, sizeof out->data, value);
    case OPTION_LISTEN:
        return strchr(value, ':') != NULL && imi_copy_text(out->listen, sizeof out->listen, value);
    case OPTION_MODELS:
        return imi_copy_text(out->models, sizeof out->models, value);
    case OPTION_POLICY:
        return imi_copy_text(out->policy, sizeof out->policy, value);
    case OPTION_CALIBRATION:
        return imi_copy_text(out->calibration, sizeof out->calibration, value);
    case OPTION_READY_FILE:
        return imi_copy_text(out->ready_file, sizeof out->ready_file, value);
    case OPTION_WORKERS:
        return parse_count(value, 256, &out->workers);
    case OPTION_CAPTURES_AT_ONCE:
        return parse_count(value, 256, &out->captures_at_once);
    case OPTION_NAME:
        return add_name(out, value);
    case OPTION_KEY_PASS_PHRASE:
        return imi_copy_text(out->key_pass_phrase, sizeof out->key_pass_phrase, value);
    case OPTION_PKCS11_MODULE:
        return imi_copy_text(out->pkcs11_module, sizeof out->pkcs11_module, value);
    case OPTION_PKCS11_TOKEN:
        return imi_copy_text(out->pkcs11_token, sizeof out->pkcs11_token, value);
    case OPTION_PKCS11_PIN:
        return imi_copy_text(out->pkcs11_pin, sizeof out->pkcs11_pin, value);
    case OPTION_WEBHOOK_CA:
        return imi_copy_text(out->webhook_ca, sizeof out->webhook_ca, value);
    case OPTION_SHARED:
        out->shared = true;
        return true;
    case OPTION_LOG_LEVEL:
        return parse_level(value, &out->log_level);
    default:
        return false;
    }
}

static void set_shared(char out[IMI_PLACE_SIZE], const char *name)
{
    imi_error error = IMI_ERROR_INIT;
    if (imi_place_shared(name, out, &error) != IMI_OK) {
        fprintf(stderr, "imid: %s\n", error.message);
    }
}

static imid_options defaults(void)
{
    imid_options options = {.data = "var", .listen = "127.0.0.1:7443", .log_level = IMI_LOG_INFO};
    /* Without these the options must be given; imid says so when it opens the files. */
    set_shared(options.models, "models");
    set_shared(options.policy, "policy.yaml");
    set_shared(options.calibration, "calibration.json");
    return options;
}

imid_parsed imid_options_parse(int argc, char **argv, imid_options *out)
{
    *out = defaults();
    int index = 0;
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, &index)) != -1) {
        if (option == OPTION_HELP) {
            fputs(help, stdout);
            return IMID_EXIT_OK;
        }
        if (option == '?') {
            fputs("imid --help lists the options\n", stderr);
            return IMID_EXIT_USAGE;
        }
        if (!apply(out, option, optarg)) {
            fprintf(stderr, "imid: --%s cannot be '%s'; imid --help says what it takes\n",
                    long_options[index].name, optarg);
            return IMID_EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "imid: '%s' is not an option; imid --help lists them\n", argv[optind]);
        return IMID_EXIT_USAGE;
    }
    return IMID_RUN;
}

const char *imid_option_or_null(const char *option)
{
    return option[0] == '\0' ? NULL : option;
}
