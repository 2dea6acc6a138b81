#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "samples.h"

#include <math.h>

static imi_scorer *load(void)
{
    imi_scorer *scorer = NULL;
    assert_int_equal(sample_load(sample_table, &scorer, NULL), IMI_OK);
    return scorer;
}

/* Angles of both models to the first axis. */
static void at_angles(double alpha, double beta, imi_template *out)
{
    *out = (imi_template){.count = 2};
    sample_angle("alpha@1", 192, alpha, &out->vectors[0]);
    sample_angle("beta@1", 128, beta, &out->vectors[1]);
}

static void assert_not_made(const imi_comparison *comparison)
{
    assert_int_equal(comparison->kind, IMI_SCORE_NONE);
    assert_true(isnan(comparison->similarity));
    assert_true(isnan(comparison->fmr));
    assert_true(isnan(comparison->by_model[0]));
}

static void similarity_is_the_weighted_sum_of_cosines(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    imi_template probe;
    imi_template reference;
    at_angles(0, 0, &probe);
    at_angles(60, 90, &reference);
    imi_comparison made;
    assert_int_equal(imi_compare(scorer, &probe, &reference, &made, NULL), IMI_OK);
    assert_true(fabsf(made.by_model[0] - 0.5F) < 1e-6F);
    assert_true(fabsf(made.by_model[1]) < 1e-6F);
    assert_true(fabsf(made.similarity - 0.3F) < 1e-6F);
    assert_int_equal(made.kind, IMI_SCORE_RAW);
    assert_true(made.fmr == imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, made.similarity));
}

static void comparing_is_symmetric(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    imi_template a;
    imi_template b;
    sample_template(1, &a);
    sample_template(2, &b);
    imi_comparison ab;
    imi_comparison ba;
    assert_int_equal(imi_compare(scorer, &a, &b, &ab, NULL), IMI_OK);
    assert_int_equal(imi_compare(scorer, &b, &a, &ba, NULL), IMI_OK);
    assert_true(ab.similarity == ba.similarity);
}

static void a_template_matches_itself_and_no_more(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    for (uint32_t seed = 1; seed < 30; seed++) {
        imi_template face_template;
        sample_template(seed, &face_template);
        imi_comparison made;
        assert_int_equal(imi_compare(scorer, &face_template, &face_template, &made, NULL), IMI_OK);
        assert_true(made.similarity > 0.99999F && made.similarity <= 1);
        assert_true(made.by_model[0] <= 1);
    }
}

static void the_order_of_vectors_does_not_matter(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    imi_template a;
    imi_template swapped = {.count = 2};
    sample_template(1, &a);
    swapped.vectors[0] = a.vectors[1];
    swapped.vectors[1] = a.vectors[0];
    imi_comparison made;
    assert_int_equal(imi_compare(scorer, &a, &swapped, &made, NULL), IMI_OK);
    assert_true(made.similarity > 0.99999F);
}

static void another_model_version_is_not_compared(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    imi_template a;
    imi_template b;
    sample_template(1, &a);
    sample_template(1, &b);
    imi_copy_text(b.vectors[1].model_id, IMI_MODEL_ID_SIZE, "beta@2");
    imi_comparison made;
    assert_int_equal(imi_compare(scorer, &a, &b, &made, NULL), IMI_E_MODEL_MISMATCH);
    assert_not_made(&made);
    assert_int_equal(imi_compare(scorer, &b, &a, &made, NULL), IMI_E_MODEL_MISMATCH);
    assert_not_made(&made);
}

static void other_lengths_are_not_compared(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    imi_template a;
    imi_template b;
    const uint32_t lengths[] = {0, 191, IMI_EXTRACTOR_DIM_MAX + 1};
    for (size_t i = 0; i < 3; i++) {
        sample_template(1, &a);
        sample_template(1, &b);
        b.vectors[0].dim = lengths[i];
        imi_comparison made;
        assert_int_equal(imi_compare(scorer, &a, &b, &made, NULL), IMI_E_MODEL_MISMATCH);
        assert_not_made(&made);
    }
}

static void an_empty_or_broken_template_is_not_compared(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    imi_template a;
    imi_template b;
    sample_template(1, &a);
    sample_template(1, &b);
    imi_comparison made;
    b.count = 0;
    assert_int_equal(imi_compare(scorer, &a, &b, &made, NULL), IMI_E_MODEL_MISMATCH);
    b.count = 1000000;
    assert_int_equal(imi_compare(scorer, &a, &b, &made, NULL), IMI_E_MODEL_MISMATCH);
    assert_not_made(&made);
}

static void a_nan_in_a_template_never_passes(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = load();
    imi_template a;
    imi_template b;
    sample_template(1, &a);
    sample_template(1, &b);
    b.vectors[0].values[17] = NAN;
    imi_comparison made;
    assert_int_equal(imi_compare(scorer, &a, &b, &made, NULL), IMI_OK);
    float threshold = 0;
    assert_int_equal(imi_scorer_threshold(scorer, IMI_SCORE_RAW, 1, &threshold, NULL), IMI_OK);
    assert_false(made.similarity >= threshold);
    assert_false(made.fmr <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(similarity_is_the_weighted_sum_of_cosines),
        cmocka_unit_test(comparing_is_symmetric),
        cmocka_unit_test(a_template_matches_itself_and_no_more),
        cmocka_unit_test(the_order_of_vectors_does_not_matter),
        cmocka_unit_test(another_model_version_is_not_compared),
        cmocka_unit_test(other_lengths_are_not_compared),
        cmocka_unit_test(an_empty_or_broken_template_is_not_compared),
        cmocka_unit_test(a_nan_in_a_template_never_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
