#include "sqlite_trust.h"

imi_status imi_store_seal(imi_store_sqlite *store, const char *relying_party,
                          const char *subject_id, const char *context, imi_view plain,
                          imi_sealed *out, imi_error *err)
{
    if (subject_id[0] == '\0') {
        return imi_buffer_append(&out->bytes, plain, err);
    }
    IMI_TRY(imi_vault_find_key(store->vault, relying_party, subject_id, true, out->key_id, err));
    return imi_vault_seal(store->vault, out->key_id, context, plain, &out->bytes, err);
}

imi_status imi_store_unseal(imi_store_sqlite *store, const imi_sealed *sealed, const char *context,
                            imi_buffer *out, imi_error *err)
{
    imi_view bytes = imi_buffer_view(&sealed->bytes);
    if (sealed->key_id[0] == '\0') {
        return imi_buffer_append(out, bytes, err);
    }
    return imi_vault_unseal(store->vault, sealed->key_id, context, bytes, out, err);
}
