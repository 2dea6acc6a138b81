/**
 * imi-bench examine: what a frame of a capture costs, and which layer costs how much.
 */
#ifndef IMI_BENCH_EXAMINE_BENCH_H
#define IMI_BENCH_EXAMINE_BENCH_H

/** Run the subcommand. Returns its exit code: 0, 2 usage error, 3 failure to measure. */
int imi_bench_examine(int argc, char **argv);

#endif
