#include "check.h"

#include "imi/memory.h"

#include <string.h>

enum { URL_MAX = 1024, WITNESS_KEY_MAX = 256 };

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* What leaves this machine is signed, but who receives it should be who was meant. */
imi_status imi_check_url(imi_checker *checker, const char *text)
{
    static const char *const local[] = {"http://localhost:", "http://localhost/",
                                        "http://127.0.0.1:", "http://127.0.0.1/",
                                        "http://[::1]:",     "http://[::1]/"};
    IMI_TRY(imi_check_text(checker, text, 1, URL_MAX, true));
    bool allowed = starts_with(text, "https://") && text[strlen("https://")] != '\0';
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        allowed = allowed || starts_with(text, local[i]);
    }
    if (!allowed || strpbrk(text, " \"<>\\^`{|}") != NULL) {
        IMI_CHECK_FAIL(checker, "must be an https URL, or http to this machine");
    }
    return IMI_OK;
}

/* name+8 hex digits+base64; what it says is read where it is used. */
static imi_status check_witness(imi_checker *checker, const imi_raw_log *raw, unsigned index,
                                imi_witness_rule *out)
{
    const char *key = raw->witnesses[index].key;
    imi_checker_at(checker, "log.witnesses[%u].key", index);
    IMI_TRY(imi_check_text(checker, key, 1, WITNESS_KEY_MAX, true));
    const char *plus = strchr(key, '+');
    if (plus == NULL || strspn(plus + 1, "0123456789abcdef") != 8 || plus[9] != '+') {
        IMI_CHECK_FAIL(checker,
                       "is not a verifier key: name+hash+base64, as imi-witness prints it");
    }
    for (unsigned before = 0; before < index; before++) {
        if (strcmp(raw->witnesses[before].key, key) == 0) {
            IMI_CHECK_FAIL(checker, "is the key of witnesses[%u] already", before);
        }
    }
    imi_checker_at(checker, "log.witnesses[%u].url", index);
    IMI_TRY(imi_check_url(checker, raw->witnesses[index].url));
    *out = (imi_witness_rule){.key = key, .url = raw->witnesses[index].url};
    return IMI_OK;
}

imi_status imi_check_log(imi_checker *checker, const imi_raw_log *raw, imi_log_rules *out)
{
    *out = (imi_log_rules){0};
    if (raw == NULL) {
        return IMI_OK;
    }
    imi_witness_rule *witnesses = imi_alloc_array(raw->witness_count, sizeof *witnesses);
    if (witnesses == NULL) {
        IMI_FAIL(checker->err, IMI_E_NO_MEMORY, "no memory for the witnesses of the log");
    }
    out->witnesses = witnesses;
    for (unsigned i = 0; i < raw->witness_count; i++) {
        IMI_TRY(check_witness(checker, raw, i, &witnesses[i]));
    }
    out->witness_count = raw->witness_count;
    imi_checker_at(checker, "log.quorum");
    return imi_check_count(checker, raw->quorum, 0, raw->witness_count, &out->quorum);
}
