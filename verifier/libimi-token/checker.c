/* What a backend insists on, for all its checks. */
#include "internal.h"

#include <string.h>

enum { LEEWAY_MAX_S = 300 };

static imi_status copy_text(const char *text, char *out, size_t capacity, const char *what,
                            imi_error *err)
{
    if (text == NULL || text[0] == '\0' || !imi_copy_text(out, capacity, text)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "%s is missing or too long", what);
    }
    return IMI_OK;
}

static imi_status copy_algorithm(const char *text, char out[IMI_JOSE_ALG_SIZE], imi_error *err)
{
    IMI_TRY(copy_text(text, out, IMI_JOSE_ALG_SIZE, "an algorithm", err));
    if (strcmp(out, "ES256") != 0 && strcmp(out, "EdDSA") != 0 && strcmp(out, "SM2") != 0) {
        IMI_FAIL(err, IMI_E_UNSUPPORTED, "the algorithm is not supported");
    }
    return IMI_OK;
}

static imi_status copy_log(const imitoken_checker_options *options, imitoken_checker *checker,
                           imi_error *err)
{
    if (options->log_key == NULL) {
        return IMI_OK;
    }
    if (options->witness_count > IMITOKEN_WITNESSES_MAX ||
        options->witnesses_needed > options->witness_count ||
        (options->witness_count > 0 && options->witness_keys == NULL)) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT,
                 "more witnesses are needed than are named, or may be");
    }
    IMI_TRY(imi_note_key_parse(imi_view_of_text(options->log_key), &checker->log, err));
    for (size_t i = 0; i < options->witness_count; i++) {
        imi_view key = imi_view_of_text(options->witness_keys[i]);
        IMI_TRY(imi_note_key_parse(key, &checker->witnesses[i], err));
    }
    checker->witness_count = options->witness_count;
    checker->witnesses_needed = options->witnesses_needed;
    checker->has_log = true;
    return IMI_OK;
}

static imi_status fill(const imitoken_checker_options *options, imitoken_checker *checker,
                       imi_error *err)
{
    if (options->keys == NULL || options->leeway_s < 0 || options->leeway_s > LEEWAY_MAX_S) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "keys are missing, or leeway_s is not in 0 to 300");
    }
    *checker = (imitoken_checker){.leeway_s = options->leeway_s,
                                  .keys = options->keys,
                                  .fetch_status = options->fetch_status,
                                  .status_user = options->status_user,
                                  .status_required = options->status_required != 0,
                                  .time = {options->clock, options->clock_user}};
    IMI_TRY(copy_text(options->issuer, checker->issuer, IMITOKEN_TEXT_SIZE, "issuer", err));
    IMI_TRY(copy_text(options->audience, checker->audience, IMITOKEN_TEXT_SIZE, "audience", err));
    IMI_TRY(copy_algorithm(options->algorithm, checker->algorithm, err));
    IMI_TRY(copy_algorithm(options->status_algorithm, checker->status_algorithm, err));
    IMI_TRY(copy_log(options, checker, err));
    return imitoken_lists_new(&checker->lists, err);
}

imitoken_code imitoken_checker_new(const imitoken_checker_options *options, imitoken_checker **out,
                                   imitoken_error *err)
{
    if (out == NULL || !IMITOKEN_FITS(options)) {
        return imitoken_fail(err, IMITOKEN_E_ARGUMENT, "options or out are missing");
    }
    *out = NULL;
    imitoken_checker *checker = imi_alloc(sizeof *checker);
    if (checker == NULL) {
        return imitoken_fail(err, IMITOKEN_E_NO_MEMORY, "no memory for a checker");
    }
    imi_error cause = IMI_ERROR_INIT;
    imi_status status = fill(options, checker, &cause);
    if (status != IMI_OK) {
        imitoken_checker_destroy(&checker);
        /* A key of the options that cannot be read is the caller's mistake, no receipt's. */
        status = status == IMI_E_LEDGER_FORMAT ? IMI_E_INVALID_ARGUMENT : status;
        return imitoken_fail_as(err, status, &cause);
    }
    *out = checker;
    return IMITOKEN_OK;
}

void imitoken_checker_destroy(imitoken_checker **checker)
{
    if (checker != NULL && *checker != NULL) {
        imitoken_checker *taken = IMI_STEAL(checker);
        imitoken_lists_destroy(&taken->lists);
        imi_free(taken);
    }
}
