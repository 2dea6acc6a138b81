/* Which paths are files of the page, and which encodings a browser takes. */
#include "gateway_fixture.h"
#include "rpc/gateway/page.h"
#include "rpc/gateway/public_file.h"
#include "rpc/gateway/routes.h"

static void test_files_of_the_page_have_known_endings(void **state)
{
    (void)state;
    const char *const right[] = {
        "/", "/j", "/index.html", "/assets/main-1a2b.js", "/core.wasm", "/voice/en/begin.mp3"};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        assert_non_null(imi_page_route(right[i]));
    }
    const char *const wrong[] = {"",           "/j/",       "/secret",   "/main.js.gz",
                                 "/../a.html", "/.a.html",  "//a.html",  "/a/../b.html",
                                 "/a b.html",  "/%2e.html", "/main.map", "j"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_null(imi_page_route(wrong[i]));
    }
}

static void test_a_coding_is_accepted_by_its_name(void **state)
{
    (void)state;
    assert_true(imi_page_accepts("gzip, deflate, br", "br"));
    assert_true(imi_page_accepts("GZIP", "gzip"));
    assert_true(imi_page_accepts("deflate;q=0.5,\tgzip;q=0.8", "gzip"));
    assert_true(imi_page_accepts("gzip; q=0.001", "gzip"));
}

static void test_a_coding_that_is_not_listed_or_weighs_nothing_is_not_accepted(void **state)
{
    (void)state;
    const char *const wrong[] = {"",         "identity",    "x-gzip",           "gzipped",
                                 "gzip;q=0", "gzip; q=0.0", "br, gzip;q=0.000", "*",
                                 ",,,",      ";gzip"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(imi_page_accepts(wrong[i], "gzip"));
    }
    assert_false(imi_page_accepts(NULL, "gzip"));
}

static void test_public_files_are_known_by_where_they_lie(void **state)
{
    (void)state;
    assert_string_equal(imi_public_file_route("/log/tile/0/000"), "/log/tile/");
    assert_string_equal(imi_public_file_route("/status/1"), "/status/");
    assert_null(imi_public_file_route("/log/checkpoint/"));
    assert_null(imi_public_file_route("/status/../jwks.json"));
}

static void test_no_method_but_a_phones_is_routed(void **state)
{
    (void)state;
    assert_non_null(imi_route_find("/imi.v1.SubjectService/Join"));
    assert_true(imi_route_find("/imi.v1.SubjectService/StreamFrames")->is_stream);
    assert_false(imi_route_find("/imi.v1.SubjectService/FollowSession")->is_stream);
    assert_null(imi_route_find("/imi.v1.RelyingPartyService/GetJwks"));
    assert_null(imi_route_find("/imi.v1.SubjectService/"));
    assert_null(imi_route_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_of_the_page_have_known_endings),
        cmocka_unit_test(test_a_coding_is_accepted_by_its_name),
        cmocka_unit_test(test_a_coding_that_is_not_listed_or_weighs_nothing_is_not_accepted),
        cmocka_unit_test(test_public_files_are_known_by_where_they_lie),
        cmocka_unit_test(test_no_method_but_a_phones_is_routed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
