/* imictl credential: what a person holds, shows and has checked; all of it offline. */
#include "imictl.h"

#include "credential_check.h"
#include "imi/clock.h"
#include "imi/credential.h"
#include "imi/crypto.h"

#include <stdio.h>
#include <string.h>

enum { PATHS_MAX = 64, KEY_FILE_MAX = 1 << 16 };

#define ROW_COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int64_t now_s(void)
{
    return imi_clock_system()->unix_ms(imi_clock_system()) / 1000;
}

/* What was looked at is not valid, or nobody could look. */
static int report_failure(const imi_cli_spec *spec, bool json, const imi_error *error)
{
    if (!imictl_is_credential_refusal(error->status)) {
        return imictl_fail(spec, json, error);
    }
    if (json) {
        imictl_print_json(json_pack("{s:b, s:s, s:s}", "valid", false, "reason",
                                    imi_status_name(error->status), "message", error->message));
    } else {
        printf("not valid: %s (%s)\n", error->message, imi_status_name(error->status));
    }
    return IMI_EXIT_NEGATIVE;
}

/* ---- show ---- */

static imi_status show(const char *given, json_t **out, imi_error *err)
{
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER described = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_operand(given, IMI_CREDENTIAL_BYTES_MAX, &credential, err));
    IMI_TRY(imi_credential_describe(imi_buffer_view(&credential), &described, err));
    *out = json_loadb((const char *)described.data, described.size, 0, NULL);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for a credential");
    }
    return IMI_OK;
}

static void print_description(const json_t *description)
{
    json_dumpf(json_object_get(description, "claims"), stdout,
               JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    printf("\nNothing of this was checked. You can disclose, each by itself:\n");
    const json_t *paths = json_object_get(description, "disclosable");
    for (size_t i = 0; i < json_array_size(paths); i++) {
        /* As JSON: a name may hold what a terminal would obey. */
        printf("  ");
        json_dumpf(json_array_get(paths, i), stdout, JSON_ENCODE_ANY);
        putchar('\n');
    }
}

static int credential_show(int argc, char **argv)
{
    bool json = false;
    const char *given = NULL;
    const imi_cli_option rows[] = {IMICTL_JSON_ROW(json)};
    const imi_cli_spec spec = {"imictl credential show", "CREDENTIAL|-", 1, rows, ROW_COUNT(rows)};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &given, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    json_t *description = NULL;
    if (show(given, &description, &error) != IMI_OK) {
        return report_failure(&spec, json, &error);
    }
    if (json) {
        imictl_print_json(description);
    } else {
        print_description(description);
        json_decref(description);
    }
    return IMI_EXIT_SUCCESS;
}

/* ---- present ---- */

typedef struct present_options {
    const char *claims, *audience, *nonce, *key;
    bool json;
    const char *credential; /* "-": standard input */
} present_options;

/* "a,b/c" as its parts, in place. */
static imi_status split_claims(char *claims, const char **paths, size_t *count, imi_error *err)
{
    *count = 0;
    char *rest = claims;
    for (char *path = NULL; (path = strtok_r(rest, ",", &rest)) != NULL;) {
        if (*count == PATHS_MAX) {
            IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "more than %d claims", PATHS_MAX);
        }
        paths[(*count)++] = path;
    }
    return IMI_OK;
}

/* A signer would make the key that is not there, and nothing is bound to that one. */
static imi_status open_holder(const char *path, imi_signer **out, imi_error *err)
{
    IMI_AUTO_BUFFER pem = IMI_BUFFER_INIT;
    IMI_TRY(imi_private_file_read(path, KEY_FILE_MAX, &pem, err));
    return imi_signer_file_new(path, out, err);
}

static imi_status present(const present_options *options, imi_buffer *out, imi_error *err)
{
    IMI_AUTO_BUFFER credential = IMI_BUFFER_INIT;
    IMI_AUTO_BUFFER claims = IMI_BUFFER_INIT;
    IMI_AUTO(imi_signer) holder = NULL;
    const char *paths[PATHS_MAX];
    imi_presentation_terms terms = {paths, 0, options->audience, options->nonce, now_s()};
    IMI_TRY(imictl_read_operand(options->credential, IMI_CREDENTIAL_BYTES_MAX, &credential, err));
    IMI_TRY(imi_buffer_append_text(&claims, options->claims, err));
    IMI_TRY(imi_buffer_terminate(&claims, err));
    IMI_TRY(split_claims((char *)claims.data, paths, &terms.path_count, err));
    IMI_TRY(open_holder(options->key, &holder, err));
    return imi_credential_present(imi_buffer_view(&credential), holder, &terms, out, err);
}

static int credential_present(int argc, char **argv)
{
    present_options options = {.claims = ""};
    const imi_cli_option rows[] = {
        {"--claims", &options.claims, NULL, false, "NAME,...",
         "what to disclose, as 'show' lists it [nothing]"},
        {"--audience", &options.audience, NULL, true, "NAME", "whom it is for"},
        {"--nonce", &options.nonce, NULL, true, "TEXT", "what they gave you for this once"},
        {"--key", &options.key, NULL, true, "FILE", "the device's private key, PEM"},
        IMICTL_JSON_ROW(options.json),
    };
    const imi_cli_spec spec = {"imictl credential present", "CREDENTIAL|-", 1, rows,
                               ROW_COUNT(rows)};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &options.credential, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    imi_error error = IMI_ERROR_INIT;
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    if (present(&options, &presentation, &error) != IMI_OK) {
        return report_failure(&spec, options.json, &error);
    }
    if (options.json) {
        imictl_print_json(json_pack("{s:s%}", "presentation", (const char *)presentation.data,
                                    presentation.size));
    } else {
        printf("%.*s\n", (int)presentation.size, (const char *)presentation.data);
    }
    return IMI_EXIT_SUCCESS;
}

/* ---- verify ---- */

static imi_status verify(const char *given, const imictl_credential_check *check,
                         imictl_checked_credential *out, imi_error *err)
{
    IMI_AUTO_BUFFER presentation = IMI_BUFFER_INIT;
    IMI_TRY(imictl_read_operand(given, IMI_CREDENTIAL_BYTES_MAX, &presentation, err));
    return imictl_credential_check_run(check, imi_buffer_view(&presentation), now_s(), out, err);
}

static int print_checked(bool json, const imictl_checked_credential *checked)
{
    bool valid = imictl_is_standing(checked->standing);
    if (json) {
        imictl_print_json(imictl_checked_json(checked));
    } else {
        printf("%s\n", valid ? "valid" : "not valid: it was taken back");
        imictl_checked_print(checked);
    }
    return valid ? IMI_EXIT_SUCCESS : IMI_EXIT_NEGATIVE;
}

static int credential_verify(int argc, char **argv)
{
    imictl_credential_check check = {.ca = NULL};
    bool json = false;
    const char *given = NULL;
    const imi_cli_option rows[] = {
        {"--jwks", &check.jwks, NULL, true, "FILE|URL", "the issuer's public keys"},
        {"--issuer", &check.issuer, NULL, true, "URL", "who must have issued it (iss)"},
        {"--vct", &check.type, NULL, true, "URL", "what it must be (vct)"},
        {"--audience", &check.audience, NULL, false, "NAME", "whom it must be shown to (aud)"},
        {"--nonce", &check.nonce, NULL, false, "TEXT", "what the holder was given for this once"},
        {"--unbound", NULL, &check.unbound, false, NULL,
         "instead of these two: your own, as it was issued"},
        {"--status-list", &check.status_list, NULL, false, "FILE|URL",
         "whether it was taken back [not checked]"},
        {"--ca", &check.ca, NULL, false, "FILE", "for a URL: who signed its certificate"},
        IMICTL_JSON_ROW(json),
    };
    const imi_cli_spec spec = {"imictl credential verify", "PRESENTATION|-", 1, rows,
                               ROW_COUNT(rows)};
    bool help = false;
    int code = imi_cli_parse(&spec, argc - 1, argv + 1, &given, &help);
    if (code != IMI_EXIT_SUCCESS || help) {
        return code;
    }
    if (check.unbound == (check.audience != NULL) || check.unbound == (check.nonce != NULL)) {
        return imi_cli_misuse(&spec, "give --audience and --nonce, or --unbound alone");
    }
    imi_error error = IMI_ERROR_INIT;
    imictl_checked_credential checked = {.claims = NULL};
    imi_status status = verify(given, &check, &checked, &error);
    code = status == IMI_OK ? print_checked(json, &checked) : report_failure(&spec, json, &error);
    json_decref(checked.claims);
    return code;
}

int imictl_credential(int argc, char **argv)
{
    static const imictl_subcommand commands[] = {
        {"show", credential_show, "what is in a credential"},
        {"present", credential_present, "disclose some of it to somebody"},
        {"verify", credential_verify, "check what somebody presents, offline"},
    };
    return imictl_dispatch("imictl credential", commands, ROW_COUNT(commands), argc, argv);
}
