/**
 * Unroll the loop that follows, which runs over rows or registers: arrays of vectors stay in
 * registers only when every index is constant.
 */
#ifndef IMI_KERNEL_UNROLL_H
#define IMI_KERNEL_UNROLL_H

#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

#endif
