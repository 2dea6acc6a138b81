/**
 * The median of measured values, in one definition for all layers.
 */
#ifndef IMI_MEDIAN_H
#define IMI_MEDIAN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A median absolute deviation times this is the standard deviation of a normal distribution. */
#define IMI_DEVIATION_OF_MEDIAN 1.4826F

/**
 * Lower median: of an even number the smaller of the middle two, so that it is always a value that
 * was measured. Sorts the values. NaN for none, and if any is NaN.
 */
float imi_take_median(float *values, uint32_t count);

#ifdef __cplusplus
}
#endif
#endif
