/* Proofs of every size against a naive tree, and what must not verify. */
#include "land.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LARGEST = 300, STEP = 43 };

static imi_ledger *g_ledger;
static imi_ledger_hash g_roots[LARGEST + 1];

static int set_up_tree(void **state)
{
    if (land_set_up(state) != 0) {
        return -1;
    }
    g_ledger = land_open("log");
    land_grow(g_ledger, LAND_TRUE, LARGEST, STEP);
    for (uint64_t size = 0; size <= LARGEST; size++) {
        g_roots[size] = land_root(LAND_TRUE, 0, size);
    }
    return 0;
}

static int tear_down_tree(void **state)
{
    imi_ledger_close(&g_ledger);
    return land_tear_down(state);
}

static imi_ledger_source *source(void)
{
    return imi_ledger_source_of(g_ledger);
}

/* Beyond the last full tile only trees that had a checkpoint can be proven from. */
static bool has_tiles(uint64_t size)
{
    return size <= 256 || size % STEP == 0 || size == LARGEST;
}

static imi_ledger_hash leaf(uint64_t index)
{
    imi_ledger_entry entry = land_entry(LAND_TRUE, index);
    imi_ledger_hash hash;
    assert_int_equal(imi_ledger_leaf_hash(&entry, &hash, NULL), IMI_OK);
    return hash;
}

static void test_root_of_tiles_is_that_of_the_definition(void **state)
{
    (void)state;
    imi_ledger_hash root;
    assert_int_equal(imi_ledger_read_root(source(), LARGEST, &root, NULL), IMI_OK);
    assert_memory_equal(&root, &g_roots[LARGEST], sizeof root);
    /* Earlier sizes live on in tiles that have become full since. */
    assert_int_equal(imi_ledger_read_root(source(), 256, &root, NULL), IMI_OK);
    assert_memory_equal(&root, &g_roots[256], sizeof root);
    assert_int_equal(imi_ledger_read_root(source(), 77, &root, NULL), IMI_OK);
    assert_memory_equal(&root, &g_roots[77], sizeof root);
}

static void test_every_entry_is_proven_in_every_tree(void **state)
{
    (void)state;
    imi_ledger_proof proof;
    for (uint64_t size = 1; size <= LARGEST; size++) {
        if (!has_tiles(size)) {
            continue;
        }
        for (uint64_t index = 0; index < size; index += size < 40 ? 1 : 13) {
            imi_ledger_hash at = leaf(index);
            assert_int_equal(imi_ledger_prove_inclusion(source(), index, size, &proof, NULL),
                             IMI_OK);
            assert_int_equal(
                imi_ledger_verify_inclusion(index, size, &at, &proof, &g_roots[size], NULL),
                IMI_OK);
        }
    }
}

static void test_every_tree_is_proven_to_continue_every_smaller_one(void **state)
{
    (void)state;
    imi_ledger_proof proof;
    for (uint64_t size = 1; size <= LARGEST; size++) {
        if (!has_tiles(size)) {
            continue;
        }
        for (uint64_t old = 1; old <= size; old += size < 40 ? 1 : 7) {
            assert_int_equal(imi_ledger_prove_consistency(source(), old, size, &proof, NULL),
                             IMI_OK);
            assert_int_equal(imi_ledger_verify_consistency(old, &g_roots[old], size, &g_roots[size],
                                                           &proof, NULL),
                             IMI_OK);
        }
    }
}

static void assert_not_included(uint64_t index, uint64_t size, const imi_ledger_hash *at,
                                const imi_ledger_proof *proof, const imi_ledger_hash *root)
{
    assert_int_equal(imi_ledger_verify_inclusion(index, size, at, proof, root, NULL),
                     IMI_E_LEDGER_PROOF);
}

static void test_a_changed_inclusion_proof_is_refused(void **state)
{
    (void)state;
    imi_ledger_proof good, bad;
    imi_ledger_hash at = leaf(100), other = leaf(101);
    assert_int_equal(imi_ledger_prove_inclusion(source(), 100, LARGEST, &good, NULL), IMI_OK);
    const imi_ledger_hash *root = &g_roots[LARGEST];
    assert_not_included(101, LARGEST, &at, &good, root);
    assert_not_included(100, LARGEST, &other, &good, root);
    assert_not_included(100, LARGEST, &at, &good, &g_roots[LARGEST - 1]);
    assert_not_included(LARGEST, LARGEST, &at, &good, root);
    assert_not_included(UINT64_MAX, LARGEST, &at, &good, root);
    assert_not_included(0, 0, &at, &good, root);
    for (size_t i = 0; i < good.count; i++) {
        bad = good;
        bad.hashes[i].bytes[31] ^= 1;
        assert_not_included(100, LARGEST, &at, &bad, root);
    }
    bad = good;
    bad.count--;
    assert_not_included(100, LARGEST, &at, &bad, root);
    bad = good;
    bad.hashes[bad.count++] = at;
    assert_not_included(100, LARGEST, &at, &bad, root);
    bad = good;
    bad.count = IMI_LEDGER_PROOF_MAX;
    assert_not_included(100, LARGEST, &at, &bad, root);
}

static void assert_not_continued(uint64_t old, const imi_ledger_hash *old_root, uint64_t size,
                                 const imi_ledger_hash *root, const imi_ledger_proof *proof)
{
    assert_int_equal(imi_ledger_verify_consistency(old, old_root, size, root, proof, NULL),
                     IMI_E_LEDGER_PROOF);
}

static void test_a_changed_consistency_proof_is_refused(void **state)
{
    (void)state;
    imi_ledger_proof good, bad, none = {.count = 0};
    assert_int_equal(imi_ledger_prove_consistency(source(), 100, LARGEST, &good, NULL), IMI_OK);
    const imi_ledger_hash *old = &g_roots[100], *root = &g_roots[LARGEST];
    assert_not_continued(99, old, LARGEST, root, &good);
    assert_not_continued(100, root, LARGEST, old, &good);
    assert_not_continued(100, old, LARGEST, root, &none);
    assert_not_continued(64, &g_roots[64], LARGEST, root, &none);
    assert_not_continued(0, &g_roots[0], LARGEST, root, &none);
    assert_not_continued(LARGEST, root, 100, old, &good);
    for (size_t i = 0; i < good.count; i++) {
        bad = good;
        bad.hashes[i].bytes[0] ^= 0x80;
        assert_not_continued(100, old, LARGEST, root, &bad);
    }
    bad = good;
    bad.count--;
    assert_not_continued(100, old, LARGEST, root, &bad);
    bad = good;
    bad.hashes[bad.count++] = *root;
    assert_not_continued(100, old, LARGEST, root, &bad);
}

static void test_a_forked_tree_has_no_proof_from_the_true_one(void **state)
{
    (void)state;
    land_history fork = {120};
    imi_ledger_proof proof;
    imi_ledger *forked = land_open("fork");
    land_grow(forked, fork, 200, 50);
    imi_ledger_hash root = land_root(fork, 0, 200);
    assert_int_equal(
        imi_ledger_prove_consistency(imi_ledger_source_of(forked), 150, 200, &proof, NULL), IMI_OK);
    assert_not_continued(150, &g_roots[150], 200, &root, &proof);
    /* Before the fork both tell the same. */
    assert_int_equal(
        imi_ledger_prove_consistency(imi_ledger_source_of(forked), 110, 200, &proof, NULL), IMI_OK);
    assert_int_equal(imi_ledger_verify_consistency(110, &g_roots[110], 200, &root, &proof, NULL),
                     IMI_OK);
    imi_ledger_close(&forked);
}

static void test_what_a_tree_does_not_have_is_not_proven(void **state)
{
    (void)state;
    imi_ledger_proof proof;
    imi_ledger_entry entry;
    assert_int_equal(imi_ledger_prove_inclusion(source(), 5, 5, &proof, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_ledger_prove_consistency(source(), 6, 5, &proof, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_ledger_read_entry(source(), 5, 5, &entry, NULL), IMI_E_INVALID_ARGUMENT);
    assert_int_equal(imi_ledger_prove_inclusion(source(), 0, UINT64_MAX, &proof, NULL),
                     IMI_E_INVALID_ARGUMENT);
    assert_int_not_equal(imi_ledger_prove_inclusion(source(), 0, 100000, &proof, NULL), IMI_OK);
}

static void test_an_entry_is_read_back(void **state)
{
    (void)state;
    for (uint64_t index = 0; index < LARGEST; index += 37) {
        imi_ledger_entry entry, expected = land_entry(LAND_TRUE, index);
        assert_int_equal(imi_ledger_read_entry(source(), LARGEST, index, &entry, NULL), IMI_OK);
        assert_memory_equal(&entry, &expected, sizeof entry);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_root_of_tiles_is_that_of_the_definition),
        cmocka_unit_test(test_every_entry_is_proven_in_every_tree),
        cmocka_unit_test(test_every_tree_is_proven_to_continue_every_smaller_one),
        cmocka_unit_test(test_a_changed_inclusion_proof_is_refused),
        cmocka_unit_test(test_a_changed_consistency_proof_is_refused),
        cmocka_unit_test(test_a_forked_tree_has_no_proof_from_the_true_one),
        cmocka_unit_test(test_what_a_tree_does_not_have_is_not_proven),
        cmocka_unit_test(test_an_entry_is_read_back),
    };
    return cmocka_run_group_tests(tests, set_up_tree, tear_down_tree);
}
