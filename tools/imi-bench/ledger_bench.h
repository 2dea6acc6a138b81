/**
 * imi-bench ledger: the public log beside one fsync per entry and beside SQLite's commits.
 */
#ifndef IMI_BENCH_LEDGER_BENCH_H
#define IMI_BENCH_LEDGER_BENCH_H

/** Run the subcommand. Returns its exit code: 0, 2 usage error, 3 failure to measure. */
int imi_bench_ledger(int argc, char **argv);

#endif
