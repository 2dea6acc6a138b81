/* Non-mated scores in bins, as reports draw them. */
#include "office.h"

enum { PEOPLE = 60, PAIRS = PEOPLE * (PEOPLE - 1) / 2, BINS = 64 };

static void read(office *o, imi_read_calibration *out)
{
    imi_error err = IMI_ERROR_INIT;
    office_calibrate(o, PEOPLE);
    office_ok(imi_administration_read_calibration(o->administration, FIRST, "", out, &err), &err);
}

static uint64_t sum(const uint64_t *counts, size_t bins)
{
    uint64_t total = 0;
    for (size_t i = 0; i < bins; i++) {
        total += counts[i];
    }
    return total;
}

static void every_comparison_is_in_one_bin_however_many_there_are(void **state)
{
    office *o = *state;
    IMI_AUTO_CALIBRATION calibration = {.nonmated = NULL};
    read(o, &calibration);
    for (size_t most = 1; most <= BINS; most++) {
        uint64_t counts[BINS + 1] = {0};
        double low = 0, high = 0;
        counts[most] = 12345; /* must stay */
        size_t bins =
            imi_nonmated_histogram(calibration.nonmated, IMI_SCORE_RAW, counts, most, &low, &high);
        assert_true(bins >= 1 && bins <= most);
        assert_int_equal(sum(counts, bins), PAIRS);
        assert_int_equal(counts[most], 12345);
        assert_true(low < high && low >= -1 && high <= 1.1);
    }
}

static void bins_span_the_scores_and_little_more(void **state)
{
    office *o = *state;
    IMI_AUTO_CALIBRATION calibration = {.nonmated = NULL};
    read(o, &calibration);
    uint64_t counts[BINS];
    double low = 0, high = 0;
    size_t bins =
        imi_nonmated_histogram(calibration.nonmated, IMI_SCORE_RAW, counts, BINS, &low, &high);
    assert_true(counts[0] > 0 && counts[bins - 1] > 0);
    assert_true(imi_nonmated_fmr(calibration.nonmated, IMI_SCORE_RAW, 0, low).events == PAIRS);
    assert_true(imi_nonmated_fmr(calibration.nonmated, IMI_SCORE_RAW, 0, high).events == 0);
}

static void kinds_that_were_not_measured_have_no_bins(void **state)
{
    office *o = *state;
    IMI_AUTO_CALIBRATION calibration = {.nonmated = NULL};
    read(o, &calibration);
    uint64_t counts[BINS];
    double low = 1, high = 1;
    assert_int_equal(imi_nonmated_histogram(calibration.nonmated, IMI_SCORE_NORMALISED, counts,
                                            BINS, &low, &high),
                     0);
    assert_true(low == 0 && high == 0);
    assert_int_equal(
        imi_nonmated_histogram(calibration.nonmated, IMI_SCORE_NONE, counts, BINS, &low, &high), 0);
    assert_int_equal(
        imi_nonmated_histogram(calibration.nonmated, IMI_SCORE_RAW, counts, 0, &low, &high), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, office_set_up, office_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_comparison_is_in_one_bin_however_many_there_are),
        TEST(bins_span_the_scores_and_little_more),
        TEST(kinds_that_were_not_measured_have_no_bins),
    };
    return cmocka_run_group_tests_name("administration: histogram", tests, NULL, NULL);
}
