#include "desk.h"

#include "imi/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

int64_t g_desk_now_s = DESK_NOW_S;

int64_t desk_clock(void *user)
{
    (void)user;
    return __atomic_load_n(&g_desk_now_s, __ATOMIC_SEQ_CST);
}

int desk_fetch(void *user, const char *uri, imitoken_document *document)
{
    desk_server *server = user;
    __atomic_add_fetch(&server->fetches, 1, __ATOMIC_SEQ_CST);
    imi_copy_text(server->last_uri, sizeof server->last_uri, uri);
    if (server->is_down) {
        return 1;
    }
    imitoken_document_cache_control(document, server->cache_control);
    /* In two pieces, as a network brings it. */
    size_t half = server->body.size / 2;
    return imitoken_document_write(document, server->body.data, half) != 0 ||
           imitoken_document_write(document, server->body.data + half, server->body.size - half) !=
               0;
}

imitoken_keys *desk_keys(desk_server *server)
{
    imitoken_keys_options options = IMITOKEN_KEYS_OPTIONS_INIT;
    options.fetch = desk_fetch;
    options.user = server;
    options.uri = DESK_JWKS_URI;
    options.clock = desk_clock;
    imitoken_keys *keys = NULL;
    assert_int_equal(imitoken_keys_new(&options, &keys, NULL), IMITOKEN_OK);
    return keys;
}

imitoken_checker_options desk_options(imitoken_keys *keys)
{
    imitoken_checker_options options = IMITOKEN_CHECKER_OPTIONS_INIT;
    options.issuer = "https://imi.example";
    options.audience = "https://backend.example";
    options.keys = keys;
    options.clock = desk_clock;
    options.leeway_s = 0;
    return options;
}

imitoken_checker *desk_checker(const imitoken_checker_options *options)
{
    imitoken_checker *checker = NULL;
    assert_int_equal(imitoken_checker_new(options, &checker, NULL), IMITOKEN_OK);
    return checker;
}

imitoken_expected desk_expected(void)
{
    imitoken_expected expected = IMITOKEN_EXPECTED_INIT;
    expected.nonce = "n-0S6_WzA2Mj";
    expected.purpose = "demo";
    return expected;
}

imitoken_code desk_check(imitoken_checker *checker, imi_view token, imitoken_claims *claims)
{
    static _Thread_local imitoken_claims ignored;
    imitoken_claims *out = claims == NULL ? &ignored : claims;
    imitoken_expected expected = desk_expected();
    IMITOKEN_CLAIMS_INIT(out);
    return imitoken_check(checker, (const char *)token.data, token.size, &expected, out, NULL);
}
