#include "administrator.h"

#include "client/call.h"
#include "imi/memory.h"
#include "message_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the certificate of a name lies, unless one was given. */
static imi_status own_files(const imictl_administrator *who, char cert[IMI_CONNECTION_PATH_SIZE],
                            char key[IMI_CONNECTION_PATH_SIZE], imi_error *err)
{
    const char *data = who->connection.data != NULL ? who->connection.data : getenv("IMI_DATA");
    data = data == NULL || data[0] == '\0' ? "var" : data;
    if (strchr(who->as, '/') != NULL || who->as[0] == '\0') {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "--as takes a name, not a path");
    }
    int size = snprintf(cert, IMI_CONNECTION_PATH_SIZE, "%s/pki/%s.crt", data, who->as);
    if (size < 0 || size >= IMI_CONNECTION_PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of the data folder is too long");
    }
    snprintf(key, IMI_CONNECTION_PATH_SIZE, "%s/pki/%s.key", data, who->as);
    return IMI_OK;
}

imi_status imictl_administrate(const imictl_administrator *who, const char *method,
                               const void *request, const ProtobufCMessageDescriptor *response_type,
                               void **out, imi_error *err)
{
    *out = NULL;
    char cert[IMI_CONNECTION_PATH_SIZE], key[IMI_CONNECTION_PATH_SIZE], path[128];
    IMI_TRY(own_files(who, cert, key, err));
    imi_connection_options options = who->connection;
    options.cert = options.cert != NULL ? options.cert : cert;
    options.key = options.key != NULL ? options.key : key;
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(&options, &channel, err));
    snprintf(path, sizeof path, "/imi.v1.AdministrationService/%s", method);
    imi_unary_call call = {
        .channel = channel,
        .path = path,
        .request = request,
        .response_type = response_type,
    };
    ProtobufCMessage *response = NULL;
    imi_status status = imi_unary_call_run(&call, &response, err);
    *out = response;
    return status;
}

int imictl_administrate_and_print(const imi_cli_spec *spec, const imictl_administrator *who,
                                  const char *method, const void *request,
                                  const ProtobufCMessageDescriptor *response_type,
                                  imictl_print_message print)
{
    void *response = NULL;
    imi_error error = IMI_ERROR_INIT;
    if (imictl_administrate(who, method, request, response_type, &response, &error) != IMI_OK) {
        return imictl_fail(spec, who->json, &error);
    }
    if (who->json) {
        imictl_print_json(imictl_message_json(response));
    } else {
        print(response);
    }
    protobuf_c_message_free_unpacked(response, NULL);
    return IMI_EXIT_SUCCESS;
}

bool imictl_parse_rate(const char *text, double *out)
{
    char *end = NULL;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value > 0 && value < 1)) {
        return false;
    }
    *out = value;
    return true;
}

bool imictl_parse_kind(const char *text, Imi__V1__ScoreKind *out)
{
    *out = IMI__V1__SCORE_KIND__SCORE_KIND_UNSPECIFIED;
    if (text == NULL) {
        return true;
    }
    if (strcmp(text, "raw") == 0) {
        *out = IMI__V1__SCORE_KIND__SCORE_KIND_RAW;
    } else if (strcmp(text, "normalised") == 0) {
        *out = IMI__V1__SCORE_KIND__SCORE_KIND_NORMALISED;
    } else {
        return false;
    }
    return true;
}

const char *imictl_kind_name(Imi__V1__ScoreKind kind)
{
    switch (kind) {
    case IMI__V1__SCORE_KIND__SCORE_KIND_RAW:
        return "raw";
    case IMI__V1__SCORE_KIND__SCORE_KIND_NORMALISED:
        return "normalised";
    default:
        return "no";
    }
}
