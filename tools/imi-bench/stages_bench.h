/**
 * imi-bench stages: what one whole verification costs, and which stage costs how much.
 */
#ifndef IMI_BENCH_STAGES_BENCH_H
#define IMI_BENCH_STAGES_BENCH_H

/** Run the subcommand. Returns its exit code: 0, 2 usage error, 3 failure to measure. */
int imi_bench_stages(int argc, char **argv);

#endif
