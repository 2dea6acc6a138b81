/* How a gate weighs models for which there is no calibration table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate_scorer.h"
#include "text_file.h"

#include <math.h>
#include <string.h>

enum { PEOPLE = 4, DIM = 16 };

/* Every two of four people are compared, and each with a second photo. */
static const char PAIRS[] = "set,a,b,same,tag\n"
                            "s,s/a/1.jpg,s/b/1.jpg,0,\ns,s/a/1.jpg,s/c/1.jpg,0,\n"
                            "s,s/a/1.jpg,s/d/1.jpg,0,\ns,s/b/1.jpg,s/c/1.jpg,0,\n"
                            "s,s/b/1.jpg,s/d/1.jpg,0,\ns,s/c/1.jpg,s/d/1.jpg,0,\n"
                            "s,s/a/1.jpg,s/a/1.jpg,1,\n";

typedef struct fixture {
    eval_pairs pairs;
    eval_sample *samples;
} fixture;

/* Angles on a circle: their cosines spread as far as the angles do. */
static void set_vector(imi_template *of, uint32_t model, const char *id, float angle)
{
    imi_template_vector *vector = &of->vectors[model];
    memset(vector, 0, sizeof *vector);
    imi_copy_text(vector->model_id, sizeof vector->model_id, id);
    vector->dim = DIM;
    vector->values[0] = cosf(angle);
    vector->values[1] = sinf(angle);
    of->count = model + 1;
}

static int set_up(void **state)
{
    char path[TEXT_FILE_PATH_SIZE];
    text_file_make(PAIRS, path);
    fixture *self = imi_alloc(sizeof *self);
    assert_non_null(self);
    imi_error err = IMI_ERROR_INIT;
    assert_int_equal(eval_pairs_load(path, &self->pairs, &err), IMI_OK);
    text_file_remove(path);
    self->samples = imi_alloc_array(PEOPLE, sizeof *self->samples);
    assert_non_null(self->samples);
    for (int i = 0; i < PEOPLE; i++) {
        imi_template *of = &self->samples[i].face_template;
        set_vector(of, 0, "wide@1", 0.7F * (float)(i * i));
        set_vector(of, 1, "narrow@1", 0.1F * (float)(i * i));
    }
    *state = self;
    return 0;
}

static int tear_down(void **state)
{
    fixture *self = *state;
    eval_pairs_clean_up(&self->pairs);
    imi_free(self->samples);
    imi_free(self);
    return 0;
}

static imi_scorer *make(const fixture *self, const char *weights)
{
    imi_error err = IMI_ERROR_INIT;
    imi_scorer *scorer = NULL;
    assert_int_equal(eval_gate_scorer_new(&self->pairs, self->samples, weights, &scorer, &err),
                     IMI_OK);
    return scorer;
}

static void assert_refused(const fixture *self, const char *weights, const char *word)
{
    imi_error err = IMI_ERROR_INIT;
    imi_scorer *scorer = NULL;
    assert_int_equal(eval_gate_scorer_new(&self->pairs, self->samples, weights, &scorer, &err),
                     IMI_E_INVALID_ARGUMENT);
    assert_null(scorer);
    assert_non_null(strstr(err.message, word));
}

/* Standard deviation of a model's cosines of different people, by the definition. */
static double deviation(const fixture *self, uint32_t model)
{
    double values[PEOPLE * (PEOPLE - 1) / 2];
    double mean = 0;
    int count = 0;
    for (int a = 0; a < PEOPLE; a++) {
        for (int b = 0; b < a; b++) {
            const float *u = self->samples[a].face_template.vectors[model].values;
            const float *v = self->samples[b].face_template.vectors[model].values;
            values[count] = (double)(u[0] * v[0] + u[1] * v[1]);
            mean += values[count++];
        }
    }
    mean /= count;
    double sum = 0;
    for (int i = 0; i < count; i++) {
        sum += (values[i] - mean) * (values[i] - mean);
    }
    return sqrt(sum / count);
}

static void weights_asked_for_are_those_of_normalised_scores(void **state)
{
    IMI_AUTO(imi_scorer) scorer = make(*state, "3,1");
    assert_true(fabsf(imi_scorer_weight(scorer, IMI_SCORE_NORMALISED, 0) - 0.75F) < 1e-6F);
    assert_true(fabsf(imi_scorer_weight(scorer, IMI_SCORE_NORMALISED, 1) - 0.25F) < 1e-6F);
}

static void a_cosine_that_spreads_less_weighs_more(void **state)
{
    const fixture *self = *state;
    IMI_AUTO(imi_scorer) scorer = make(self, "1,1");
    double ratio = (double)imi_scorer_weight(scorer, IMI_SCORE_RAW, 1) /
                   (double)imi_scorer_weight(scorer, IMI_SCORE_RAW, 0);
    assert_true(ratio > 1);
    assert_true(fabs(ratio - deviation(self, 0) / deviation(self, 1)) < 1e-3 * ratio);
}

static void models_without_a_table_weigh_the_same(void **state)
{
    IMI_AUTO(imi_scorer) scorer = make(*state, NULL);
    assert_int_equal(imi_scorer_model_count(scorer), 2);
    assert_string_equal(imi_scorer_model_id(scorer, 0), "wide@1");
    assert_true(fabsf(imi_scorer_weight(scorer, IMI_SCORE_NORMALISED, 0) - 0.5F) < 1e-6F);
}

static void weights_that_do_not_fit_the_models_are_refused(void **state)
{
    assert_refused(*state, "1", "2 positive numbers");
    assert_refused(*state, "1,-1", "positive");
    assert_refused(*state, "1,0", "positive");
    assert_refused(*state, "1,nan", "positive");
    assert_refused(*state, "1,x", "positive");
    assert_refused(*state, "1,1,1", "more weights");
}

static void images_without_any_template_are_refused(void **state)
{
    fixture *self = *state;
    for (int i = 0; i < PEOPLE; i++) {
        self->samples[i].face_template.count = 0;
    }
    assert_refused(self, NULL, "template");
}

static void a_model_that_tells_nobody_apart_is_refused(void **state)
{
    fixture *self = *state;
    for (int i = 0; i < PEOPLE; i++) {
        set_vector(&self->samples[i].face_template, 0, "wide@1", 0);
        set_vector(&self->samples[i].face_template, 1, "narrow@1", 0);
    }
    assert_refused(self, "1,1", "never told apart");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(weights_asked_for_are_those_of_normalised_scores),
        TEST(a_cosine_that_spreads_less_weighs_more),
        TEST(models_without_a_table_weigh_the_same),
        TEST(weights_that_do_not_fit_the_models_are_refused),
        TEST(images_without_any_template_are_refused),
        TEST(a_model_that_tells_nobody_apart_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
