/* Where tiles lie and how wide they are: the examples of C2SP tlog-tiles. */
#include "land.h"

#include "tiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_path(imi_tile_place place, const char *expected)
{
    char path[IMI_TILE_PATH_SIZE];
    imi_tile_path(&place, path);
    assert_string_equal(path, expected);
}

static void test_paths_are_those_of_the_specification(void **state)
{
    (void)state;
    assert_path((imi_tile_place){0, 0, 256}, "tile/0/000");
    assert_path((imi_tile_place){0, 1234067, 256}, "tile/0/x001/x234/067");
    assert_path((imi_tile_place){3, 999, 1}, "tile/3/999.p/1");
    assert_path((imi_tile_place){3, 1000, 255}, "tile/3/x001/000.p/255");
    assert_path((imi_tile_place){IMI_TILE_BUNDLE, 12345, 256}, "tile/entries/x012/345");
    assert_path((imi_tile_place){0, UINT64_MAX >> 10, 7},
                "tile/0/x018/x014/x398/x509/x481/983.p/7");
}

static void test_widths_are_those_of_the_specification(void **state)
{
    (void)state;
    /* A tree of 70,000: 273 full tiles and one of 112, one full and one of 17, one of 1. */
    assert_int_equal(imi_tile_width(70000, 0, 272), 256);
    assert_int_equal(imi_tile_width(70000, 0, 273), 112);
    assert_int_equal(imi_tile_width(70000, 0, 274), 0);
    assert_int_equal(imi_tile_width(70000, 1, 0), 256);
    assert_int_equal(imi_tile_width(70000, 1, 1), 17);
    assert_int_equal(imi_tile_width(70000, 2, 0), 1);
    assert_int_equal(imi_tile_width(70000, 3, 0), 0);
    assert_int_equal(imi_tile_width(256, 0, 0), 256);
    assert_int_equal(imi_tile_width(256, 0, 1), 0);
    assert_int_equal(imi_tile_width(256, 1, 0), 1);
    assert_int_equal(imi_tile_width(70000, IMI_TILE_BUNDLE, 273), 112);
    assert_int_equal(imi_tile_width(UINT64_MAX, 0, UINT64_MAX), 0);
}

static void test_a_tree_of_three_levels_is_proven(void **state)
{
    (void)state;
    enum { SIZE = 65536 + 300, OLD = 65536 - 5 };
    static imi_ledger_entry entries[SIZE];
    imi_ledger *ledger = land_open("log");
    imi_ledger_hash root = land_root(LAND_TRUE, 0, SIZE), old_root = land_root(LAND_TRUE, 0, OLD);
    for (uint64_t i = 0; i < SIZE; i++) {
        entries[i] = land_entry(LAND_TRUE, i);
    }
    assert_int_equal(imi_ledger_integrate(ledger, 0, entries, SIZE, NULL), IMI_OK);
    assert_true(land_exists("log/tile/2/000.p/1"));
    assert_true(land_exists("log/tile/1/000"));
    imi_ledger_source *source = imi_ledger_source_of(ledger);
    imi_ledger_hash read, leaf;
    imi_ledger_proof proof;
    assert_int_equal(imi_ledger_read_root(source, SIZE, &read, NULL), IMI_OK);
    assert_memory_equal(&read, &root, sizeof root);
    assert_int_equal(imi_ledger_leaf_hash(&entries[300], &leaf, NULL), IMI_OK);
    assert_int_equal(imi_ledger_prove_inclusion(source, 300, SIZE, &proof, NULL), IMI_OK);
    assert_int_equal(imi_ledger_verify_inclusion(300, SIZE, &leaf, &proof, &root, NULL), IMI_OK);
    assert_int_equal(imi_ledger_prove_consistency(source, OLD, SIZE, &proof, NULL), IMI_OK);
    assert_int_equal(imi_ledger_verify_consistency(OLD, &old_root, SIZE, &root, &proof, NULL),
                     IMI_OK);
    imi_ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_are_those_of_the_specification),
        cmocka_unit_test(test_widths_are_those_of_the_specification),
        cmocka_unit_test_setup_teardown(test_a_tree_of_three_levels_is_proven, land_set_up,
                                        land_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
