/**
 * Calls as an administrator: what the commands threshold, calibration, duplicates and audit
 * share.
 */
#ifndef IMI_IMICTL_ADMINISTRATOR_H
#define IMI_IMICTL_ADMINISTRATOR_H

#include "imictl.h"

#include "imi/v1/administration.pb-c.h"

typedef struct imictl_administrator {
    imi_connection_options connection;
    const char *as; /* whose certificate of DATA/pki */
    bool json;
} imictl_administrator;

#define IMICTL_ADMINISTRATOR_INIT                                                                  \
    {                                                                                              \
        .as = "administrator"                                                                      \
    }

/** Rows of an option table that every such command has. */
#define IMICTL_ADMINISTRATOR_ROWS(options)                                                         \
    {"--as", &(options).as, NULL,                                                                  \
     false,  "NAME",        "whose certificate DATA/pki/NAME.crt is used [administrator]"},        \
        IMICTL_JSON_ROW((options).json),                                                           \
        {"--server",  &(options).connection.server,                                                \
         NULL,        false,                                                                       \
         "HOST:PORT", "the server [" IMI_CONNECTION_SERVER ", or $IMI_SERVER]"},                   \
        {"--ca", &(options).connection.ca,                                                         \
         NULL,   false,                                                                            \
         "FILE", "who signed its certificate [DATA/pki/ca.crt; DATA is $IMI_DATA or var]"},        \
        {"--cert", &(options).connection.cert,          NULL, false,                               \
         "FILE",   "our own certificate [as --as says]"},                                          \
    {                                                                                              \
        "--key", &(options).connection.key, NULL, false, "FILE", "its key [as --as says]"          \
    }

/**
 * Call a method of imi.v1.AdministrationService; free *out with
 * protobuf_c_message_free_unpacked(message, NULL).
 */
IMI_MUST_USE imi_status imictl_administrate(const imictl_administrator *who, const char *method,
                                            const void *request,
                                            const ProtobufCMessageDescriptor *response_type,
                                            void **out, imi_error *err);

/** The same for a command that prints what comes back. Returns an exit code. */
typedef void (*imictl_print_message)(const void *message);
int imictl_administrate_and_print(const imi_cli_spec *spec, const imictl_administrator *who,
                                  const char *method, const void *request,
                                  const ProtobufCMessageDescriptor *response_type,
                                  imictl_print_message print);

/** Numbers given on the command line; false and a usage error unless they are good. */
bool imictl_parse_rate(const char *text, double *out);
/** "raw", "normalised"; NULL is unspecified. */
bool imictl_parse_kind(const char *text, Imi__V1__ScoreKind *out);
const char *imictl_kind_name(Imi__V1__ScoreKind kind);

#endif
