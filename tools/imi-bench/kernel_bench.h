/**
 * imi-bench kernel: the comparison kernels beside this machine's memory and beside FAISS.
 */
#ifndef IMI_BENCH_KERNEL_BENCH_H
#define IMI_BENCH_KERNEL_BENCH_H

/** Run the subcommand. Returns its exit code: 0, 2 usage error, 3 failure to measure. */
int imi_bench_kernel(int argc, char **argv);

#endif
