#include "imi/ledger_proof.h"

#include "imi/crypto.h"
#include "imi/memory.h"

#include <string.h>

/* RFC 6962 section 2.1: a leaf can never be taken for a node. */
static const uint8_t leaf_prefix = 0x00, node_prefix = 0x01;

imi_status imi_ledger_empty_root(imi_ledger_hash *out, imi_error *err)
{
    return imi_sha256((imi_view){NULL, 0}, out->bytes, err);
}

imi_status imi_ledger_leaf_hash(const imi_ledger_entry *entry, imi_ledger_hash *out, imi_error *err)
{
    uint8_t block[1 + IMI_LEDGER_ENTRY_SIZE] = {leaf_prefix};
    imi_copy(block + 1, entry->bytes, IMI_LEDGER_ENTRY_SIZE);
    return imi_sha256((imi_view){block, sizeof block}, out->bytes, err);
}

imi_status imi_ledger_node_hash(const imi_ledger_hash *left, const imi_ledger_hash *right,
                                imi_ledger_hash *out, imi_error *err)
{
    uint8_t block[1 + 2 * IMI_LEDGER_HASH_SIZE] = {node_prefix};
    imi_copy(block + 1, left->bytes, IMI_LEDGER_HASH_SIZE);
    imi_copy(block + 1 + IMI_LEDGER_HASH_SIZE, right->bytes, IMI_LEDGER_HASH_SIZE);
    return imi_sha256((imi_view){block, sizeof block}, out->bytes, err);
}

static bool same(const imi_ledger_hash *a, const imi_ledger_hash *b)
{
    return memcmp(a->bytes, b->bytes, IMI_LEDGER_HASH_SIZE) == 0;
}

imi_status imi_ledger_verify_inclusion(uint64_t index, uint64_t size, const imi_ledger_hash *leaf,
                                       const imi_ledger_proof *proof, const imi_ledger_hash *root,
                                       imi_error *err)
{
    if (index >= size) {
        IMI_FAIL(err, IMI_E_LEDGER_PROOF, "the index lies behind the tree's end");
    }
    uint64_t at = index, last = size - 1;
    imi_ledger_hash hash = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0) {
            IMI_FAIL(err, IMI_E_LEDGER_PROOF, "the inclusion proof is too long");
        }
        const imi_ledger_hash *sibling = &proof->hashes[i];
        if ((at & 1) == 1 || at == last) {
            IMI_TRY(imi_ledger_node_hash(sibling, &hash, &hash, err));
            /* Levels on which this node has no sibling do not show in the proof. */
            for (; (at & 1) == 0 && at != 0; at >>= 1) {
                last >>= 1;
            }
        } else {
            IMI_TRY(imi_ledger_node_hash(&hash, sibling, &hash, err));
        }
        at >>= 1;
        last >>= 1;
    }
    if (last != 0 || !same(&hash, root)) {
        IMI_FAIL(err, IMI_E_LEDGER_PROOF, "the proof does not lead from the leaf to the root");
    }
    return IMI_OK;
}

/* Fold the proof's hashes into both roots at once; RFC 9162 section 2.1.4.2, steps 5 and 6. */
static imi_status fold(uint64_t old_last, uint64_t last, const imi_ledger_hash *hashes,
                       size_t count, imi_ledger_hash *old_root, imi_ledger_hash *root,
                       imi_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (last == 0) {
            IMI_FAIL(err, IMI_E_LEDGER_PROOF, "the consistency proof is too long");
        }
        if ((old_last & 1) == 1 || old_last == last) {
            IMI_TRY(imi_ledger_node_hash(&hashes[i], old_root, old_root, err));
            IMI_TRY(imi_ledger_node_hash(&hashes[i], root, root, err));
            for (; (old_last & 1) == 0 && old_last != 0; old_last >>= 1) {
                last >>= 1;
            }
        } else {
            IMI_TRY(imi_ledger_node_hash(root, &hashes[i], root, err));
        }
        old_last >>= 1;
        last >>= 1;
    }
    if (last != 0) {
        IMI_FAIL(err, IMI_E_LEDGER_PROOF, "the consistency proof is too short");
    }
    return IMI_OK;
}

static imi_status verify_growth(uint64_t old_size, const imi_ledger_hash *old_root, uint64_t size,
                                const imi_ledger_hash *root, const imi_ledger_proof *proof,
                                imi_error *err)
{
    uint64_t old_last = old_size - 1, last = size - 1;
    /* A whole old tree is a node of the new one: the proof then leaves its root out. */
    bool whole = (old_size & old_last) == 0;
    if (proof->count == 0) {
        IMI_FAIL(err, IMI_E_LEDGER_PROOF, "the consistency proof is empty");
    }
    const imi_ledger_hash *hashes = proof->hashes + (whole ? 0 : 1);
    imi_ledger_hash reached_old = whole ? *old_root : proof->hashes[0];
    imi_ledger_hash reached = reached_old;
    for (; (old_last & 1) == 1; old_last >>= 1) {
        last >>= 1;
    }
    IMI_TRY(
        fold(old_last, last, hashes, proof->count - (whole ? 0 : 1), &reached_old, &reached, err));
    if (!same(&reached_old, old_root) || !same(&reached, root)) {
        IMI_FAIL(err, IMI_E_LEDGER_PROOF, "the newer tree does not continue the older one");
    }
    return IMI_OK;
}

imi_status imi_ledger_verify_consistency(uint64_t old_size, const imi_ledger_hash *old_root,
                                         uint64_t size, const imi_ledger_hash *root,
                                         const imi_ledger_proof *proof, imi_error *err)
{
    if (old_size == 0 || old_size > size) {
        IMI_FAIL(err, IMI_E_LEDGER_PROOF, "there is no proof from these sizes");
    }
    if (old_size < size) {
        return verify_growth(old_size, old_root, size, root, proof, err);
    }
    if (proof->count != 0 || !same(old_root, root)) {
        IMI_FAIL(err, IMI_E_LEDGER_PROOF, "trees of one size have different roots");
    }
    return IMI_OK;
}
