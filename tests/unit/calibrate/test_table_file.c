#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

static imi_nonmated *g_nonmated; /* 800 people, both kinds of score, two sexes */
static imi_buffer g_json;

static int write_all(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = NULL;
    IMI_AUTO(imi_cohort) cohort = NULL;
    people_scorer(&scorer);
    people_cohort(scorer, 320, 5000, &cohort);
    imi_population_options options = {scorer, cohort, 800, 1};
    IMI_AUTO(imi_population) population = NULL;
    assert_int_equal(imi_population_new(&options, &population, NULL), IMI_OK);
    uint64_t random = 3;
    imi_template person;
    for (size_t i = 0; i < 800; i++) {
        imi_sex sex = i % 2 == 0 ? IMI_SEX_FEMALE : IMI_SEX_MALE;
        people_template(&random, 0.5, &person);
        people_add(population, i, 0, &person, (imi_population_attributes){1950, sex});
    }
    people_measure(population, &g_nonmated);
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_nonmated_write(g_nonmated, "cal_1", 1767225600000, &g_json, &error),
                     IMI_OK);
    return 0;
}

static int drop_all(void **state)
{
    (void)state;
    imi_nonmated_destroy(&g_nonmated);
    imi_buffer_clean_up(&g_json);
    return 0;
}

static void a_scorer_can_be_made_of_it(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = NULL;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_scorer_parse(imi_buffer_view(&g_json), &scorer, &error);
    if (status != IMI_OK) {
        fail_msg("%s", error.message);
    }
    assert_string_equal(imi_scorer_version(scorer), "cal_1");
    assert_true(imi_scorer_has(scorer, IMI_SCORE_NORMALISED));
    assert_string_equal(imi_scorer_model_id(scorer, 1), "beta@1");
    assert_true(fabsf(imi_scorer_weight(scorer, IMI_SCORE_RAW, 0) - 0.6F) < 1e-6F);
    assert_true(imi_scorer_normalisation(scorer, 0).mean_share == 0.75);
}

static void its_thresholds_are_those_of_the_measurement(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = NULL;
    assert_int_equal(imi_scorer_parse(imi_buffer_view(&g_json), &scorer, NULL), IMI_OK);
    for (imi_score_kind kind = IMI_SCORE_RAW; kind <= IMI_SCORE_NORMALISED; kind++) {
        static const double targets[] = {1e-2, 1e-3, 1e-4};
        for (size_t i = 0; i < 3; i++) {
            float by_scorer = NAN;
            double measured = NAN;
            assert_int_equal(imi_scorer_threshold(scorer, kind, targets[i], &by_scorer, NULL),
                             IMI_OK);
            assert_int_equal(imi_nonmated_threshold(g_nonmated, kind, targets[i], &measured, NULL),
                             IMI_OK);
            double width = kind == IMI_SCORE_RAW ? 0.00025 : 0.008;
            assert_true(fabs((double)by_scorer - measured) <= width);
        }
    }
}

static void its_rates_are_upper_limits(void **state)
{
    (void)state;
    IMI_AUTO(imi_scorer) scorer = NULL;
    assert_int_equal(imi_scorer_parse(imi_buffer_view(&g_json), &scorer, NULL), IMI_OK);
    for (float similarity = 0.1F; similarity < 0.3F; similarity += 0.01F) {
        imi_rate rate = imi_nonmated_fmr(g_nonmated, IMI_SCORE_RAW, 0, (double)similarity);
        assert_true(imi_scorer_fmr_at(scorer, IMI_SCORE_RAW, similarity) >= rate.rate);
    }
}

static void it_can_be_read_again(void **state)
{
    (void)state;
    IMI_AUTO(imi_nonmated) read = NULL;
    imi_error error = IMI_ERROR_INIT;
    imi_status status = imi_nonmated_read(imi_buffer_view(&g_json), &read, &error);
    if (status != IMI_OK) {
        fail_msg("%s", error.message);
    }
    for (size_t group = 0; imi_nonmated_group_at(g_nonmated, group) != NULL; group++) {
        const imi_nonmated_group *want = imi_nonmated_group_at(g_nonmated, group);
        const imi_nonmated_group *got = imi_nonmated_group_at(read, group);
        assert_string_equal(got->name, want->name);
        assert_int_equal(got->comparisons, want->comparisons);
        for (double threshold = -0.2; threshold < 8; threshold += 0.02) {
            for (imi_score_kind kind = IMI_SCORE_RAW; kind <= IMI_SCORE_NORMALISED; kind++) {
                imi_rate a = imi_nonmated_fmr(g_nonmated, kind, group, threshold);
                imi_rate b = imi_nonmated_fmr(read, kind, group, threshold);
                assert_true(a.events == b.events && a.extrapolated == b.extrapolated);
                assert_true(fabs(a.rate - b.rate) <= 1e-9 * a.rate);
                assert_true(fabs(a.high - b.high) <= 1e-9 * a.high);
            }
        }
    }
}

static void what_was_read_writes_the_same(void **state)
{
    (void)state;
    IMI_AUTO(imi_nonmated) read = NULL;
    IMI_AUTO_BUFFER again = IMI_BUFFER_INIT;
    assert_int_equal(imi_nonmated_read(imi_buffer_view(&g_json), &read, NULL), IMI_OK);
    assert_int_equal(imi_nonmated_write(read, "cal_1", 1767225600000, &again, NULL), IMI_OK);
    /* But for the duplicates, which are not in it. */
    assert_true(again.size <= g_json.size && again.size + 8 >= g_json.size);
}

/* Read the text with one piece replaced by another of the same length. */
static imi_status read_changed(const char *from, const char *to)
{
    assert_int_equal(strlen(from), strlen(to));
    IMI_AUTO_BUFFER changed = IMI_BUFFER_INIT;
    assert_int_equal(imi_buffer_append(&changed, imi_buffer_view(&g_json), NULL), IMI_OK);
    assert_int_equal(imi_buffer_terminate(&changed, NULL), IMI_OK);
    char *at = strstr((char *)changed.data, from);
    assert_non_null(at);
    for (size_t i = 0; to[i] != '\0'; i++) {
        at[i] = to[i];
    }
    imi_nonmated *read = NULL;
    imi_status status = imi_nonmated_read(imi_buffer_view(&changed), &read, NULL);
    assert_true((read == NULL) == (status != IMI_OK));
    imi_nonmated_destroy(&read);
    return status;
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"\"measurement\"", "\"measuremenx\""},
        {"\"raw_bins\": [-1", "\"raw_bins\": [-2"},
        {"\"first_bin\": ", "\"first_bin\":-"},
        {"\"name\": \"all\"", "\"name\": \"alx\""},
        {"\"suspects_from\": ", "\"suspects_fromx\":"},
        {"\"counts\": [", "\"countx\": ["},
        {"\"levels\": [[", "\"levels\": [9"},
        {"\"pairs\"", "\"pairz\""},
        {"{", " "},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_int_equal(read_changed(changes[i][0], changes[i][1]), IMI_E_CALIBRATION);
    }
    assert_int_equal(read_changed("cal_1", "cal_2"), IMI_OK);
}

static void a_text_cut_short_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size + 2 < g_json.size; size += 997) {
        imi_nonmated *read = NULL;
        assert_int_equal(imi_nonmated_read((imi_view){g_json.data, size}, &read, NULL),
                         IMI_E_CALIBRATION);
        assert_null(read);
    }
}

static void a_name_that_json_would_have_to_escape_is_refused(void **state)
{
    (void)state;
    IMI_AUTO_BUFFER out = IMI_BUFFER_INIT;
    static const char *const names[] = {"", "a\"b", "a\\b", "a\nb", "\xC3\xA9"};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(imi_nonmated_write(g_nonmated, names[i], 0, &out, NULL),
                         IMI_E_INVALID_ARGUMENT);
        assert_int_equal(out.size, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scorer_can_be_made_of_it),
        cmocka_unit_test(its_thresholds_are_those_of_the_measurement),
        cmocka_unit_test(its_rates_are_upper_limits),
        cmocka_unit_test(it_can_be_read_again),
        cmocka_unit_test(what_was_read_writes_the_same),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_text_cut_short_anywhere_is_refused),
        cmocka_unit_test(a_name_that_json_would_have_to_escape_is_refused),
    };
    return cmocka_run_group_tests(tests, write_all, drop_all);
}
