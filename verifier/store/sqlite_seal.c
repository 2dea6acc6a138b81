#include "sqlite_trust.h"

imi_status imi_store_seal(imi_store_sqlite *store, const char *relying_party,
                          const char *subject_id, const char *context, imi_view plain,
                          imi_sealed *out, imi_error *err)
{
    (void)store, (void)relying_party, (void)subject_id, (void)context;
    out->key_id[0] = '\0';
    return imi_buffer_append(&out->bytes, plain, err);
}

imi_status imi_store_unseal(imi_store_sqlite *store, const imi_sealed *sealed, const char *context,
                            imi_buffer *out, imi_error *err)
{
    (void)store, (void)context;
    return imi_buffer_append(out, imi_buffer_view(&sealed->bytes), err);
}
