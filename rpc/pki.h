/**
 * TLS identities: a development certification authority made at first start, and the checks
 * that every certificate and key go through before use.
 *
 * A folder holds ca.crt, ca.key, server.crt, server.key, relying-party.crt and
 * relying-party.key (ECDSA P-256; keys 0600, folder 0700). For production put certificates
 * of your own there: only ca.crt, server.crt and server.key are needed to serve.
 */
#ifndef IMI_RPC_PKI_H
#define IMI_RPC_PKI_H

#include "imi/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { IMI_PKI_PATH_SIZE = 1024 };

/** Where everything lies; filled by imi_pki_ensure. */
typedef struct imi_pki {
    char folder[IMI_PKI_PATH_SIZE];
    char ca_cert[IMI_PKI_PATH_SIZE];
    char ca_key[IMI_PKI_PATH_SIZE];
    char server_cert[IMI_PKI_PATH_SIZE];
    char server_key[IMI_PKI_PATH_SIZE];
    char client_cert[IMI_PKI_PATH_SIZE]; /* relying-party.crt */
    char client_key[IMI_PKI_PATH_SIZE];
} imi_pki;

/**
 * Use the PKI in data_dir/pki, or make one when there is no such folder.
 *
 * The server's certificate is for localhost, 127.0.0.1, ::1 and the given names (DNS names
 * or addresses). The folder appears whole or not at all: a start that was cut short is made
 * anew, and two starts at once agree on one PKI.
 *
 * Errors: IMI_E_KEY when a needed file is missing, a key is readable by others, or a
 *         certificate does not fit its key; existing files are never changed.
 */
IMI_MUST_USE imi_status imi_pki_ensure(const char *data_dir, const char *const *names,
                                       size_t name_count, imi_pki *out, imi_error *err);

/**
 * Issue a client certificate for a relying party; its common name is what the server sees.
 *
 * Errors: IMI_E_CONFLICT when either file exists, IMI_E_KEY when the CA's key is absent.
 */
IMI_MUST_USE imi_status imi_pki_issue_client(const imi_pki *pki, const char *common_name,
                                             const char *cert_path, const char *key_path,
                                             imi_error *err);

/**
 * See that the development PKI holds NAME.crt and NAME.key for a client of this name. Where the
 * CA's key is absent (another CA issues) and where the certificate is there, nothing is done.
 *
 * Errors: IMI_E_INVALID_ARGUMENT for a name that is no plain file name; those of
 *         imi_pki_issue_client.
 */
IMI_MUST_USE imi_status imi_pki_ensure_client(const imi_pki *pki, const char *name, imi_error *err);

/**
 * Check that a certificate file and a key file are a usable pair: both readable PEM, the
 * key belongs to the certificate, and nobody but the owner may read it.
 *
 * Errors: IMI_E_KEY, IMI_E_NOT_FOUND, IMI_E_IO.
 */
IMI_MUST_USE imi_status imi_pki_check_pair(const char *cert_file, const char *key_file,
                                           imi_error *err);

#ifdef __cplusplus
}
#endif
#endif
