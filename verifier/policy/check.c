#include "check.h"

#include "imi/bytes.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void imi_checker_at(imi_checker *checker, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(checker->path, sizeof checker->path, format, arguments);
    va_end(arguments);
}

imi_status imi_check_name(imi_checker *checker, const char *text, size_t size)
{
    size_t length = strlen(text);
    if (length >= size) {
        IMI_CHECK_FAIL(checker, "must have at most %zu characters", size - 1);
    }
    if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") != length) {
        IMI_CHECK_FAIL(checker, "may hold only a to z, 0 to 9, '.', '_' and '-'");
    }
    return IMI_OK;
}

imi_status imi_check_text(imi_checker *checker, const char *text, size_t low, size_t high,
                          bool one_line)
{
    size_t length = strlen(text);
    if (length < low || length > high) {
        IMI_CHECK_FAIL(checker, "must have %zu to %zu bytes, not %zu", low, high, length);
    }
    if (!imi_text_is_clean_utf8(imi_view_of_text(text))) {
        IMI_CHECK_FAIL(checker, "must be valid UTF-8");
    }
    for (const char *c = text; *c != '\0'; c++) {
        bool is_control = (unsigned char)*c < 0x20 || *c == 0x7F;
        if (is_control && (one_line || *c != '\n')) {
            IMI_CHECK_FAIL(checker, "must not hold control characters%s",
                           one_line ? " or line breaks" : "");
        }
    }
    return IMI_OK;
}

imi_status imi_check_number(imi_checker *checker, const char *text, double low, double high,
                            double *out)
{
    *out = (double)NAN;
    /* Digits first: strtod would also take white space, "inf", "nan" and hexadecimal. */
    const char *digits = low < 0 && text[0] == '-' ? text + 1 : text;
    bool is_decimal =
        digits[0] >= '0' && digits[0] <= '9' && strspn(digits, "0123456789.eE+-") == strlen(digits);
    char *end = NULL;
    double value = is_decimal ? strtod(text, &end) : 0;
    if (!is_decimal || *end != '\0') {
        IMI_CHECK_FAIL(checker, "must be a decimal number such as 0.001 or 1e-3");
    }
    if (!(value >= low && value <= high)) {
        IMI_CHECK_FAIL(checker, "must be between %g and %g", low, high);
    }
    *out = value;
    return IMI_OK;
}

imi_status imi_check_count(imi_checker *checker, const char *text, uint32_t low, uint32_t high,
                           uint32_t *out)
{
    *out = 0;
    size_t length = strlen(text);
    /* A leading zero would be read as octal by YAML 1.1 and as decimal by YAML 1.2. */
    if (strspn(text, "0123456789") != length || (length > 1 && text[0] == '0')) {
        IMI_CHECK_FAIL(checker, "must be a whole number such as 3");
    }
    unsigned long long value = strtoull(text, NULL, 10); /* ULLONG_MAX when it does not fit */
    if (value < low || value > high) {
        IMI_CHECK_FAIL(checker, "must be between %u and %u", low, high);
    }
    *out = (uint32_t)value;
    return IMI_OK;
}

static imi_status check_issuer(imi_checker *checker, const char *text)
{
    IMI_TRY(imi_check_text(checker, text, 1, 255, true));
    static const char scheme[] = "https://";
    size_t length = sizeof scheme - 1;
    /* Verifiers compare the text byte by byte, so nothing that a URL parser would change. */
    if (strncmp(text, scheme, length) != 0 || text[length] == '\0' ||
        strpbrk(text, " ?#\"\\") != NULL) {
        IMI_CHECK_FAIL(checker, "must be an https:// URL without query or fragment");
    }
    return IMI_OK;
}

imi_status imi_check_head(imi_checker *checker, const imi_raw_policy *raw)
{
    imi_checker_at(checker, "version");
    IMI_TRY(imi_check_name(checker, raw->version, 65));
    imi_checker_at(checker, "issuer");
    return check_issuer(checker, raw->issuer);
}
