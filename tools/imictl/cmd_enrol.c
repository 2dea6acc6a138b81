#include "imictl.h"

#include "client/backend.h"

#include <stdio.h>
#include <string.h>

typedef struct enrol_options {
    imi_connection_options connection;
    const char *subject;
    const char *birth_decade;
    const char *sex;
    imi_backend_person person;
    bool json;
    const char *photo;
} enrol_options;

static imi_status enrol(const enrol_options *options, imi_backend_enrolment *out, imi_error *err)
{
    IMI_AUTO_BUFFER photo = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_photo(options->photo, &photo, err));
    IMI_AUTO(imi_rpc_channel) channel = NULL;
    IMI_TRY(imictl_connect(&options->connection, &channel, err));
    return imi_backend_enrol_person(channel, &options->person, imi_buffer_view(&photo), out, err);
}

static void print_enrolment(const enrol_options *options, const imi_backend_enrolment *result)
{
    const char *reason = imi_capture_reason_name(result->reason);
    if (options->json) {
        imictl_print_json(json_pack(
            "{s:b, s:s, s:s, s:f, s:f, s:s, s:s, s:s}", "accepted", result->accepted,
            "reference_id", result->reference_id, "reason", reason, "quality", result->quality,
            "matchability", result->matchability, "level", imi_quality_level_name(result->level),
            "advice_code", result->advice_code, "advice", result->advice));
    } else if (result->accepted) {
        printf("enrolled: %s (quality %.2f, matchability %.2f: %s)\n", result->reference_id,
               result->quality, result->matchability, imi_quality_level_name(result->level));
    } else {
        printf("not accepted: %s; use another photo\n", reason);
    }
    if (!options->json && result->advice[0] != '\0') {
        printf("advice: %s\n", result->advice);
    }
}

static int read_person(const imi_cli_spec *spec, enrol_options *options)
{
    long decade = 0;
    options->person = (imi_backend_person){.subject_id = options->subject};
    if (options->birth_decade != NULL) {
        if (!imi_cli_number(options->birth_decade, 1800, 2200, &decade) || decade % 10 != 0) {
            return imi_cli_misuse(spec, "--birth-decade takes a decade, such as 1950");
        }
        options->person.birth_decade = (int32_t)decade;
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

int imictl_enrol(int argc, char **argv)
{
    enrol_options options = {.json = false};
    const imi_cli_option rows[] = {
        {"--subject", &options.subject, NULL, true, "NAME", "our own name for the person"},
        {"--birth-decade", &options.birth_decade, NULL, false, "YEAR", "groups error rates"},
        {"--sex", &options.sex, NULL, false, "male|female", "groups error rates"},
        IMICTL_JSON_ROW(options.json),
        IMICTL_CONNECTION_ROWS(options.connection),
    };
    const imi_cli_spec spec = {"imictl enrol", "PHOTO.jpg", 1, rows, sizeof rows / sizeof rows[0]};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &options.photo, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
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
    print_enrolment(&options, &result);
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
