#include "samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What both tables share: who is weighed how, and the raw table. */
#define SAMPLE_HEAD                                                                                \
    "{\"version\": \"test.1\", \"measured_on\": \"made up\", \"made_at\": \"2026-01-01\","         \
    " \"models\": [{\"id\": \"alpha@1\", \"weights\": {\"raw\": 0.6, \"normalised\": 0.75},"       \
    " \"normalisation\": {\"mean\": 1, \"deviation\": 1}},"                                        \
    " {\"id\": \"beta@1\", \"weights\": {\"raw\": 0.4, \"normalised\": 0.25},"                     \
    " \"normalisation\": {\"mean\": 0.5, \"deviation\": 0.25}}],"                                  \
    " \"tables\": {\"raw\": {\"comparisons\": 30000, \"fmr_floor\": 0.0005,"                       \
    " \"groups\": {\"all\": {\"comparisons\": 30000}},"                                            \
    " \"knots\": [[-1, 1], [0.2, 0.1], [0.5, 0.001]]}"

const char sample_table[] =
    SAMPLE_HEAD ", \"normalised\": {\"comparisons\": 40000, \"fmr_floor\": 0.0002,"
                " \"groups\": {\"all\": {\"comparisons\": 40000}},"
                " \"knots\": [[-2.5, 1], [1.5, 0.01], [4, 0.0002]],"
                " \"origin\": {\"calibration_id\": \"run-7\", \"cohort_id\": \"cohort-1\"}}}}";

const char sample_raw_only_table[] = SAMPLE_HEAD "}}";

static void fill(const char *model_id, uint32_t dim, uint32_t *state, imi_template_vector *out)
{
    double square = 0;
    imi_copy_text(out->model_id, sizeof out->model_id, model_id);
    out->dim = dim;
    for (uint32_t i = 0; i < dim; i++) {
        *state = *state * 1664525U + 1013904223U;
        out->values[i] = (float)(*state >> 8) / (1 << 23) - 1;
        square += (double)out->values[i] * out->values[i];
    }
    for (uint32_t i = 0; i < dim; i++) {
        out->values[i] = (float)(out->values[i] / sqrt(square));
    }
}

void sample_template(uint32_t seed, imi_template *out)
{
    uint32_t state = seed;
    *out = (imi_template){.count = 2};
    fill("alpha@1", 192, &state, &out->vectors[0]);
    fill("beta@1", 128, &state, &out->vectors[1]);
}

void sample_angle(const char *model_id, uint32_t dim, double degrees, imi_template_vector *out)
{
    *out = (imi_template_vector){.dim = dim};
    imi_copy_text(out->model_id, sizeof out->model_id, model_id);
    out->values[0] = (float)cos(degrees * M_PI / 180);
    out->values[1] = (float)sin(degrees * M_PI / 180);
}

imi_status sample_load(const char *json, imi_scorer **out, imi_error *err)
{
    char path[] = "/tmp/imi-scorer-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, json, strlen(json)), (ssize_t)strlen(json));
    close(fd);
    imi_status status = imi_scorer_load(path, out, err);
    unlink(path);
    return status;
}

imi_status sample_load_changed(const char *from, const char *to, imi_error *err)
{
    const char *at = strstr(sample_table, from);
    assert_non_null(at);
    char changed[2048];
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - sample_table), sample_table, to,
             at + strlen(from));
    imi_scorer *scorer = NULL;
    imi_status status = sample_load(changed, &scorer, err);
    assert_true((status == IMI_OK) == (scorer != NULL));
    imi_scorer_destroy(&scorer);
    return status;
}
