/* What JSON is read, what is refused, and what is found in it. */
#include "verifier/json/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NODES = 64, TEXT_SIZE = 64 };

static imi_json_node g_nodes[NODES];

static imi_status read_bytes(const char *bytes, size_t size, size_t capacity)
{
    return imi_json_read_object((imi_view){(const uint8_t *)bytes, size}, "it", IMI_E_TOKEN_FORMAT,
                                g_nodes, capacity, NULL);
}

static imi_status read_text(const char *text)
{
    return read_bytes(text, strlen(text), NODES);
}

static const imi_json_node *value_of(const char *text)
{
    if (read_text(text) != IMI_OK) {
        fail_msg("refused: %s", text);
    }
    return imi_json_member(g_nodes, "a");
}

static void assert_refused(const char *text)
{
    if (read_text(text) != IMI_E_TOKEN_FORMAT) {
        fail_msg("taken: %s", text);
    }
}

/* Forms */

static void what_the_grammar_allows_is_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        " \t\r\n{ } \n",
        "{\"\":0}",
        "{\"a\":\"\"}",
        "{\"a\":[]}",
        "{\"a\":[[],{}]}",
        "{\"a\":[1 , 2,3 ]}",
        "{\"a\":true,\"b\":false,\"c\":null}",
        "{\"a\":-0,\"b\":0e0,\"c\":1E+2,\"d\":-0.5e-1,\"e\":0.0}",
        "{\"a\":-9223372036854775808,\"b\":9223372036854775807}",
        "{\"a\":1e-999}",
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"}",
        "{\"a\":\"\\uD834\\uDD1E\"}",
        "{\"a\":\"\x7f\xc2\x80\xe2\x82\xac\xf4\x8f\xbf\xbf\"}",
        "{\"a\":{\"a\":{\"a\":1}}}",
        "{\"\\u0061\":1,\"b\":2}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (read_text(texts[i]) != IMI_OK) {
            fail_msg("refused: %s", texts[i]);
        }
    }
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",  " ", "[]",  "1",     "\"a\"", "null", "true", "[{}]", "\xef\xbb\xbf{}",
        "}", "{", "{}}", "{} {}", "{},",   "{}x",  "{}/*", "#\n{}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_refused(texts[i]);
    }
    assert_int_equal(read_bytes("{}\0", 3, NODES), IMI_E_TOKEN_FORMAT);
}

static void broken_structures_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"a\"}",     "{\"a\":}",      "{\"a\":1,}",   "{,\"a\":1}",    "{\"a\":1 \"b\":2}",
        "{\"a\" 1}",   "{\"a\"::1}",    "{a:1}",        "{'a':1}",       "{1:1}",
        "{null:1}",    "{\"a\":[1,]}",  "{\"a\":[,1]}", "{\"a\":[1 2]}", "{\"a\":[1}",
        "{\"a\":[1}]", "{\"a\":{]}",    "{\"a\":[",     "{\"a\":1",      "{\"a\":",
        "{\"a\"",      "{\"a\":1,",     "{\"a\":(1)}",  "{\"a\":1;}",    "{\"a\":[\"x\"",
        "{[]:1}",      "{\"a\":b}",     "{\"a\":tru}",  "{\"a\":True}",  "{\"a\":nul",
        "{\"a\":nan}", "{\"a\":false0", "{\"a\":/**/1}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_refused(texts[i]);
    }
}

static void malformed_and_huge_numbers_are_refused(void **state)
{
    (void)state;
    static const char *const numbers[] = {"+1",
                                          "01",
                                          "-01",
                                          "1.",
                                          ".1",
                                          "-",
                                          "--1",
                                          "1e",
                                          "1e+",
                                          "1.e1",
                                          "0x1",
                                          "1e1.5",
                                          "Infinity",
                                          "-Infinity",
                                          "1e309",
                                          "1e99999999999999999999",
                                          "12e307",
                                          "9223372036854775808",
                                          "-9223372036854775809",
                                          "1 000",
                                          "1_000",
                                          "\xef\xbc\x91"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[TEXT_SIZE];
        snprintf(text, sizeof text, "{\"a\":%s}", numbers[i]);
        assert_refused(text);
        snprintf(text, sizeof text, "{\"a\":%s", numbers[i]);
        assert_refused(text);
    }
}

static void malformed_texts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"\n",
                                        "\t",
                                        "\x1f",
                                        "\\",
                                        "\\x",
                                        "\\u",
                                        "\\u00",
                                        "\\u00g0",
                                        "\\U0041",
                                        "\\'",
                                        "\\0",
                                        "\\u0000",
                                        "\\ud834",
                                        "\\udd1e",
                                        "\\ud834x",
                                        "\\ud834\\n",
                                        "\\ud834\\ud834",
                                        "\x80",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xe0\x9f\xbf",
                                        "\xed\xa0\x80",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xff",
                                        "\xe2\x82",
                                        "\xc2"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[TEXT_SIZE];
        /* Behind other text too, so that both ways of scanning meet it. */
        static const char *const fronts[] = {"", "1234567", "12345678", "123456789abcdef"};
        for (size_t j = 0; j < sizeof fronts / sizeof fronts[0]; j++) {
            snprintf(text, sizeof text, "{\"a\":\"%s%s\"}", fronts[j], texts[i]);
            assert_refused(text);
            snprintf(text, sizeof text, "{\"%s%s\":1}", fronts[j], texts[i]);
            assert_refused(text);
        }
    }
    assert_int_equal(read_bytes("{\"a\":\"\0\"}", 9, NODES), IMI_E_TOKEN_FORMAT);
}

static void every_end_before_the_last_byte_is_refused(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":[1,-2.5e3,\"x\\u0041\\ud834\\udd1e\xe2\x82\xac\"],\"b\":{\"c\":null,\"d\":true}}";
    for (size_t size = 0; size < sizeof text - 1; size++) {
        /* A block of just this size: reading beyond it is seen by the sanitizer. */
        char *block = malloc(size + 1);
        assert_non_null(block);
        memcpy(block + 1, text, size);
        assert_int_equal(read_bytes(block + 1, size, NODES), IMI_E_TOKEN_FORMAT);
        free(block);
    }
    assert_int_equal(read_text(text), IMI_OK);
}

static void members_of_one_name_are_refused_however_they_are_written(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"b\":2,\"a\":3}",
        "{\"a\":{\"x\":1,\"x\":2}}",
        "{\"a\":[[{\"x\":1,\"y\":{},\"x\":2}]]}",
        "{\"\":1,\"\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\\u0061\":1,\"b\":1,\"a\":2}",
        "{\"\\u0061\":1,\"\\u0061\":2}",
        "{\"\\ud834\\udd1e\":1,\"\xf0\x9d\x84\x9e\":2}",
        "{\"\\u20AC\":1,\"\\u20ac\":2}",
        "{\"\\/\":1,\"/\":2}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_refused(texts[i]);
    }
}

static void one_name_may_be_in_two_objects(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":1}],\"A\":1}"), IMI_OK);
}

/* Names of equal marks must not pass for equal, nor unequal ones hide a repetition. */
static void many_names_are_told_apart(void **state)
{
    (void)state;
    char text[2048] = "{";
    imi_json_node nodes[256];
    size_t size = 1;
    for (int i = 0; i < 100; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size, "\"n%02d\":%d,", i, i);
    }
    snprintf(text + size, sizeof text - size, "\"z\":1}");
    assert_int_equal(
        imi_json_read_object(imi_view_of_text(text), "it", IMI_E_TOKEN_FORMAT, nodes, 256, NULL),
        IMI_OK);
    for (int i = 0; i < 100; i++) {
        char again[2048];
        snprintf(again, sizeof again, "%.*s\"n%02d\":1}", (int)size, text, i);
        assert_int_equal(imi_json_read_object(imi_view_of_text(again), "it", IMI_E_TOKEN_FORMAT,
                                              nodes, 256, NULL),
                         IMI_E_TOKEN_FORMAT);
    }
}

/* Bounds */

static void sixteen_levels_are_read_and_seventeen_are_not(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}"), IMI_OK);
    assert_refused("{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}");
    assert_refused("{\"a\":[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]}");
}

static void thousands_of_brackets_do_not_reach_the_stack(void **state)
{
    (void)state;
    size_t size = 1 << 16;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '[', size);
    memcpy(text, "{\"a\":", 5);
    assert_int_equal(read_bytes(text, size, NODES), IMI_E_TOKEN_FORMAT);
    for (size_t i = 0; i + 5 <= size; i += 5) {
        memcpy(text + i, "{\"a\":", 5);
    }
    assert_int_equal(read_bytes(text, size, NODES), IMI_E_TOKEN_FORMAT);
    free(text);
}

static void more_values_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,2]}"; /* object, name, array, 1, 2 */
    for (size_t capacity = 0; capacity < 5; capacity++) {
        assert_int_equal(read_bytes(text, sizeof text - 1, capacity), IMI_E_TOKEN_FORMAT);
    }
    assert_int_equal(read_bytes(text, sizeof text - 1, 5), IMI_OK);
}

static void the_message_names_the_place_and_quotes_nothing(void **state)
{
    (void)state;
    static const char text[] = "{\"secret\":secret}";
    imi_error error = IMI_ERROR_INIT;
    assert_int_equal(imi_json_read_object(imi_view_of_text(text), "the header", IMI_E_TOKEN_FORMAT,
                                          g_nodes, NODES, &error),
                     IMI_E_TOKEN_FORMAT);
    assert_non_null(strstr(error.message, "the header"));
    assert_non_null(strstr(error.message, "byte 10"));
    assert_null(strstr(error.message, "secret"));
}

/* Looking up */

static void members_are_found_behind_nested_values(void **state)
{
    (void)state;
    int64_t number = 0;
    assert_int_equal(read_text("{\"x\":{\"a\":1},\"y\":[{\"a\":2},3],\"a\":4,\"ab\":5}"), IMI_OK);
    assert_true(imi_json_integer(imi_json_member(g_nodes, "a"), &number));
    assert_int_equal(number, 4);
    assert_null(imi_json_member(g_nodes, "b"));
    assert_null(imi_json_member(g_nodes, ""));
}

static void names_are_found_however_they_are_written(void **state)
{
    (void)state;
    assert_non_null(value_of("{\"\\u0061\":1}"));
    assert_int_equal(read_text("{\"\\uD834\\uDD1E\\n\\/\":1}"), IMI_OK);
    assert_non_null(imi_json_member(g_nodes, "\xf0\x9d\x84\x9e\n/"));
    assert_null(imi_json_member(g_nodes, "\\uD834\\uDD1E\\n\\/"));
    assert_int_equal(read_text("{\"\\\\u0061\":1}"), IMI_OK);
    assert_non_null(imi_json_member(g_nodes, "\\u0061"));
    assert_null(imi_json_member(g_nodes, "a"));
}

static void nothing_is_found_in_nothing(void **state)
{
    (void)state;
    int64_t number = 1;
    double real = 1;
    char text[4] = "x";
    assert_null(imi_json_member(NULL, "a"));
    assert_null(imi_json_first(NULL));
    assert_false(imi_json_is(NULL, IMI_JSON_NULL));
    assert_false(imi_json_says(NULL, ""));
    assert_false(imi_json_integer(NULL, &number));
    assert_false(imi_json_real(NULL, &real));
    assert_false(imi_json_copy_text(NULL, text, sizeof text));
    assert_int_equal(number, 0);
    assert_true(real == 0);
    assert_string_equal(text, "");
    assert_null(imi_json_member(value_of("{\"a\":[\"b\"]}"), "b"));
    assert_null(imi_json_first(value_of("{\"a\":\"b\"}")));
}

static void elements_come_in_order(void **state)
{
    (void)state;
    const imi_json_node *list = value_of("{\"a\":[1,[2,3],{\"x\":4},\"5\"],\"b\":6}");
    static const imi_json_kind kinds[] = {IMI_JSON_INTEGER, IMI_JSON_ARRAY, IMI_JSON_OBJECT,
                                          IMI_JSON_TEXT};
    size_t count = 0;
    for (const imi_json_node *at = imi_json_first(list); at != NULL; at = imi_json_next(list, at)) {
        assert_true(count < 4 && imi_json_is(at, kinds[count]));
        count++;
    }
    assert_int_equal(count, 4);
}

static void names_of_an_object_come_in_order(void **state)
{
    (void)state;
    const imi_json_node *object = value_of("{\"a\":{\"x\":[1,2],\"y\":{},\"z\":0}}");
    const imi_json_node *x = imi_json_first(object);
    const imi_json_node *y = imi_json_next(object, x);
    const imi_json_node *z = imi_json_next(object, y);
    assert_true(imi_json_says(x, "x") && imi_json_says(y, "y") && imi_json_says(z, "z"));
    assert_null(imi_json_next(object, z));
    assert_null(imi_json_first(value_of("{\"a\":{}}")));
}

/* Texts */

static void escapes_are_resolved_in_copies(void **state)
{
    (void)state;
    char text[TEXT_SIZE];
    assert_true(imi_json_copy_text(
        value_of("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\tA\\u00e9\\u20ac\\ud834\\udd1e\"}"), text,
        sizeof text));
    assert_string_equal(text, "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e");
}

static void what_does_not_fit_is_not_copied_in_part(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"a\":\"abcd\"}", "{\"a\":\"ab\\u0063d\"}"};
    for (size_t i = 0; i < 2; i++) {
        char text[5] = "xxxx";
        assert_false(imi_json_copy_text(value_of(texts[i]), text, 4));
        assert_string_equal(text, "");
        assert_true(imi_json_copy_text(value_of(texts[i]), text, 5));
        assert_string_equal(text, "abcd");
    }
}

static void empty_texts_and_other_kinds_are_not_copied(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"a\":\"\"}", "{\"a\":1}", "{\"a\":null}", "{\"a\":{}}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[4] = "x";
        assert_false(imi_json_copy_text(value_of(texts[i]), text, sizeof text));
        assert_string_equal(text, "");
    }
}

static void a_text_says_itself_and_nothing_else(void **state)
{
    (void)state;
    assert_true(imi_json_says(value_of("{\"a\":\"ES256\"}"), "ES256"));
    assert_true(imi_json_says(value_of("{\"a\":\"\\u0045S256\"}"), "ES256"));
    assert_true(imi_json_says(value_of("{\"a\":\"\"}"), ""));
    static const char *const others[] = {"ES25", "ES2566", "es256", "", "XS256", "ES257"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(imi_json_says(value_of("{\"a\":\"ES256\"}"), others[i]));
        assert_false(imi_json_says(value_of("{\"a\":\"\\u0045S256\"}"), others[i]));
    }
    assert_false(imi_json_says(value_of("{\"a\":256}"), "256"));
}

/* Numbers */

static void integers_keep_all_64_bits(void **state)
{
    (void)state;
    int64_t number = 0;
    assert_true(imi_json_integer(value_of("{\"a\":9223372036854775807}"), &number));
    assert_true(number == INT64_MAX);
    assert_true(imi_json_integer(value_of("{\"a\":-9223372036854775808}"), &number));
    assert_true(number == INT64_MIN);
    static const char *const others[] = {"{\"a\":1.0}", "{\"a\":1e3}", "{\"a\":\"1\"}",
                                         "{\"a\":true}"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(imi_json_integer(value_of(others[i]), &number));
        assert_true(number == 0);
    }
}

static void reals_are_the_doubles_that_strtod_finds(void **state)
{
    (void)state;
    static const char *const numbers[] = {"0.0001", "1e-04",       "1e-06",
                                          "0.1",    "0.3",         "123.456",
                                          "1e22",   "-2.5e3",      "7",
                                          "1E+2",   "0.0",         "9007199254740992",
                                          "4.35",   "0.000001234", "1.7976931348623157"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[TEXT_SIZE];
        double real = -1;
        snprintf(text, sizeof text, "{\"a\":%s}", numbers[i]);
        bool is_exact = imi_json_real(value_of(text), &real);
        if (!is_exact || real != strtod(numbers[i], NULL)) {
            /* Seventeen digits are more than a double's own, and none of our figures has them. */
            assert_string_equal(numbers[i], "1.7976931348623157");
            assert_false(is_exact);
        }
    }
}

static void reals_that_would_have_to_be_rounded_twice_are_refused(void **state)
{
    (void)state;
    static const char *const numbers[] = {"9007199254740993", "1e23", "1e-23", "1e300",
                                          "0.00000000000000000000001"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[TEXT_SIZE];
        double real = -1;
        snprintf(text, sizeof text, "{\"a\":%s}", numbers[i]);
        assert_false(imi_json_real(value_of(text), &real));
        assert_true(real == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_grammar_allows_is_read),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(broken_structures_are_refused),
        cmocka_unit_test(malformed_and_huge_numbers_are_refused),
        cmocka_unit_test(malformed_texts_are_refused),
        cmocka_unit_test(every_end_before_the_last_byte_is_refused),
        cmocka_unit_test(members_of_one_name_are_refused_however_they_are_written),
        cmocka_unit_test(one_name_may_be_in_two_objects),
        cmocka_unit_test(many_names_are_told_apart),
        cmocka_unit_test(sixteen_levels_are_read_and_seventeen_are_not),
        cmocka_unit_test(thousands_of_brackets_do_not_reach_the_stack),
        cmocka_unit_test(more_values_than_there_is_room_for_are_refused),
        cmocka_unit_test(the_message_names_the_place_and_quotes_nothing),
        cmocka_unit_test(members_are_found_behind_nested_values),
        cmocka_unit_test(names_are_found_however_they_are_written),
        cmocka_unit_test(nothing_is_found_in_nothing),
        cmocka_unit_test(elements_come_in_order),
        cmocka_unit_test(names_of_an_object_come_in_order),
        cmocka_unit_test(escapes_are_resolved_in_copies),
        cmocka_unit_test(what_does_not_fit_is_not_copied_in_part),
        cmocka_unit_test(empty_texts_and_other_kinds_are_not_copied),
        cmocka_unit_test(a_text_says_itself_and_nothing_else),
        cmocka_unit_test(integers_keep_all_64_bits),
        cmocka_unit_test(reals_are_the_doubles_that_strtod_finds),
        cmocka_unit_test(reals_that_would_have_to_be_rounded_twice_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
