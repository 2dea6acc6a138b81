/* imi-bench: how fast the parts are on this machine. One subcommand a part. */
#include "calibrate_bench.h"
#include "examine_bench.h"
#include "kernel_bench.h"
#include "ledger_bench.h"
#include "rpc_bench.h"
#include "stages_bench.h"
#include "token_bench.h"

#include <stdio.h>
#include <string.h>

typedef struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
    const char *summary;
} command;

static const command commands[] = {
    {"kernel", imi_bench_kernel, "comparison kernels beside memory bandwidth and FAISS"},
    {"calibrate", imi_bench_calibrate, "all pairs of many references beside FAISS"},
    {"stages", imi_bench_stages, "a whole verification and the share of each stage"},
    {"examine", imi_bench_examine, "a frame of a capture and the share of each layer"},
    {"ledger", imi_bench_ledger, "the public log beside one fsync per entry and SQLite"},
    {"token", imi_bench_token, "tokens signed and verified beside OpenSSL by itself"},
    {"rpc", imi_bench_rpc, "a round trip over gRPC and TLS"},
};

static int print_usage(FILE *to, int code)
{
    fputs("usage: imi-bench COMMAND [options]\n", to);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    }
    return code;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
        return print_usage(stdout, 0);
    }
    for (size_t i = 0; argc >= 2 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    return print_usage(stderr, 2);
}
