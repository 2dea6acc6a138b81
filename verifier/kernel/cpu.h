/**
 * What the CPU and the operating system offer.
 */
#ifndef IMI_KERNEL_CPU_H
#define IMI_KERNEL_CPU_H

#include <stdint.h>

/** Ask the machine, each time anew; imi_cpu_features keeps the answer. */
uint32_t cpu_probe(void);

#endif
