/**
 * imi-bench token: tokens signed and verified a second and core, beside OpenSSL by itself.
 */
#ifndef IMI_BENCH_TOKEN_BENCH_H
#define IMI_BENCH_TOKEN_BENCH_H

/** Returns the exit code. */
int imi_bench_token(int argc, char **argv);

#endif
