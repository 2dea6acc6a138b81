/* The whole log once more: what its entries grow to must be what its tiles say. */
#include "grow.h"

#include "imi/memory.h"

#include <string.h>

typedef struct comparison {
    imi_tile_sink base;
    imi_ledger_source *source;
} comparison;

static imi_status compare_tile(imi_tile_sink *sink, const imi_tile_place *place, imi_view bytes,
                               imi_error *err)
{
    comparison *self = (comparison *)sink;
    if (place->level == IMI_TILE_BUNDLE) {
        return IMI_OK; /* that is where the entries came from */
    }
    imi_ledger_hash there[IMI_TILE_WIDTH];
    IMI_TRY(imi_tile_read(self->source, place, there, err));
    if (!imi_view_equal(bytes, (imi_view){there[0].bytes, bytes.size})) {
        char path[IMI_TILE_PATH_SIZE];
        imi_tile_path(place, path);
        IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN, "%s does not follow from the entries below it", path);
    }
    return IMI_OK;
}

static imi_status grow_again(imi_ledger_source *source, uint64_t size, imi_error *err)
{
    comparison sink = {{compare_tile}, source};
    IMI_AUTO(imi_ledger_edge) edge = NULL;
    IMI_TRY(imi_ledger_edge_load(source, 0, &edge, err));
    while (edge->size < size) {
        imi_ledger_entry entries[IMI_TILE_WIDTH];
        uint64_t number = edge->size / IMI_TILE_WIDTH;
        imi_tile_place place = {IMI_TILE_BUNDLE, number,
                                imi_tile_width(size, IMI_TILE_BUNDLE, number)};
        IMI_TRY(imi_bundle_read(source, &place, entries, err));
        for (unsigned i = 0; i < place.width; i++) {
            IMI_TRY(imi_ledger_edge_append(edge, &entries[i], &sink.base, err));
        }
    }
    return imi_ledger_edge_finish(edge, &sink.base, err);
}

imi_status imi_ledger_check(imi_ledger_source *source, const imi_checkpoint *checkpoint,
                            imi_error *err)
{
    imi_ledger_hash root;
    IMI_TRY(grow_again(source, checkpoint->size, err));
    IMI_TRY(imi_ledger_read_root(source, checkpoint->size, &root, err));
    if (memcmp(root.bytes, checkpoint->root.bytes, sizeof root.bytes) != 0) {
        IMI_FAIL(err, IMI_E_LEDGER_REWRITTEN,
                 "the log's %llu entries do not lead to the root of its checkpoint",
                 (unsigned long long)checkpoint->size);
    }
    return IMI_OK;
}
