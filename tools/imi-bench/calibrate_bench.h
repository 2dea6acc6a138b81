/**
 * imi-bench calibrate: all pairs of many references, beside FAISS.
 */
#ifndef IMI_BENCH_CALIBRATE_BENCH_H
#define IMI_BENCH_CALIBRATE_BENCH_H

/** Run the subcommand. Returns its exit code: 0, 2 usage error, 3 failure to measure. */
int imi_bench_calibrate(int argc, char **argv);

#endif
