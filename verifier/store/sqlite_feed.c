#include "sqlite_trust.h"

#include <stdint.h>

void imi_read_feed(imi_columns *columns, imi_feed_record *out)
{
    out->cursor = imi_read_integer(columns, 1, INT64_MAX);
    IMI_READ_ARRAY(columns, out->relying_party);
    IMI_READ_ARRAY(columns, out->event.session_id);
    out->event.sequence = imi_read_integer(columns, 1, INT64_MAX);
    out->event.at_ms = imi_read_integer(columns, INT64_MIN, INT64_MAX);
    IMI_READ_ARRAY(columns, out->event.kind);
    IMI_READ_ARRAY(columns, out->event.detail);
    out->event.deliver = false;
}

static void read_item(imi_columns *columns, void *row)
{
    imi_read_feed(columns, row);
}

typedef struct feed_key {
    const char *relying_party;
    int64_t after;
} feed_key;

static void bind_feed(imi_binder *binder, const void *key)
{
    const feed_key *wanted = key;
    imi_bind_text(binder, wanted->relying_party, IMI_STORE_NAME_SIZE);
    imi_bind_integer(binder, wanted->after);
}

/* SQLite has one writer, so that cursors come in order of commit: what is read here is all that
 * will ever be behind `after` and up to the last cursor returned. */
imi_status imi_sqlite_list_feed(imi_store *self, const char *relying_party, int64_t after,
                                imi_feed_record *out, size_t capacity, size_t *count_out,
                                imi_error *err)
{
    const feed_key key = {relying_party, after};
    const imi_listing listing = {IMI_SQL_LIST_FEED, bind_feed, &key, read_item, sizeof *out};
    return imi_store_list(self, &listing, out, capacity, count_out, err);
}
