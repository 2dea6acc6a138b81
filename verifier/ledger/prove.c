/* Proofs from tiles. A node of the tree lies in one tile: its hash is that of a part of it. */
#include "note.h"
#include "tiles.h"

typedef struct tile_reader {
    imi_ledger_source *source;
    uint64_t size; /* of the tree */
    /* The tile last read on each level: neighbours of a path are mostly in one. */
    struct {
        bool held;
        uint64_t number;
        imi_ledger_hash hashes[IMI_TILE_WIDTH];
    } last[IMI_TILE_LEVELS];
} tile_reader;

static void tile_reader_destroy(tile_reader **self)
{
    imi_free(*self);
    *self = NULL;
}
IMI_AUTO_DEFINE(tile_reader, tile_reader_destroy)

static imi_status tile_reader_new(imi_ledger_source *source, uint64_t size, tile_reader **out,
                                  imi_error *err)
{
    *out = NULL;
    if (size > IMI_LEDGER_SIZE_MAX) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "no log is that large");
    }
    tile_reader *self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for tiles");
    }
    self->source = source;
    self->size = size;
    *out = self;
    return IMI_OK;
}

static imi_status hold_tile(tile_reader *self, int level, uint64_t number, imi_error *err)
{
    if (self->last[level].held && self->last[level].number == number) {
        return IMI_OK;
    }
    imi_tile_place place = {level, number, imi_tile_width(self->size, level, number)};
    self->last[level].held = false;
    IMI_TRY(imi_tile_read(self->source, &place, self->last[level].hashes, err));
    self->last[level].held = true;
    self->last[level].number = number;
    return IMI_OK;
}

/* Root of the 2^height leaves from start on, which the tree has and which are one node. */
static imi_status node_at(tile_reader *self, uint64_t start, unsigned height, imi_ledger_hash *out,
                          imi_error *err)
{
    int level = (int)(height / IMI_TILE_BITS);
    uint64_t index = start >> (level * IMI_TILE_BITS);
    IMI_TRY(hold_tile(self, level, index / IMI_TILE_WIDTH, err));
    return imi_tile_root(&self->last[level].hashes[index % IMI_TILE_WIDTH],
                         1U << height % IMI_TILE_BITS, out, err);
}

/* The largest power of two that is at most count; count is at least 1. */
static unsigned height_of(uint64_t count)
{
    return 63U - (unsigned)__builtin_clzll(count);
}

/* MTH(D[start:end]) of RFC 6962: whole nodes from the right, each joined to what follows it. */
static imi_status range_hash(tile_reader *self, uint64_t start, uint64_t end, imi_ledger_hash *out,
                             imi_error *err)
{
    bool joined = false;
    for (uint64_t left = end - start; left > 0; left &= left - 1) {
        unsigned height = (unsigned)__builtin_ctzll(left);
        imi_ledger_hash node;
        IMI_TRY(node_at(self, start + (left & (left - 1)), height, &node, err));
        if (joined) {
            IMI_TRY(imi_ledger_node_hash(&node, out, out, err));
        } else {
            *out = node;
            joined = true;
        }
    }
    return IMI_OK;
}

/* How many leaves the left half of a tree of count leaves has; count is at least 2. */
static uint64_t split(uint64_t count)
{
    return (uint64_t)1 << height_of(count - 1);
}

static imi_status add_range(tile_reader *self, uint64_t start, uint64_t end, imi_ledger_proof *out,
                            imi_error *err)
{
    if (out->count == IMI_LEDGER_PROOF_MAX) {
        IMI_FAIL(err, IMI_E_INTERNAL, "a proof is longer than any can be");
    }
    return range_hash(self, start, end, &out->hashes[out->count++], err);
}

/* Found from the root down; proofs go from the leaf up. */
static void reverse(imi_ledger_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        imi_ledger_hash first = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = first;
    }
}

imi_status imi_ledger_read_root(imi_ledger_source *source, uint64_t size, imi_ledger_hash *out,
                                imi_error *err)
{
    *out = (imi_ledger_hash){{0}};
    if (size == 0) {
        return imi_ledger_empty_root(out, err);
    }
    IMI_AUTO(tile_reader) reader = NULL;
    IMI_TRY(tile_reader_new(source, size, &reader, err));
    return range_hash(reader, 0, size, out, err);
}

imi_status imi_ledger_read_entry(imi_ledger_source *source, uint64_t size, uint64_t index,
                                 imi_ledger_entry *out, imi_error *err)
{
    *out = (imi_ledger_entry){{0}};
    if (index >= size) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the log has no entry at that index");
    }
    uint64_t number = index / IMI_TILE_WIDTH;
    imi_tile_place place = {IMI_TILE_BUNDLE, number, imi_tile_width(size, IMI_TILE_BUNDLE, number)};
    imi_ledger_entry entries[IMI_TILE_WIDTH];
    IMI_TRY(imi_bundle_read(source, &place, entries, err));
    *out = entries[index % IMI_TILE_WIDTH];
    return IMI_OK;
}

imi_status imi_ledger_prove_inclusion(imi_ledger_source *source, uint64_t index, uint64_t size,
                                      imi_ledger_proof *out, imi_error *err)
{
    out->count = 0;
    if (index >= size) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "the log has no entry at that index");
    }
    IMI_AUTO(tile_reader) reader = NULL;
    IMI_TRY(tile_reader_new(source, size, &reader, err));
    for (uint64_t start = 0, end = size; end - start > 1;) {
        uint64_t middle = start + split(end - start);
        if (index < middle) {
            IMI_TRY(add_range(reader, middle, end, out, err));
            end = middle;
        } else {
            IMI_TRY(add_range(reader, start, middle, out, err));
            start = middle;
        }
    }
    reverse(out);
    return IMI_OK;
}

imi_status imi_ledger_prove_consistency(imi_ledger_source *source, uint64_t old_size, uint64_t size,
                                        imi_ledger_proof *out, imi_error *err)
{
    out->count = 0;
    if (old_size > size) {
        IMI_FAIL(err, IMI_E_INVALID_ARGUMENT, "a log does not shrink");
    }
    if (old_size == 0 || old_size == size) {
        return IMI_OK;
    }
    IMI_AUTO(tile_reader) reader = NULL;
    IMI_TRY(tile_reader_new(source, size, &reader, err));
    uint64_t start = 0, end = size;
    while (end != old_size) {
        uint64_t middle = start + split(end - start);
        if (old_size <= middle) {
            IMI_TRY(add_range(reader, middle, end, out, err));
            end = middle;
        } else {
            IMI_TRY(add_range(reader, start, middle, out, err));
            start = middle;
        }
    }
    /* The reader knows the root of a whole old tree; of a part of one it must be told. */
    if (start != 0) {
        IMI_TRY(add_range(reader, start, end, out, err));
    }
    reverse(out);
    return IMI_OK;
}
