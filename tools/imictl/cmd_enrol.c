#include "imictl.h"

#include "claims.h"
#include "client/backend.h"
#include "enrolment_view.h"
#include "imi/clock.h"

#include <stdio.h>
#include <string.h>

enum { KEEP_DAYS_MAX = 36500 };

typedef struct enrol_options {
    imi_connection_options connection;
    const char *subject;
    const char *birth_decade;
    const char *sex;
    const char *keep_days;
    imi_backend_person person;
    bool json;
    const char *photo;
    const char *document;
    const char *claim;
} enrol_options;

static imi_status enrol_document(const enrol_options *options, const imi_document_claims *claims,
                                 imi_backend_enrolment *out, imi_error *err)
{
    IMI_AUTO_BUFFER photo = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_photo(options->document, &photo, err));
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(&options->connection, &channel, err));
    return imi_backend_enrol_document(channel, &options->person, imi_buffer_view(&photo), claims,
                                      out, err);
}

static imi_status enrol(const enrol_options *options, imi_backend_enrolment *out, imi_error *err)
{
    if (options->document != NULL) {
        imictl_claims claims;
        imi_status status = imictl_claims_load(options->claim, &claims, err);
        if (status == IMI_OK) {
            status = enrol_document(options, &claims.claims, out, err);
        }
        imictl_claims_clean_up(&claims);
        return status;
    }
    IMI_AUTO_BUFFER photo = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_photo(options->photo, &photo, err));
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(&options->connection, &channel, err));
    return imi_backend_enrol_person(channel, &options->person, imi_buffer_view(&photo), out, err);
}

static int read_person(const imi_cli_spec *spec, enrol_options *options)
{
    long decade = 0, days = 0;
    options->person = (imi_backend_person){.subject_id = options->subject};
    if (options->birth_decade != NULL) {
        if (!imi_cli_number(options->birth_decade, 1800, 2200, &decade) || decade % 10 != 0) {
            return imi_cli_misuse(spec, "--birth-decade takes a decade, such as 1950");
        }
        options->person.birth_decade = (int32_t)decade;
    }
    if (options->keep_days != NULL) {
        static const int64_t day_ms = 24 * 3600 * 1000;
        imi_clock *clock = imi_clock_system();
        if (!imi_cli_number(options->keep_days, 1, KEEP_DAYS_MAX, &days)) {
            return imi_cli_misuse(spec, "--keep-days is 1 to %d", KEEP_DAYS_MAX);
        }
        options->person.delete_after_ms = clock->unix_ms(clock) + days * day_ms;
    }
    if (options->sex != NULL) {
        bool male = strcmp(options->sex, "male") == 0;
        if (!male && strcmp(options->sex, "female") != 0) {
            return imi_cli_misuse(spec, "--sex takes male or female");
        }
        options->person.sex = male ? IMI_SEX_MALE : IMI_SEX_FEMALE;
    }
    return IMI_EXIT_SUCCESS;
}

/* A document takes the place of the portrait, which is else the operand. */
static bool names_document(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--document") == 0) {
            return true;
        }
    }
    return false;
}

int imictl_enrol(int argc, char **argv)
{
    bool is_document = names_document(argc, argv);
    enrol_options options = {.json = false};
    const imi_cli_option rows[] = {
        {"--subject", &options.subject, NULL, true, "NAME", "our own name for the person"},
        {"--document", &options.document, NULL, false, "PHOTO.jpg",
         "a document, in place of the portrait; enrols the portrait on it"},
        {"--claim", &options.claim, NULL, false, "FILE",
         "JSON object that the document must confirm: see imictl document"},
        {"--birth-decade", &options.birth_decade, NULL, false, "YEAR", "groups error rates"},
        {"--sex", &options.sex, NULL, false, "male|female", "groups error rates"},
        {"--keep-days", &options.keep_days, NULL, false, "N",
         "the reference goes by itself after so many days"},
        IMICTL_JSON_ROW(options.json),
        IMICTL_CONNECTION_ROWS(options.connection),
    };
    const imi_cli_spec spec = {"imictl enrol", is_document ? "" : "PHOTO.jpg", is_document ? 0 : 1,
                               rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &options.photo, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if ((options.document != NULL) != is_document ||
        (options.document == NULL) != (options.claim == NULL)) {
        return imi_cli_misuse(&spec, "--document and --claim go together");
    }
    code = read_person(&spec, &options);
    if (code != IMI_EXIT_SUCCESS) {
        return code;
    }
    imi_backend_enrolment result;
    imi_error error = IMI_ERROR_INIT;
    if (enrol(&options, &result, &error) != IMI_OK) {
        return imictl_fail(&spec, options.json, &error);
    }
    imictl_enrolment_print(&result, options.json);
    return result.accepted ? IMI_EXIT_SUCCESS : IMI_EXIT_NEGATIVE;
}

static imi_status erase(const imi_connection_options *connection, const char *reference_id,
                        imi_error *err)
{
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(connection, &channel, err));
    return imi_backend_delete_reference(channel, reference_id, err);
}

static int reference_delete(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    bool json = false;
    const imi_cli_option rows[] = {
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection),
    };
    const imi_cli_spec spec = {"imictl reference delete", "REFERENCE_ID", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *reference_id = NULL;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &reference_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    if (erase(&connection, reference_id, &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    if (json) {
        imictl_print_json(json_pack("{s:b}", "deleted", true));
    } else {
        printf("deleted: %s\n", reference_id);
    }
    return IMI_EXIT_SUCCESS;
}

enum { LISTED_MAX = 64 };

static imi_status list(const imi_connection_options *connection, const char *subject_id,
                       imi_backend_reference out[LISTED_MAX], size_t *count_out, imi_error *err)
{
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(connection, &channel, err));
    return imi_backend_list_references(channel, subject_id, out, LISTED_MAX, count_out, err);
}

static void print_reference(const imi_backend_reference *reference)
{
    bool additional = reference->kind == IMI_REFERENCE_ADDITIONAL;
    printf("%s  %s  quality %.2f%s%s\n", reference->reference_id,
           additional ? "additional" : "primary", reference->quality,
           additional ? "  from session " : "", reference->session_id);
}

static json_t *reference_json(const imi_backend_reference *reference)
{
    bool additional = reference->kind == IMI_REFERENCE_ADDITIONAL;
    return json_pack("{s:s, s:s, s:s, s:s, s:f, s:I}", "reference_id", reference->reference_id,
                     "kind", additional ? "additional" : "primary", "parent_id",
                     reference->parent_id, "session_id", reference->session_id, "quality",
                     reference->quality, "created_at_ms", (json_int_t)reference->created_at_ms);
}

static void print_references(const imi_backend_reference *references, size_t count, bool json)
{
    json_t *all = json ? json_array() : NULL;
    for (size_t i = 0; i < count; i++) {
        if (json) {
            json_array_append_new(all, reference_json(&references[i]));
        } else {
            print_reference(&references[i]);
        }
    }
    if (json) {
        imictl_print_json(json_pack("{s:o}", "references", all));
    } else if (count == 0) {
        printf("no references of this subject\n");
    }
}

static int reference_list(int argc, char **argv)
{
    imi_connection_options connection = {.server = NULL};
    bool json = false;
    const imi_cli_option rows[] = {
        IMICTL_JSON_ROW(json),
        IMICTL_CONNECTION_ROWS(connection),
    };
    const imi_cli_spec spec = {"imictl reference list", "SUBJECT", 1, rows,
                               sizeof rows / sizeof rows[0]};
    bool help = false;
    const char *subject_id = NULL;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &subject_id, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_backend_reference references[LISTED_MAX];
    size_t count = 0;
    imi_error error = IMI_ERROR_INIT;
    if (list(&connection, subject_id, references, &count, &error) != IMI_OK) {
        return imictl_fail(&spec, json, &error);
    }
    print_references(references, count, json);
    return IMI_EXIT_SUCCESS;
}

int imictl_reference(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"list", reference_list, "references of a subject, enrolled and added with consent"},
        {"delete", reference_delete, "erase a reference and its template"},
    };
    return imictl_dispatch("imictl reference", commands, 2, argc, argv);
}
