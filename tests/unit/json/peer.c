/*
 * The reader beside jansson, over texts that were changed at random: what the reader takes, jansson
 * takes as the same values; what it refuses, jansson refuses but for the bounds of the reader.
 * Arguments, if any: how many texts, and where the random numbers begin.
 */
#include "verifier/json/json.h"
#include "verifier/json/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NODES = 512, TEXT_MAX = 1024 };

static unsigned long g_texts = 60000;
static uint64_t g_random = 1;

static const char *const seeds[] = {
    "{\"alg\":\"ES256\",\"typ\":\"imi-verification+jwt\",\"kid\":\"NzbLsXh8uDCcd-6MNwXF4W_7noWX\"}",
    "{\"iss\":\"https://imi.example\",\"iat\":1700000000,\"amr\":[\"face\",\"liveness\"],"
    "\"imi_target_fmr\":0.0001,\"status\":{\"status_list\":{\"idx\":4711,\"uri\":\"u\"}}}",
    "{\"claims\":{\"a\":true,\"b\":false,\"c\":null,\"d\":\"\\u00e9\\ud834\\udd1e\\n\"},\"\":[]}",
    "{\"n\":[0,-1,2.5,-3e4,5E-6,9223372036854775807,1e308],\"t\":\"\xe2\x82\xac\xf0\x9d\x84\x9e\"}",
    " { \"a\" : [ { \"b\" : [ [ ] , { } ] } ] , \"\\u0061b\" : \"\" }\r\n",
    "{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}",
};

/* Pieces that break JSON more often than random bytes do. */
static const char *const pieces[] = {
    "\"",      "\\",           "{",       "}",     "[",  "]",          ",",        ":",    "\\u",
    "\\u0000", "\\ud834",      "\\udd1e", "1e309", "-",  "0",          "\"a\":1,", "true", "nul",
    "\xc2",    "\xed\xa0\x80", "\x01",    " ",     "1.", "99999999999"};

static unsigned below(unsigned bound)
{
    g_random = g_random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((g_random >> 33) % bound);
}

typedef struct text {
    char bytes[TEXT_MAX];
    size_t size;
} text;

static void cut(text *self, size_t at, size_t count)
{
    count = count < self->size - at ? count : self->size - at;
    memmove(self->bytes + at, self->bytes + at + count, self->size - at - count);
    self->size -= count;
}

static void put(text *self, size_t at, const char *piece, size_t count)
{
    if (self->size + count <= TEXT_MAX) {
        memmove(self->bytes + at + count, self->bytes + at, self->size - at);
        memcpy(self->bytes + at, piece, count);
        self->size += count;
    }
}

static void change(text *self)
{
    size_t at = below((unsigned)self->size + 1);
    const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
    char byte = (char)below(256);
    switch (below(4)) {
    case 0:
        cut(self, at, 1 + below(4));
        break;
    case 1:
        put(self, at, &byte, 1);
        break;
    case 2:
        put(self, at, piece, strlen(piece));
        break;
    default: { /* repeat a part elsewhere: names come twice */
        char part[64];
        size_t from = below((unsigned)self->size + 1);
        size_t count = below(sizeof part);
        count = count < self->size - from ? count : self->size - from;
        memcpy(part, self->bytes + from, count);
        put(self, at, part, count);
    }
    }
}

static bool is_same(const imi_json_node *node, const json_t *value);

static bool is_same_list(const imi_json_node *node, const json_t *value)
{
    size_t count = 0;
    const imi_json_node *at = imi_json_first(node);
    for (; at != NULL; at = imi_json_next(node, at), count++) {
        if (!is_same(at, json_array_get(value, count))) {
            return false;
        }
    }
    return json_is_array(value) && count == json_array_size(value);
}

static bool is_same_object(const imi_json_node *node, const json_t *value)
{
    size_t count = 0;
    const imi_json_node *name = imi_json_first(node);
    for (; name != NULL; name = imi_json_next(node, name), count++) {
        char copy[TEXT_MAX];
        imi_json_copy_text(name, copy, sizeof copy); /* "" for "" */
        if (!is_same(imi_json_member(node, copy), json_object_get(value, copy))) {
            return false;
        }
    }
    return json_is_object(value) && count == json_object_size(value);
}

static bool is_same_number(const imi_json_node *node, const json_t *value)
{
    int64_t integer = 0;
    double real = 0;
    if (imi_json_is(node, IMI_JSON_INTEGER)) {
        return imi_json_integer(node, &integer) && json_is_integer(value) &&
               json_integer_value(value) == integer;
    }
    return json_is_real(value) && (!imi_json_real(node, &real) || json_real_value(value) == real);
}

static bool is_same(const imi_json_node *node, const json_t *value)
{
    switch (node == NULL ? 0 : (int)node->kind) {
    case IMI_JSON_OBJECT:
        return is_same_object(node, value);
    case IMI_JSON_ARRAY:
        return is_same_list(node, value);
    case IMI_JSON_TEXT:
        return json_is_string(value) && imi_json_says(node, json_string_value(value));
    case IMI_JSON_INTEGER:
    case IMI_JSON_REAL:
        return is_same_number(node, value);
    case IMI_JSON_TRUE:
        return json_is_true(value);
    case IMI_JSON_FALSE:
        return json_is_false(value);
    case IMI_JSON_NULL:
        return json_is_null(value);
    default:
        return false;
    }
}

/* Both over a block of just this size, so that the sanitizer sees what is read beyond it. */
static bool compare(const text *changed)
{
    static imi_json_node nodes[NODES];
    imi_error error = IMI_ERROR_INIT;
    uint8_t *block = malloc(changed->size == 0 ? 1 : changed->size);
    assert_non_null(block);
    memcpy(block, changed->bytes, changed->size);
    imi_view view = {block, changed->size};
    imi_status ours = imi_json_read_object(view, "it", IMI_E_TOKEN_FORMAT, nodes, NODES, &error);
    IMI_AUTO_JSON tree = NULL;
    imi_status theirs =
        imi_json_parse_object(view, TEXT_MAX, "it", IMI_E_TOKEN_FORMAT, &tree, NULL);
    bool is_bound = strstr(error.message, "number that is too large") != NULL;
    if (ours == IMI_OK ? theirs != IMI_OK || !is_same(nodes, tree)
                       : theirs == IMI_OK && !is_bound) {
        print_error("%s, jansson %d: %.*s\n", error.message, theirs, (int)view.size,
                    (const char *)block);
        fail();
    }
    free(block);
    return ours == IMI_OK;
}

static void changed_texts_are_read_as_jansson_reads_them(void **state)
{
    (void)state;
    unsigned long taken = 0;
    for (unsigned long i = 0; i < g_texts; i++) {
        const char *seed = seeds[below(sizeof seeds / sizeof seeds[0])];
        text changed = {.size = strlen(seed)};
        memcpy(changed.bytes, seed, changed.size);
        for (unsigned j = below(4); j > 0; j--) {
            change(&changed);
        }
        taken += compare(&changed);
    }
    /* A comparison of nothing but refusals would show little. */
    assert_true(taken > g_texts / 10 && taken < g_texts * 9 / 10);
}

int main(int argc, char **argv)
{
    g_texts = argc > 1 ? strtoul(argv[1], NULL, 10) : g_texts;
    g_random = argc > 2 ? strtoul(argv[2], NULL, 10) : g_random;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_texts_are_read_as_jansson_reads_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
