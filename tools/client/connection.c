#include "client/connection.h"

#include "imi/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *data_folder(const char *given)
{
    const char *folder = given != NULL ? given : getenv("IMI_DATA");
    return folder != NULL && folder[0] != '\0' ? folder : "var";
}

static imi_status fill_file(const char *data, const char *given, const char *name,
                            const char *option, char out[IMI_CONNECTION_PATH_SIZE], imi_error *err)
{
    int size = given != NULL
                   ? snprintf(out, IMI_CONNECTION_PATH_SIZE, "%s", given)
                   : snprintf(out, IMI_CONNECTION_PATH_SIZE, "%s/pki/%s", data_folder(data), name);
    if (size < 0 || size >= IMI_CONNECTION_PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path for %s is too long", option);
    }
    if (access(out, R_OK) != 0) {
        IMI_FAIL(err, IMI_E_NOT_FOUND,
                 "cannot read %s: start the server with ./tools/run, set IMI_DATA to its data "
                 "folder, or give %s",
                 out, option);
    }
    return IMI_OK;
}

imi_status imi_connection_resolve(const imi_connection_options *options, imi_connection *out,
                                  imi_error *err)
{
    *out = (imi_connection){.server = ""};
    const char *server = options->server != NULL ? options->server : getenv("IMI_SERVER");
    if (server == NULL || server[0] == '\0') {
        server = IMI_CONNECTION_SERVER;
    }
    if (!imi_copy_text(out->server, sizeof out->server, server)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the server's address is too long");
    }
    IMI_TRY(fill_file(options->data, options->ca, "ca.crt", "--ca", out->ca, err));
    IMI_TRY(fill_file(options->data, options->cert, "relying-party.crt", "--cert", out->cert, err));
    return fill_file(options->data, options->key, "relying-party.key", "--key", out->key, err);
}

imi_status imi_connection_read_log_key(const imi_connection_options *options, imi_buffer *out,
                                       imi_error *err)
{
    enum { KEY_BYTES_MAX = 1024 };
    char path[IMI_CONNECTION_PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s/log-key.pub", data_folder(options->data));
    if (size < 0 || (size_t)size >= sizeof path) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of the data folder is too long");
    }
    return imi_file_read(path, KEY_BYTES_MAX, out, err);
}

imi_status imi_connection_as_party(const imi_connection *connection, imi_rpc_channel **out,
                                   imi_error *err)
{
    imi_rpc_channel_options options = {
        .target = connection->server,
        .ca_file = connection->ca,
        .cert_file = connection->cert,
        .key_file = connection->key,
    };
    return imi_rpc_channel_new(&options, out, err);
}

imi_status imi_connection_as_phone(const imi_connection *connection, imi_rpc_channel **out,
                                   imi_error *err)
{
    imi_rpc_channel_options options = {.target = connection->server, .ca_file = connection->ca};
    return imi_rpc_channel_new(&options, out, err);
}
