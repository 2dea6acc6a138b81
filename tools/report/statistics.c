#include "statistics.h"

#include "report.h"

#include <math.h>

/* Steps that halve an interval of doubles away. */
enum { BISECTIONS = 100, FRACTION_TERMS = 10000 };

double imi_report_probit(double p)
{
    if (!(p >= 0 && p <= 1)) {
        return NAN;
    }
    if (p == 0 || p == 1) {
        return p == 0 ? -INFINITY : INFINITY;
    }
    double low = -40;
    double high = 40;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        double below = 0.5 * erfc(-middle / M_SQRT2);
        *(below < p ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* Keeps a denominator of Lentz's method away from zero. */
static double away_from_zero(double value)
{
    return fabs(value) < 1e-300 ? 1e-300 : value;
}

/* Coefficient d_m of the fraction 1 / (1 + d_1 / (1 + d_2 / (1 + ...))). */
static double fraction_coefficient(double a, double b, double x, int index)
{
    double m = index / 2;
    if (index % 2 == 0) {
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    }
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
}

static double beta_fraction(double a, double b, double x)
{
    double c = 1;
    double d = 0;
    double value = 1;
    for (int i = 1; i <= FRACTION_TERMS; i++) {
        double coefficient = fraction_coefficient(a, b, x, i);
        d = 1 / away_from_zero(1 + coefficient * d);
        c = away_from_zero(1 + coefficient / c);
        value *= c * d;
        if (fabs(c * d - 1) < 1e-14) {
            break;
        }
    }
    return 1 / value;
}

double imi_report_beta(double a, double b, double x)
{
    if (x <= 0 || x >= 1) {
        return x <= 0 ? 0 : 1;
    }
    /* The fraction converges fast on one side of the mean only. */
    if (x > (a + 1) / (a + b + 2)) {
        return 1 - imi_report_beta(b, a, 1 - x);
    }
    double front = exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b));
    return front * beta_fraction(a, b, x) / a;
}

/* The x at which I_x(a, b), which rises with it, reaches a probability. */
static double beta_quantile(double a, double b, double probability)
{
    double low = 0;
    double high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        *(imi_report_beta(a, b, middle) < probability ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

imi_report_rate imi_report_rate_of(uint64_t events, uint64_t trials)
{
    if (trials == 0 || events > trials) {
        return (imi_report_rate){NAN, NAN, NAN, events, trials};
    }
    double k = (double)events;
    double n = (double)trials;
    double low = events == 0 ? 0 : beta_quantile(k, n - k + 1, 0.025);
    double high = events == trials ? 1 : beta_quantile(k + 1, n - k, 0.975);
    return (imi_report_rate){k / n, low, high, events, trials};
}

static size_t bin_of(const imi_report_histogram *histogram, double score)
{
    double share = (score - histogram->low) / (histogram->high - histogram->low);
    size_t bin = (size_t)(share * (double)histogram->bins);
    return bin < histogram->bins ? bin : histogram->bins - 1;
}

imi_report_histogram imi_report_count_scores(const float *scores, size_t count,
                                             uint64_t *counts_out, size_t bins)
{
    imi_report_histogram histogram = {INFINITY, -INFINITY, counts_out, bins};
    for (size_t i = 0; i < count; i++) {
        if (isfinite(scores[i])) {
            histogram.low = fmin(histogram.low, (double)scores[i]);
            histogram.high = fmax(histogram.high, (double)scores[i]);
        }
    }
    if (bins == 0 || histogram.low > histogram.high) {
        return (imi_report_histogram){0, 0, NULL, 0};
    }
    /* Scores that are all alike, or nearly, still need bins of some width. */
    double width = fmax(1e-6 * fabs(histogram.low), 1e-6);
    if (histogram.high - histogram.low < width) {
        histogram.low -= width;
        histogram.high += width;
    }
    for (size_t i = 0; i < bins; i++) {
        counts_out[i] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (isfinite(scores[i])) {
            counts_out[bin_of(&histogram, (double)scores[i])]++;
        }
    }
    return histogram;
}
