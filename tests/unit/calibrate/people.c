#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

static const char scorer_json[] =
    "{\"version\": \"test.1\", \"measured_on\": \"made up\", \"made_at\": \"2026-01-01\","
    " \"models\": [{\"id\": \"alpha@1\", \"weights\": {\"raw\": 0.6, \"normalised\": 0.75},"
    " \"normalisation\": {\"mean\": 0.75, \"deviation\": 0.5}},"
    " {\"id\": \"beta@1\", \"weights\": {\"raw\": 0.4, \"normalised\": 0.25},"
    " \"normalisation\": {\"mean\": 1, \"deviation\": 1}}],"
    " \"tables\": {\"raw\": {\"comparisons\": 30000, \"fmr_floor\": 0.0005,"
    " \"groups\": {\"all\": {\"comparisons\": 30000}}, \"knots\": [[-1, 1], [0.5, 0.001]]}}}";

void people_scorer(imi_scorer **out)
{
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_scorer_parse(imi_view_of_text(scorer_json), out, &error), IMI_OK);
}

double people_uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

double people_normal(uint64_t *state)
{
    double length = sqrt(-2 * log(people_uniform(state)));
    return length * cos(2 * M_PI * people_uniform(state));
}

static void normalise(imi_template_vector *vector)
{
    double square = 0;
    for (uint32_t i = 0; i < vector->dim; i++) {
        square += (double)vector->values[i] * (double)vector->values[i];
    }
    for (uint32_t i = 0; i < vector->dim; i++) {
        vector->values[i] = (float)((double)vector->values[i] / sqrt(square));
    }
}

static void fill(imi_template_vector *vector, const char *model_id, uint32_t dim, uint64_t *state,
                 double alike)
{
    *vector = (imi_template_vector){.dim = dim};
    imi_copy_text(vector->model_id, sizeof vector->model_id, model_id);
    for (uint32_t i = 0; i < dim; i++) {
        /* What all share is a fixed direction; some share more of it than others. */
        vector->values[i] = (float)(people_normal(state) + alike * (i % 3 == 0 ? 1 : -0.5));
    }
    normalise(vector);
}

void people_template(uint64_t *state, double alike, imi_template *out)
{
    double own = alike * (1 + 0.12 * people_normal(state));
    out->count = 2;
    fill(&out->vectors[0], "alpha@1", 192, state, own);
    fill(&out->vectors[1], "beta@1", 128, state, own);
}

void people_photo(uint64_t *state, const imi_template *person, double noise, imi_template *out)
{
    *out = *person;
    for (uint32_t m = 0; m < out->count; m++) {
        imi_template_vector *vector = &out->vectors[m];
        for (uint32_t i = 0; i < vector->dim; i++) {
            vector->values[i] += (float)(noise * people_normal(state) / sqrt(vector->dim));
        }
        normalise(vector);
    }
}

void people_cohort(const imi_scorer *scorer, size_t count, imi_subject_key first, imi_cohort **out)
{
    imi_template *templates = imi_alloc_array(count, sizeof *templates);
    imi_cohort_member *members = imi_alloc_array(count, sizeof *members);
    assert_non_null(templates);
    assert_non_null(members);
    uint64_t state = first + 77;
    for (size_t i = 0; i < count; i++) {
        people_template(&state, 0.5, &templates[i]);
        members[i] = (imi_cohort_member){first + i, &templates[i]};
    }
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_cohort_new(scorer, members, count, out, &error), IMI_OK);
    imi_free(members);
    imi_free(templates);
}

void people_add(imi_population *population, imi_subject_key subject, unsigned copy,
                const imi_template *face_template, imi_population_attributes attributes)
{
    char id[IMI_ID_SIZE];
    if (copy == 0) {
        snprintf(id, sizeof id, "ref_%06llu", (unsigned long long)subject);
    } else {
        snprintf(id, sizeof id, "ref_%06llu_%u", (unsigned long long)subject, copy);
    }
    imi_population_member member = {id, subject, face_template, NULL, attributes, 0};
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_population_add(population, &member, &error), IMI_OK);
}

void people_population(const imi_scorer *scorer, const imi_cohort *cohort, size_t count,
                       uint64_t seed, imi_population **out)
{
    imi_population_options options = {scorer, cohort, count, 1};
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_population_new(&options, out, &error), IMI_OK);
    uint64_t state = seed;
    imi_template person;
    for (size_t i = 0; i < count; i++) {
        people_template(&state, 0.5, &person);
        people_add(*out, i, 0, &person, (imi_population_attributes){0, IMI_SEX_UNKNOWN});
    }
}

void people_measure(const imi_population *population, imi_nonmated **out)
{
    imi_nonmated_options options = {.duplicate_fmr = 1e-6, .duplicates_max = 100};
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_nonmated_measure(population, &options, out, &error), IMI_OK);
}
