/**
 * Where the server is and who calls: options that all tools share, with the defaults that a
 * server started by tools/run needs none of.
 */
#ifndef IMI_TOOLS_CONNECTION_H
#define IMI_TOOLS_CONNECTION_H

#include "imi/status.h"
#include "rpc/client.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_CONNECTION_PATH_SIZE = 1024 };

#define IMI_CONNECTION_SERVER "localhost:7443"

/** iss and aud of tokens under the policy that ships. */
#define IMI_CONNECTION_ISSUER "https://imi.localhost"
#define IMI_CONNECTION_AUDIENCE "https://relying-party.example"

/** As given on the command line; NULL means the default. Borrowed. */
typedef struct imi_connection_options {
    const char *server; /* default: $IMI_SERVER or IMI_CONNECTION_SERVER */
    const char *data; /* the server's data folder; default: $IMI_DATA or var */
    const char *ca; /* default: DATA/pki/ca.crt */
    const char *cert; /* default: DATA/pki/relying-party.crt */
    const char *key; /* default: DATA/pki/relying-party.key */
} imi_connection_options;

/** The same with every default filled in. */
typedef struct imi_connection {
    char server[IMI_CONNECTION_PATH_SIZE];
    char ca[IMI_CONNECTION_PATH_SIZE];
    char cert[IMI_CONNECTION_PATH_SIZE];
    char key[IMI_CONNECTION_PATH_SIZE];
} imi_connection;

/** Errors: IMI_E_NOT_FOUND for a missing file, saying what to do. */
IMI_MUST_USE imi_status imi_connection_resolve(const imi_connection_options *options,
                                               imi_connection *out, imi_error *err);
/** Append the verifier key of the server's public log, DATA/log-key.pub. */
IMI_MUST_USE imi_status imi_connection_read_log_key(const imi_connection_options *options,
                                                    imi_buffer *out, imi_error *err);
/** A channel as the relying party, with its certificate. */
IMI_MUST_USE imi_status imi_connection_as_party(const imi_connection *connection,
                                                imi_rpc_channel **out, imi_error *err);
/** A channel as a phone, without a certificate. */
IMI_MUST_USE imi_status imi_connection_as_phone(const imi_connection *connection,
                                                imi_rpc_channel **out, imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
