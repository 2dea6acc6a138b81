/**
 * imi-bench rpc: what a call costs before any work is done.
 */
#ifndef IMI_BENCH_RPC_BENCH_H
#define IMI_BENCH_RPC_BENCH_H

/** Run the subcommand. Returns its exit code: 0, 2 usage error, 3 failure to measure. */
int imi_bench_rpc(int argc, char **argv);

#endif
