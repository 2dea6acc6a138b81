#include "play.h"

#include "client/backend.h"
#include "imi/clock.h"
#include "session_view.h"
#include "token_view.h"

#include <stdio.h>

typedef struct verify_options {
    imi_connection_options connection;
    imictl_play play;
    const char *reference;
    const char *purpose;
    const char *issuer;
    const char *audience;
    bool json;
} verify_options;

/* What the whole came to. */
typedef struct verify_result {
    imi_backend_enrolment enrolment;
    imi_backend_session session;
    imi_phone_result phone;
    imi_token_claims claims;
    imi_status token_status; /* of the offline check */
    imi_error token_error;
} verify_result;

/* As the relying party would: against the public keys alone. */
static imi_status check_token(const verify_options *options, imi_rpc_channel *party,
                              const char *nonce, verify_result *result, imi_error *err)
{
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_TRY(imi_backend_jwks(party, &jwks, err));
    imi_token_expectation expectation = {
        .algorithm = "ES256",
        .issuer = options->issuer,
        .audience = options->audience,
        .nonce = nonce,
        .now_s = imi_clock_system()->unix_ms(imi_clock_system()) / 1000,
        .leeway_s = 30,
    };
    result->token_status =
        imi_token_verify(imi_view_of_text(result->session.token), imi_buffer_view(&jwks),
                         &expectation, &result->claims, &result->token_error);
    return IMI_OK;
}

static imi_status run_session(const verify_options *options, const imi_connection *connection,
                              imi_rpc_channel *party, const imi_media *media, verify_result *result,
                              imi_error *err)
{
    char nonce[IMI_ID_SIZE];
    IMI_TRY(imi_id_new("n", nonce, err));
    imi_backend_request request = {
        .purpose = options->purpose,
        .reference_id = result->enrolment.reference_id,
        .nonce = nonce,
    };
    imi_backend_created created;
    IMI_TRY(imi_backend_create_session(party, &request, &created, err));
    IMI_TRY(imictl_play_run(&options->play, connection, media, created.session_id,
                            created.join_secret, &result->phone, err));
    IMI_TRY(imi_backend_get_session(party, created.session_id, &result->session, err));
    if (result->session.token[0] == '\0') {
        return IMI_OK;
    }
    return check_token(options, party, nonce, result, err);
}

static imi_status verify(const verify_options *options, verify_result *result, imi_error *err)
{
    IMI_AUTO_BUFFER photo = IMI_BUFFER_INIT;
    IMI_AUTO(imi_media) media = NULL;
    imi_connection connection;
    IMI_AUTO(imi_rpc_channel) party = NULL;
    char subject[IMI_ID_SIZE];
    IMI_TRY(imictl_read_photo(options->reference, &photo, err));
    IMI_TRY(imi_media_open(&options->play.media, &media, err));
    IMI_TRY(imi_connection_resolve(&options->connection, &connection, err));
    IMI_TRY(imi_connection_as_party(&connection, &party, err));
    IMI_TRY(imi_id_new("ctl", subject, err));
    IMI_TRY(imi_backend_enrol(party, subject, imi_buffer_view(&photo), &result->enrolment, err));
    if (!result->enrolment.accepted) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the reference cannot be used (%s): take another",
                 imi_capture_reason_name(result->enrolment.reason));
    }
    imi_status status = run_session(options, &connection, party, media, result, err);
    /* The reference was made for this one run; a failure to erase it must not hide another. */
    imi_status erased = imi_backend_delete_reference(party, result->enrolment.reference_id,
                                                     status == IMI_OK ? err : NULL);
    return status != IMI_OK ? status : erased;
}

static void print_text(const verify_result *result)
{
    imictl_session_print(&result->session);
    printf("frames    %llu accepted\n", (unsigned long long)result->phone.frames_answered);
    printf("reference %s\n", imictl_keep_name(result->phone.keep_reference));
    if (result->session.token[0] == '\0') {
        return;
    }
    printf("token     %s\n", result->session.token);
    if (result->token_status == IMI_OK) {
        printf("offline check against the key set: valid\n");
        imictl_claims_print(&result->claims);
    } else {
        printf("offline check against the key set: NOT VALID: %s\n", result->token_error.message);
    }
}

static void print_json(const verify_result *result)
{
    json_t *object = imictl_session_json(&result->session, true);
    json_object_set_new(object, "frames_accepted",
                        json_integer((json_int_t)result->phone.frames_answered));
    json_object_set_new(object, "keep_reference",
                        json_string(imictl_keep_name(result->phone.keep_reference)));
    json_object_set_new(object, "interruptions",
                        json_integer((json_int_t)result->phone.interruptions));
    if (result->session.token[0] != '\0') {
        json_object_set_new(object, "token_check",
                            json_string(imi_status_name(result->token_status)));
        json_object_set_new(object, "claims", imictl_claims_json(&result->claims));
    }
    imictl_print_json(object);
}

static int finish(const verify_options *options, const verify_result *result)
{
    if (options->json) {
        print_json(result);
    } else {
        print_text(result);
    }
    int code = imictl_session_exit(&result->session);
    bool token_stands = result->session.token[0] != '\0' && result->token_status == IMI_OK;
    return code == IMI_EXIT_SUCCESS && !token_stands ? IMI_EXIT_NEGATIVE : code;
}

int imictl_verify(int argc, char **argv)
{
    verify_options options = {
        .play = IMICTL_PLAY_INIT,
        .purpose = "demo",
        .issuer = IMI_CONNECTION_ISSUER,
        .audience = IMI_CONNECTION_AUDIENCE,
    };
    const imi_cli_option rows[] = {
        {"--reference", &options.reference, NULL, true, "PHOTO", "portrait to compare with"},
        IMICTL_PLAY_ROWS(options.play),
        {"--purpose", &options.purpose, NULL, false, "NAME", "purpose of the policy [demo]"},
        {"--issuer", &options.issuer, NULL, false, "URL",
         "iss of the token [" IMI_CONNECTION_ISSUER "]"},
        {"--audience", &options.audience, NULL, false, "NAME", "aud [" IMI_CONNECTION_AUDIENCE "]"},
        IMICTL_JSON_ROW(options.json),
        IMICTL_CONNECTION_ROWS(options.connection),
    };
    const imi_cli_spec spec = {"imictl verify", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    code = imictl_play_check(&spec, &options.play);
    if (code != IMI_EXIT_SUCCESS) {
        return code;
    }
    options.play.quiet = options.json;
    verify_result result = {.token_status = IMI_E_TOKEN_FORMAT};
    imi_error error = IMI_ERROR_INIT;
    if (verify(&options, &result, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    return finish(&options, &result);
}
