/**
 * Intervals of rates.
 */
#ifndef IMI_CALIBRATE_INTERVAL_H
#define IMI_CALIBRATE_INTERVAL_H

typedef struct interval {
    double low, high;
} interval;

/**
 * 95 % interval of a rate of events among trials, which need not be whole numbers: with trials
 * divided by a design effect this is the interval of Korn and Graubard, "Confidence intervals
 * for proportions with small expected number of positive counts estimated from survey data",
 * Survey Methodology 24, 1998, which for effect 1 is that of Clopper and Pearson. Without any
 * event the upper limit is one-sided: the rule of three.
 */
interval interval_of_rate(double events, double trials);

/** Probability that a beta variable is at most x (regularised incomplete beta function). */
double interval_beta(double x, double a, double b);

#endif
