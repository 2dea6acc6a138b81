/**
 * A backend's desk for tests: a clock, a server of documents that can be broken, and a checker.
 */
#ifndef IMI_TEST_LIBIMI_TOKEN_DESK_H
#define IMI_TEST_LIBIMI_TOKEN_DESK_H

#include "imi-token/imi-token.h"
#include "imi/bytes.h"
#include "imi/clock.h"

#define DESK_NOW_S 1700000000
#define DESK_JWKS_URI "https://imi.example/.well-known/jwks.json"

/** What stands in for the network. Threads: fetches may come from any. */
typedef struct desk_server {
    imi_view body;
    const char *cache_control; /* NULL: none */
    int is_down;
    int fetches;
    char last_uri[IMITOKEN_TEXT_SIZE];
} desk_server;

int desk_fetch(void *server, const char *uri, imitoken_document *document);

/** Time of the desk; any thread may read it. */
extern int64_t g_desk_now_s;
int64_t desk_clock(void *user);

/** A key set that server has, under the desk's clock. */
imitoken_keys *desk_keys(desk_server *server);
/** Options of forge.h's issuer and audience under those keys. */
imitoken_checker_options desk_options(imitoken_keys *keys);
imitoken_checker *desk_checker(const imitoken_checker_options *options);
imitoken_expected desk_expected(void);
/** Check bytes as forge.h's good token is; claims may be NULL. */
imitoken_code desk_check(imitoken_checker *checker, imi_view token, imitoken_claims *claims);

#endif
