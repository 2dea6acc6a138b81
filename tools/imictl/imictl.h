/**
 * imictl: the command line for backends and administrators. What its commands share.
 */
#ifndef IMI_IMICTL_H
#define IMI_IMICTL_H

#include "cli.h"
#include "client/connection.h"
#include "imi/bytes.h"

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/** Commands. argv[0] is the command's last word. Each returns an exit code of cli.h. */
int imictl_verify(int argc, char **argv);
int imictl_compare(int argc, char **argv);
int imictl_enrol(int argc, char **argv);
int imictl_reference(int argc, char **argv);
int imictl_session(int argc, char **argv);
int imictl_token(int argc, char **argv);
int imictl_credential(int argc, char **argv);
int imictl_events(int argc, char **argv);
int imictl_webhook(int argc, char **argv);
int imictl_phone(int argc, char **argv);
int imictl_qr(int argc, char **argv);
int imictl_holder(int argc, char **argv);
int imictl_subject(int argc, char **argv);
int imictl_jwks(int argc, char **argv);
int imictl_portrait(int argc, char **argv);
int imictl_frames(int argc, char **argv);
int imictl_log(int argc, char **argv);
int imictl_threshold(int argc, char **argv);
int imictl_calibration(int argc, char **argv);
int imictl_duplicates(int argc, char **argv);
int imictl_audit(int argc, char **argv);
int imictl_keys(int argc, char **argv);
int imictl_document(int argc, char **argv);

/** A word behind a command, such as "create" behind "session". */
typedef struct imictl_subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} imictl_subcommand;

/** Run the subcommand that argv[1] names, or say which there are. */
int imictl_dispatch(const char *program, const imictl_subcommand *commands, size_t count, int argc,
                    char **argv);

/** Rows of an option table that say how to reach the server. */
#define IMICTL_CONNECTION_ROWS(options)                                                            \
    {"--server", &(options).server, NULL,                                                          \
     false,      "HOST:PORT",       "the server [" IMI_CONNECTION_SERVER ", or $IMI_SERVER]"},     \
        {"--ca",                                                                                   \
         &(options).ca,                                                                            \
         NULL,                                                                                     \
         false,                                                                                    \
         "FILE",                                                                                   \
         "who signed its certificate [DATA/pki/"                                                   \
         "ca.crt; DATA is $IMI_DATA or var]"},                                                     \
        {"--cert", &(options).cert, NULL,                                                          \
         false,    "FILE",          "our own certificate [DATA/pki/relying-party.crt]"},           \
    {                                                                                              \
        "--key", &(options).key, NULL, false, "FILE", "its key [DATA/pki/relying-party.key]"       \
    }
#define IMICTL_JSON_ROW(flag)                                                                      \
    {                                                                                              \
        "--json", NULL, &(flag), false, NULL, "print one JSON object"                              \
    }

/** Print a JSON object and a line end; takes the reference. */
void imictl_print_json(json_t *take_object);
/**
 * Say why there is no answer: on standard error, and with json also as an object
 * {"error": {"status", "message"}} on standard output. Returns IMI_EXIT_UNDECIDED.
 */
int imictl_fail(const imi_cli_spec *spec, bool json, const imi_error *err);

/** Resolve the options and open a channel as the relying party. */
IMI_MUST_USE imi_status imictl_connect(const imi_connection_options *options, imi_rpc_channel **out,
                                       imi_error *err);
/**
 * One unary call as the relying party. path: "/imi.v1.EventService/ListDeliveries".
 *
 * Ownership: free *out with protobuf_c_message_free_unpacked.
 */
IMI_MUST_USE imi_status imictl_ask(const imi_connection_options *options, const char *path,
                                   const ProtobufCMessage *request,
                                   const ProtobufCMessageDescriptor *response_type,
                                   ProtobufCMessage **out, imi_error *err);
/** An operand as it was given, or "-": standard input of at most limit bytes and white space. */
IMI_MUST_USE imi_status imictl_read_operand(const char *given, size_t limit, imi_buffer *out,
                                            imi_error *err);
/** Read a JPEG file that is to be sent. */
IMI_MUST_USE imi_status imictl_read_photo(const char *path, imi_buffer *out, imi_error *err);

#endif
