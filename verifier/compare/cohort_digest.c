/*
 * What names people and cohorts. SHA-256 by OpenSSL's one-state functions: unlike the newer
 * ones they cannot fail, and a key that is sometimes missing would leave nobody out.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "cohort_internal.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

static uint64_t first_64_bits(SHA256_CTX *state)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_Final(digest, state);
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof bits; i++) {
        bits = bits << 8 | digest[i];
    }
    return bits;
}

imi_subject_key imi_subject_key_of(const char *realm, const char *subject_id)
{
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, realm, strlen(realm) + 1); /* with its NUL */
    SHA256_Update(&state, subject_id, strlen(subject_id));
    return first_64_bits(&state);
}

void imi_cohort_make_id(imi_cohort *cohort)
{
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, cohort->subjects, cohort->size * sizeof *cohort->subjects);
    for (size_t i = 0; i < cohort->model_count; i++) {
        const imi_cohort_model *model = &cohort->models[i];
        SHA256_Update(&state, model->id, strlen(model->id) + 1);
        SHA256_Update(&state, &model->normalisation, sizeof model->normalisation);
        SHA256_Update(&state, model->rows, cohort->size * model->stride * sizeof *model->rows);
    }
    snprintf(cohort->id, sizeof cohort->id, "cohort-%016llx",
             (unsigned long long)first_64_bits(&state));
}
