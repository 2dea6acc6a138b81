/**
 * The values of a policy: ranges, names, references between its parts.
 */
#ifndef IMI_POLICY_CHECK_H
#define IMI_POLICY_CHECK_H

#include "imi/policy.h"
#include "outline.h"
#include "schema.h"

/** Where a value stands and whom to tell. */
typedef struct imi_checker {
    const imi_outline *outline;
    imi_error *err;
    char path[IMI_OUTLINE_PATH_SIZE]; /* of the value being checked */
} imi_checker;

/** Set the path, printf-style. */
void imi_checker_at(imi_checker *checker, const char *format, ...) IMI_PRINTF(2, 3);

/** Return from the function: "<file> line <n>: <path> <what>". */
#define IMI_CHECK_FAIL(checker, ...)                                                               \
    return imi_outline_fail((checker)->outline, (checker)->err, (checker)->path, __VA_ARGS__)

/** Lower-case letters, digits, '.', '_' and '-', at most size - 1. */
IMI_MUST_USE imi_status imi_check_name(imi_checker *checker, const char *text, size_t size);
/** One line or more of clean UTF-8 with low to high bytes. */
IMI_MUST_USE imi_status imi_check_text(imi_checker *checker, const char *text, size_t low,
                                       size_t high, bool one_line);
/** A decimal number, whole text, finite, in [low, high]; negative ones only if low is. */
IMI_MUST_USE imi_status imi_check_number(imi_checker *checker, const char *text, double low,
                                         double high, double *out);
/** A whole number in decimal digits, in [low, high]. */
IMI_MUST_USE imi_status imi_check_count(imi_checker *checker, const char *text, uint32_t low,
                                        uint32_t high, uint32_t *out);

/** Version and issuer. */
IMI_MUST_USE imi_status imi_check_head(imi_checker *checker, const imi_raw_policy *raw);
/** How findings are weighed. */
IMI_MUST_USE imi_status imi_check_presentation(imi_checker *checker,
                                               const imi_raw_presentation *raw, imi_weighing *out);
/** Whom attestations are trusted from; raw may be NULL. Strings of out stay the raw policy's. */
IMI_MUST_USE imi_status imi_check_attestation(imi_checker *checker, const imi_raw_attestation *raw,
                                              imi_attest_options *out);
/** One purpose; the strings of out stay the raw policy's. */
IMI_MUST_USE imi_status imi_check_purpose(imi_checker *checker, const imi_raw_policy *raw,
                                          unsigned index, imi_purpose *out);
/** What a purpose may have told; the caller frees out->claims. */
IMI_MUST_USE imi_status imi_check_claims(imi_checker *checker, const imi_raw_purpose *raw,
                                         unsigned index, imi_purpose *out);
/** Witnesses; raw may be NULL; the caller frees out->witnesses. */
IMI_MUST_USE imi_status imi_check_log(imi_checker *checker, const imi_raw_log *raw,
                                      imi_log_rules *out);
/** An http or https URL without blanks; only https, or http to this machine. */
IMI_MUST_USE imi_status imi_check_url(imi_checker *checker, const char *text);
/** Names of administrators; parties are checked already. */
IMI_MUST_USE imi_status imi_check_administrators(imi_checker *checker, const imi_raw_policy *raw);
IMI_MUST_USE imi_status imi_check_party(imi_checker *checker, const imi_raw_policy *raw,
                                        unsigned index, imi_relying_party *out);

#endif
