/**
 * The arithmetic behind axes and intervals.
 */
#ifndef IMI_REPORT_STATISTICS_H
#define IMI_REPORT_STATISTICS_H

/**
 * The normal deviate below which a share p of a normal distribution lies: the scale of a DET
 * plot. -INFINITY for 0, INFINITY for 1, NaN outside.
 *
 * Source: Martin et al., "The DET curve in assessment of detection task performance", 1997.
 */
double imi_report_probit(double p);

/**
 * Regularised incomplete beta function I_x(a, b) for a, b > 0 and x in [0, 1].
 *
 * Source: continued fraction of NIST Digital Library of Mathematical Functions 8.17.22.
 */
double imi_report_beta(double a, double b, double x);

#endif
