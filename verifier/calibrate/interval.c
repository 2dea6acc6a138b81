#include "interval.h"

#include <math.h>

enum { FRACTION_TERMS_MAX = 500, BISECTIONS = 200 };

/* lgamma itself writes a global. */
static double log_gamma(double x)
{
    int sign = 0;
    return lgamma_r(x, &sign);
}

/* Continued fraction of the incomplete beta function, by the method of Lentz.
 * Source: NIST Digital Library of Mathematical Functions, 8.17.22. */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1;
    double first = 1 - (a + b) * x / (a + 1);
    double d = 1 / (fabs(first) < tiny ? tiny : first);
    double value = d;
    for (int m = 1; m <= FRACTION_TERMS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double terms[2] = {even, odd};
        double change = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + terms[i] * d;
            c = 1 + terms[i] / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            change = d * c;
            value *= change;
        }
        if (fabs(change - 1) < 1e-14) {
            break;
        }
    }
    return value;
}

double interval_beta(double x, double a, double b)
{
    if (!(x > 0)) {
        return 0;
    }
    if (x >= 1) {
        return 1;
    }
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                     : 1 - front * beta_fraction(1 - x, b, a) / b;
}

/* Where the beta distribution reaches a probability; on a logarithmic scale, as rates are small. */
static double beta_quantile(double probability, double a, double b)
{
    double low = log(1e-18), high = 0;
    for (int i = 0; i < BISECTIONS && high - low > 1e-12; i++) {
        double middle = (low + high) / 2;
        if (interval_beta(exp(middle), a, b) < probability) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return exp((low + high) / 2);
}

interval interval_of_rate(double events, double trials)
{
    if (!(trials > 0) || !(events >= 0) || events > trials) {
        return (interval){NAN, NAN};
    }
    if (events == 0) {
        return (interval){0, -expm1(log(0.05) / trials)};
    }
    double left = trials - events;
    return (interval){beta_quantile(0.025, events, left + 1),
                      left > 0 ? beta_quantile(0.975, events + 1, left) : 1};
}
